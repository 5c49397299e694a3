//! The health of a store: what it can do now, and what keeps it from the rest.

use std::time::Duration;

use super::Store;
use crate::backend::{Revision, Space};

/// The health of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether reads succeed; otherwise the reason, in words that are fit for a client.
    pub reads: Result<(), String>,
    /// Whether writes are accepted; otherwise the reason, in words that are fit for a client.
    pub writes: Result<(), String>,
    /// The space on the disk; `None` for a store in memory.
    pub space: Option<Space>,
    /// The state of the index.
    pub index: IndexState,
    /// The state of the compaction of history.
    pub history: HistoryLag,
}

/// The state of the index for lists with selectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexState {
    /// Lists with selectors use it.
    Ready,
    /// It is being built; until then lists with selectors scan all resources.
    Building,
    /// The store has no background worker to build it: lists with selectors scan all resources.
    Absent,
}

/// How far the compaction of history is behind its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryLag {
    /// The newest revision.
    pub revision: Revision,
    /// The compaction floor.
    pub floor: Revision,
    /// The number of revisions beyond the limits that are not compacted yet.
    pub overdue: u64,
    /// For how long there have been such revisions; `None` when there are none.
    pub overdue_for: Option<Duration>,
}

impl Store {
    /// Returns what the store can do now. Cheap enough to be asked for each second.
    ///
    /// ```
    /// let health = kindstore::Store::in_memory()?.health();
    /// assert!(health.reads.is_ok() && health.writes.is_ok());
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn health(&self) -> Health {
        let backend = self.inner.writer.backend().health();
        let index = match (self.is_indexed(), self.inner.has_worker()) {
            (true, _) => IndexState::Ready,
            (false, true) => IndexState::Building,
            (false, false) => IndexState::Absent,
        };
        let (compaction, (overdue, overdue_for)) = (self.compaction(), self.inner.compactor.lag());
        let history = HistoryLag { revision: compaction.revision, floor: compaction.floor, overdue, overdue_for };
        Health { reads: backend.reads, writes: backend.writes, space: backend.space, index, history }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_without_a_worker_has_no_index_and_no_lag() {
        let health = Store::builder().background(false).open().expect("it opens").health();
        assert_eq!((health.index, health.history.overdue), (IndexState::Absent, 0));
        assert_eq!((health.reads, health.writes, health.space), (Ok(()), Ok(()), None));
    }
}
