//! A store in memory for tests, where something else happens around its calls.

use std::sync::Arc;

use super::{
    Backend, BackendHealth, Batch, Change, Completion, MemoryBackend, Observer, Page, Revision, RevisionListener, Scan,
    Versioned, promise,
};
use crate::error::Result;

/// Called before a scan.
type ScanHook = Box<dyn Fn(&Scan) + Send + Sync>;

/// Takes the place of a commit.
type CommitHook = Box<dyn Fn(&Arc<MemoryBackend>, Batch) -> Completion + Send + Sync>;

/// A backend whose scans and commits are watched.
pub(crate) struct Hooked {
    inner: Arc<MemoryBackend>,
    scan: ScanHook,
    commit: CommitHook,
    /// The newest revision is shown as a multiple of this.
    lag: Revision,
}

impl Hooked {
    /// Calls the hook before every scan.
    pub(crate) fn before_scans(inner: Arc<MemoryBackend>, hook: impl Fn(&Scan) + Send + Sync + 'static) -> Self {
        Self { inner, scan: Box::new(hook), commit: Box::new(|inner, batch| inner.commit(batch)), lag: 1 }
    }

    /// Calls the hook before every commit that has operations.
    pub(crate) fn before_commits(
        inner: Arc<MemoryBackend>,
        hook: impl Fn(&MemoryBackend) + Send + Sync + 'static,
    ) -> Self {
        let commit = move |inner: &Arc<MemoryBackend>, batch: Batch| {
            if !batch.operations.is_empty() {
                hook(inner);
            }
            inner.commit(batch)
        };
        Self { inner, scan: Box::new(|_| {}), commit: Box::new(commit), lag: 1 }
    }

    /// Commits what the hook makes of every batch.
    pub(crate) fn rewriting(inner: Arc<MemoryBackend>, hook: impl Fn(Batch) -> Batch + Send + Sync + 'static) -> Self {
        let commit = move |inner: &Arc<MemoryBackend>, batch: Batch| inner.commit(hook(batch));
        Self { inner, scan: Box::new(|_| {}), commit: Box::new(commit), lag: 1 }
    }

    /// Shows a newest revision that rises by so many at once, as while commits are pending.
    pub(crate) fn lagging(inner: Arc<MemoryBackend>, lag: Revision) -> Self {
        Self { lag, ..Self::before_scans(inner, |_| {}) }
    }

    /// Decides every commit some time after it was submitted: meanwhile others write.
    pub(crate) fn late(inner: Arc<MemoryBackend>, delay: std::time::Duration) -> Self {
        let commit = move |inner: &Arc<MemoryBackend>, batch: Batch| {
            let ((promise, completion), inner) = (promise(), Arc::clone(inner));
            std::thread::spawn(move || {
                std::thread::sleep(delay);
                if let Some(outcome) = inner.commit(batch).wait(None) {
                    promise.resolve(outcome);
                }
            });
            completion
        };
        Self { inner, scan: Box::new(|_| {}), commit: Box::new(commit), lag: 1 }
    }
}

impl Backend for Hooked {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.inner.get(key)
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.inner.get_for_write(key)
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        (self.scan)(scan);
        self.inner.scan(scan)
    }

    fn commit(&self, batch: Batch) -> Completion {
        (self.commit)(&self.inner, batch)
    }

    fn max_batch(&self) -> usize {
        self.inner.max_batch()
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.inner.changes(after, limit)
    }

    fn revision(&self) -> Revision {
        self.inner.revision() / self.lag * self.lag
    }

    fn floor(&self) -> Revision {
        self.inner.floor()
    }

    fn revision_changed(&self) -> RevisionListener {
        self.inner.revision_changed()
    }

    fn format(&self) -> u32 {
        self.inner.format()
    }

    fn raise_format(&self, format: u32) -> Result<()> {
        self.inner.raise_format(format)
    }

    fn follow(&self, observer: Arc<dyn Observer>) {
        self.inner.follow(observer);
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        self.inner.compact(floor)
    }

    fn health(&self) -> BackendHealth {
        self.inner.health()
    }
}
