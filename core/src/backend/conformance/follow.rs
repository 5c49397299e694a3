//! What an observer is told, and when.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::super::{Backend, ChangedValue, Key, Observer, Revision};
use super::steps::{commit, delete, get, key, put, refused};
use crate::backend::Precondition;

/// Keeps a copy of all values by what it is told.
#[derive(Default)]
struct Mirror {
    values: Mutex<BTreeMap<Key, Bytes>>,
    revision: AtomicU64,
}

impl Observer for Mirror {
    fn about_to_show(&self, revision: Revision, changes: &[ChangedValue<'_>]) {
        assert!(revision > self.revision.load(Ordering::Relaxed), "revision {revision} comes too late");
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        for ChangedValue { key, old, new } in changes {
            assert_eq!(old.map(|old| &old.value), values.get(*key), "what was there before {key:?}");
            match new {
                Some(new) => drop(values.insert((*key).clone(), new.value.clone())),
                None => drop(values.remove(*key)),
            }
        }
        self.revision.store(revision, Ordering::Release);
    }
}

/// Old and new values come with each change, and nothing of what was refused.
pub fn an_observer_is_told_of_every_change(backend: &dyn Backend) {
    commit(backend, [], [put("before", "one")]);
    commit(backend, [], [delete("before")]);
    let copy = Arc::<Mirror>::default();
    backend.follow(Arc::clone(&copy) as Arc<dyn Observer>);
    commit(backend, [], [put("a", "one"), put("b", "one"), delete("absent")]);
    commit(backend, [], [put("a", "two"), delete("b")]);
    refused(backend, Precondition::Absent(key("a")), [put("a", "three")]);
    let last = commit(backend, [], [put("c", "one")]);
    let wanted = [(key("a"), Bytes::from_static(b"two")), (key("c"), Bytes::from_static(b"one"))];
    assert_eq!(*copy.values.lock().unwrap_or_else(PoisonError::into_inner), wanted.into());
    assert_eq!(copy.revision.load(Ordering::Acquire), last);
    let told = Arc::downgrade(&copy);
    drop(copy);
    commit(backend, [], [put("a", "four")]);
    assert!(told.upgrade().is_none(), "one that has gone is kept");
}

/// One who reads a value finds that the observer knows of its revision.
pub fn an_observer_is_told_before_readers_see(backend: &Arc<dyn Backend>) {
    let copy = Arc::<Mirror>::default();
    backend.follow(Arc::clone(&copy) as Arc<dyn Observer>);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let seen = get(&**backend, "a").map_or(0, |value| value.modified).max(backend.revision());
                    let told = copy.revision.load(Ordering::Acquire);
                    assert!(told >= seen, "revision {seen} is seen, and {told} was told");
                }
            });
        }
        for number in 0..200 {
            commit(&**backend, [], [put("a", &number.to_string())]);
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
