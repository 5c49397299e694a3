//! What a commit changes, and what refuses it.

use std::sync::Arc;

use super::super::{Backend, Batch, CommitError, MAX_BATCH, MAX_KEY, Operation, Precondition};
use super::steps::{changes, commit, delete, get, key, put, refused, scan, versioned, wait};
use crate::error::Error;

/// A key that was away is another key.
pub fn a_deleted_and_recreated_key_has_a_new_creation_revision(backend: &dyn Backend) {
    commit(backend, [], [put("a", "one")]);
    commit(backend, [], [delete("a")]);
    assert_eq!(get(backend, "a"), None);
    assert_eq!(backend.get_for_write(b"a").expect("reads"), None);
    let third = commit(backend, [Precondition::Absent(key("a"))], [put("a", "two")]);
    assert_eq!(get(backend, "a"), Some(versioned("two", third, third)));
}

/// Revisions rise by one without gaps where the backend promises that, and rise in any case.
pub fn every_commit_has_the_next_revision_and_a_refused_one_has_none(backend: &dyn Backend) {
    let mut last = 0;
    for _ in 0..3 {
        let revision = commit(backend, [], [put("a", "value")]);
        assert!(revision > last);
        last = revision;
        refused(backend, Precondition::Absent(key("a")), [put("b", "value")]);
        assert_eq!(backend.revision(), last);
    }
}

/// All or nothing, and the answer names the precondition.
pub fn a_precondition_that_does_not_hold_refuses_the_whole_batch(backend: &dyn Backend) {
    let first = commit(backend, [], [put("a", "one")]);
    let cases = [
        Precondition::Absent(key("a")),
        Precondition::Present(key("b")),
        Precondition::At(key("a"), first + 1),
        Precondition::At(key("b"), first),
        Precondition::At(key("b"), 0),
    ];
    for precondition in cases {
        refused(backend, precondition, [put("b", "x"), delete("a")]);
        assert_eq!(get(backend, "a"), Some(versioned("one", first, first)));
        assert_eq!(get(backend, "b"), None);
    }
    let held = [Precondition::Absent(key("b")), Precondition::Present(key("a")), Precondition::At(key("a"), first)];
    commit(backend, held, [put("b", "x"), delete("a")]);
    assert_eq!(changes(backend, first).len(), 2);
}

/// What a batch is for decides about space only.
pub fn a_batch_that_frees_space_is_judged_and_ordered_like_any_other(backend: &dyn Backend) {
    let first = commit(backend, [], [put("a", "one"), put("b", "one")]);
    let freeing = |preconditions, operations| backend.commit_freeing(Batch { preconditions, operations });
    // Submitted together: the second is judged against the first.
    let both = [
        freeing(vec![Precondition::At(key("a"), first)], vec![delete("a"), put("c", "two")]),
        backend
            .commit(Batch { preconditions: vec![Precondition::Absent(key("a"))], operations: vec![put("a", "two")] }),
        freeing(vec![Precondition::At(key("b"), first)], vec![delete("b")]),
    ];
    let ends = both.map(|completion| completion.wait(None).expect("it ends").expect("it holds"));
    assert!(ends.is_sorted() && ends[0] > first && ends[2] == backend.revision());
    let refused = freeing(vec![Precondition::At(key("b"), first)], vec![delete("c")]).wait(None);
    assert!(matches!(refused, Some(Err(CommitError::Conflict(_)))), "{refused:?}");
    assert_eq!(get(backend, "a"), Some(versioned("two", ends[1], ends[1])));
    assert_eq!((get(backend, "b"), get(backend, "c")), (None, Some(versioned("two", ends[0], ends[0]))));
}

/// The second writer that read the same revision is refused.
pub fn a_put_at_a_revision_has_one_winner(backend: &dyn Backend) {
    let first = commit(backend, [], [put("a", "one")]);
    let second = commit(backend, [Precondition::At(key("a"), first)], [put("a", "two")]);
    refused(backend, Precondition::At(key("a"), first), [put("a", "three")]);
    assert_eq!(get(backend, "a"), Some(versioned("two", first, second)));
}

/// A put under the prefix after the revision is a conflict, others are not.
pub fn nothing_put_under_sees_puts_of_its_prefix_only(backend: &dyn Backend) {
    let before = commit(backend, [], [put("p/1", "value")]);
    let now = commit(backend, [], [put("p/2", "value"), put("q/1", "value")]);
    refused(backend, Precondition::NothingPutUnder(key("p/"), before), [put("x", "value")]);
    refused(backend, Precondition::NothingPutUnder(key(""), before), [put("x", "value")]);
    commit(backend, [Precondition::NothingPutUnder(key("p/"), now)], [put("x", "value")]);
}

