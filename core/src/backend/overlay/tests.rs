//! What is staged is seen, judged and scanned as if it were there, and the base knows nothing of it.

use bytes::Bytes;

use super::*;
use crate::backend::MemoryBackend;

fn key(text: &str) -> Key {
    Key::copy_from_slice(text.as_bytes())
}

fn put(name: &str, value: &str) -> Operation {
    Operation::Put(key(name), Bytes::copy_from_slice(value.as_bytes()))
}

fn delete(name: &str) -> Operation {
    Operation::Delete(key(name))
}

fn commit(backend: &dyn Backend, preconditions: Vec<Precondition>, operations: Vec<Operation>) -> bool {
    let outcome = backend.commit(Batch { preconditions, operations }).wait(None).expect("it ends");
    match outcome {
        Ok(_) => true,
        Err(CommitError::Conflict(_)) => false,
        Err(CommitError::Failed(error)) => panic!("{error}"),
    }
}

/// An overlay over a store with these keys.
fn over(keys: &[&str]) -> (Arc<MemoryBackend>, Overlay) {
    let base = Arc::new(MemoryBackend::new());
    commit(&*base, vec![], keys.iter().map(|name| put(name, "base")).collect());
    let overlay = Overlay::over(Arc::clone(&base) as Arc<dyn Backend>);
    (base, overlay)
}

fn names(overlay: &Overlay, prefix: &str, limit: usize) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = overlay.scan(&Scan { prefix: key(prefix), after, limit }).expect("reads");
        assert!(!page.more || !page.entries.is_empty(), "a page that goes on has an entry");
        names.extend(page.entries.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()));
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return names;
        }
    }
}

#[test]
fn what_is_staged_is_read_and_the_base_has_nothing_of_it() {
    let (base, overlay) = over(&["a", "b"]);
    assert!(commit(
        &overlay,
        vec![Precondition::Absent(key("c"))],
        vec![put("a", "new"), delete("b"), put("c", "new")]
    ));
    let value = |name: &str| overlay.get_for_write(name.as_bytes()).expect("reads").map(|found| found.value);
    assert_eq!((value("a"), value("b"), value("c")), (Some("new".into()), None, Some("new".into())));
    assert_eq!(base.revision(), 1);
    let Batch { preconditions, operations } = overlay.batch().expect("small");
    assert_eq!(operations, [put("a", "new"), delete("b"), put("c", "new")]);
    assert_eq!(preconditions, [Precondition::Absent(key("c"))]);
}

#[test]
fn preconditions_on_what_is_staged_are_judged_here_and_others_by_the_base() {
    use Precondition::{Absent, At, NothingPutUnder, Present};
    let (base, overlay) = over(&["a", "b", "p/old"]);
    assert!(commit(&overlay, vec![], vec![put("new", "x"), delete("b"), put("q/1", "x")]));
    let staged = overlay.get_for_write(b"new").expect("reads").expect("it is staged").modified;
    for (precondition, expected) in [
        (Absent(key("new")), false),
        (Present(key("new")), true),
        (At(key("new"), staged), true),
        (At(key("new"), 1), false),
        (Absent(key("b")), true),
        (Present(key("b")), false),
        (At(key("b"), 1), false),
        (NothingPutUnder(key("q/"), 1), false),
        (NothingPutUnder(key("p/"), 1), true),
        (Present(key("a")), true),
    ] {
        assert_eq!(commit(&overlay, vec![precondition.clone()], vec![]), expected, "{precondition:?}");
    }
    let batch = overlay.batch().expect("small");
    let asked: HashSet<_> = batch.preconditions.iter().cloned().collect();
    assert_eq!(asked, HashSet::from([NothingPutUnder(key("p/"), 1), Present(key("a"))]));
    assert!(commit(&*base, vec![], vec![put("p/new", "x")]));
    assert!(!commit(&*base, batch.preconditions, batch.operations));
}

