//! State that callers, the committer and the recount share, and how sled is opened again beneath them.
//!
//! Locks are taken in this order: queue, view. Only the committer closes sled and opens it again, so that no reader or
//! writer ever waits for that.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, PoisonError};

use super::super::ledger::Ledger;
use super::super::sync::AtomicBool;
use super::super::sync::thread::JoinHandle;
use super::super::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use super::super::{ChangedValue, Observer, Observers, Revision, RevisionNotifier};
use super::fingerprint;
use super::folder::Folder;
use super::group::Group;
use super::guard::{guarded, source};
use super::marker::Marker;
use super::options::SledOptions;
use super::queue::{Phase, Queue};
use super::rate_limit::RateLimit;
use super::refusal::{closed, full};
use super::space::{Growth, SpaceLeft};
use super::store::{self, Store};
use super::view::View;
use crate::error::{Error, OpenError, Result};

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
    /// Who is told of changes before readers see them.
    observers: Observers,
    pub(super) growth: Mutex<Growth>,
    /// Whether an ordinary write was refused for want of space; then each is looked at before it is admitted.
    pub(super) is_short: AtomicBool,
    /// Whether an ordinary write was refused for want of space since space was last looked for.
    pub(super) is_wanted: AtomicBool,
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
            observers: Observers::default(),
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
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        // With the lock, the committer is not between looking and sleeping.
        drop(self.queue());
        self.wake.notify_one();
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
        let ledger = ledger(&mut store, used);
        let mut reopened = View::new(store, self.view().opened + 1, true);
        if let Err(error) = self.tell_since(&reopened, durable) {
            if let Some(store) = reopened.store.take() {
                store::close(&self.folder, store.db);
            }
            let why = source(&error);
            return Err(OpenError::Damaged { path: self.folder.path().display().to_string(), why });
        }
        let opened = {
            let (mut queue, mut view) = (self.queue(), self.view_mut());
            queue.ledger = ledger;
            if queue.phase == Phase::Closed {
                queue.phase = Phase::Open;
            }
            // A raised floor may not have reached the disk, but readers have been refused by it already.
            reopened.floor = reopened.floor.max(view.floor);
            *view = reopened;
            self.verified.store(false, Ordering::Release);
            view.opened
        };
        Ok(opened)
    }

    /// Tells another one of all changes from now on.
    pub(super) fn follow(&self, observer: &Arc<dyn Observer>) {
        // With the lock, so that no group is half told.
        let _view = self.view_mut();
        self.observers.add(observer);
    }

    /// Tells of a group that is durable and that no reader has seen.
    pub(super) fn tell(&self, group: &Group) {
        if !self.observers.is_empty() {
            let view = self.view();
            self.observers.about_to_show(group.revision, &group.changed(&view.in_flight));
        }
    }

    /// Tells of what a store that was opened again has and readers have not seen: commits that were thought to have failed.
    fn tell_since(&self, reopened: &View, durable: Revision) -> Result<()> {
        let mut values = BTreeMap::new();
        for change in reopened.changes(durable, usize::MAX)? {
            let value = reopened.get(&change.key)?;
            values.insert(change.key, value);
        }
        if values.is_empty() {
            return Ok(());
        }
        let changed = values.iter().map(|(key, new)| ChangedValue { key, old: None, new: new.as_ref() });
        self.observers.about_to_show(reopened.revision, &changed.collect::<Vec<_>>());
        Ok(())
    }

    /// Waits until sled has handed its writes to the system. Where many are under way, its threads may all wait for one that
    /// waits until its file is cut off, which is to be done by one of them.
    pub(super) fn flush(&self) -> Result<()> {
        let view = self.view();
        let db = view.db()?;
        view.guarded(|| db.flush()).map(drop)
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
