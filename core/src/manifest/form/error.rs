//! Why a text cannot be formatted.

use crate::manifest::ReadError;

/// Why a text cannot be formatted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The text is not readable.
    #[error(transparent)]
    Unreadable(ReadError),
    /// The text is readable, but uses a notation that the formatter does not support.
    #[error("cannot be formatted: {why}")]
    Unsupported {
        /// The notation and its place.
        why: String,
    },
    /// Formatting would change values or comments.
    #[error("formatting would change its values or comments")]
    Changed,
}
