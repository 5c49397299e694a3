//! Keeps secret values out of what is printed about a text: its lines, and messages that quote it.

use std::collections::HashSet;
use std::ops::Range;

use kindstore::manifest::ReadError;
use kindstore::validation::suggestion;
use kindstore::{Json, Registry};

use super::hidden::{is_open, secret_kinds};
use super::manifest::Manifest;
use super::safe::mask;

/// The secrets of a text.
#[derive(Clone, Debug)]
pub(crate) enum Guard {
    /// Where its secret values are, in bytes; in order, and apart from each other.
    Values(Vec<Range<usize>>),
    /// It cannot be read and may have some, so that every value counts as one.
    All,
}

impl Guard {
    /// The guard of a text that was read.
    pub(crate) fn of<'m>(registry: &Registry, manifests: impl IntoIterator<Item = &'m Manifest>) -> Self {
        let mut ranges = Vec::new();
        for Manifest { part, .. } in manifests {
            let kinds = secret_kinds(registry, part.value().get("kind").and_then(Json::as_str));
            if kinds.is_empty() {
                continue;
            }
            let (mut open, mut hidden, mut found) = (Vec::new(), HashSet::new(), Vec::new());
            scalars(String::new(), part.value(), &mut found);
            for (pointer, value) in found {
                if kinds.iter().any(|kind| is_open(kind, &pointer)) {
                    open.push((pointer, value));
                } else {
                    let place = part.document.position(&format!("{}{pointer}", part.root));
                    ranges.extend(place.map(|place| place.value));
                    hidden.insert(value.to_text());
                }
            }
            // An anchor at an open place may give a secret its value.
            let same = open.iter().filter(|(_, value)| value.as_str().is_some() && hidden.contains(&value.to_text()));
            let places = same.filter_map(|(pointer, _)| part.document.position(&format!("{}{pointer}", part.root)));
            ranges.extend(places.map(|place| place.value));
        }
        Guard::Values(joined(ranges))
    }

    /// The guard of a text that cannot be read.
    pub(crate) fn unread(text: &str) -> Self {
        if may_be_secret(text) { Guard::All } else { Guard::Values(Vec::new()) }
    }

    /// A line of the text that begins at a byte, with its secrets masked. Every character keeps its length in bytes.
    pub(crate) fn line(&self, start: usize, line: &str) -> String {
        let behind = line.find(':').map_or(0, |at| at + 1);
        let is_secret = |at: usize| match self {
            Guard::Values(ranges) => {
                let behind = ranges.partition_point(|range| range.start <= start + at);
                behind.checked_sub(1).is_some_and(|index| ranges[index].contains(&(start + at)))
            }
            Guard::All => at >= behind,
        };
        let masked = |(at, letter): (usize, char)| {
            if is_secret(at) && !letter.is_whitespace() { mask(letter, '*') } else { letter }
        };
        line.char_indices().map(masked).collect()
    }
}

/// The values without members of their own, each with its pointer.
fn scalars<'v>(pointer: String, value: &'v Json, found: &mut Vec<(String, &'v Json)>) {
    match value {
        Json::Object(members) => {
            let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            members.iter().for_each(|(name, value)| scalars(below(name), value, found));
        }
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| scalars(format!("{pointer}/{index}"), item, found));
        }
        _ => found.push((pointer, value)),
    }
}

/// Ranges in order, those that touch as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => joined.push(range),
        }
    }
    joined
}

/// Whether a text may have a secret: it names a kind that has one, or has escapes, which may spell anything.
fn may_be_secret(text: &str) -> bool {
    let Ok(registry) = Registry::builtin() else { return true };
    let kinds = || registry.kinds().iter().filter(|kind| !kind.secret.is_empty()).map(|kind| &*kind.name);
    // A kind that is spelled almost right counts as well. The lengths come first: a text may have millions of words.
    let is_near = |word: &str, kind: &str| word.len().abs_diff(kind.len()) <= 3;
    let is_kind = |word: &str| {
        kinds().any(|kind| is_near(word, kind) && (kind == word || suggestion(word, [kind].into_iter()).is_some()))
    };
    text.contains("\\u") || text.contains("\\x") || text.split(|letter: char| !letter.is_alphanumeric()).any(is_kind)
}

/// The error, with a message that quotes no value of a text that may have a secret.
pub(crate) fn unquoted(text: &str, mut error: ReadError) -> ReadError {
    if !may_be_secret(text) {
        return error;
    }
    let rest = text.get(error.offset..).unwrap_or_default();
    let word: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    // The readers quote what stands at the place, in quotes or as it is.
    if let Some((before, behind)) = error.message.split_once('"')
        && let Some((_, behind)) = behind.rsplit_once('"')
    {
        error.message = format!("{before}(hidden){behind}");
    }
    if !word.is_empty() && error.message.starts_with(&format!("{} ", shortened(&word))) {
        error.message = error.message.replacen(&shortened(&word), "(hidden)", 1);
    }
    error
}

/// A word as the readers shorten it.
fn shortened(word: &str) -> String {
    match word.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}

/// The message of a formatter, without the lines of a text that may have a secret.
pub(crate) fn without_lines(text: &str, message: &str) -> String {
    if !may_be_secret(text) {
        return message.to_owned();
    }
    message.lines().filter(|line| !line.contains('|')).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use kindstore::manifest::{Format, Limits, read};

    use super::*;

    #[test]
    fn a_text_that_cannot_be_read_shows_no_value() {
        let guard = Guard::unread("kind: secretvalue\nspec: {value: \"hunter2");
        assert_eq!(guard.line(18, "spec: {value: \"hunter2 é"), "spec: ******* ******** \u{b7}");
        assert_eq!(guard.line(0, "hunter2"), "*******");
        assert_eq!(Guard::unread("kind: Deployment\n").line(0, "a: b"), "a: b");
    }

    #[test]
    fn no_error_quotes_a_value() {
        for text in ["{\"kind\": \"SecretValue\", \"value\": hunter2}", "kind: SecretValue\nvalue: !!int hunter2\n"] {
            let format = if text.starts_with('{') { Format::Json } else { Format::Yaml };
            let error = read(text.as_bytes(), format, &Limits::default()).expect_err(text);
            assert!(error.message.contains("hunter2"), "{error}");
            let error = unquoted(text, error);
            assert!(!error.message.contains("hunter2") && error.message.contains("(hidden)"), "{error}");
        }
        let frame = "parse error at line 1\n  |\n1 | value: hunter2\n  |   ^\n";
        assert_eq!(without_lines("kind: SecretValue", frame), "parse error at line 1");
        assert_eq!(without_lines("kind: Job", frame), frame);
    }
}
