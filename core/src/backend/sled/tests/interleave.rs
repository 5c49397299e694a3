//! The threads of the store in every order that chance finds: callers, the committer, the count after opening again. Run
//! by `make interleave`: shuttle takes the place of locks and threads, and every lock is a place to go on elsewhere.
//! Calls into sled are one step each; that it keeps its own threads apart is not seen here.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};

use super::super::super::completion::Outcome;
use super::super::super::{Backend, Batch, CommitError, Key, Operation, Precondition, Revision, Scan};
use super::super::{Disk, SledBackend, SledOptions};
use super::{end, key, put};
use crate::error::Error;

/// The disk: others go on during a sync, and one sync may fail.
struct Yielding {
    failing: usize,
    syncs: AtomicUsize,
}

impl Disk for Yielding {
    fn sync(&self, _file: &File) -> std::io::Result<()> {
        (0..3).for_each(|_| thread::yield_now());
        match self.syncs.fetch_add(1, Ordering::Relaxed) {
            number if number == self.failing => Err(std::io::Error::other("the sync failed")),
            _ => Ok(()),
        }
    }

    fn free_bytes(&self, _path: &Path) -> std::io::Result<u64> {
        Ok(u64::MAX)
    }
}

fn open(folder: &Path, failing: usize) -> Arc<SledBackend> {
    let disk = Arc::new(Yielding { failing, syncs: AtomicUsize::new(0) });
    let options = SledOptions { cache_bytes: 1 << 20, check_files: false, disk, ..SledOptions::default() };
    Arc::new(SledBackend::open(folder, options).expect("an empty folder becomes a store"))
}

/// Runs a scenario in many orders: half of them by chance at each step, half with few changes of who goes first.
fn explore(scenario: fn(&Path)) {
    let soak = std::env::var_os("KINDSTORE_SOAK").is_some();
    let orders = if soak { 5_000 } else { 60 };
    let run = move || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        scenario(folder.path());
    };
    let mut config = Config::new();
    // sled goes deep.
    config.stack_size = 1 << 20;
    Runner::new(RandomScheduler::new(orders), config.clone()).run(run);
    Runner::new(PctScheduler::new(3, orders), config).run(run);
}

fn commit(store: &SledBackend, preconditions: Vec<Precondition>, operations: Vec<Operation>) -> Outcome {
    end(&store.commit(Batch { preconditions, operations }))
}

fn threads<T: Send + 'static>(
    count: usize,
    store: &Arc<SledBackend>,
    task: fn(Arc<SledBackend>, usize) -> T,
) -> Vec<T> {
    let spawn = |number| {
        let store = Arc::clone(store);
        thread::spawn(move || task(store, number))
    };
    let threads: Vec<_> = (0..count).map(spawn).collect();
    threads.into_iter().map(|thread| thread.join().expect("the thread does not panic")).collect()
}

/// What the log has, in which no revision is missing or there twice.
fn log(store: &SledBackend) -> Vec<(Revision, Key)> {
    let changes = store.changes(0, 10_000).expect("nothing is compacted");
    let revisions: BTreeSet<_> = changes.iter().map(|change| change.revision).collect();
    assert!(revisions.into_iter().eq(1..=store.revision()), "{changes:?}");
    changes.into_iter().map(|change| (change.revision, change.key)).collect()
}

#[test]
fn an_acknowledged_write_is_seen_and_no_reader_sees_half_of_one() {
    explore(|folder| {
        let store = open(folder, usize::MAX);
        let reading = {
            let store = Arc::clone(&store);
            thread::spawn(move || read(&store))
        };
        let won = threads(3, &store, write).into_iter().filter(|won| *won).count();
        reading.join().expect("the reader saw whole commits");
        assert_eq!(won, 1, "one of those who create the same key wins");
        // Two commits of each writer, and the one that won.
        assert_eq!((store.revision(), log(&store).len()), (7, 6 * 3 + 1));
    });
}

