//! The sources that `-f` names: files, folders, URLs on this machine, standard input; read before anything is written.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::manifest::{Format, Limits, ReadError};
use kindstore::validation::{ManifestDocument, apply_order};
use kindstore::{Document, Json, Registry};
use serde_json::json;

use super::access::Reference;
use super::candidates;
use super::failure::{Failure, Result};
use super::fetch;
use super::folder::{self, MAX_DEPTH};
use super::guard;
use super::manifest::{Item, Manifest};
use super::session::{Opened, Session};

/// The most that one file may hold.
// A document of it may hold 1 MiB, which is the store's own limit.
pub(crate) const MAX_BYTES: usize = Limits::MANY.bytes;

/// The sources.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Files {
    /// A file, a folder, an http:// URL on this machine, or - for standard input; may be given several times
    #[arg(short = 'f', long = "filename", value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) filename: Vec<String>,
    /// Read the folders in folders too
    #[arg(short = 'R', long, requires = "filename")]
    pub(crate) recursive: bool,
    /// The kind of documents that name none
    #[arg(long, value_name = "KIND", requires = "filename", add = ArgValueCompleter::new(candidates::kind_words))]
    pub(crate) kind: Option<String>,
}

/// The texts that were read, before their kinds are known.
pub(crate) struct Input {
    found: Vec<Result<Manifest>>,
    named: String,
    kind: Option<String>,
}

/// Reads everything, before a store is opened: what comes through a pipe may come from a command that has the same
/// folder open.
pub(crate) fn input(files: &Files) -> Result<Input> {
    if files.filename.is_empty() {
        let message = "name a source: -f FILE, a folder, an http:// URL on this machine, or -f - for standard input";
        return Err(Failure::usage(message));
    }
    let found = files.filename.iter().flat_map(|named| manifests(named, files.recursive)).collect();
    Ok(Input { found, named: files.filename.join(", "), kind: files.kind.clone() })
}

/// Returns the resource of each document, in the order in which they are applied. All failures are reported at once, and
/// then nothing is done.
pub(crate) fn items(session: &mut Session, opened: &Opened, input: Input) -> Result<Vec<Item>> {
    let fallback = session.namespace()?;
    let namespace = session.globals.namespace.clone();
    let kind = input.kind.as_deref().map(|word| opened.kinds.find(word)).transpose()?;
    let (mut items, mut failures) = (Vec::new(), Vec::new());
    for manifest in input.found {
        let item = manifest.and_then(|it| it.identify(&opened.kinds, kind, namespace.as_deref(), &fallback));
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
    ordered(items)
}

/// Warns of documents about one resource: each of them is valid, and the later one wins.
pub(crate) fn remark_twice(session: &mut Session, items: &[Item]) {
    for (other, item) in twice(items) {
        session.console.caution(&format!("{}; the later document counts", both(other, item)));
    }
}

/// Says of two documents that they are about one resource, with the place of each.
pub(crate) fn both(first: &Item, second: &Item) -> String {
    format!("{}: {} is also in {}", second.manifest.place(), second.reference, first.manifest.place())
}

/// The documents about one resource, each with the one before it.
pub(crate) fn twice(items: &[Item]) -> Vec<(&Item, &Item)> {
    let mut found = Vec::new();
    let mut first: HashMap<(&str, Option<&str>, &str), &Item> = HashMap::new();
    for item in items {
        let Reference { kind, namespace, key } = &item.reference;
        // Without a key each is a new resource, unless there is one only.
        if key.is_empty() && !kind.is_singleton() {
            continue;
        }
        found.extend(first.insert((&kind.name, namespace.as_deref(), key), item).map(|other| (other, item)));
    }
    found
}

/// Brings documents into the order in which they are applied.
fn ordered(items: Vec<Item>) -> Result<Vec<Item>> {
    let kinds: Vec<Json> = items.iter().map(|item| json!({"kind": item.reference.kind.name}).into()).collect();
    let order = apply_order(&Registry::builtin()?, &kinds);
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|index| items[index].take()).collect())
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
    match folder::files(path, if is_recursive { MAX_DEPTH } else { 0 }) {
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

/// Reads a text as JSON or YAML: as the name of its file says, else as it looks.
pub(crate) fn read(origin: &str, text: &[u8]) -> Result<(Vec<Document>, Format)> {
    kindstore::manifest::read_any(text, folder::format(origin), &Limits::MANY)
        .map_err(|error| unreadable(origin, &guard::unquoted(&String::from_utf8_lossy(text), error)))
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
