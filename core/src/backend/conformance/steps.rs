//! The words that the suite is written in.

use bytes::Bytes;

use super::super::{
    Backend, Batch, Change, CommitError, Key, Operation, Page, Precondition, Revision, Scan, Versioned,
};

/// How a commit ended.
pub(super) type Outcome = Result<Revision, CommitError>;

pub(super) fn wait(backend: &dyn Backend, preconditions: Vec<Precondition>, operations: Vec<Operation>) -> Outcome {
    backend.commit(Batch { preconditions, operations }).wait(None).expect("a wait without a deadline ends")
}

pub(super) fn commit(
    backend: &dyn Backend,
    preconditions: impl IntoIterator<Item = Precondition>,
    operations: impl IntoIterator<Item = Operation>,
) -> Revision {
    wait(backend, preconditions.into_iter().collect(), operations.into_iter().collect()).expect("the commit succeeds")
}

pub(super) fn refused(
    backend: &dyn Backend,
    precondition: Precondition,
    operations: impl IntoIterator<Item = Operation>,
) {
    let outcome = wait(backend, vec![precondition.clone()], operations.into_iter().collect());
    assert!(matches!(&outcome, Err(CommitError::Conflict(which)) if *which == precondition), "{outcome:?}");
}

pub(super) fn get(backend: &dyn Backend, name: &str) -> Option<Versioned> {
    backend.get(name.as_bytes()).expect("reads")
}

pub(super) fn scan(backend: &dyn Backend, prefix: &str, after: Option<Key>, limit: usize) -> Page {
    backend.scan(&Scan { prefix: key(prefix), after, limit }).expect("reads")
}

pub(super) fn changes(backend: &dyn Backend, after: Revision) -> Vec<Change> {
    backend.changes(after, 10_000).expect("nothing is compacted")
}

pub(super) fn change(revision: Revision, index: u32, name: &str, deleted: bool) -> Change {
    Change { revision, index, key: key(name), deleted }
}

pub(super) fn key(name: &str) -> Key {
    Key::copy_from_slice(name.as_bytes())
}

pub(super) fn sized(size: usize) -> Key {
    key(&format!("size/{size:08}"))
}

pub(super) fn put(name: &str, value: &str) -> Operation {
    Operation::Put(key(name), Bytes::copy_from_slice(value.as_bytes()))
}

pub(super) fn delete(name: &str) -> Operation {
    Operation::Delete(key(name))
}

pub(super) fn versioned(value: &str, created: Revision, modified: Revision) -> Versioned {
    Versioned { value: Bytes::copy_from_slice(value.as_bytes()), created, modified }
}

/// Bytes that differ from place to place and from seed to seed.
pub(super) fn pattern(size: usize, seed: usize) -> Bytes {
    (0..size).map(|place| (place.wrapping_mul(31) + place / 251 + seed) as u8).collect()
}
