//! The contract of a backend: bytes under keys with one growing revision. It knows no kind, object or rule.

mod completion;
#[cfg(any(test, feature = "conformance"))]
#[doc(hidden)]
pub mod conformance;
#[cfg_attr(not(any(test, feature = "sled")), expect(dead_code, reason = "in memory nothing is pending or fails"))]
mod ledger;
mod memory;
mod overlay;
mod rise;
#[cfg(feature = "sled")]
mod sled;
mod sync;

use bytes::Bytes;

pub(crate) use self::completion::settled;
pub use self::completion::{CommitError, Completion};
pub use self::memory::MemoryBackend;
#[cfg(feature = "fuzzing")]
pub use self::memory::fuzz_export;
pub(crate) use self::overlay::{Overlay, check_bytes, is_staged};
pub use self::rise::{RevisionListener, RevisionNotifier};
#[cfg(all(feature = "sled", feature = "fuzzing"))]
pub use self::sled::fuzz_frame;
#[cfg(feature = "sled")]
pub use self::sled::{CompactionProgress, CompactionReport, Disk, SledBackend, SledOptions, SystemDisk};
use crate::error::{Error, Result};

/// A point in the history of a store: each commit has exactly one, rising from 1. 0 is before the first commit.
pub type Revision = u64;

/// A key: at most [`MAX_KEY`] bytes, the first not below [`FIRST_KEY_BYTE`].
pub type Key = Bytes;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 1024;

/// Keys that begin with a lower byte are the backend's own.
pub const FIRST_KEY_BYTE: u8 = 0x20;

/// The most operations of a batch that every backend takes. What is done in bounded steps stays within it; who needs more
/// at once asks [`Backend::max_batch`].
pub const MAX_BATCH: usize = 120;

/// The most entries that one scan returns, whatever its limit.
pub const MAX_PAGE: usize = 64;

/// A stored value with the revisions of its creation and its last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The bytes as they were put.
    pub value: Bytes,
    /// The commit that created the key; it starts anew when a key is deleted and created again.
    pub created: Revision,
    /// The commit that last put the key.
    pub modified: Revision,
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Stores the value under the key, whether or not there is one.
    Put(Key, Bytes),
    /// Removes the key, whether or not it is there.
    Delete(Key),
}

impl Operation {
    /// The key that is changed.
    pub fn key(&self) -> &Key {
        match self {
            Operation::Put(key, _) | Operation::Delete(key) => key,
        }
    }
}

/// What must hold for a batch to be committed, judged against stored and pending state together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Precondition {
    /// The key is not there.
    Absent(Key),
    /// The key is there.
    Present(Key),
    /// The key was last put at this revision.
    At(Key, Revision),
    /// No key with this prefix was put after this revision; deletes do not count. A backend may answer from a bounded
    /// memory of recent puts and must call what is older than that memory a conflict.
    NothingPutUnder(Key, Revision),
}

impl Precondition {
    /// The key that it speaks of; none for a prefix.
    pub(crate) fn key(&self) -> Option<&Key> {
        match self {
            Precondition::Absent(key) | Precondition::Present(key) | Precondition::At(key, _) => Some(key),
            Precondition::NothingPutUnder(..) => None,
        }
    }
}

/// Changes that are committed all or not at all, under one revision. [`Backend::max_batch`] operations at most; a key is
/// changed once. A batch without operations takes no revision: it is judged like any other, and ends when all that was committed
/// before it is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// What is changed, in order.
    pub operations: Vec<Operation>,
}

impl Batch {
    /// A batch that changes nothing and ends when all that was committed before it is durable.
    pub fn barrier() -> Self {
        Self::default()
    }
}

/// One entry of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub revision: Revision,
    /// The place of the operation within its batch.
    pub index: u32,
    /// The key that was changed.
    pub key: Key,
    /// Whether the key was removed.
    pub deleted: bool,
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

/// The answer of a scan: entries in key order. A backend may end a page early, for the size of its values say; only
/// [`Page::more`] tells whether the scan is at its end. The next page begins [`Scan::after`] the last key of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Keys with their values.
    pub entries: Vec<(Key, Versioned)>,
    /// The durable revision that all entries together were current at.
    pub revision: Revision,
    /// Whether the scan goes on after the last entry. When this is set, the page has at least one entry.
    pub more: bool,
}

/// Where a store keeps its bytes.
///
/// For implementors: every read but [`Backend::get_for_write`] sees durable revisions only, and sees whole commits. A
/// revision that any reader has seen is never used again, also not after a crash. Calls may come from any thread, many
/// at once. No method needs an async runtime. Errors that a caller can act on are `Unavailable` (nothing was changed),
/// `OutcomeUnknown` (a commit's fate is open) and `Expired`; all else is `Backend`, with the cause as its source.
pub trait Backend: Send + Sync {
    /// The durable value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>>;

    /// The value under a key as a commit would find it now: what is committed but not yet durable is seen. For building
    /// a batch, whose preconditions then say what was seen; never for answering a reader.
    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>>;

    /// One page of durable keys and values in key order, all of them current at [`Page::revision`]. Pages that follow
    /// each other may be of different revisions: who needs one picture of many pages settles the difference by
    /// [`Backend::changes`].
    fn scan(&self, scan: &Scan) -> Result<Page>;

    /// Commits a batch. Preconditions are judged before this returns, against stored plus pending state, and a conflict
    /// is answered at once; durability is waited for through the completion. Batches become durable in the order of
    /// their revisions. If one fails, all that were submitted after it and are not yet durable fail too. A batch that
    /// breaks the rules of [`Batch`] or [`Key`] is a mistake in the program: it fails with `Backend` and changes nothing.
    fn commit(&self, batch: Batch) -> Completion;

    /// The most operations that one batch can hold; never less than [`MAX_BATCH`].
    fn max_batch(&self) -> usize {
        MAX_BATCH
    }

    /// The durable changes after a revision, in order, at most `limit` and then to the end of the last commit begun.
    /// `Expired` when some of them are compacted away. A delete is listed even when there was nothing to remove.
    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>>;

    /// The newest durable revision.
    fn revision(&self) -> Revision;

    /// The oldest revision that [`Backend::changes`] can go on from: what changed after it is kept.
    fn floor(&self) -> Revision;

    /// Ends when the durable revision rises above the one there is at this call.
    fn revision_changed(&self) -> RevisionListener;

    /// Forgets the change log up to and including a revision (or the newest durable one, if that is lower). Values are
    /// not touched. A floor below an earlier one changes nothing.
    fn compact(&self, floor: Revision) -> Result<()>;

    /// Compares what the backend says of all its keys together with what is there, if it says anything; what differs is
    /// a `Backend` error in words for the operator. Takes as long as reading all keys.
    fn verify(&self) -> Result<()> {
        Ok(())
    }
}

/// What went wrong inside, in words for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);

/// An error of the kind `Backend` with these words for the log.
pub(crate) fn fault(words: impl Into<String>) -> Error {
    Error::backend(Fault(words.into()))
}

/// Whether a key is one that callers can use; all others are the backend's own or nobody's.
pub(crate) fn is_user_key(key: &[u8]) -> bool {
    key.len() <= MAX_KEY && key.first().is_some_and(|first| *first >= FIRST_KEY_BYTE)
}

/// How many entries a page for this scan holds at the most.
pub(crate) fn page_size(scan: &Scan) -> usize {
    if scan.limit == 0 { MAX_PAGE } else { scan.limit.min(MAX_PAGE) }
}
