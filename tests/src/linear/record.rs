//! Histories of real threads.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use kindstore::backend::{Backend, Disk, SledBackend, SledOptions, SystemDisk};
use kindstore::{ChangeType, ETag, Revision, Watch, WatchEvent, WriteOptions};
use kindstore::{Error, Expected, Object, Store};
use serde_json::json;

use super::history::{Answer, Call, Event, State};
use super::search::{is_linear, is_linear_with};
use crate::chance::Chance;
use crate::soak::rounds;
use crate::target::furnished;

const KIND: &str = "Deployment";
const NAMESPACE: &str = "default";

const THREADS: usize = 4;
const EACH: usize = 4;

#[test]
fn histories_on_memory_are_linear() {
    check(&furnished(Store::in_memory().unwrap()), rounds(500, 10_000), &mut Chance::new());
}

#[test]
fn histories_on_sled_are_linear() {
    let folder = tempfile::tempdir().unwrap();
    check(&furnished(Store::open(folder.path()).unwrap()), rounds(500, 10_000), &mut Chance::new());
}

#[test]
fn histories_on_a_disk_that_fails_are_linear_with_what_is_unknown() {
    let (folder, disk) = (tempfile::tempdir().unwrap(), Arc::new(Failing::default()));
    let mut options = SledOptions::default();
    options.disk = Arc::clone(&disk) as Arc<dyn Disk>;
    let backend = Arc::new(SledBackend::open(folder.path(), options).unwrap());
    let store = furnished(Store::builder().backend(backend as Arc<dyn Backend>).open().unwrap());
    disk.one_in.store(7, Ordering::Relaxed);
    let unknown = check(&store, rounds(100, 3_000), &mut Chance::new());
    assert!(unknown > 0, "the disk failed");
}

/// A disk of which one sync in so many fails; 0 is none.
#[derive(Default)]
struct Failing {
    one_in: AtomicU32,
    count: AtomicU32,
}

impl Disk for Failing {
    fn sync(&self, file: &File) -> std::io::Result<()> {
        let (one_in, count) = (self.one_in.load(Ordering::Relaxed), self.count.fetch_add(1, Ordering::Relaxed));
        // That of opening again is not the next.
        if one_in > 0 && count % one_in == one_in - 1 {
            // It takes a while to fail, and others get behind it.
            thread::sleep(Duration::from_millis(3));
            return Err(std::io::Error::other("the sync failed"));
        }
        SystemDisk.sync(file)
    }

    fn free_bytes(&self, path: &Path) -> std::io::Result<u64> {
        SystemDisk.free_bytes(path)
    }
}

/// Records histories, each of a resource of its own, and looks for their orders. Says how many answers were unknown.
fn check(store: &Store, histories: usize, chance: &mut Chance) -> usize {
    let mut unknown = 0;
    for number in 0..histories {
        let name = format!("h{number}");
        // While the store recovers no watch begins.
        let start = || store.kind(KIND).unwrap().namespace(NAMESPACE).watch().key(&name).start().ok();
        let mut watch = std::iter::repeat_with(start).find_map(|watch| watch).unwrap();
        let mut events = record(store, &name, chance);
        events.sort_by_key(|event| event.called);
        assert!(is_linear(&events), "history {number} has no order:\n{events:#?}");
        let states = told(&mut watch, store.revision());
        assert!(
            is_linear_with(&events, &states),
            "history {number} is not as a watch reports it:\n{states:?}\n{events:#?}"
        );
        unknown += events.iter().filter(|event| event.answer == Answer::Unknown).count();
    }
    unknown
}

