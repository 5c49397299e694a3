//! When the disk fails: what is unknown is called so, nothing is kept that was refused, and the store goes on.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::super::super::{ChangedValue, CommitError, MAX_BATCH, Observer};
use super::*;

/// The keys that an observer was told of.
#[derive(Default)]
struct Told(Mutex<BTreeSet<Key>>);

impl Observer for Told {
    fn about_to_show(&self, _revision: Revision, changes: &[ChangedValue<'_>]) {
        let mut told = self.0.lock().expect("no test panics here");
        told.extend(changes.iter().map(|change| change.key.clone()));
    }
}

fn is_unknown(completion: &Completion) -> bool {
    matches!(end(completion), Err(CommitError::Failed(Error::OutcomeUnknown)))
}

fn is_unavailable(completion: &Completion) -> bool {
    matches!(end(completion), Err(CommitError::Failed(Error::Unavailable { .. })))
}

/// A commit whose sync goes wrong, one that waits behind it, and then the store again.
fn check(go_wrong: fn(&Trick)) {
    let bed = bed();
    let told = Arc::<Told>::default();
    bed.store.follow(Arc::clone(&told) as Arc<dyn Observer>);
    revision(&bed.put("before", "value"));
    let stall = bed.trick.stall();
    go_wrong(&bed.trick);
    let well = bed.put("well", "value");
    stall.entered();
    let (lost, with_it) = (bed.put("lost", "value"), bed.put("with it", "value"));
    // Both do not fit into one group.
    let [long, behind] = ["long", "behind"].map(|name| {
        let operations = (0..MAX_BATCH).map(|number| put(&format!("{name}/{number}"), "value")).collect();
        bed.store.commit(Batch { preconditions: Vec::new(), operations })
    });
    stall.end();
    assert_eq!(revision(&well), 2);
    assert!(is_unknown(&lost) && is_unknown(&with_it) && is_unknown(&long));
    assert!(is_unavailable(&behind), "{:?}", end(&behind));
    assert_eq!(bed.get("before").as_deref(), Some("value"));
    assert_eq!(bed.get("well").as_deref(), Some("value"));
    assert_eq!(bed.get("behind/0"), None);
    for name in ["before", "well", "lost", "with it", "long/0"] {
        let is_told = told.0.lock().expect("no test panics here").contains(name.as_bytes());
        assert_eq!(is_told, bed.get(name).is_some(), "{name}");
    }
    // Either all of the group are there or none, and what is there has kept its revision.
    let seen = bed.store.revision();
    let (lost, with_it) = (bed.store.get(b"lost").expect("reads"), bed.store.get(b"with it").expect("reads"));
    match (lost, with_it) {
        (Some(lost), Some(with_it)) => assert_eq!((lost.modified, with_it.modified, seen), (3, 4, 5)),
        (None, None) => assert_eq!(seen, 2),
        halves => panic!("half of a group is there: {halves:?}"),
    }
    assert_eq!(revision(&bed.put("after", "value")), seen + 1);
    let changes = bed.store.changes(0, 1000).expect("nothing is compacted");
    let mut revisions: Vec<Revision> = changes.iter().map(|change| change.revision).collect();
    revisions.dedup();
    assert!(revisions.into_iter().eq(1..=seen + 1));
    // Nothing behind the failure left a trace in what is counted.
    let bed = bed.reopen();
    bed.store.finish_recount();
    assert_eq!(revision(&bed.put("at last", "value")), seen + 2);
}

#[test]
fn a_failing_sync_is_an_unknown_outcome_and_the_store_goes_on() {
    check(Trick::fail);
}

#[test]
fn a_panic_is_an_unknown_outcome_and_the_store_goes_on() {
    check(Trick::panic);
}

#[test]
fn a_store_that_cannot_be_opened_again_says_so_until_it_can() {
    let bed = bed();
    revision(&bed.put("a", "value"));
    // The commit, and the sync of opening again.
    bed.trick.fail();
    bed.trick.panic();
    assert!(is_unknown(&bed.put("b", "value")));
    // The first attempt has failed, the next is due in a second: until then nothing is read or written.
    let mut answer = bed.store.get(b"a");
    let begun = std::time::Instant::now();
    while let Err(error) = answer {
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "the store stays closed");
        std::thread::yield_now();
        answer = bed.store.get(b"a");
    }
    let seen = bed.store.revision();
    assert_eq!(revision(&bed.put("c", "value")), seen + 1);
}

#[test]
fn a_revision_that_was_seen_is_not_used_again_even_if_the_disk_forgets_it() {
    let bed = bed();
    revision(&bed.put("a", "value"));
    bed.trick.fail();
    assert!(is_unknown(&bed.put("b", "value")));
    assert!(bed.get("a").is_some());
    let seen = bed.store.revision();
    // As if the power went off and the disk kept nothing of what was never synced: a folder at revision 1.
    let (folder, marker) = (tempfile::tempdir().expect("a temporary folder"), bed.store.shared.folder.marker());
    assert_eq!((marker.clean, marker.durable, marker.used), (false, 1, seen));
    let fresh = open(folder.path()).expect("an empty folder becomes a store");
    revision(&begin(&fresh, Vec::new(), put("a", "value")));
    drop(fresh);
    let directory = super::super::directory::Directory::open(folder.path()).expect("a folder");
    super::super::marker::Marker { used: 7, ..marker }.write(&directory).expect("the marker is written");
    let fallen = open(folder.path()).expect("nothing durable is missing");
    assert_eq!(fallen.revision(), 1);
    assert_eq!(revision(&begin(&fallen, vec![Precondition::NothingPutUnder(key("a"), 1)], put("b", "value"))), 8);
}

