//! The contract of a backend: bytes under keys with one increasing revision. It knows no kind, object or rule.

mod batch;
#[cfg(test)]
pub(crate) mod cluster;
mod completion;
#[cfg(any(test, feature = "__conformance"))]
#[doc(hidden)]
pub mod conformance;
mod health;
#[cfg(test)]
pub(crate) mod hooked;
mod key;
#[cfg_attr(not(any(test, feature = "sled")), expect(dead_code, reason = "in memory nothing is pending or fails"))]
mod ledger;
mod memory;
mod observer;
mod overlay;
mod page;
mod replica;
mod revision_listener;
#[cfg(feature = "sled")]
mod sled;
mod sync;

use std::sync::Arc;

pub use self::batch::{Batch, Change, MAX_BATCH, Operation, Precondition};
#[cfg(test)]
pub(crate) use self::completion::promise;
pub(crate) use self::completion::settled;
pub use self::completion::{CommitError, Completion};
pub use self::health::{BackendHealth, Space};
pub(crate) use self::key::{ARCHIVE_KEY_BYTE, is_user_key};
pub use self::key::{FIRST_KEY_BYTE, Key, MAX_KEY, Revision};
pub use self::memory::MemoryBackend;
#[cfg(feature = "__fuzzing")]
pub use self::memory::fuzz_export;
pub use self::observer::{ChangedValue, Observer, Observers};
pub(crate) use self::overlay::{Overlay, check_bytes, is_staged};
pub(crate) use self::page::page_size;
pub use self::page::{MAX_PAGE, Page, Scan, Versioned};
pub use self::replica::{AppliedCommit, Replica};
pub use self::revision_listener::{RevisionListener, RevisionNotifier};
#[cfg(all(feature = "sled", feature = "__fuzzing"))]
pub use self::sled::fuzz_frame;
#[cfg(feature = "sled")]
pub use self::sled::{
    CompactionProgress, CompactionReport, CompactionSpace, Disk, SledBackend, SledOptions, SystemDisk,
};
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

    /// The value under a key as a commit would find it now, including commits that are not durable yet. Only for building a
    /// batch whose preconditions name the revisions that were read; never return it to a reader.
    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>>;

    /// One page of durable keys and values in key order, all of them current at [`Page::revision`]. Pages that follow
    /// each other may be of different revisions. A caller that needs one revision corrects the difference by
    /// [`Backend::changes`].
    fn scan(&self, scan: &Scan) -> Result<Page>;

    /// Commits a batch. Preconditions are checked against stored plus pending state before this returns, and a conflict
    /// ends the completion at once; otherwise the completion ends when the commit is durable. Batches become durable in the order of
    /// their revisions. If one fails, all that were submitted after it and are not yet durable fail too. A batch that
    /// breaks the rules of [`Batch`] or [`Key`] is a mistake in the program: it fails with `Backend` and changes nothing.
    fn commit(&self, batch: Batch) -> Completion;

    /// Commits a batch like [`Backend::commit`], one that frees space now or lets later commits free some: a deletion, the
    /// removal of history. A backend that refuses other batches for want of space may keep some for these.
    fn commit_freeing(&self, batch: Batch) -> Completion {
        self.commit(batch)
    }

    /// The most operations that one batch can hold; never less than [`MAX_BATCH`].
    fn max_batch(&self) -> usize {
        MAX_BATCH
    }

    /// Whether reads here may lag behind commits that were acknowledged elsewhere. A barrier ends only when reads here see all that
    /// was acknowledged anywhere before it was submitted.
    fn lags(&self) -> bool {
        false
    }

    /// The durable changes after a revision, in order, at most `limit` and then to the end of the last commit begun.
    /// `Expired` when some of them are compacted away. A delete is listed even when there was nothing to remove.
    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>>;

    /// The newest durable revision.
    fn revision(&self) -> Revision;

    /// The compaction floor: the oldest revision that [`Backend::changes`] can go on from.
    fn floor(&self) -> Revision;

    /// Returns a listener that ends when the durable revision exceeds the one at this call.
    fn revision_changed(&self) -> RevisionListener;

    /// Tells an observer of every change from now on, before readers can see it, for as long as the observer exists. That
    /// holds for all changes that readers come to see, of this process or another, and also for those whose commit ended as
    /// `OutcomeUnknown`.
    fn follow(&self, observer: Arc<dyn Observer>);

    /// Forgets the change log up to and including a revision (or the newest durable one, if that is lower). Values are
    /// not touched. A floor below an earlier one changes nothing.
    fn compact(&self, floor: Revision) -> Result<()>;

    /// Returns the format of what is stored, as it was raised last; the highest one for a backend that no other program opens.
    fn format(&self) -> u32 {
        u32::MAX
    }

    /// Raises the format of what is stored, before the first value that programs which know lower formats only could not
    /// read: durably, so that they refuse the store by name from then on. A format that is not higher changes nothing. A
    /// backend that no other program opens needs none.
    ///
    /// # Errors
    /// `Unavailable` when it could not be recorded; then nothing of the format may be committed.
    fn raise_format(&self, format: u32) -> Result<()> {
        let _ = format;
        Ok(())
    }

    /// Verifies the backend's checksum over all keys, if it keeps one. Takes as long as reading all keys. Damage is a `Backend`
    /// error with a message for the operator.
    fn verify(&self) -> Result<()> {
        Ok(())
    }

    /// Returns what the backend can do now. Asked for each second by those who watch over a store, so that it must be cheap.
    fn health(&self) -> BackendHealth {
        BackendHealth::default()
    }
}

/// An internal fault, with a message for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);

/// Returns a `Backend` error with a message for the log.
pub(crate) fn fault(words: impl Into<String>) -> Error {
    Error::backend(Fault(words.into()))
}
