//! A store in memory, for tests and browsers: no files, no threads, commits end before they return.

mod export;
mod state;

#[cfg(feature = "__fuzzing")]
pub use self::export::fuzz_export;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, PoisonError};

use self::state::State;
use super::ledger::{Ledger, MAX_OPERATIONS};
use super::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use super::{
    AppliedCommit, Backend, Batch, Change, Completion, Observer, Observers, Page, Replica, Revision, RevisionListener,
    RevisionNotifier, Scan, Versioned, page_size,
};
use crate::error::{Error, Result};

/// A backend that forgets everything when it is dropped.
pub struct MemoryBackend {
    state: RwLock<State>,
    notifier: RevisionNotifier,
    observers: Observers,
}

impl MemoryBackend {
    /// An empty store.
    pub fn new() -> Self {
        let (entries, log) = (BTreeMap::new(), VecDeque::new());
        let state =
            State { ledger: Ledger::new(0, 0), entries, log, revision: 0, floor: 0, format: export::FIRST_FORMAT };
        Self::of(state)
    }

    fn of(state: State) -> Self {
        Self { state: RwLock::new(state), notifier: RevisionNotifier::default(), observers: Observers::default() }
    }

    /// All of the content at one revision, as bytes for [`MemoryBackend::import`]: keys, values, their revisions and the
    /// change log. The same content makes the same bytes. Their number is about that of the content. Secrets are not
    /// encrypted.
    pub fn export(&self) -> Vec<u8> {
        export::write(&self.read())
    }

    /// Returns a store with the exported content. Revisions, cursors of watches and continue tokens stay valid.
    /// [`StoreBuilder::check`] verifies the resources in it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use kindstore::Store;
    /// use kindstore::backend::{Backend, MemoryBackend};
    ///
    /// let backend = Arc::new(MemoryBackend::new());
    /// Store::builder().backend(backend.clone()).open()?;
    /// let bytes = backend.export();
    ///
    /// let builder = Store::builder().backend(Arc::new(MemoryBackend::import(&bytes)?));
    /// assert!(builder.clone().check()?.flaws.is_empty());
    /// assert_eq!(builder.open()?.revision(), backend.revision());
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Open`: `ForeignExport`, `NewerExport` or `DamagedExport`.
    ///
    /// [`StoreBuilder::check`]: crate::StoreBuilder::check
    pub fn import(bytes: &[u8]) -> Result<Self> {
        export::read(bytes).map(Self::of)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Replica for MemoryBackend {
    fn apply(&self, commits: Vec<AppliedCommit>) -> Result<()> {
        let mut state = self.write();
        let applied = commits.into_iter().try_for_each(|commit| state.apply(commit, &self.observers));
        drop(state);
        self.notifier.notify();
        applied
    }
}

impl fmt::Debug for MemoryBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content may hold secrets.
        f.debug_struct("MemoryBackend").field("revision", &self.revision()).finish_non_exhaustive()
    }
}

impl Default for MemoryBackend {
    fn default() -> Self {
        Self::new()
    }
}

impl Backend for MemoryBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        Ok(self.read().entries.get(key).cloned())
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.get(key)
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        let state = self.read();
        let begin = match &scan.after {
            // A place before the prefix would start the scan among foreign keys.
            Some(after) if *after >= scan.prefix => Bound::Excluded(after.clone()),
            _ => Bound::Included(scan.prefix.clone()),
        };
        let range = state.entries.range((begin, Bound::Unbounded));
        let mut found = range.take_while(|(key, _)| key.starts_with(&scan.prefix));
        let entries = found.by_ref().take(page_size(scan)).map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok(Page { entries, revision: state.revision, more: found.next().is_some() })
    }

    fn commit(&self, batch: Batch) -> Completion {
        let outcome = self.write().commit(batch, &self.observers);
        // After the lock is released: a woken reader looks at once.
        if outcome.is_ok() {
            self.notifier.notify();
        }
        Completion::ready(outcome)
    }

    fn max_batch(&self) -> usize {
        MAX_OPERATIONS
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        let state = self.read();
        if after < state.floor {
            return Err(Error::Expired { asked: after, oldest: state.floor });
        }
        let begin = state.log.partition_point(|change| change.revision <= after);
        let mut changes: Vec<Change> = Vec::new();
        for change in state.log.range(begin..) {
            // A page ends between commits only, because readers resume by revision.
            if changes.len() >= limit && changes.last().is_none_or(|last| last.revision != change.revision) {
                break;
            }
            changes.push(change.clone());
        }
        Ok(changes)
    }

    fn revision(&self) -> Revision {
        self.read().revision
    }

    fn floor(&self) -> Revision {
        self.read().floor
    }

    fn revision_changed(&self) -> RevisionListener {
        self.notifier.listen()
    }

    fn follow(&self, observer: Arc<dyn Observer>) {
        // Under the lock, so that no commit is half told.
        let _state = self.write();
        self.observers.add(&observer);
    }

    fn format(&self) -> u32 {
        self.read().format.into()
    }

    fn raise_format(&self, format: u32) -> Result<()> {
        let mut state = self.write();
        state.format = state.format.max(format.try_into().unwrap_or(u8::MAX));
        Ok(())
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        let mut state = self.write();
        state.floor = state.floor.max(floor.min(state.revision));
        let kept = state.log.partition_point(|change| change.revision <= state.floor);
        state.log.drain(..kept);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_keeps_the_contract() {
        super::super::conformance::all(&|| Arc::new(MemoryBackend::new()));
    }
}
