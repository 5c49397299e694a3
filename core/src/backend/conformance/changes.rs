//! The change log and its compaction.

use super::super::{Backend, Revision};
use super::steps::{change, changes, commit, delete, get, put, versioned};
use crate::error::Error;

/// Puts and deletes, in the order of the batch.
pub fn changes_list_every_operation_once_in_order(backend: &dyn Backend) {
    let first = commit(backend, [], [put("b", "value"), put("a", "value")]);
    let second = commit(backend, [], [delete("b"), put("a", "value"), delete("none")]);
    let expected = vec![
        change(first, 0, "b", false),
        change(first, 1, "a", false),
        change(second, 0, "b", true),
        change(second, 1, "a", false),
        change(second, 2, "none", true),
    ];
    assert_eq!(changes(backend, 0), expected);
    assert_eq!(changes(backend, first), expected[2..]);
    assert_eq!(changes(backend, second), []);
    assert_eq!(changes(backend, second + 10), []);
}

/// A limit in the middle of a commit is stretched to its end.
pub fn changes_never_split_a_commit(backend: &dyn Backend) {
    let revisions: Vec<Revision> =
        (0..30).map(|_| commit(backend, [], [put("a", "value"), put("b", "value"), put("c", "value")])).collect();
    for (limit, expected) in [(0, 0), (1, 3), (3, 3), (4, 6), (80, 81), (1000, 90)] {
        assert_eq!(backend.changes(0, limit).expect("nothing is compacted").len(), expected, "limit {limit}");
    }
    let mut after = 0;
    for revision in revisions {
        let some = backend.changes(after, 2).expect("nothing is compacted");
        assert!(some.len() == 3 && some.iter().all(|change| change.revision == revision));
        after = revision;
    }
}

/// The floor is the oldest revision that a watch can go on from.
pub fn compacted_changes_are_expired(backend: &dyn Backend) {
    let revisions: Vec<Revision> =
        (0..300).map(|number| commit(backend, [], [put(&format!("k{number}"), "value")])).collect();
    backend.compact(revisions[199]).expect("compacts");
    backend.compact(revisions[99]).expect("a lower floor is no error");
    for after in [0, revisions[0], revisions[198]] {
        let expired = backend.changes(after, 10);
        let expected = (after, revisions[199]);
        assert!(matches!(expired, Err(Error::Expired { asked, oldest }) if (asked, oldest) == expected), "{expired:?}");
    }
    assert_eq!(changes(backend, revisions[199]).len(), 100);
    backend.compact(revisions[299] + 1000).expect("a floor in the future is the present");
    assert_eq!(changes(backend, revisions[299]), []);
    let next = commit(backend, [], [put("a", "value")]);
    assert_eq!(changes(backend, revisions[299]), [change(next, 0, "a", false)]);
}

/// Only the log is forgotten.
pub fn compaction_leaves_values_alone(backend: &dyn Backend) {
    let first = commit(backend, [], [put("a", "one"), put("b", "one")]);
    let second = commit(backend, [], [put("a", "two"), delete("b")]);
    backend.compact(second).expect("compacts");
    assert_eq!(get(backend, "a"), Some(versioned("two", first, second)));
    assert_eq!(get(backend, "b"), None);
    assert_eq!(backend.revision(), second);
}
