//! What is committed and not durable yet: nobody reads it, and everybody is judged by it.

use std::sync::atomic::Ordering;
use std::thread;

use super::super::super::{CommitError, Scan};
use super::*;

fn names(bed: &Bed) -> Vec<(Key, Bytes)> {
    let page = bed.store.scan(&Scan::default()).expect("reads");
    assert_eq!(page.revision, bed.store.revision());
    page.entries.into_iter().map(|(key, found)| (key, found.value)).collect()
}

fn listed(pairs: &[(&'static str, &'static str)]) -> Vec<(Key, Bytes)> {
    pairs.iter().map(|(name, value)| (key(name), Bytes::from_static(value.as_bytes()))).collect()
}

#[test]
fn readers_see_what_was_durable_while_a_sync_stalls() {
    let bed = bed();
    for name in ["a", "b", "d", "f"] {
        revision(&bed.put(name, "old"));
    }
    let before = bed.store.get(b"b").expect("reads");
    let stall = bed.trick.stall();
    let operations = vec![
        put("a", "new"),
        Operation::Delete(key("b")),
        put("c", "new"),
        Operation::Delete(key("f")),
        put("g", "new"),
    ];
    let commit = bed.store.commit(Batch { preconditions: Vec::new(), operations });
    stall.entered();
    // sled has the new values by now.
    assert_eq!(bed.store.revision(), 4);
    assert_eq!(bed.store.get(b"b").expect("reads"), before);
    assert_eq!((bed.get("a").as_deref(), bed.get("c"), bed.get("g")), (Some("old"), None, None));
    assert_eq!(names(&bed), listed(&[("a", "old"), ("b", "old"), ("d", "old"), ("f", "old")]));
    let two = bed.store.scan(&Scan { limit: 2, ..Scan::default() }).expect("reads");
    assert!(two.more && two.entries.last().is_some_and(|(last, _)| *last == key("b")));
    assert_eq!(bed.store.changes(4, 100).expect("nothing is compacted"), []);
    assert!(commit.outcome().is_none());
    stall.end();
    assert_eq!(revision(&commit), 5);
    assert_eq!(names(&bed), listed(&[("a", "new"), ("c", "new"), ("d", "old"), ("g", "new")]));
    assert_eq!(bed.store.changes(4, 100).expect("nothing is compacted").len(), 5);
}

#[test]
fn a_batch_without_operations_waits_for_what_was_before_it() {
    let bed = bed();
    let stall = bed.trick.stall();
    let commit = bed.put("a", "value");
    stall.entered();
    let barrier = bed.store.commit(Batch::barrier());
    assert!(barrier.outcome().is_none());
    stall.end();
    assert_eq!((revision(&commit), revision(&barrier)), (1, 1));
    assert!(bed.store.commit(Batch::barrier()).outcome().is_some(), "nothing is pending");
}

#[test]
fn a_page_of_keys_that_are_being_deleted_is_in_order_and_whole() {
    let bed = bed();
    let many = |change: fn(Key) -> Operation| {
        let operations = (0..100).map(|number| change(key(&format!("k{number:02}")))).collect();
        bed.store.commit(Batch { preconditions: Vec::new(), operations })
    };
    revision(&many(|key| Operation::Put(key.clone(), key)));
    let stall = bed.trick.stall();
    let commit = many(Operation::Delete);
    stall.entered();
    for (after, limit, count, more) in
        [(None, 64, 64, true), (Some("k63"), 64, 36, false), (Some("k35"), 64, 64, false)]
    {
        let page = bed.store.scan(&Scan { prefix: key("k"), after: after.map(key), limit }).expect("reads");
        assert_eq!((page.entries.len(), page.more), (count, more));
        assert!(page.entries.iter().map(|(key, _)| key).is_sorted());
    }
    stall.end();
    revision(&commit);
    assert_eq!(names(&bed), []);
}

