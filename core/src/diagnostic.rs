//! A problem of a document: its message, its place, and the fix.

mod code;
mod span;

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;

pub use self::code::Code;
pub use self::span::{Position, Span};
pub(crate) use self::span::{Stops, spans};

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is accepted, though it is probably a mistake.
    Warning,
}

/// One problem at one place of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Where, as a JSON pointer (RFC 6901) into the document.
    pub pointer: String,
    /// Whether the problem refuses the document.
    pub severity: Severity,
    /// The reason, for programs.
    pub code: Code,
    /// The message, for people: what is wrong, with the value.
    pub message: String,
    /// The fix, where the message does not make it plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the text that the document was read from, if it was text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

impl Diagnostic {
    /// A problem that refuses the document.
    pub fn error(pointer: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        let (pointer, message) = (pointer.into(), message.into());
        Self { pointer, severity: Severity::Error, code, message, hint: None, span: None }
    }

    /// A warning: the document is accepted.
    pub fn warning(pointer: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(pointer, code, message) }
    }

    /// Adds the fix.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds the suggested word, if there is one.
    #[must_use]
    pub(crate) fn with_suggestion(self, word: Option<&str>) -> Self {
        match word {
            Some(word) => self.with_hint(format!("did you mean {word}?")),
            None => self,
        }
    }

    /// The place as a path that people write: `spec.items[0]['a.b']`; `document` for the whole.
    pub fn attribute(&self) -> String {
        attribute(&self.pointer)
    }

    /// Returns the message with the fix, in one sentence.
    pub fn advice(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}; {hint}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.attribute(), self.advice())
    }
}

/// A text for a message: its beginning when it is long.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The most problems that one error lists.
pub(crate) const MAX_LISTED: usize = 100;

/// Sorts problems by their places, and cuts the list after a hundred with a count of the rest.
pub(crate) fn listed(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    problems.sort_by(|one, other| compare_pointers(&one.pointer, &other.pointer));
    let more = problems.len().saturating_sub(MAX_LISTED);
    if more > 0 {
        problems.truncate(MAX_LISTED);
        problems.push(Diagnostic::error("", Code::IsInvalid, format!("has {more} more problems")));
    }
    problems
}

/// Orders diagnostics of one text by their places in it. Those without a place keep their order, before all others.
pub(crate) fn sort_by_place(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.map(|span| span.start.byte));
}

/// Compares two JSON pointers segment by segment, and items by their index: `/a/2` is before `/a/10`.
fn compare_pointers(one: &str, other: &str) -> Ordering {
    let index = |segment: &str| segment.parse::<u64>().ok();
    let (mut ones, mut others) = (one.split('/'), other.split('/'));
    loop {
        let (one, other) = match (ones.next(), others.next()) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.is_some().cmp(&other.is_some()),
        };
        let order = match (index(one), index(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.cmp(other),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// A JSON pointer as the path that people write: `spec.items[0]['a.b']`; `document` for the whole. A segment of
/// digits is read as the index of an item.
pub fn attribute(pointer: &str) -> String {
    let mut path = String::new();
    for segment in crate::json::segments(pointer) {
        if segment.bytes().all(|byte| byte.is_ascii_digit()) && !segment.is_empty() {
            path.push_str(&format!("[{segment}]"));
        } else if segment.is_empty() || segment.contains(['.', '[', ']', '\'', ' ']) {
            path.push_str(&format!("['{}']", segment.replace('\'', "\\'")));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&segment);
        }
    }
    if path.is_empty() { "document".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_in_the_order_of_their_indexes() {
        let mut pointers = ["/a/10/x", "/a/2", "/a/10", "", "/a", "/B", "/a/x/1", "/a/10/w"];
        pointers.sort_by(|one, other| compare_pointers(one, other));
        assert_eq!(pointers, ["", "/B", "/a", "/a/2", "/a/10", "/a/10/w", "/a/10/x", "/a/x/1"]);
    }

    #[test]
    fn a_pointer_reads_as_the_path_that_people_write() {
        for (pointer, path) in [
            ("", "document"),
            ("/metadata/name", "metadata.name"),
            ("/spec/template/spec/flinkConfiguration/a.b", "spec.template.spec.flinkConfiguration['a.b']"),
            ("/spec/items/0/name", "spec.items[0].name"),
            ("/spec/logging/log4jLoggers/", "spec.logging.log4jLoggers['']"),
            ("/spec/a~1b", "spec.a/b"),
        ] {
            assert_eq!(attribute(pointer), path);
        }
    }
}
