//! Why a text cannot be formatted.

use crate::manifest::ReadError;

/// Why a text cannot be brought into form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(ReadError),
    /// It can be read, and is written in a way that the formatter does not know.
    #[error("cannot be brought into form: {why}")]
    Unsupported {
        /// What it does not know, and where.
        why: String,
    },
    /// Values or comments would not be the same afterwards.
    #[error("its values or comments would not be the same in our form")]
    Changed,
}