#[test]
fn preconditions_are_judged_against_pending_state_while_a_sync_stalls() {
    let bed = bed();
    let stall = bed.trick.stall();
    let first = begin(&bed.store, vec![Precondition::Absent(key("a"))], put("a", "one"));
    stall.entered();
    let second = begin(&bed.store, vec![Precondition::Absent(key("a"))], put("a", "two"));
    assert!(matches!(second.outcome(), Some(Err(CommitError::Conflict(Precondition::Absent(_))))));
    let guarded = begin(&bed.store, vec![Precondition::NothingPutUnder(key("a"), 0)], put("b", "one"));
    assert!(matches!(guarded.outcome(), Some(Err(CommitError::Conflict(Precondition::NothingPutUnder(..))))));
    let third = begin(&bed.store, vec![Precondition::At(key("a"), 1)], put("a", "three"));
    assert!(third.outcome().is_none());
    let seen = bed.store.get_for_write(b"a").expect("reads").expect("it was put");
    assert_eq!((seen.value.as_ref(), seen.created, seen.modified), (&b"three"[..], 1, 2));
    stall.end();
    assert_eq!((revision(&first), revision(&third)), (1, 2));
    assert_eq!(bed.get("a").as_deref(), Some("three"));
}

#[test]
fn what_waits_is_synced_together() {
    let bed = bed();
    let stall = bed.trick.stall();
    let first = bed.put("first", "value");
    stall.entered();
    let before = bed.trick.syncs.load(Ordering::SeqCst);
    let waiting: Vec<_> = (0..64).map(|number| bed.put(&format!("k{number}"), "value")).collect();
    stall.end();
    revision(&first);
    let revisions: Vec<_> = waiting.iter().map(revision).collect();
    assert!(revisions.iter().copied().eq(2..66));
    assert_eq!(bed.trick.syncs.load(Ordering::SeqCst) - before, 1);
}

#[test]
fn many_writers_share_syncs() {
    let bed = bed();
    let before = bed.trick.syncs.load(Ordering::SeqCst);
    thread::scope(|scope| {
        for number in 0..64 {
            let store = &bed.store;
            scope.spawn(move || {
                for round in 0..8 {
                    revision(&begin(store, Vec::new(), put(&format!("k{number}/{round}"), "value")));
                }
            });
        }
    });
    assert_eq!(bed.store.revision(), 512);
    let syncs = bed.trick.syncs.load(Ordering::SeqCst) - before;
    assert!(syncs < 512, "{syncs} syncs for 512 commits");
}

#[test]
fn a_key_that_is_changed_twice_in_a_group_ends_as_the_last_says() {
    let bed = bed();
    let long = "x".repeat(20_000);
    let stall = bed.trick.stall();
    let first = bed.put("other", "value");
    stall.entered();
    let commits = [bed.put("a", &long), bed.put("a", "two"), bed.put("b", &long)];
    let delete = begin(&bed.store, Vec::new(), Operation::Delete(key("b")));
    stall.end();
    revision(&first);
    commits.iter().chain([&delete]).for_each(|commit| assert!(end(commit).is_ok()));
    assert_eq!(names(&bed), listed(&[("a", "two"), ("other", "value")]));
    assert_eq!(bed.store.changes(1, 100).expect("nothing is compacted").len(), 4);
    let bed = bed.reopen();
    assert_eq!(names(&bed), listed(&[("a", "two"), ("other", "value")]));
}

#[test]
fn the_queue_has_an_end_and_says_so() {
    let bed = bed();
    let stall = bed.trick.stall();
    let first = bed.put("first", "value");
    stall.entered();
    let large = "x".repeat(8 * 1024 * 1024);
    let waiting: Vec<_> = (0..9).map(|number| bed.put(&format!("k{number}"), &large)).collect();
    let refused = waiting
        .iter()
        .filter(|commit| matches!(commit.outcome(), Some(Err(CommitError::Failed(Error::Unavailable { .. })))));
    assert_eq!(refused.count(), 2);
    stall.end();
    revision(&first);
    waiting.iter().take(7).for_each(|commit| assert!(end(commit).is_ok()));
    assert_eq!(bed.store.revision(), 8);
}

#[test]
fn what_waits_is_written_before_the_store_is_closed() {
    let bed = bed();
    let stall = bed.trick.stall();
    let first = bed.put("a", "one");
    stall.entered();
    let second = bed.put("b", "two");
    let Bed { folder, store, .. } = bed;
    let closing = thread::spawn(move || drop(store));
    stall.end();
    closing.join().expect("closing does not panic");
    assert_eq!((revision(&first), revision(&second)), (1, 2));
    let store = open(folder.path()).expect("it was closed in order");
    assert_eq!(store.revision(), 2);
}
