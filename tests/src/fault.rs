//! Faults: a backend that goes wrong at a call that a test names, and disks that are full or take no writes.

mod clock;
mod disk;
mod engine;
mod space;
mod stall;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use kindstore::backend::{
    Backend, BackendHealth, Batch, Change, CommitError, Completion, MemoryBackend, Observer, Page, RevisionListener,
    Scan, SledBackend, Versioned,
};
use kindstore::{Error, Result, Revision};

/// A method of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Get,
    GetForWrite,
    Scan,
    Commit,
    Changes,
}

/// What goes wrong.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The call is refused, and nothing is changed.
    Refuse,
    /// The call fails inside.
    Break,
    /// A commit is lost, and nobody says so.
    Lose,
    /// A commit is done, and nobody says so.
    Forget,
    /// The call waits until it may go on.
    Stall { entered: Sender<()>, go: Receiver<()> },
}

/// A call that waits.
pub(crate) struct Stalled {
    pub(crate) entered: Receiver<()>,
    pub(crate) go: Sender<()>,
}

/// Another backend, until its plan says otherwise.
pub(crate) struct Faulty {
    inner: Arc<dyn Backend>,
    plan: Mutex<Option<(Call, usize, Fault)>>,
    health: Mutex<Option<BackendHealth>>,
}

impl Faulty {
    pub(crate) fn new(inner: Arc<dyn Backend>) -> Self {
        Self { inner, plan: Mutex::default(), health: Mutex::default() }
    }

    /// The call after so many others of its kind goes wrong.
    pub(crate) fn plan(&self, call: Call, after: usize, fault: Fault) {
        *self.plan.lock().unwrap() = Some((call, after, fault));
    }

    /// Reports this health in place of its own, until it is `None`.
    pub(crate) fn report(&self, health: Option<BackendHealth>) {
        *self.health.lock().unwrap() = health;
    }

    /// The next call of this kind waits.
    pub(crate) fn stall(&self, call: Call) -> Stalled {
        let ((entered, has_entered), (go, goes)) = (channel(), channel());
        self.plan(call, 0, Fault::Stall { entered, go: goes });
        Stalled { entered: has_entered, go }
    }

    /// Cancels the plan. Returns whether its fault had not happened yet.
    pub(crate) fn cancel(&self) -> bool {
        self.plan.lock().unwrap().take().is_some()
    }

    /// What goes wrong now.
    fn meet(&self, call: Call) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        match &mut *plan {
            Some((planned, after, _)) if *planned == call && *after > 0 => *after -= 1,
            Some((planned, ..)) if *planned == call => return plan.take().map(|(.., fault)| fault),
            _ => {}
        }
        None
    }

    fn read<T>(&self, call: Call, read: impl FnOnce(&dyn Backend) -> Result<T>) -> Result<T> {
        match self.meet(call) {
            Some(Fault::Stall { entered, go }) => wait(&entered, &go),
            Some(Fault::Break) => return Err(Error::backend(std::io::Error::other("it is broken"))),
            Some(_) => return Err(Error::Unavailable { why: "it rests".to_owned() }),
            None => {}
        }
        read(&*self.inner)
    }
}

fn wait(entered: &Sender<()>, go: &Receiver<()>) {
    entered.send(()).unwrap();
    go.recv().unwrap();
}

fn failed(error: Error) -> Completion {
    Completion::ready(Err(CommitError::Failed(error)))
}

impl Backend for Faulty {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.read(Call::Get, |inner| inner.get(key))
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.read(Call::GetForWrite, |inner| inner.get_for_write(key))
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        self.read(Call::Scan, |inner| inner.scan(scan))
    }

    fn commit(&self, batch: Batch) -> Completion {
        match self.meet(Call::Commit) {
            Some(Fault::Stall { entered, go }) => wait(&entered, &go),
            Some(Fault::Break) => return failed(Error::backend(std::io::Error::other("it is broken"))),
            Some(Fault::Refuse) => return failed(Error::Unavailable { why: "it rests".to_owned() }),
            Some(Fault::Lose) => return failed(Error::OutcomeUnknown),
            Some(Fault::Forget) => {
                let completion = self.inner.commit(batch);
                return match completion.wait(None).unwrap() {
                    Ok(_) => failed(Error::OutcomeUnknown),
                    // Judged before anything could go wrong.
                    conflict => Completion::ready(conflict),
                };
            }
            None => {}
        }
        self.inner.commit(batch)
    }

    fn max_batch(&self) -> usize {
        self.inner.max_batch()
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.read(Call::Changes, |inner| inner.changes(after, limit))
    }

    fn revision(&self) -> Revision {
        self.inner.revision()
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

    fn verify(&self) -> Result<()> {
        self.inner.verify()
    }

    fn health(&self) -> BackendHealth {
        self.health.lock().unwrap().clone().unwrap_or_else(|| self.inner.health())
    }
}

#[test]
fn without_a_plan_a_faulty_backend_keeps_the_contract() {
    kindstore::backend::conformance::all(&|| Arc::new(Faulty::new(Arc::new(MemoryBackend::new()))));
    let folders = tempfile::tempdir().unwrap();
    kindstore::backend::conformance::all(&|| {
        let count = std::fs::read_dir(folders.path()).unwrap().count();
        let store = SledBackend::open(folders.path().join(count.to_string()), Default::default()).unwrap();
        Arc::new(Faulty::new(Arc::new(store)))
    });
}
