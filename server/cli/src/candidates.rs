//! The words that a shell offers: kinds, names of resources, namespaces, contexts. It asks on every TAB, so words that
//! cannot be found quickly are left out, and errors are not shown.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{Args, Command, FromArgMatches};
use clap_complete::CompletionCandidate;

use super::access::{Collection, Reference};
use super::globals::Globals;
use super::kind::{Kind, Kinds};
use super::output::FORMS;
use super::selector::Selection;
use super::session::{Opened, Purpose, Session};
use super::shell;

/// The longest that a person waits for the answer to a TAB.
const WAIT: Duration = Duration::from_secs(2);

/// The most names that are offered.
const MAX_NAMES: usize = 500;

/// The line that is being completed, as far as it can be understood.
#[derive(Debug, Default)]
struct Line {
    globals: Globals,
    /// The words that are no options: the command and what it is about.
    words: Vec<String>,
}

/// `KIND`, then `NAME`; or `KIND/NAME`.
pub(crate) fn resources(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let line = line();
    // The first word is the command.
    let before: Vec<&String> = line.words.iter().skip(1).collect();
    if let Some((kind, name)) = current.split_once('/') {
        return names(&line, kind, name, |reference| format!("{kind}/{}", reference.key));
    }
    match before.first() {
        Some(kind) if !kind.contains('/') => names(&line, kind, current, |reference| reference.key.clone()),
        Some(_) => kinds(current).into_iter().map(|(word, help)| candidate(format!("{word}/"), &help)).collect(),
        None => kinds(current).into_iter().map(|(word, help)| candidate(word, &help)).collect(),
    }
}

/// A kind alone.
pub(crate) fn kind_words(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    kinds(current).into_iter().map(|(word, help)| candidate(word, &help)).collect()
}

/// The only words that `explain` takes: kinds, and the members below them.
pub(crate) fn members(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let Some((start, last)) = current.rsplit_once('.') else {
        return kinds(current).into_iter().map(|(word, help)| candidate(word, &help)).collect();
    };
    let found = super::members::members(start);
    let matching = found.into_iter().filter(|name| name.starts_with(last));
    matching.map(|name| CompletionCandidate::new(format!("{start}.{name}"))).collect()
}

pub(crate) fn namespaces(current: &OsStr) -> Vec<CompletionCandidate> {
    let (Some(current), line) = (current.to_str(), line()) else { return Vec::new() };
    let Ok(kinds) = builtin() else { return Vec::new() };
    let Ok(kind) = kinds.namespace() else { return Vec::new() };
    names(&line, &kind.plural.clone(), current, |reference| reference.key.clone())
}

pub(crate) fn contexts(current: &OsStr) -> Vec<CompletionCandidate> {
    let config = Session::new(line().globals).config().unwrap_or_default();
    let names = config.contexts.into_iter().map(|context| context.name);
    names.filter(|name| starts_with(name, current)).map(CompletionCandidate::new).collect()
}

pub(crate) fn forms(current: &OsStr) -> Vec<CompletionCandidate> {
    FORMS.into_iter().filter(|form| starts_with(form, current)).map(CompletionCandidate::new).collect()
}

pub(crate) fn written_forms(current: &OsStr) -> Vec<CompletionCandidate> {
    FORMS[2..].iter().filter(|form| starts_with(form, current)).map(CompletionCandidate::new).collect()
}

pub(crate) fn history_forms(current: &OsStr) -> Vec<CompletionCandidate> {
    let forms = FORMS.into_iter().filter(|form| *form != "name" && starts_with(form, current));
    forms.map(CompletionCandidate::new).collect()
}

pub(crate) fn verdict_forms(current: &OsStr) -> Vec<CompletionCandidate> {
    let forms = super::output::VERDICT_FORMS.into_iter();
    forms.filter(|form| starts_with(form, current)).map(CompletionCandidate::new).collect()
}

fn starts_with(word: &str, current: &OsStr) -> bool {
    current.to_str().is_some_and(|current| word.starts_with(current))
}

fn candidate(word: String, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(word).help(Some(help.to_owned().into()))
}

/// The kinds of this program: they are the same for every store, and no server needs to be asked.
fn builtin() -> super::failure::Result<Kinds> {
    Ok(Kinds::new(kindstore::Registry::builtin()?.kinds().iter().map(|kind| Kind::from(&**kind))))
}

