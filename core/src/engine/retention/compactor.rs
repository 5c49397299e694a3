//! Raises the compaction floor and prunes the versions below it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
#[cfg(not(target_family = "wasm"))]
use std::time::Instant;

use bytes::Bytes;

#[cfg(not(target_family = "wasm"))]
use super::lag::Lag;
use super::policy::Retention;
use super::removals::{Removals, Squeeze};
use super::size::HistorySize;
use crate::backend::{Backend, Batch, Key, Operation, Revision, Scan, settled};
use crate::engine::clock::Clock;
use crate::engine::stored::key;
use crate::error::Result;
use crate::registry::Registry;

/// By how many commits the floor rises at once.
pub(super) const STEP: Revision = 16_384;

/// How many changes are read at once.
const CHANGES: usize = 1_024;

/// The state of the compaction of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compaction {
    /// The compaction floor: the oldest revision at which resources and lists can be read and a watch can begin.
    pub floor: Revision,
    /// The newest revision.
    pub revision: Revision,
    /// The number of versions removed since the store was opened.
    pub removed: u64,
}

/// Removes history beyond the limits.
pub(crate) struct Compactor {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) registry: Arc<Registry>,
    pub(super) clock: Clock,
    pub(crate) retention: Retention,
    pub(super) removed: AtomicU64,
    /// Ends a run that is under way.
    is_stopping: AtomicBool,
    /// The most bytes that all history takes.
    pub(super) store_bytes: u64,
    /// The size of history. Locked as long as a run takes, so that there is one at a time.
    size: Mutex<HistorySize>,
    #[cfg(not(target_family = "wasm"))]
    lag: Mutex<Lag>,
}

impl Compactor {
    /// Removes all history beyond the limits: raises the floor to the newest revision but `revisions`, and looks at every
    /// version.
    ///
    /// # Errors
    /// `Unavailable` while the store takes no writes.
    pub(crate) fn compact(&self, revisions: u64) -> Result<Compaction> {
        self.keep_within_bytes()?;
        self.advance_to(self.backend.revision().saturating_sub(revisions))?;
        self.sweep()?;
        if revisions == 0 {
            // The removals are commits as well, and their entries in the change log would be left.
            self.advance_to(self.backend.revision())?;
        }
        Ok(self.state())
    }

    /// Returns the state of the compaction.
    pub(crate) fn state(&self) -> Compaction {
        let (floor, revision) = (self.backend.floor(), self.backend.revision());
        Compaction { floor, revision, removed: self.removed.load(Ordering::Relaxed) }
    }