/// A delete under the prefix does not count.
pub fn nothing_put_under_ignores_deletes(backend: &dyn Backend) {
    commit(backend, [], [put("p/1", "value")]);
    let deleted = commit(backend, [], [delete("p/1"), delete("p/none")]);
    commit(backend, [Precondition::NothingPutUnder(key("p/"), deleted - 1)], [put("x", "value")]);
}

/// Mistakes of the program are told as such.
pub fn a_broken_batch_changes_nothing(backend: &dyn Backend) {
    let many = (0..=backend.max_batch()).map(|number| put(&format!("k{number}"), "value")).collect();
    let long = "k".repeat(MAX_KEY + 1);
    let cases: [Vec<Operation>; 5] = [
        many,
        vec![put("", "value")],
        vec![put("\u{1}a", "value")],
        vec![put("a", "value"), delete(&long)],
        vec![put("a", "value"), delete("a")],
    ];
    for operations in cases {
        let outcome = wait(backend, Vec::new(), operations);
        assert!(matches!(outcome, Err(CommitError::Failed(Error::Backend(_)))), "{outcome:?}");
    }
    assert_eq!(backend.revision(), 0);
    assert_eq!(scan(backend, "", None, 10).entries, []);
}

/// It says when what was before it is durable, and is judged like any other.
pub fn a_batch_without_operations_takes_no_revision(backend: &dyn Backend) {
    let last = commit(backend, [], [put("a", "value")]);
    assert!(wait(backend, vec![Precondition::Present(key("a"))], Vec::new()).is_ok());
    let refused = wait(backend, vec![Precondition::Absent(key("a"))], Vec::new());
    assert!(matches!(refused, Err(CommitError::Conflict(_))), "{refused:?}");
    assert_eq!(backend.revision(), last);
}

/// The limits themselves are allowed.
pub fn the_largest_batch_and_the_longest_key_fit(backend: &dyn Backend) {
    let names: Vec<String> = (0..MAX_BATCH).map(|number| format!("{number:0>MAX_KEY$}")).collect();
    let revision = commit(backend, [], names.iter().map(|name| put(name, name)));
    for name in &names {
        assert_eq!(get(backend, name), Some(versioned(name, revision, revision)));
    }
    let listed: Vec<_> = changes(backend, 0).into_iter().map(|change| (change.index, change.key)).collect();
    assert_eq!(listed, (0..).zip(names.iter().map(|name| key(name))).collect::<Vec<_>>());
}

/// A batch of many keys is one commit: all of it is there, or nothing of it, also for those who read between.
pub fn a_batch_of_thousands_of_keys_is_atomic(backend: &dyn Backend) {
    let count = backend.max_batch().min(5_000);
    let name = |number: usize| format!("many/{number:05}");
    let first = commit(backend, [], (0..count).map(|number| put(&name(number), "one")));
    let half: Vec<_> = (0..count)
        .map(|number| if number % 2 == 0 { put(&name(number), "two") } else { delete(&name(number)) })
        .collect();
    refused(backend, Precondition::Absent(key(&name(count - 1))), half.clone());
    assert_eq!((backend.revision(), get(backend, &name(0))), (first, Some(versioned("one", first, first))));
    let all: Vec<_> = (0..count).map(|number| Precondition::At(key(&name(number)), first)).collect();
    let second = commit(backend, all, half);
    assert_eq!(second, first + 1);
    for number in 0..count {
        let left = (number % 2 == 0).then(|| versioned("two", first, second));
        assert_eq!(get(backend, &name(number)), left);
    }
    let listed = changes(backend, first);
    assert_eq!(listed.len(), count);
    assert!((0..).zip(&listed).all(|(index, change)| (change.revision, change.index) == (second, index)));
    refused(backend, Precondition::NothingPutUnder(key("many/"), first), [put("x", "value")]);
    commit(backend, [Precondition::NothingPutUnder(key("many/"), second)], [put("x", "value")]);
}

/// What was committed counts for the next commit before it is durable.
pub fn a_conflict_is_judged_against_pending_state(backend: &Arc<dyn Backend>) {
    let batch = |precondition, operation| Batch { preconditions: vec![precondition], operations: vec![operation] };
    let first = backend.commit(batch(Precondition::Absent(key("a")), put("a", "one")));
    let second = backend.commit(batch(Precondition::Absent(key("a")), put("a", "two")));
    let third = backend.commit(batch(Precondition::Present(key("a")), delete("a")));
    let fourth = backend.commit(batch(Precondition::Present(key("a")), put("a", "three")));
    assert_eq!(backend.get_for_write(b"a").expect("reads"), None);
    assert!(first.wait(None).is_some_and(|outcome| outcome.is_ok()));
    assert!(matches!(second.wait(None), Some(Err(CommitError::Conflict(Precondition::Absent(_))))));
    assert!(third.wait(None).is_some_and(|outcome| outcome.is_ok()));
    assert!(matches!(fourth.wait(None), Some(Err(CommitError::Conflict(Precondition::Present(_))))));
    assert_eq!(get(&**backend, "a"), None);
}
