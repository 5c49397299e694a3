//! Why a text cannot be read, with the line and column.

use std::fmt;
use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic, Stops, spans};
use crate::error::Error;

pub(super) const LONE_SURROGATE: &str = "half of a surrogate pair; write both halves, or the character itself";

/// A text that cannot be read: the first thing that is wrong with it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The problem and the fix.
    pub message: String,
    /// Where, in bytes from the beginning of the text.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Which part of the message is quoted from the text.
    quoted: Range<usize>,
}

impl ReadError {
    /// An error at a place of a text, in bytes from its beginning.
    pub fn new(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = locate(text, offset);
        Self { message: message.into(), offset, line, column, quoted: 0..0 }
    }

    /// The same error, whose message quotes this part of the text.
    pub(super) fn quoting(mut self, part: &str) -> Self {
        self.quoted = self.message.find(part).map_or(0..0, |start| start..start + part.len());
        self
    }

    /// Returns the message without what it quotes, for a text that may hold secrets.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits, read};
    /// let error = read(b"[hunter2]", Format::Json, &Limits::default()).unwrap_err();
    /// assert_eq!(error.message, "hunter2 is not a JSON value; write a string in double quotes");
    /// assert_eq!(error.masked(), "… is not a JSON value; write a string in double quotes");
    /// ```
    pub fn masked(&self) -> String {
        // The message is public: it may have been replaced.
        match (self.message.get(..self.quoted.start), self.message.get(self.quoted.end..)) {
            (Some(before), Some(after)) if !self.quoted.is_empty() => format!("{before}…{after}"),
            _ => self.message.clone(),
        }
    }

    /// Returns the error as a diagnostic with its place in the text.
    pub fn to_diagnostic(&self, text: &str) -> Diagnostic {
        let end = text.get(self.offset..).and_then(|rest| rest.chars().next()).filter(|next| !next.is_control());
        let range = self.offset..self.offset + end.map_or(0, char::len_utf8);
        let span = spans(text, &Stops::default(), &[range]).pop();
        Diagnostic { span, ..Diagnostic::error("", Code::IsUnreadable, self.message.clone()) }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ReadError {}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Error::bad_request(error.to_string())
    }
}

/// The line and the column in characters, both from 1, of a byte offset. A byte order mark is not counted; an offset
/// beyond the end is the end, one within a character is its beginning.
pub fn locate(text: &str, offset: usize) -> (usize, usize) {
    let (text, offset) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, offset.saturating_sub(text.len() - rest.len())),
        None => (text, offset),
    };
    let (bytes, end) = (text.as_bytes(), text.floor_char_boundary(offset));
    let (mut line, mut start) = (1, 0);
    for at in 0..end {
        // A carriage return before a line feed leaves the break to the line feed.
        if bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            (line, start) = (line + 1, at + 1);
        }
    }
    (line, text[start..end].chars().count() + 1)
}

/// A piece of a text, shortened so that a message stays readable.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_text_is_a_problem_at_its_place() {
        let text = "a: 1\nb: é: 2\n";
        let problem = ReadError::new(text, 8, "no").to_diagnostic(text);
        let span = problem.span.expect("a place");
        assert_eq!((span.start.line, span.start.column, span.end.column), (2, 4, 5));
        assert_eq!((problem.code, problem.pointer.as_str(), problem.message.as_str()), (Code::IsUnreadable, "", "no"));
    }

    #[test]
    fn an_offset_is_a_line_and_a_column_in_characters() {
        for (text, offset, expected) in [
            ("", 0, (1, 1)),
            ("abc", 2, (1, 3)),
            ("a\nb", 2, (2, 1)),
            ("a\r\nb", 3, (2, 1)),
            ("a\rb", 2, (2, 1)),
            ("é: ü", 4, (1, 4)),
            ("é", 1, (1, 1)),
            ("\u{feff}a", 3, (1, 1)),
            ("a\n", 99, (2, 1)),
        ] {
            assert_eq!(locate(text, offset), expected, "{text:?} at {offset}");
        }
    }
}
