//! Several members over one judge, for tests, as the servers of a cluster are: commits are judged late and in another place, others
//! come in between, revisions have gaps, and each member reads a copy of its own, which lags behind.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::completion::Promise;
use super::{
    AppliedCommit, Backend, BackendHealth, Batch, Change, CommitError, Completion, Key, MemoryBackend, Observer,
    Operation, Page, Replica, Revision, RevisionListener, Scan, Versioned, promise,
};
use crate::error::Result;

/// After so many commits one of somebody else takes a revision.
const GAP: usize = 3;

/// A key of somebody else, which no member sees.
const FOREIGN: &[u8] = b"\xfeforeign";

/// What judges the commits of all members.
#[derive(Default)]
pub(crate) struct Judge {
    state: Mutex<Judged>,
    judged: Condvar,
}

#[derive(Default)]
struct Judged {
    backend: MemoryBackend,
    /// All commits of members, and when they were judged.
    log: Vec<(Instant, AppliedCommit)>,
    has_ended: bool,
}

impl Judge {
    fn state(&self) -> MutexGuard<'_, Judged> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a batch, and says which revision its member has to see before its caller is told.
    fn judge(&self, batch: Batch) -> (std::result::Result<Revision, CommitError>, Revision) {
        let mut state = self.state();
        if state.log.len() % GAP == GAP - 1 {
            let operations = vec![Operation::Put(Key::from_static(FOREIGN), Bytes::new())];
            let foreign = state.backend.commit(Batch { preconditions: Vec::new(), operations });
            assert!(matches!(foreign.outcome(), Some(Ok(_))), "nothing is in its way");
        }
        let keys: Vec<Key> = batch.operations.iter().map(|operation| operation.key().clone()).collect();
        let outcome = state.backend.commit(batch).outcome().expect("in memory a commit ends at once");
        if let Ok(revision) = outcome
            && !keys.is_empty()
        {
            let value = |key: Key| {
                let value = state.backend.get(&key).expect("memory can be read");
                (key, value)
            };
            let changes = keys.into_iter().map(value).collect();
            state.log.push((Instant::now(), AppliedCommit { revision, changes }));
        }
        let newest = state.log.last().map_or(0, |(_, commit)| commit.revision);
        drop(state);
        self.judged.notify_all();
        (outcome, newest)
    }

    /// All commits after the first so many, once there are any and the lag is over; `None` at the end.
    fn after(&self, place: usize, lag: Duration) -> Option<Vec<AppliedCommit>> {
        let mut state = self.state();
        while state.log.len() == place && !state.has_ended {
            state = self.judged.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.has_ended {
            return None;
        }
        let commits: Vec<_> = state.log[place..].to_vec();
        drop(state);
        let newest = commits.last().map(|(at, _)| *at)?;
        thread::sleep((newest + lag).saturating_duration_since(Instant::now()));
        Some(commits.into_iter().map(|(_, commit)| commit).collect())
    }

    /// Ends the threads of all members.
    pub(crate) fn end(&self) {
        self.state().has_ended = true;
        self.judged.notify_all();
    }
}

/// A member with a copy of its own.
pub(crate) struct Member {
    copy: Arc<MemoryBackend>,
    /// Batches go to the judge in the order of their calls.
    batches: Mutex<Sender<(Instant, Batch, Promise)>>,
}

impl Member {
    /// Begins a member whose commits are judged so late, and whose copy lags so far behind.
    pub(crate) fn of(judge: &Arc<Judge>, late: Duration, lag: Duration) -> Self {
        let copy = Arc::new(MemoryBackend::new());
        let (batches, waiting) = channel();
        thread::spawn({
            let (judge, copy) = (Arc::clone(judge), Arc::clone(&copy));
            move || copy_all(&judge, &copy, lag)
        });
        thread::spawn({
            let (judge, copy) = (Arc::clone(judge), Arc::clone(&copy));
            move || carry(&judge, &copy, late, &waiting)
        });
        Self { copy, batches: Mutex::new(batches) }
    }
}

fn copy_all(judge: &Judge, copy: &MemoryBackend, lag: Duration) {
    let mut place = 0;
    while let Some(commits) = judge.after(place, lag) {
        place += commits.len();
        copy.apply(commits).expect("their revisions rise");
    }
}

/// Takes batch after batch to the judge. The outcome is told once the copy has what the judge knew.
fn carry(judge: &Judge, copy: &Arc<MemoryBackend>, late: Duration, waiting: &Receiver<(Instant, Batch, Promise)>) {
    while let Ok((submitted, batch, promise)) = waiting.recv() {
        thread::sleep((submitted + late).saturating_duration_since(Instant::now()));
        let (outcome, newest) = judge.judge(batch);
        let copy = Arc::clone(copy);
        thread::spawn(move || {
            loop {
                let changed = copy.revision_changed();
                if copy.revision() >= newest {
                    return promise.resolve(outcome);
                }
                changed.wait(None);
            }
        });
    }
}

impl Backend for Member {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.copy.get(key)
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.copy.get(key)
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        self.copy.scan(scan)
    }

    fn commit(&self, batch: Batch) -> Completion {
        let (promise, completion) = promise();
        // Once the threads have ended, the dropped promise says so.
        let _ = self.batches.lock().unwrap_or_else(PoisonError::into_inner).send((Instant::now(), batch, promise));
        completion
    }

    fn lags(&self) -> bool {
        true
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.copy.changes(after, limit)
    }

    fn revision(&self) -> Revision {
        self.copy.revision()
    }

    fn floor(&self) -> Revision {
        self.copy.floor()
    }

    fn revision_changed(&self) -> RevisionListener {
        self.copy.revision_changed()
    }

    fn follow(&self, observer: Arc<dyn Observer>) {
        self.copy.follow(observer);
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        self.copy.compact(floor)
    }

    fn health(&self) -> BackendHealth {
        self.copy.health()
    }
}
