//! How long the past is kept, and what forgets the rest: a thread of its own that works in small steps beside the writers.
//!
//! The floor rises first: below it nobody reads the past as a whole any more. Then, of each resource that was changed or
//! deleted in between, the versions beyond its limits are removed. That this is under way is stored before, so that a
//! store that was stopped in between looks through all versions when it is opened again.

mod policy;
mod prune;
#[cfg(test)]
mod tests;
#[cfg(not(target_family = "wasm"))]
mod worker;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

pub use self::policy::Retention;
use self::prune::Removals;
#[cfg(not(target_family = "wasm"))]
pub(super) use self::worker::Worker;
use super::cascade::settled;
use super::key;
use super::source::Clock;
use super::store::Store;
use crate::backend::{Backend, Batch, Key, Operation, Revision, Scan};
use crate::error::Result;
use crate::registry::Registry;

/// By how many commits the floor rises at once.
const STEP: Revision = 16_384;

/// How many changes are read at once.
const CHANGES: usize = 1_024;

/// What is kept of the past, and how far forgetting the rest has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compaction {
    /// The oldest revision that resources and lists can be read at, and that a watch can go on from.
    pub floor: Revision,
    /// The newest revision.
    pub revision: Revision,
    /// How many versions were removed since the store was opened.
    pub removed: u64,
}

/// Forgets what is beyond the limits.
pub(super) struct Compactor {
    backend: Arc<dyn Backend>,
    registry: Arc<Registry>,
    clock: Clock,
    retention: Retention,
    removed: AtomicU64,
    /// Ends what is under way.
    is_stopping: AtomicBool,
    /// Held by whoever is at it.
    turn: Mutex<()>,
}

impl Store {
    /// Forgets now what is beyond the limits, all of it: the floor rises to the newest revision but `revisions`, and every
    /// version is looked at. A store does so by itself little by little. Takes as long as reading all old versions.
    ///
    /// # Errors
    /// `Unavailable` while the store takes no writes.
    pub fn compact(&self, revisions: u64) -> Result<Compaction> {
        let compactor = &self.inner.compactor;
        compactor.advance_to(self.revision().saturating_sub(revisions))?;
        compactor.sweep()?;
        if revisions == 0 {
            // The removals are commits as well.
            compactor.advance_to(self.revision())?;
        }
        Ok(self.compaction())
    }

    /// How far forgetting the past has come.
    pub fn compaction(&self) -> Compaction {
        let compactor = &self.inner.compactor;
        let (floor, revision) = (compactor.backend.floor(), compactor.backend.revision());
        Compaction { floor, revision, removed: compactor.removed.load(Ordering::Relaxed) }
    }
}

impl Compactor {
    pub(super) fn new(backend: Arc<dyn Backend>, registry: Arc<Registry>, clock: Clock, retention: Retention) -> Self {
        let (removed, is_stopping) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { backend, registry, clock, retention, removed, is_stopping, turn: Mutex::new(()) }
    }

    /// Raises the floor, step by step, and removes what is beyond the limits of the resources that changed below it.
    fn advance_to(&self, target: Revision) -> Result<()> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let floor = self.backend.floor();
            if floor >= target || self.is_stopping() {
                return Ok(());
            }
            self.advance(floor, target.min(floor + STEP))?;
        }
    }

    fn advance(&self, floor: Revision, next: Revision) -> Result<()> {
        let touched = self.touched(floor, next)?;
        if touched.is_empty() {
            return self.backend.compact(next);
        }
        self.begin()?;
        self.backend.compact(next)?;
        let mut removals = Removals::default();
        for versions in &touched {
            if self.is_stopping() {
                return self.finish(&mut removals);
            }
            self.prune(versions, next, &mut removals)?;
        }
        self.finish(&mut removals)?;
        self.end()
    }

    /// Of which resources a version ended after one revision and up to another: the beginnings of their versions' keys.
    fn touched(&self, after: Revision, upto: Revision) -> Result<BTreeSet<Key>> {
        let (mut touched, mut after) = (BTreeSet::new(), after);
        while after < upto {
            let changes = self.backend.changes(after, CHANGES)?;
            let Some(last) = changes.last() else { break };
            after = last.revision;
            let ended = changes.iter().filter(|change| change.revision <= upto && !change.deleted);
            touched.extend(ended.filter_map(|change| key::of_resource(&change.key)));
        }
        Ok(touched)
    }

    /// Looks at every version there is.
    fn sweep(&self) -> Result<()> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (floor, mut after, mut removals) = (self.backend.floor(), None, Removals::default());
        while !self.is_stopping() {
            let page = self.backend.scan(&Scan { prefix: key::all_versions(), after, limit: 1 })?;
            let Some((found, _)) = page.entries.first() else {
                self.finish(&mut removals)?;
                return self.end();
            };
            let Some(versions) = key::of_resource(found) else {
                // What it is a check of the store tells.
                after = Some(found.clone());
                continue;
            };
            self.prune(&versions, floor, &mut removals)?;
            after = Some(key::behind_versions(&versions));
        }
        self.finish(&mut removals)
    }

    /// Whether versions were being removed when the store was stopped last.
    #[cfg(not(target_family = "wasm"))]
    fn was_interrupted(&self) -> Result<bool> {
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
        settled(self.backend.commit(Batch { preconditions: Vec::new(), operations }))
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}