/// The states of a resource up to a revision, as a watch reports them.
fn told(watch: &mut Watch, revision: Revision) -> Vec<State> {
    let mut states = Vec::new();
    loop {
        match watch.try_next() {
            Ok(Some(WatchEvent::Change(change))) => states.push(match change.change_type {
                ChangeType::Deleted => None,
                _ => Some(token(change.object())),
            }),
            Ok(Some(WatchEvent::Bookmark(_))) => {}
            // Nothing is left of what was read; the bookmark says how far that was.
            Ok(None) => match watch.bookmark() {
                Some(bookmark) if bookmark.cursor().revision >= revision => return states,
                _ => thread::yield_now(),
            },
            // The store recovers.
            Err(Error::Unavailable { .. } | Error::Backend(_)) => thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// One history: threads that begin together, and a last look at what is left.
fn record(store: &Store, name: &str, chance: &mut Chance) -> Vec<Event> {
    let (clock, tokens, start) = (AtomicU64::new(0), AtomicU32::new(0), Barrier::new(THREADS));
    let mut events: Vec<Event> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (clock, tokens, start, mut chance) = (&clock, &tokens, &start, chance.fork());
                scope.spawn(move || {
                    start.wait();
                    let mut version = 1;
                    let next = || tokens.fetch_add(1, Ordering::Relaxed);
                    let calls = (0..EACH).map(|_| {
                        let call = choose(&mut chance, version, next());
                        let event = run(store, name, call, clock);
                        if let Some(Event { answer: Answer::Done(seen, _), .. }) = event {
                            version = seen;
                        }
                        event
                    });
                    calls.flatten().collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    // While the store recovers nothing can be seen.
    let last = std::iter::repeat_with(|| run(store, name, Call::Get, &clock)).find_map(|last| last);
    events.extend(last);
    events
}

fn choose(chance: &mut Chance, version: u64, token: u32) -> Call {
    match chance.below(10) {
        0..3 => Call::Create { token },
        3..6 => Call::Patch { expected: version, token },
        6 => Call::Delete,
        _ => Call::Get,
    }
}

/// Makes a call; `None` when it was refused by the store itself, and so never happened.
fn run(store: &Store, name: &str, call: Call, clock: &AtomicU64) -> Option<Event> {
    let called = clock.fetch_add(1, Ordering::SeqCst);
    let answer = ask(store, name, call);
    let answered = clock.fetch_add(1, Ordering::SeqCst);
    let answer = match answer {
        Ok(object) => done(&object),
        Err(Error::AlreadyExists { .. } | Error::NotFound { .. }) => Answer::Refused,
        Err(Error::PreconditionFailed { actual, .. }) => Answer::Unexpected(actual),
        Err(Error::OutcomeUnknown) => return Some(Event { called, answered: u64::MAX, call, answer: Answer::Unknown }),
        Err(Error::Unavailable { .. }) => return None,
        Err(error) => panic!("{error}"),
    };
    Some(Event { called, answered, call, answer })
}

fn ask(store: &Store, name: &str, call: Call) -> kindstore::Result<Object> {
    let labels = |token: u32| json!({"token": token.to_string()});
    let write = match call {
        Call::Get => return store.kind(KIND).unwrap().namespace(NAMESPACE).get(name),
        Call::Delete => store.kind(KIND).unwrap().namespace(NAMESPACE).delete(name).submit(),
        Call::Create { token } => {
            let template = json!({"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}});
            let metadata = json!({"name": name, "labels": labels(token)});
            store
                .kind(KIND)
                .unwrap()
                .namespace(NAMESPACE)
                .create(json!({"metadata": metadata, "spec": {"deploymentTargetName": "jobs", "template": template}}))
                .submit()
        }
        Call::Patch { expected: version, token } => {
            let expected = Some(Expected::OneOf(vec![ETag { id: None, version }]));
            let patch = json!({"metadata": {"labels": labels(token)}});
            store
                .kind(KIND)
                .unwrap()
                .namespace(NAMESPACE)
                .patch(name, patch)
                .options(WriteOptions::default().expected(expected))
                .submit()
        }
    };
    write.wait().map(|written| written.object)
}

fn done(object: &Object) -> Answer {
    let (version, token) = token(object);
    Answer::Done(version, token)
}

/// The version of a resource, and what was written last.
fn token(object: &Object) -> (u64, u32) {
    let labels = object.metadata.labels.as_ref().unwrap();
    (object.metadata.resource_version, labels.get("token").unwrap().parse().unwrap())
}
