//! Why a text cannot be formatted.

use crate::manifest::{ReadError, locate};

/// Why a text cannot be formatted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The text is not readable.
    #[error(transparent)]
    Unreadable(ReadError),
    /// The text is readable, but uses a notation that the formatter does not support.
    #[error("cannot be formatted{}: {why}", at(.line))]
    Unsupported {
        /// The notation.
        why: String,
        /// The line, from 1, where it is known.
        line: Option<usize>,
    },
    /// Formatting would change values or comments.
    #[error("cannot be formatted{}: its values or comments would change", at(.line))]
    Changed {
        /// The line of the first change, from 1, where it is known.
        line: Option<usize>,
    },
}

fn at(line: &Option<usize>) -> String {
    line.map(|line| format!(" at line {line}")).unwrap_or_default()
}

/// As [`FormatError`], with a place in bytes, in the text that the formatter has.
pub(super) struct Refusal {
    /// Why; none when values or comments would change.
    pub(super) why: Option<String>,
    pub(super) offset: Option<usize>,
}

impl Refusal {
    /// The error, with the line of the place.
    pub(super) fn in_text(self, text: &str, place: impl Fn(usize) -> usize) -> FormatError {
        let line = self.offset.map(|offset| locate(text, place(offset)).0);
        match self.why {
            Some(why) => FormatError::Unsupported { why, line },
            None => FormatError::Changed { line },
        }
    }
}
