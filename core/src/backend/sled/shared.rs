//! State that callers, the committer and the recount share, and how sled is opened again beneath them.
//!
//! Locks are taken in this order: queue, view. Only the committer closes sled and opens it again, so that no reader or
//! writer ever waits for that.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, PoisonError};

use super::super::completion::{CommitError, promise};
use super::super::ledger::{Ledger, Stamp};
use super::super::sync::AtomicBool;
use super::super::sync::thread::JoinHandle;
use super::super::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use super::super::{Batch, Completion, Key, Operation, Precondition, Revision, RevisionNotifier, fault};
use super::fingerprint;
use super::folder::Folder;
use super::guard::guarded;
use super::marker::Marker;
use super::options::SledOptions;
use super::queue::{Phase, Purpose, Queue, Waiting};
use super::rate_limit::RateLimit;
use super::refusal::{closed, full};
use super::space::{self, Growth, SpaceLeft};
use super::store::{self, Store};
use super::view::View;
use crate::error::{Error, OpenError, Result};

/// How many keys of a batch are read ahead; beyond, looking them up again would take longer than the lock may be held.
const MAX_KEYS_AHEAD: usize = 16;

/// Longer values do not fit the frame.
const MAX_VALUE_LENGTH: usize = u32::MAX as usize;

pub(super) struct Shared {
    pub(super) folder: Folder,
    pub(super) options: SledOptions,
    /// Wakes the committer; goes with the queue.
    pub(super) wake: Condvar,
    pub(super) stopping: AtomicBool,
    /// Whether all that is stored is known to be there; only then the folder is left as clean.
    pub(super) verified: AtomicBool,
    queue: Mutex<Queue>,
    view: RwLock<View>,
    /// Whether someone found sled closed, or met an error of it.
    pub(super) asked: AtomicBool,
    recounting: Mutex<Option<JoinHandle<()>>>,
    /// The damage that was found, if any.
    pub(super) damage: OnceLock<String>,
    /// For the log: a write that is refused is followed by others.
    pub(super) refusals: RateLimit,
    /// Notifies watchers of new durable revisions.
    pub(super) notifier: RevisionNotifier,
    pub(super) growth: Mutex<Growth>,
    /// Whether an ordinary write was refused for want of space; then each is looked at before it is admitted.
    pub(super) is_short: AtomicBool,
    /// Whether an ordinary write was refused for want of space since space was last looked for.
    pub(super) is_wanted: AtomicBool,
}

/// Stamps of stored keys as of a durable revision.
struct Ahead {
    revision: Revision,
    stamps: Vec<(Key, Option<Stamp>)>,
}

impl Ahead {
    /// The stamp of a key, if it was read.
    fn stamp(&self, key: &[u8]) -> Option<Option<Stamp>> {
        self.stamps.iter().find(|(known, _)| known == key).map(|(_, stamp)| *stamp)
    }
}

impl Shared {
    /// Opens sled in a folder for the first time.
    pub(super) fn open(folder: Folder, options: SledOptions) -> std::result::Result<Arc<Self>, OpenError> {
        let was_clean = folder.marker().clean;
        let mut store = store::open(&folder, &options)?;
        // sled may have recovered commits that no sync ever covered. Readers see them from now on, so their revisions
        // count as used.
        let used = vouch(&folder, store.meta.revision, store.meta.revision)?;
        let length = store.file.metadata().map_or(0, |file| file.len());
        hold(&folder, &options, &store);
        Ok(Arc::new(Self {
            options,
            wake: Condvar::new(),
            stopping: AtomicBool::new(false),
            verified: AtomicBool::new(was_clean),
            queue: Mutex::new(Queue::new(ledger(&mut store, used))),
            view: RwLock::new(View::new(store, 1, !was_clean)),
            asked: AtomicBool::new(false),
            recounting: Mutex::new(None),
            damage: OnceLock::new(),
            refusals: RateLimit::default(),
            notifier: RevisionNotifier::default(),
            growth: Mutex::new(Growth::of(length)),
            is_short: AtomicBool::new(false),
            is_wanted: AtomicBool::new(false),
            folder,
        }))
    }

    /// Reads durable state. `Unavailable` while sled is closed; then the committer is asked to open it.
    pub(super) fn read<T>(&self, read: impl FnOnce(&View) -> Result<T>) -> Result<T> {
        let view = self.view();
        if view.store.is_none() {
            drop(view);
            self.ask();
            return Err(self.why_closed());
        }
        let answer = read(&view);
        if view.suspect.load(Ordering::Relaxed) {
            drop(view);
            self.ask();
        }
        answer
    }

