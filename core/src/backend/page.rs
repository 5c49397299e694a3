//! Stored values, and the pages in which scans return them.

use std::fmt;

use bytes::Bytes;

use super::key::{Key, Revision};

/// The most entries that one scan returns, whatever its limit.
pub const MAX_PAGE: usize = 64;

/// A stored value with the revisions of its creation and its last change.
#[derive(Clone, PartialEq, Eq)]
pub struct Versioned {
    /// The bytes as they were put.
    pub value: Bytes,
    /// The commit that created the key; it starts anew when a key is deleted and created again.
    pub created: Revision,
    /// The commit that last put the key.
    pub modified: Revision,
}

impl fmt::Debug for Versioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versioned")
            // Values may hold secrets.
            .field("value", &format_args!("{} bytes", self.value.len()))
            .field("created", &self.created)
            .field("modified", &self.modified)
            .finish()
    }
}

/// Which keys a scan returns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Only keys that begin with this.
    pub prefix: Key,
    /// Only keys greater than this, if given.
    pub after: Option<Key>,
    /// At most this many, and never more than [`MAX_PAGE`]; 0 leaves the number to the backend.
    pub limit: usize,
}

/// One page of a scan: entries in key order. A backend may end a page early, for example because of the size of its values;
/// only [`Page::more`] shows whether the scan is at its end. The next page begins [`Scan::after`] the last key of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Keys with their values.
    pub entries: Vec<(Key, Versioned)>,
    /// The durable revision that all entries together were current at.
    pub revision: Revision,
    /// Whether the scan goes on after the last entry. When this is set, the page has at least one entry.
    pub more: bool,
}

/// How many entries a page for this scan holds at the most.
pub(crate) fn page_size(scan: &Scan) -> usize {
    if scan.limit == 0 { MAX_PAGE } else { scan.limit.min(MAX_PAGE) }
}
