//! A problem with a document: what is wrong, where, and the way out.

use std::fmt;

use serde::Serialize;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is accepted, though probably not what was meant.
    Warning,
}

/// Why a member is wrong, as a stable word for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// A required member is not there.
    IsMissing,
    /// The value is not what the member allows.
    IsInvalid,
    /// The value is of another JSON type.
    HasWrongType,
    /// The member may not change after creation.
    IsImmutable,
    /// The member is not known to the kind.
    IsUnknown,
}

impl Cause {
    /// The word as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::IsMissing => "isMissing",
            Cause::IsInvalid => "isInvalid",
            Cause::HasWrongType => "hasWrongType",
            Cause::IsImmutable => "isImmutable",
            Cause::IsUnknown => "isUnknown",
        }
    }
}

/// One problem at one place of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Where, as a JSON pointer (RFC 6901) into the document.
    pub pointer: String,
    /// Whether it refuses the document.
    pub severity: Severity,
    /// Why, for programs.
    pub cause: Cause,
    /// Why, for people: names the value and the way out.
    pub message: String,
}

impl Diagnostic {
    /// A problem that refuses the document.
    pub fn error(pointer: impl Into<String>, cause: Cause, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), severity: Severity::Error, cause, message: message.into() }
    }

    /// A remark that lets the document pass.
    pub fn warning(pointer: impl Into<String>, cause: Cause, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), severity: Severity::Warning, cause, message: message.into() }
    }

    /// The place as a path that people write: `spec.items[0]['a.b']`; `document` for the whole.
    pub fn attribute(&self) -> String {
        attribute(&self.pointer)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.attribute(), self.message)
    }
}

/// A text for a message: its beginning when it is long.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The most problems that one answer lists.
const MOST: usize = 100;

/// Problems in the order of their places, at most a hundred and then how many more there are.
pub(crate) fn listed(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    problems.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    let more = problems.len().saturating_sub(MOST);
    if more > 0 {
        problems.truncate(MOST);
        problems.push(Diagnostic::error("", Cause::IsInvalid, format!("has {more} more problems")));
    }
    problems
}

/// A JSON pointer as the path that people write. A segment of digits is taken for the index of an item.
fn attribute(pointer: &str) -> String {
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
