//! Keys and revisions.

use bytes::Bytes;

/// A point in the history of a store: each commit has exactly one, counted from 1. 0 is before the first commit.
pub type Revision = u64;

/// A key: at most [`MAX_KEY`] bytes, the first not below [`FIRST_KEY_BYTE`].
pub type Key = Bytes;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 1024;

/// Keys that begin with a lower byte are the backend's own.
pub const FIRST_KEY_BYTE: u8 = 0x20;

/// The first byte of the keys of old versions, which are written once and seldom read.
pub(crate) const ARCHIVE_KEY_BYTE: u8 = b'h';

/// Whether callers may use a key. All others are reserved for the backend.
pub(crate) fn is_user_key(key: &[u8]) -> bool {
    key.len() <= MAX_KEY && key.first().is_some_and(|first| *first >= FIRST_KEY_BYTE)
}