fn write(store: Arc<SledBackend>, number: usize) -> bool {
    let own = format!("own/{number}");
    for round in ["first", "second"] {
        let operations = vec![put(&own, round), put("pair/a", &own), put("pair/b", &own)];
        let revision = commit(&store, Vec::new(), operations).expect("the disk is well");
        assert!(store.revision() >= revision, "an answer speaks of what readers see");
        let found = store.get(own.as_bytes()).expect("reads").expect("it is there");
        assert_eq!((found.modified, &found.value[..]), (revision, round.as_bytes()));
    }
    match commit(&store, vec![Precondition::Absent(key("one"))], vec![put("one", &own)]) {
        Ok(_) => true,
        Err(CommitError::Conflict(_)) => false,
        Err(error) => panic!("{error:?}"),
    }
}

fn read(store: &SledBackend) {
    let mut last = 0;
    for _ in 0..4 {
        let page = store.scan(&Scan { prefix: key("pair/"), ..Scan::default() }).expect("reads");
        let states: Vec<_> = page.entries.iter().map(|(_, state)| (state.modified, state.value.clone())).collect();
        assert!(states.is_empty() || (states.len() == 2 && states[0] == states[1]), "{states:?}");
        assert!(page.revision >= last && states.iter().all(|(modified, _)| *modified <= page.revision));
        last = page.revision;
        assert!(store.revision() >= last);
        thread::yield_now();
    }
}

/// A failing sync while others write, read and wait: everybody is answered, and the store goes on.
fn fail(folder: &Path, failing: usize) {
    let store = open(folder, failing);
    let outcomes = threads(3, &store, |store, number| {
        (0..2).map(|round| (format!("{number}/{round}"), write_once(&store, number, round))).collect::<Vec<_>>()
    });
    while let Err(CommitError::Failed(error)) = commit(&store, Vec::new(), vec![put("last", "value")]) {
        assert!(matches!(error, Error::Unavailable { .. } | Error::OutcomeUnknown), "{error:?}");
        thread::yield_now();
    }
    let log = log(&store);
    for (name, outcome) in outcomes.into_iter().flatten() {
        let found: Vec<_> = log.iter().filter(|(_, key)| *key == name.as_bytes()).map(|(at, _)| *at).collect();
        match outcome {
            Ok(revision) => assert_eq!(found, [revision], "{name} was acknowledged"),
            Err(CommitError::Failed(Error::OutcomeUnknown)) => assert!(found.len() <= 1, "{name} is there {found:?}"),
            Err(CommitError::Failed(Error::Unavailable { .. })) => assert!(found.is_empty(), "{name} was refused"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn write_once(store: &SledBackend, number: usize, round: usize) -> Outcome {
    let name = format!("{number}/{round}");
    let outcome = commit(store, Vec::new(), vec![put(&name, "value")]);
    match (store.get(name.as_bytes()), &outcome) {
        (Ok(found), Ok(revision)) => assert_eq!(found.map(|found| found.modified), Some(*revision)),
        (Ok(_) | Err(Error::Unavailable { .. }), _) => {}
        (Err(error), _) => panic!("{error:?}"),
    }
    outcome
}

#[test]
fn a_sync_that_fails_answers_everybody_and_the_store_goes_on() {
    // The first sync is that of opening, the next that of the first group.
    explore(|folder| fail(folder, 1));
    explore(|folder| fail(folder, 2));
}

#[test]
fn what_waits_when_the_store_is_dropped_is_written_and_answered() {
    explore(|folder| {
        let store = open(folder, usize::MAX);
        let waiting = threads(3, &store, |store, number| {
            let batch = Batch { operations: vec![put(&number.to_string(), "value")], ..Batch::default() };
            (store.commit(batch), store.commit(Batch::barrier()))
        });
        drop(store);
        for (commit, barrier) in waiting {
            assert!(matches!(commit.outcome(), Some(Ok(_))), "{commit:?}");
            assert!(matches!(barrier.outcome(), Some(Ok(_))), "{barrier:?}");
        }
        assert_eq!(log(&open(folder, usize::MAX)).len(), 3);
    });
}
