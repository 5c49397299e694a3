//! The sources that `-f` names: files, folders, URLs on this machine, standard input; read before anything is written.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use kindstore::Document;
use kindstore::manifest::{Format, Limits, ReadError};
use kindstore::validation::ManifestDocument;

use super::failure::{Failure, Result};
use super::fetch;
use super::manifest::{Item, Manifest};
use super::session::{Opened, Session};

/// The most that one file may hold.
// A document of it may hold 1 MiB, which is the store's own limit.
pub(crate) const MAX_BYTES: usize = Limits::MANY.bytes;

/// How deep folders may lie in each other; a loop of links ends here.
const MAX_DEPTH: usize = 32;

/// The sources.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Files {
    /// A file, a folder, an http:// URL on this machine, or - for standard input; may be given several times
    #[arg(short = 'f', long = "filename", value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) filename: Vec<String>,
    /// Read the folders in folders too
    #[arg(short = 'R', long, requires = "filename")]
    pub(crate) recursive: bool,
}

/// The texts that were read, before their kinds are known.
pub(crate) struct Input {
    found: Vec<Result<Manifest>>,
    named: String,
}

/// Reads everything, before a store is opened: what comes through a pipe may come from a command that has the same
/// folder open.
pub(crate) fn input(files: &Files) -> Result<Input> {
    if files.filename.is_empty() {
        let message = "name a source: -f FILE, a folder, an http:// URL on this machine, or -f - for standard input";
        return Err(Failure::usage(message));
    }
    let found = files.filename.iter().flat_map(|named| manifests(named, files.recursive)).collect();
    Ok(Input { found, named: files.filename.join(", ") })
}

/// Returns the resource of each document. All failures are reported at once, and then nothing is done.
pub(crate) fn items(session: &mut Session, opened: &Opened, input: Input) -> Result<Vec<Item>> {
    let fallback = session.namespace()?;
    let namespace = session.globals.namespace.clone();
    let (mut items, mut failures) = (Vec::new(), Vec::new());
    for manifest in input.found {
        let item = manifest.and_then(|it| it.identify(&opened.kinds, namespace.as_deref(), &fallback));
        item.map_or_else(|failure| failures.push(failure), |item| items.push(item));
    }
    // The last one is left to the caller, which prints it and takes the exit code from it.
    if let Some(last) = failures.pop() {
        failures.iter().for_each(|failure| session.console.failure(failure));
        return Err(last);
    }
    if items.is_empty() {
        return Err(Failure::refused(format!("there is no document in {}", input.named)));
    }
    Ok(items)
}

/// All documents of what one `-f` names, or why not.
fn manifests(named: &str, is_recursive: bool) -> Vec<Result<Manifest>> {
    let documents = |text: Result<(String, Vec<u8>)>| match text.and_then(|(origin, text)| split(&origin, &text)) {
        Ok(manifests) => manifests.into_iter().map(Ok).collect(),
        Err(failure) => vec![Err(failure)],
    };
    texts(named, is_recursive).into_iter().flat_map(documents).collect()
}

/// All texts of what one `-f` names, each with the name of its file, or why not.
pub(crate) fn texts(named: &str, is_recursive: bool) -> Vec<Result<(String, Vec<u8>)>> {
    let path = Path::new(named);
    if named == "-" {
        return vec![standard_input()];
    }
    if named.contains("://") {
        return vec![fetch::get(named, MAX_BYTES).map(|text| (named.to_owned(), text))];
    }
    if !path.is_dir() {
        return vec![file_text(path)];
    }
    match folder(path, if is_recursive { MAX_DEPTH } else { 0 }) {
        Ok(files) => files.iter().map(|file| file_text(file)).collect(),
        Err(failure) => vec![Err(failure)],
    }
}

fn standard_input() -> Result<(String, Vec<u8>)> {
    let mut text = Vec::new();
    // One byte beyond the limit shows that there is more; the reader of manifests then reports the limit.
    let read = std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut text);
    read.map_err(|error| Failure::refused(format!("standard input cannot be read: {error}")))?;
    Ok(("standard input".to_owned(), text))
}

fn file_text(path: &Path) -> Result<(String, Vec<u8>)> {
    let wrong = |error: std::io::Error| Failure::refused(format!("{} cannot be read: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(wrong)?;
    let mut text = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut text).map_err(wrong)?;
    Ok((path.display().to_string(), text))
}

/// The files of a folder with documents, by their names, in the order of the names.
fn folder(path: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let wrong = |error: std::io::Error| Failure::refused(format!("{} cannot be read: {error}", path.display()));
    let entries = std::fs::read_dir(path).map_err(wrong)?.collect::<std::io::Result<Vec<_>>>().map_err(wrong)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    // The order of a folder is that of the file system; sorted, a command does the same on every machine.
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            if depth > 0 {
                files.append(&mut folder(&path, depth - 1)?);
            }
        } else if path.extension().is_some_and(|name| name == "yaml" || name == "yml" || name == "json") {
            files.push(path);
        }
    }
    Ok(files)
}

/// The documents of a text.
fn split(origin: &str, text: &[u8]) -> Result<Vec<Manifest>> {
    let (documents, format) = read(origin, text)?;
    Ok(manifests_of(&Arc::from(origin), documents, format))
}

/// Documents with the place they came from; those of a list one by one.
pub(crate) fn manifests_of(origin: &Arc<str>, documents: Vec<Document>, format: Format) -> Vec<Manifest> {
    let is_only = documents.len() == 1;
    let manifest = |part: ManifestDocument| {
        let is_alone = is_only && part.root.is_empty();
        Manifest { origin: Arc::clone(origin), part, format, is_alone }
    };
    ManifestDocument::split(documents).into_iter().map(manifest).collect()
}

/// Reads a text as JSON or YAML.
pub(crate) fn read(origin: &str, text: &[u8]) -> Result<(Vec<Document>, Format)> {
    kindstore::manifest::read_any(text, None, &Limits::MANY).map_err(|error| unreadable(origin, &error))
}

/// Why a text cannot be read, with the place in its file.
pub(crate) fn unreadable(origin: &str, error: &ReadError) -> Failure {
    let place = format!("{origin}:{}:{}", error.line, error.column);
    Failure::new("BadRequest", format!("{place}: {}", error.message))
}

/// The text of one file, or of standard input.
pub(crate) fn text(path: &Path) -> Result<(String, Vec<u8>)> {
    if path == Path::new("-") { standard_input() } else { file_text(path) }
}