    /// The error while sled is closed: a full disk, as long as it is full, else a failure.
    pub(super) fn why_closed(&self) -> Error {
        let free = guarded(|| self.options.disk.free_bytes(self.folder.path()));
        match free {
            Ok(free) if free < self.options.min_free_bytes => full(),
            _ => closed(),
        }
    }

    /// Makes the committer look at the state of sled.
    fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        // With the lock, the committer is not between looking and sleeping.
        drop(self.queue());
        self.wake.notify_one();
    }

    /// Admits a batch and queues it.
    pub(super) fn commit(&self, batch: Batch, purpose: Purpose) -> Completion {
        self.enqueue(batch, purpose).unwrap_or_else(|error| Completion::ready(Err(error)))
    }

    fn enqueue(&self, batch: Batch, purpose: Purpose) -> std::result::Result<Completion, CommitError> {
        let bytes = size(&batch).map_err(CommitError::Failed)?;
        // Behind a batch that the committer refuses, all that wait are refused with it, also those that free space.
        let is_short = self.is_short.load(Ordering::Relaxed);
        if is_short && purpose == Purpose::Ordinary && !batch.operations.is_empty() {
            let is_enough = self.check_reserve(bytes);
            self.is_wanted.fetch_or(is_enough.is_err(), Ordering::Relaxed);
            is_enough.map_err(CommitError::Failed)?;
        }
        // Reading sled may wait for the disk, and the queue lock would make every other writer wait as well.
        let ahead = self.look_ahead(&batch);
        let mut queue = self.open_queue().map_err(CommitError::Failed)?;
        queue.check_capacity(batch.operations.len(), bytes).map_err(CommitError::Failed)?;
        let has_nothing_to_wait_for = batch.operations.is_empty() && queue.ledger.is_settled();
        let admitted = {
            let view = self.view();
            // The view lock is held, so that no commit becomes durable between this comparison and the checks.
            let ahead = ahead.filter(|ahead| ahead.revision == view.revision);
            let known = |key: &[u8]| ahead.as_ref().and_then(|ahead| ahead.stamp(key));
            queue.ledger.admit(batch, |key| known(key).map_or_else(|| view.stamp(key), Ok))
        };
        let completion = admitted.map(|admitted| {
            // A barrier on an idle store is over at once; the committer would sync for nothing.
            if has_nothing_to_wait_for {
                return Completion::ready(Ok(admitted.revision));
            }
            let (promise, completion) = promise();
            queue.push(Waiting { admitted, promise, bytes, purpose });
            completion
        });
        drop(queue);
        match &completion {
            Ok(_) => self.wake.notify_one(),
            Err(_) if self.view().suspect.load(Ordering::Relaxed) => self.ask(),
            Err(_) => {}
        }
        completion
    }

    /// Whether there is space for an ordinary write of so many bytes.
    pub(super) fn check_reserve(&self, bytes: usize) -> Result<()> {
        let view = self.view();
        let (Ok(file), Ok(db)) = (view.file(), view.db()) else { return Ok(()) };
        let left = SpaceLeft::of(&self.folder, &self.options, &file)?;
        left.check_ordinary(&self.options, &mut self.growth(), space::weight(bytes as u64, 0), db)?;
        self.is_short.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Reads the stored keys of a batch before the queue's lock is taken, so that others need not wait for sled. The result is
    /// valid while the durable revision stays the same.
    fn look_ahead(&self, batch: &Batch) -> Option<Ahead> {
        let view = self.view();
        let asserted = batch.preconditions.iter().filter_map(Precondition::key);
        let put = batch.operations.iter().map(Operation::key);
        let mut stamps = Vec::with_capacity(4);
        for key in asserted.chain(put).take(MAX_KEYS_AHEAD) {
            if !stamps.iter().any(|(known, _): &(Key, _)| known == key) {
                // An error comes again when the batch is judged.
                stamps.push((key.clone(), view.stamp(key).ok()?));
            }
        }
        Some(Ahead { revision: view.revision, stamps })
    }

    /// The queue, if it takes batches.
    pub(super) fn open_queue(&self) -> Result<MutexGuard<'_, Queue>> {
        if self.damage.get().is_some() {
            let why = "it found damage in what is stored and takes no writes; restore it from a copy".to_owned();
            return Err(Error::Unavailable { why });
        }
        let queue = self.queue();
        match queue.phase {
            Phase::Open => Ok(queue),
            Phase::Ending => Err(Error::Unavailable { why: "it is being closed".to_owned() }),
            Phase::Closed => {
                drop(queue);
                self.ask();
                Err(self.why_closed())
            }
        }
    }

    /// Opens sled again after a failure, and returns how often it was opened. Only the committer calls this, and begins a
    /// recount afterwards.
    pub(super) fn open_again(&self) -> std::result::Result<u64, OpenError> {
        store::forget_cached(&self.folder);
        let mut store = store::open(&self.folder, &self.options)?;
        let durable = self.view().revision;
        // Acknowledged commits are gone. Going on would give their revisions to other commits.
        if store.meta.revision < durable {
            let why = format!("it fell back from revision {durable} to {}", store.meta.revision);
            self.found_damage(&why);
            store::close(&self.folder, store.db);
            return Err(OpenError::Damaged { path: self.folder.path().display().to_string(), why });
        }
        let used = vouch(&self.folder, durable, store.meta.revision)?;
        hold(&self.folder, &self.options, &store);
        let opened = {
            let (mut queue, mut view) = (self.queue(), self.view_mut());
            queue.ledger = ledger(&mut store, used);
            if queue.phase == Phase::Closed {
                queue.phase = Phase::Open;
            }
            // A raised floor may not have reached the disk, but readers have been refused by it already.
            store.floor = store.floor.max(view.floor);
            *view = View::new(store, view.opened + 1, true);
            self.verified.store(false, Ordering::Release);
            view.opened
        };
        Ok(opened)
    }

    /// The store lost something: it takes no writes until it is restored.
    pub(super) fn found_damage(&self, why: &str) {
        tracing::error!(path = %self.folder.path().display(), why, "the store found damage and takes no writes");
        self.damage.get_or_init(|| why.to_owned());
    }

    /// Writes the durable revision into the marker.
    pub(super) fn update_marker(&self) {
        let marker = Marker { clean: false, durable: self.view().revision, ..self.folder.marker() };
        if let Err(error) = self.folder.mark(marker) {
            tracing::warn!(%error, "the marker is not up to date");
        }
    }

    /// Closes sled and leaves the folder as clean, if it is.
    pub(super) fn finish(&self) {
        let (store, revision) = {
            let mut view = self.view_mut();
            (view.store.take(), view.revision)
        };
        let Some(Store { db, file, .. }) = store else { return };
        // Each step must succeed: a folder that is marked as clean is trusted at the next opening without a recount.
        let flushed = guarded(|| db.flush()).is_ok() && guarded(|| self.options.disk.sync(&file)).is_ok();
        let is_closed = store::close(&self.folder, db);
        let is_sound = self.verified.load(Ordering::Acquire) && self.damage.get().is_none();
        // Where another folder has taken the place of this one, the fingerprint would be taken of the other one.
        if flushed && is_closed && is_sound && self.folder.is_in_place() {
            let is_checked = self.options.check_files;
            let fingerprint = is_checked.then(|| fingerprint::take(&self.folder.data()).ok()).flatten();
            let marker = Marker { clean: true, durable: revision, fingerprint, ..self.folder.marker() };
            if let Err(error) = self.folder.mark(marker) {
                tracing::warn!(%error, "the store is closed but not marked as clean; it will be counted again");
            }
        }
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn growth(&self) -> MutexGuard<'_, Growth> {
        self.growth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn recounting(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.recounting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records durably that readers are about to see a revision, so that it is never given out again, even if the disk loses it.
fn vouch(folder: &Folder, durable: Revision, seen: Revision) -> std::result::Result<Revision, OpenError> {
    let used = folder.marker().used.max(seen);
    folder.mark(Marker { clean: false, durable, used, fingerprint: None, ..folder.marker() })?;
    Ok(used)
}

/// Allocates space for sled, of which opening may have taken some.
fn hold(folder: &Folder, options: &SledOptions, store: &Store) {
    if let Ok(left) = SpaceLeft::of(folder, options, &store.file) {
        left.hold(options, &store.file);
    }
}

/// A ledger that recalls the newest changes of a store.
fn ledger(store: &mut Store, used: Revision) -> Ledger {
    let mut ledger = Ledger::new(store.meta.revision, used);
    ledger.recall(store.complete_after, std::mem::take(&mut store.recent).into_iter());
    ledger
}

/// How many bytes a batch brings.
fn size(batch: &Batch) -> Result<usize> {
    let mut bytes = 0_usize;
    for operation in &batch.operations {
        bytes += operation.key().len();
        if let Operation::Put(key, value) = operation {
            if value.len() > MAX_VALUE_LENGTH {
                return Err(fault(format!("the value of {key:?} has {} bytes", value.len())));
            }
            bytes += value.len();
        }
    }
    Ok(bytes)
}