#[test]
fn what_was_read_or_scanned_must_still_be_so() {
    for (change, holds) in [
        (put("a", "other"), false),
        (put("none", "x"), false),
        (put("p/2", "x"), false),
        (delete("a"), false),
        (put("elsewhere", "x"), true),
    ] {
        let (base, overlay) = over(&["a", "p/1"]);
        overlay.get_for_write(b"a").expect("reads");
        overlay.get_for_write(b"none").expect("reads");
        overlay.scan(&Scan { prefix: key("p/"), after: None, limit: 10 }).expect("reads");
        assert!(commit(&overlay, vec![], vec![put("mine", "x")]));
        assert!(commit(&*base, vec![], vec![change.clone()]));
        let batch = overlay.batch().expect("small");
        assert_eq!(commit(&*base, batch.preconditions, batch.operations), holds, "{change:?}");
    }
}

#[test]
fn scans_merge_what_is_staged_on_every_page() {
    let stored: Vec<String> = (0..200).map(|number| format!("k/{:03}", number * 2)).collect();
    let (_, overlay) = over(&stored.iter().map(String::as_str).collect::<Vec<_>>());
    let mut expected: Vec<String> = stored.clone();
    let mut operations = vec![put("j", "x"), put("l", "x")];
    for number in (0..400).step_by(3) {
        let name = format!("k/{number:03}");
        expected.retain(|known| *known != name);
        if number % 2 == 0 {
            operations.push(delete(&name));
        } else {
            operations.push(put(&name, "x"));
            expected.push(name);
        }
    }
    expected.sort();
    assert!(commit(&overlay, vec![], operations));
    for limit in [0, 1, 2, 7, 64] {
        assert_eq!(names(&overlay, "k/", limit), expected, "in pages of {limit}");
    }
    // Where all of a page is deleted the next one follows at once.
    assert!(commit(&overlay, vec![], stored.iter().take(150).map(|name| delete(name)).collect()));
    expected.retain(|name| !stored[..150].contains(name));
    for limit in [0, 1, 64] {
        assert_eq!(names(&overlay, "k/", limit), expected, "in pages of {limit}");
    }
}

#[test]
fn what_came_and_went_is_no_change_and_what_is_too_much_is_refused() {
    let (_, overlay) = over(&["a"]);
    assert!(commit(&overlay, vec![], vec![put("b", "x"), put("a", "x")]));
    assert!(commit(&overlay, vec![], vec![delete("b"), delete("a")]));
    assert_eq!(overlay.batch().expect("small").operations, [delete("a")]);
    let refused = |operations| {
        let (_, overlay) = over(&[]);
        let outcome = overlay.commit(Batch { preconditions: vec![], operations }).wait(None).expect("it ends");
        let Err(CommitError::Failed(Error::BadRequest { message })) = outcome else { panic!("{outcome:?}") };
        message
    };
    let many = (0..=overlay.max_batch()).map(|number| put(&format!("k{number}"), "x")).collect();
    assert!(refused(many).contains("change more than 16384 keys"));
    let large = (0..33).map(|number| Operation::Put(key(&format!("k{number}")), vec![0; 1 << 20].into())).collect();
    assert!(refused(large).contains("more than 33554432 bytes"));
}

#[test]
fn what_is_staged_is_told_apart_and_keeps_when_it_was_created() {
    let (_, overlay) = over(&["a", "b"]);
    overlay.get_for_write(b"a").expect("reads");
    overlay.get_for_write(b"b").expect("reads");
    assert!(commit(&overlay, vec![], vec![put("a", "new"), put("c", "new"), delete("b")]));
    assert!(commit(&overlay, vec![], vec![put("a", "newer"), put("b", "again")]));
    let found = |name: &str| {
        let found = overlay.get_for_write(name.as_bytes()).expect("reads").expect("it is there");
        (is_staged(found.created), is_staged(found.modified))
    };
    assert_eq!((found("a"), found("b"), found("c")), ((false, true), (true, true), (true, true)));
    assert!(!is_staged(overlay.revision()));
}