    /// Ends a run that is under way soon, and every later one at once.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn new(backend: Arc<dyn Backend>, registry: Arc<Registry>, clock: Clock, retention: Retention) -> Self {
        let (removed, is_stopping) = (AtomicU64::new(0), AtomicBool::new(false));
        let store_bytes = retention.bytes_on(backend.health().space.map(|space| space.total));
        Self {
            backend,
            registry,
            clock,
            retention,
            removed,
            is_stopping,
            store_bytes,
            size: Mutex::default(),
            #[cfg(not(target_family = "wasm"))]
            lag: Mutex::default(),
        }
    }

    /// Returns the number of revisions beyond the limits that are not compacted yet, and for how long there have been some.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn lag(&self) -> (u64, Option<Duration>) {
        self.lag.lock().unwrap_or_else(PoisonError::into_inner).at(self.backend.floor(), Instant::now())
    }

    /// Returns that nothing is overdue: without threads history is compacted by hand only.
    #[cfg(target_family = "wasm")]
    pub(crate) fn lag(&self) -> (u64, Option<Duration>) {
        (0, None)
    }

    /// Raises the floor to the target of the limits.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn keep_to(&self, target: Revision) -> Result<()> {
        let lag = || self.lag.lock().unwrap_or_else(PoisonError::into_inner);
        lag().begin(target, self.backend.floor(), Instant::now());
        let result = self.advance_to(target);
        lag().reached(self.backend.floor());
        result
    }

    /// Raises the floor, step by step, and removes what is beyond the limits of the resources that changed below it.
    pub(crate) fn advance_to(&self, target: Revision) -> Result<()> {
        self.run(|size| self.advance_through(target, size, Squeeze::default()))
    }

    pub(super) fn advance_through(&self, target: Revision, size: &mut HistorySize, squeeze: Squeeze) -> Result<()> {
        loop {
            let floor = self.backend.floor();
            if floor >= target || self.is_stopping() {
                return Ok(());
            }
            // In steps: each keeps the resources that it touches in memory, and leaves the store as consistent as the
            // whole would.
            self.advance((floor, target.min(floor + STEP)), size, squeeze)?;
        }
    }

    fn advance(&self, (floor, next): (Revision, Revision), size: &mut HistorySize, squeeze: Squeeze) -> Result<()> {
        let touched = self.touched(floor, next)?;
        if touched.is_empty() {
            return self.backend.compact(next);
        }
        // The mark goes before the floor: should the store stop in between, its next opening looks at all versions. The floor
        // goes before the removals: no reader may find a hole above it.
        self.begin()?;
        self.backend.compact(next)?;
        let mut removals = Removals::new(size, squeeze);
        for versions in &touched {
            if self.is_stopping() {
                return self.finish(&mut removals);
            }
            self.prune(versions, next, &mut removals)?;
        }
        self.finish(&mut removals)?;
        self.end()
    }

    /// Returns the prefixes of the version keys of every resource of which a version ended in an interval of revisions.
    fn touched(&self, after: Revision, upto: Revision) -> Result<BTreeSet<Key>> {
        let (mut touched, mut after) = (BTreeSet::new(), after);
        while after < upto {
            let changes = self.backend.changes(after, CHANGES)?;
            let Some(last) = changes.last() else { break };
            after = last.revision;
            // A version has ended when its key is put. The deletion of such a key is an earlier pruning.
            let ended = changes.iter().filter(|change| change.revision <= upto && !change.deleted);
            touched.extend(ended.filter_map(|change| key::of_resource(&change.key)));
        }
        Ok(touched)
    }

    /// Prunes every resource.
    pub(crate) fn sweep(&self) -> Result<()> {
        self.run(|size| self.sweep_through(size, Squeeze::default()))
    }

    pub(super) fn sweep_through(&self, size: &mut HistorySize, squeeze: Squeeze) -> Result<()> {
        let mut removals = Removals::new(size, squeeze);
        let is_whole = self.prune_all(self.backend.floor(), &mut removals)?;
        self.finish(&mut removals)?;
        if is_whole { self.end() } else { Ok(()) }
    }

    /// Returns how many bytes of values [`Compactor::compact`] would remove for limits other than those in bytes.
    pub(crate) fn removable(&self, revisions: u64) -> Result<u64> {
        let floor = self.backend.floor().max(self.backend.revision().saturating_sub(revisions));
        let mut unused = HistorySize::default();
        let mut removals = Removals::rehearsal(&mut unused);
        self.prune_all(floor, &mut removals)?;
        Ok(removals.total)
    }

    /// Prunes every resource up to a floor; returns whether it came to the end.
    fn prune_all(&self, floor: Revision, removals: &mut Removals<'_>) -> Result<bool> {
        let mut after = None;
        while !self.is_stopping() {
            let page = self.backend.scan(&Scan { prefix: key::all_versions(), after, limit: 1 })?;
            let Some((found, _)) = page.entries.first() else { return Ok(true) };
            let Some(versions) = key::of_resource(found) else {
                // Not a key of the engine; a check reports it.
                after = Some(found.clone());
                continue;
            };
            self.prune(&versions, floor, removals)?;
            after = Some(key::behind_versions(&versions));
        }
        Ok(false)
    }

    /// Runs one removal at a time, with the size of history up to the newest revision: all that is removed was counted.
    pub(super) fn run(&self, remove: impl FnOnce(&mut HistorySize) -> Result<()>) -> Result<()> {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = size.follow(&*self.backend, self.retention.resource_bytes, &|| self.is_stopping());
        let result = followed.and_then(|()| remove(&mut size));
        if result.is_err() {
            // How far it was followed, and whether the last removals were committed, is not known.
            size.forget();
        }
        result
    }

    /// Returns how many bytes of the history of a resource are kept when some of it is removed: less than the limit, so that
    /// this is seldom.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.retention.resource_bytes - self.retention.resource_bytes / 8
    }

    /// Whether the store stopped while versions were being removed.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn was_interrupted(&self) -> Result<bool> {
        Ok(self.backend.get(&key::pruning_mark())?.is_some())
    }

    fn begin(&self) -> Result<()> {
        self.commit(vec![Operation::Put(key::pruning_mark(), Bytes::new())])
    }

    fn end(&self) -> Result<()> {
        match self.backend.get(&key::pruning_mark())? {
            Some(_) => self.commit(vec![Operation::Delete(key::pruning_mark())]),
            None => Ok(()),
        }
    }

    fn commit(&self, operations: Vec<Operation>) -> Result<()> {
        settled(self.backend.commit_freeing(Batch { preconditions: Vec::new(), operations }))
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}
