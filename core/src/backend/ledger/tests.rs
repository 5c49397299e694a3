//! Tables of batches and verdicts.

use bytes::Bytes;

use super::super::MAX_KEY;
use super::*;
use crate::error::Error;

fn key(text: &str) -> Key {
    Key::copy_from_slice(text.as_bytes())
}

fn put(text: &str) -> Operation {
    Operation::Put(key(text), Bytes::from_static(b"value"))
}

fn delete(text: &str) -> Operation {
    Operation::Delete(key(text))
}

/// "stored" is there since 2, put at 3.
fn stored(key: &[u8]) -> Result<Option<Stamp>> {
    Ok((key == b"stored").then_some(Stamp { created: 2, modified: 3 }))
}

fn admit(
    ledger: &mut Ledger,
    preconditions: Vec<Precondition>,
    operations: Vec<Operation>,
) -> std::result::Result<Admitted, CommitError> {
    ledger.admit(Batch { preconditions, operations }, stored)
}

/// A ledger at 9 where "new" was put at 10, "stored" deleted and "gone" put and deleted at 11 and 12.
fn busy() -> Ledger {
    let mut ledger = Ledger::new(9, 0);
    for operations in [vec![put("new")], vec![delete("stored"), put("gone")], vec![delete("gone")]] {
        admit(&mut ledger, Vec::new(), operations).expect("nothing is asserted");
    }
    ledger
}

#[test]
fn preconditions_are_judged_against_pending_then_stored_state() {
    use Precondition::{Absent, At, NothingPutUnder, Present};
    let quiet = [
        (Absent(key("other")), true),
        (Present(key("other")), false),
        (At(key("other"), 0), false),
        (Absent(key("stored")), false),
        (Present(key("stored")), true),
        (At(key("stored"), 3), true),
        (At(key("stored"), 2), false),
        (NothingPutUnder(key("s"), 9), true),
        (NothingPutUnder(key("s"), 8), false),
    ];
    let busy_table = [
        (Absent(key("new")), false),
        (Present(key("new")), true),
        (At(key("new"), 10), true),
        (At(key("new"), 9), false),
        (Absent(key("stored")), true),
        (At(key("stored"), 3), false),
        (Present(key("gone")), false),
        (NothingPutUnder(key("ne"), 9), false),
        (NothingPutUnder(key("ne"), 10), true),
        (NothingPutUnder(key("stored"), 9), true),
        (NothingPutUnder(key("gone"), 10), false),
        (NothingPutUnder(key("gone"), 11), true),
        (NothingPutUnder(key(""), 12), true),
    ];
    let cases = quiet.map(|case| (Ledger::new(9, 0), case)).into_iter();
    for (mut ledger, (precondition, expected)) in cases.chain(busy_table.map(|case| (busy(), case))) {
        let next = ledger.next;
        match admit(&mut ledger, vec![precondition.clone()], vec![put("x")]) {
            Ok(admitted) => assert!(expected && admitted.revision == next, "{precondition:?} held"),
            Err(CommitError::Conflict(which)) => {
                assert!(!expected && which == precondition, "{precondition:?} did not hold");
                assert!(ledger.next == next && ledger.pending(b"x").is_none(), "{precondition:?} left a trace");
            }
            Err(CommitError::Failed(error)) => panic!("{precondition:?}: {error}"),
        }
    }
}

#[test]
fn a_put_keeps_the_creation_and_a_deleted_key_begins_anew() {
    let mut ledger = busy();
    let cases = [("stored", 13, 13), ("new", 10, 14), ("fresh", 15, 15), ("fresh", 15, 16)];
    for (name, created, modified) in cases {
        let admitted = admit(&mut ledger, Vec::new(), vec![put(name)]).expect("nothing is asserted");
        let state = admitted.changes[0].1.as_ref().expect("a put leaves a value");
        assert_eq!((admitted.revision, state.created, state.modified), (modified, created, modified), "{name}");
    }
    let admitted = admit(&mut Ledger::new(9, 0), Vec::new(), vec![put("stored")]).expect("nothing is asserted");
    assert_eq!(admitted.changes[0].1.as_ref().map(|state| (state.created, state.modified)), Some((2, 10)));
}

#[test]
fn a_broken_batch_is_refused_and_leaves_no_trace() {
    let long = "k".repeat(MAX_KEY + 1);
    let many = (0..=MAX_OPERATIONS).map(|number| put(&format!("k{number}"))).collect();
    let cases = [
        (vec![], many),
        (vec![], vec![put("")]),
        (vec![], vec![put("\u{1f}x")]),
        (vec![], vec![delete(&long)]),
        (vec![], vec![put("x"), delete("x")]),
        (vec![Precondition::Absent(key(&long))], vec![put("x")]),
    ];
    for (preconditions, operations) in cases {
        let mut ledger = Ledger::new(9, 0);
        let refused = admit(&mut ledger, preconditions, operations);
        assert!(matches!(refused, Err(CommitError::Failed(Error::Backend(_)))), "{refused:?}");
        assert!(ledger.next == 10 && ledger.pending.is_empty());
    }
    admit(&mut Ledger::new(9, 0), Vec::new(), vec![put(&long[1..])]).expect("the longest key is allowed");
}

#[test]
fn what_is_durable_is_pending_no_more_unless_it_was_changed_again() {
    let mut ledger = busy();
    ledger.durable(11, [key("new"), key("stored"), key("gone")].iter());
    assert!(ledger.pending(b"new").is_none() && ledger.pending(b"stored").is_none());
    assert_eq!(ledger.pending(b"gone"), Some(&None));
}

#[test]
fn a_failure_takes_back_what_was_pending_and_its_revisions() {
    let mut ledger = busy();
    ledger.fail(10);
    assert!(ledger.pending.is_empty());
    let admitted = admit(&mut ledger, vec![Precondition::NothingPutUnder(key("gone"), 10)], vec![put("x")]);
    assert_eq!(admitted.expect("the put did not happen").revision, 11);
}

#[test]
fn a_revision_that_may_have_been_seen_is_not_used_again() {
    let mut ledger = Ledger::new(9, 20);
    let quiet = vec![Precondition::NothingPutUnder(key(""), 9)];
    assert_eq!(admit(&mut ledger, quiet.clone(), vec![put("x")]).expect("nothing was put").revision, 21);
    ledger.fail(9);
    assert_eq!(admit(&mut ledger, quiet, vec![put("x")]).expect("nothing was put").revision, 21);
}

#[test]
fn a_failing_read_refuses_the_batch() {
    let mut ledger = Ledger::new(9, 0);
    let batch = Batch { preconditions: Vec::new(), operations: vec![put("x")] };
    let refused = ledger.admit(batch, |_| Err(fault("no disk")));
    assert!(matches!(refused, Err(CommitError::Failed(Error::Backend(_)))));
    assert!(ledger.next == 10 && ledger.pending.is_empty());
}