#[test]
fn a_full_disk_refuses_writes_changes_nothing_and_recovers() {
    let bed = bed();
    revision(&bed.put("a", "one"));
    let stall = bed.trick.stall();
    let well = bed.put("well", "value");
    stall.entered();
    bed.trick.fill(true);
    let refused = [bed.put("a", "two"), bed.put("b", "two")];
    stall.end();
    revision(&well);
    assert!(refused.iter().all(is_unavailable));
    assert_eq!((bed.get("a").as_deref(), bed.get("b"), bed.store.revision()), (Some("one"), None, 2));
    assert_eq!(bed.store.get_for_write(b"b").expect("reads"), None);
    bed.trick.fill(false);
    assert_eq!(revision(&begin(&bed.store, vec![Precondition::At(key("a"), 1)], put("a", "three"))), 3);
    let bed = bed.reopen();
    assert_eq!((bed.get("a").as_deref(), bed.store.revision()), (Some("three"), 3));
}

#[test]
fn what_frees_space_is_written_to_a_disk_that_others_have_filled() {
    let bed = bed();
    revision(&bed.put("a", "one"));
    revision(&bed.put("b", "one"));
    bed.trick.fill(true);
    assert!(is_unavailable(&bed.put("a", "two")));
    let removal = |name: &str| Batch { preconditions: Vec::new(), operations: vec![Operation::Delete(key(name))] };
    assert!(is_unavailable(&bed.store.commit(removal("a"))), "nobody said that it frees space");
    assert_eq!(revision(&bed.store.commit_freeing(removal("a"))), 3);
    assert!(is_unavailable(&bed.put("c", "two")), "the reserve is for what frees space");
    assert_eq!(revision(&bed.store.commit_freeing(removal("b"))), 4);
    bed.store.compact(2).expect("removing the log frees space");
    let bed = bed.reopen();
    assert_eq!((bed.get("a"), bed.get("b"), bed.store.floor()), (None, None, 2));
    bed.trick.fill(false);
    assert_eq!(revision(&bed.put("c", "three")), 5);
}

#[test]
fn a_read_that_meets_a_full_disk_is_to_be_tried_again() {
    let bed = bed();
    revision(&bed.put("a", "value"));
    // sled answers everything with the error that stopped it.
    let stopped = || Err::<(), _>(::sled::Error::Io(std::io::ErrorKind::StorageFull.into()));
    let answer = bed.store.shared.read(|view| view.guarded(stopped));
    assert!(matches!(answer, Err(Error::Unavailable { .. })), "{answer:?}");
    let begun = std::time::Instant::now();
    while bed.store.shared.view().opened == 1 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "the store is opened again");
        std::thread::yield_now();
    }
    assert_eq!(revision(&bed.put("a", "other")), 2);
    // A page that cannot be read is another matter: trying again does not help.
    let torn = || Err::<(), _>(::sled::Error::Io(std::io::ErrorKind::InvalidData.into()));
    assert!(matches!(bed.store.shared.read(|view| view.guarded(torn)), Err(Error::Backend(_))));
}

#[test]
fn a_value_that_lost_a_chunk_is_damage_and_stops_writes_to_it() {
    let bed = bed();
    revision(&bed.put("long", &"x".repeat(20_000)));
    revision(&bed.put("a", "value"));
    let chunk = [&[2][..], &1_u64.to_be_bytes(), &0_u32.to_be_bytes(), &1_u32.to_be_bytes()].concat();
    let gone = bed.store.shared.view().db().expect("it is open").remove(chunk).expect("sled removes");
    assert!(gone.is_some());
    assert!(matches!(bed.store.get(b"long"), Err(Error::Backend(_))));
    assert_eq!(bed.get("a").as_deref(), Some("value"));
    assert!(is_unavailable(&bed.put("long", "short")));
    assert!(is_unavailable(&bed.put("b", "value")));
    assert_eq!(bed.get("a").as_deref(), Some("value"));
}

#[test]
fn health_says_why_writes_are_refused_while_reads_go_on() {
    let bed = bed();
    revision(&bed.put("a", "value"));
    let health = bed.store.health();
    let space = health.space.expect("it is on a disk");
    assert_eq!((health.reads, health.writes), (Ok(()), Ok(())));
    assert!(space.free > 0 && space.used > 0 && space.reserve >= space.last_reserve, "{space:?}");
    bed.trick.fill(true);
    let health = bed.store.health();
    assert_eq!((health.reads, health.writes), (Ok(()), Err("the disk is full".to_owned())));
    bed.trick.fill(false);
    bed.store.shared.found_damage("a page is torn");
    let health = bed.store.health();
    assert!(health.reads.is_ok() && health.writes.is_err_and(|why| why.contains("found damage")));
}
