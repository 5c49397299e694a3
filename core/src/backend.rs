//! The contract of a backend: bytes under keys with one growing revision. It knows no kind, object or rule.

mod batch;
mod completion;
#[cfg(any(test, feature = "conformance"))]
#[doc(hidden)]
pub mod conformance;
mod key;
#[cfg_attr(not(any(test, feature = "sled")), expect(dead_code, reason = "in memory nothing is pending or fails"))]
mod ledger;
mod memory;
mod page;
mod revision_listener;
#[cfg(feature = "sled")]
mod sled;
mod sync;

pub use self::batch::{Batch, Change, MAX_BATCH, Operation, Precondition};
pub use self::completion::{CommitError, Completion};
pub(crate) use self::key::is_user_key;
pub use self::key::{FIRST_KEY_BYTE, Key, MAX_KEY, Revision};
pub use self::memory::MemoryBackend;
#[cfg(feature = "fuzzing")]
pub use self::memory::fuzz_export;
pub(crate) use self::page::page_size;
pub use self::page::{MAX_PAGE, Page, Scan, Versioned};
pub use self::revision_listener::{RevisionListener, RevisionNotifier};
#[cfg(all(feature = "sled", feature = "fuzzing"))]
pub use self::sled::fuzz_frame;
#[cfg(feature = "sled")]
pub use self::sled::{CompactionProgress, CompactionReport, Disk, SledBackend, SledOptions, SystemDisk};
use crate::error::{Error, Result};

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
