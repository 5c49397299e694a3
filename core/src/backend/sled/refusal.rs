//! The two errors of a store that takes no writes for a while.

use crate::error::Error;

/// The error of a full disk.
pub(super) fn full() -> Error {
    Error::Unavailable { why: "the disk is full".to_owned() }
}

/// The error while sled is closed after a failure.
pub(super) fn closed() -> Error {
    Error::Unavailable { why: "it is recovering from a failure; try again".to_owned() }
}