/// The plurals that begin with a word; other names of kinds only when no plural does.
fn kinds(current: &str) -> Vec<(String, String)> {
    let Ok(kinds) = builtin() else { return Vec::new() };
    let offer = |words: fn(&Kind) -> Vec<String>| -> Vec<(String, String)> {
        let all = kinds.iter().flat_map(|kind| words(kind).into_iter().map(|word| (word, kind.description.clone())));
        all.filter(|(word, _)| word.starts_with(current)).collect()
    };
    let plurals = offer(|kind| vec![kind.plural.clone()]);
    // All names at once would offer every kind three times.
    if plurals.is_empty() { offer(|kind| kind.short_names.clone()) } else { plurals }
}

/// The names of the resources of a kind.
fn names(line: &Line, kind: &str, start: &str, word: impl Fn(&Reference) -> String) -> Vec<CompletionCandidate> {
    let patient = Globals { timeout: Some(WAIT), ..line.globals.clone() };
    // The options before the word choose the store, so that names come from there.
    let session = Session::new(patient);
    let Ok(namespace) = session.namespace() else { return Vec::new() };
    let found = session.open(Purpose::Read).and_then(|opened: Opened| {
        let kind = opened.kinds.find(kind)?.clone();
        let objects = opened.access.list(&Collection::of(&kind, &namespace), &Selection::default())?;
        Ok(objects.iter().map(|object| Reference::of(&kind, object)).collect::<Vec<_>>())
    });
    // A name that is on the line already is not offered again.
    let is_said = |reference: &&Reference| line.words.contains(&reference.key);
    let found = found.unwrap_or_default();
    let matching = found.iter().filter(|reference| reference.key.starts_with(start) && !is_said(reference));
    matching.take(MAX_NAMES).map(|reference| CompletionCandidate::new(word(reference))).collect()
}

/// The words of the line before the one that is being completed, from the arguments that the shell hands over.
fn line() -> Line {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let words =
        arguments.iter().position(|word| word == "--").map(|at| arguments[at + 1..].to_vec()).unwrap_or_default();
    let index = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    let (words, index) = shell::joined(words, index.unwrap_or(usize::MAX));
    understand(&words[..index.min(words.len())])
}

/// Reads what stands before the word.
// Options that are not global only need to be skipped with their values: the line is unfinished, so the real parser
// would refuse it.
fn understand(words: &[OsString]) -> Line {
    let mut globals = Vec::from([OsString::from("kindstore")]);
    let mut plain = Vec::new();
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some(text) = word.to_str() else { continue };
        let takes_value = is_any(text, &GLOBAL);
        if takes_value {
            globals.push(word.clone());
            if !text.contains('=') {
                globals.extend(rest.next().cloned());
            }
        } else if is_any(
            text,
            &[
                "-o",
                "--output",
                "-l",
                "--selector",
                "-f",
                "--filename",
                "-p",
                "--patch",
                "--patch-file",
                "--defaults",
                "--revision",
                "--version",
                "--from",
                "--to",
            ],
        ) {
            if !text.contains('=') {
                rest.next();
            }
        } else if !text.starts_with('-') {
            plain.push(text.to_owned());
        }
    }
    let command = Globals::augment_args(Command::new("kindstore"));
    let matches = command.try_get_matches_from(globals).ok();
    let globals = matches.and_then(|matches| Globals::from_arg_matches(&matches).ok()).unwrap_or_default();
    Line { globals, words: plain }
}

/// The global options that take a value.
const GLOBAL: [&str; 8] =
    ["-n", "--namespace", "--server", "--store", "--context", "--config-file", "--timeout", "--color"];

fn is_any(word: &str, options: &[&str]) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    options.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_understood_although_it_is_not_finished() {
        let words: Vec<OsString> = "kindstore --server http://h:1 get -o yaml deploy -n shop --context=x -l a=b"
            .split(' ')
            .map(OsString::from)
            .collect();
        let line = understand(&words);
        assert_eq!(line.words, ["get", "deploy"]);
        assert_eq!(line.globals.server.as_deref(), Some("http://h:1"));
        assert_eq!(line.globals.namespace.as_deref(), Some("shop"));
        assert_eq!(line.globals.context.as_deref(), Some("x"));
    }
}
