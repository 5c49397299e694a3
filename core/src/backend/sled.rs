//! The durable store on sled: commits in groups, readers that see stable storage only, and no trust in sled's memory after
//! an error.

mod admission;
mod bundle;
mod chunk;
mod committer;
mod deferred;
mod directory;
mod disk;
mod durable_revision;
mod files;
mod fingerprint;
mod folder;
mod folder_compaction;
mod folder_copy;
mod frame;
#[cfg(feature = "__fuzzing")]
mod fuzz;
mod group;
mod guard;
mod health;
mod key_checksum;
mod leftover;
mod log;
mod log_compaction;
mod marker;
mod meta;
mod options;
mod probe;
mod queue;
mod rate_limit;
mod recount;
mod refusal;
mod settle;
mod shared;
mod space;
mod store;
#[cfg(test)]
mod tests;
mod view;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

pub use self::disk::{Disk, SystemDisk};
use self::folder::Folder;
pub use self::folder_compaction::{CompactionReport, CompactionSpace};
pub use self::folder_copy::CompactionProgress;
#[cfg(feature = "__fuzzing")]
pub use self::fuzz::fuzz_frame;
pub use self::options::SledOptions;
use self::queue::{Phase, Purpose};
use self::shared::Shared;
use super::ledger::MAX_OPERATIONS;
use super::sync::thread::{self, JoinHandle};
use super::{
    Backend, BackendHealth, Batch, Change, Completion, Observer, Page, Revision, RevisionListener, Scan, Versioned,
};
use crate::error::{Error, OpenError, Result};

/// A store in a folder. One process at a time has it open.
///
/// Dropping it writes waiting batches and joins its threads, so that the folder can be opened again at once. That blocks:
/// never drop it on a thread that runs async tasks.
pub struct SledBackend {
    shared: Arc<Shared>,
    committer: Option<JoinHandle<()>>,
}

impl SledBackend {
    /// Opens the store in a folder, which is created when it is missing.
    ///
    /// Fails with [`Error::Open`]; then nothing in the folder was changed or created over.
    pub fn open(path: impl AsRef<Path>, options: SledOptions) -> Result<Self> {
        let folder = Folder::open(path.as_ref()).map_err(Error::Open)?;
        check_clock(SystemTime::now()).map_err(Error::Open)?;
        let was_clean = folder.marker().clean;
        let shared = Shared::open(folder, options).map_err(Error::Open)?;
        // After an unclean stop sled may have lost commits silently; the recount compares all keys with the checksum.
        if !was_clean {
            recount::start(&shared, 1);
        }
        let working = Arc::clone(&shared);
        let committer = thread::Builder::new().name("kindstore-commit".to_owned());
        let committer = committer.spawn(move || committer::run(&working)).map_err(Error::backend)?;
        Ok(Self { shared, committer: Some(committer) })
    }

    /// Compacts the store in a folder: copies its content to new files, because sled's files never shrink. No process may have
    /// it open. A process that is killed meanwhile leaves the old store or the compacted one.
    ///
    /// Takes as long as reading and writing all that is stored, and needs disk space for the copy beside the old files.
    ///
    /// # Errors
    /// `Open` as with [`SledBackend::open`]; `Unavailable` when the disk has too little space; then nothing was changed.
    pub fn rewrite(
        path: impl AsRef<Path>,
        options: &SledOptions,
        mut progress: impl FnMut(CompactionProgress),
    ) -> Result<CompactionReport> {
        folder_compaction::compact(path.as_ref(), options, &mut progress)
    }

    /// Writes a compacted copy of the store in a folder into another one, which is missing or empty and may be on another disk.
    /// The store stays as it is. No process may have it open. A process that is killed meanwhile leaves a folder that opens as
    /// no store.
    ///
    /// # Errors
    /// As [`SledBackend::rewrite`].
    pub fn rewrite_to(
        path: impl AsRef<Path>,
        target: impl AsRef<Path>,
        options: &SledOptions,
        mut progress: impl FnMut(CompactionProgress),
    ) -> Result<CompactionReport> {
        folder_compaction::compact_to(path.as_ref(), target.as_ref(), options, &mut progress)
    }

    /// Returns the space for a compacted copy of this store in a folder, once so many bytes of values are removed. Takes as
    /// long as reading all that is stored.
    ///
    /// # Errors
    /// `Unavailable` and `Backend` as with reads.
    pub fn rewrite_space(&self, target: impl AsRef<Path>, removed: u64) -> Result<CompactionSpace> {
        let db = self.shared.read(|view| view.db().cloned())?;
        let stored = folder_compaction::stored_bytes(&db)?;
        CompactionSpace::of(stored.saturating_sub(removed), target.as_ref(), &self.shared.options)
    }
}

/// sled counts the time since 1970 and panics before it.
fn check_clock(now: SystemTime) -> std::result::Result<(), OpenError> {
    let why = "the clock of this machine is before 1970, and the store's engine cannot run; set the clock";
    now.duration_since(UNIX_EPOCH).map(drop).map_err(|_| OpenError::Settings(why.to_owned()))
}

impl Backend for SledBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.shared.read(|view| view.get(key))
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        // The queue lock is released before sled is read: locks are taken in the order queue, view.
        if let Some(pending) = self.shared.queue().ledger.pending(key) {
            return Ok(pending.clone());
        }
        self.get(key)
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        self.shared.read(|view| view.scan(scan))
    }

    fn commit(&self, batch: Batch) -> Completion {
        self.shared.commit(batch, Purpose::Ordinary)
    }

    fn commit_freeing(&self, batch: Batch) -> Completion {
        self.shared.commit(batch, Purpose::FreeSpace)
    }

    fn max_batch(&self) -> usize {
        MAX_OPERATIONS
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.shared.read(|view| view.changes(after, limit))
    }

    fn revision(&self) -> Revision {
        self.shared.view().revision
    }

    fn floor(&self) -> Revision {
        self.shared.view().floor
    }

    fn revision_changed(&self) -> RevisionListener {
        self.shared.notifier.listen()
    }

    fn follow(&self, observer: Arc<dyn Observer>) {
        self.shared.follow(&observer);
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        log_compaction::compact(&self.shared, floor)
    }

    fn format(&self) -> u32 {
        self.shared.folder.format()
    }

    fn raise_format(&self, format: u32) -> Result<()> {
        self.shared.folder.raise_format(format)
    }

    fn verify(&self) -> Result<()> {
        recount::verify(&self.shared)
    }

    fn health(&self) -> BackendHealth {
        health::health(&self.shared)
    }
}

impl Drop for SledBackend {
    fn drop(&mut self) {
        // The committer leaves its loop only when the phase says so and the queue is empty.
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.shared.queue().phase = Phase::Ending;
        self.shared.wake.notify_all();
        join(self.committer.take());
        // The committer may have begun another count.
        let recounting = self.shared.recounting().take();
        join(recounting);
        self.shared.finish();
    }
}

#[cfg(test)]
impl SledBackend {
    /// Returns when no count is under way.
    fn finish_recount(&self) {
        let recounting = self.shared.recounting().take();
        join(recounting);
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if let Some(Err(panic)) = thread.map(JoinHandle::join) {
        tracing::error!(panic = guard::panic_message(&*panic), "a thread of the store has panicked");
    }
}

impl std::fmt::Debug for SledBackend {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SledBackend").field("folder", &self.shared.folder.path()).finish_non_exhaustive()
    }
}
