//! Concurrent transactions: an amount that moves from one resource to another is neither lost nor doubled, and a later
//! reader finds all of it or nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use kindstore::store::Operation;
use kindstore::{ETag, Error, Expected, Object, Store, WriteOptions};
use serde_json::json;

use crate::soak::rounds;

const KIND: &str = "DeploymentTarget";
const NAMESPACE: &str = "default";

/// How many write at once.
const WRITERS: usize = 4;

/// What both accounts have together.
const SUM: i64 = 1_000;

fn document(value: i64) -> serde_json::Value {
    json!({"metadata": {"labels": {"value": value.to_string()}}, "spec": {"kubernetes": {}}})
}

fn named(name: &str, value: i64) -> serde_json::Value {
    let mut named = document(value);
    named["metadata"]["name"] = json!(name);
    named
}

fn get(store: &Store, name: &str) -> Object {
    store.kind(KIND).unwrap().namespace(NAMESPACE).get(name).expect("it is there")
}

fn value(object: &Object) -> i64 {
    let labels = object.metadata.labels.as_ref().expect("it has labels");
    labels.get("value").expect("one is the value").parse().expect("a number")
}

/// A write of a value over what was read.
fn over(read: &Object, value: i64) -> Operation {
    let tag = ETag { id: Some(read.metadata.id), version: read.metadata.resource_version };
    let options = WriteOptions::default().expected(Expected::OneOf(vec![tag]));
    Operation::upsert(KIND, read.metadata.name.as_deref().unwrap(), document(value)).options(options)
}

fn commit(store: &Store, operations: Vec<Operation>) -> kindstore::Result<u64> {
    let written = store.transaction(NAMESPACE).operations(operations).wait()?;
    let revisions: Vec<_> = written.iter().map(|written| written.revision.expect("it was stored")).collect();
    assert!(revisions.windows(2).all(|pair| pair[0] == pair[1]), "one revision: {revisions:?}");
    Ok(revisions[0])
}

/// Moves between two accounts, in both directions and in both orders, while others do the same.
fn accounts(store: &Store, count: usize) {
    let operations = ["one", "two"].map(|name| Operation::create(KIND, named(name, SUM / 2)));
    commit(store, operations.into()).unwrap();
    let moved = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let moved = &moved;
            scope.spawn(move || {
                for number in 0..count {
                    let names = if (writer + number) % 2 == 0 { ["one", "two"] } else { ["two", "one"] };
                    let [from, to] = names.map(|name| get(store, name));
                    let amount = (number % 7) as i64 + 1;
                    let operations = vec![over(&from, value(&from) - amount), over(&to, value(&to) + amount)];
                    match commit(store, operations) {
                        Ok(_) => drop(moved.fetch_add(1, Ordering::Relaxed)),
                        Err(Error::InTransaction { error, .. }) if error.reason() == "PreconditionFailed" => {}
                        Err(Error::Conflict { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    let [one, two] = ["one", "two"].map(|name| get(store, name));
    assert_eq!(value(&one) + value(&two), SUM);
    let moved = moved.into_inner() as u64 + 1;
    assert_eq!((one.metadata.resource_version, two.metadata.resource_version), (moved, moved));
    assert!(moved > count as u64 / 2, "{moved} of {} moves were made", count * WRITERS);
}

/// One thing that is always in one of some places: it is taken away here and put there.
fn places(store: &Store, count: usize) {
    commit(store, vec![Operation::create(KIND, named("place-0", 0))]).unwrap();
    let moved = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let moved = &moved;
            scope.spawn(move || {
                for number in 0..count {
                    let from = format!("place-{}", (number + writer) % 3);
                    let to = format!("place-{}", (number + writer + 1) % 3);
                    let take = Operation::delete(KIND, &from);
                    let put = Operation::create(KIND, named(&to, 0));
                    // Both orders look the same to later readers.
                    let operations = if number % 2 == 0 { vec![take, put] } else { vec![put, take] };
                    match commit(store, operations) {
                        Ok(_) => drop(moved.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => assert!(["NotFound", "AlreadyExists"].contains(&error.reason()), "{error}"),
                    }
                    // Reads one by one are not of one moment, and may see it in all places while it moves on; a list is.
                    let list = store.kind(KIND).unwrap().namespace(NAMESPACE).list().read().unwrap();
                    let names = list.items.iter().filter_map(|item| item.metadata.name.as_deref());
                    assert_eq!(names.filter(|name| name.starts_with("place-")).count(), 1);
                }
            });
        }
    });
    let left = store.kind(KIND).unwrap().namespace(NAMESPACE).list().read().unwrap().items;
    let left: Vec<_> = left.iter().filter_map(|item| item.metadata.name.as_deref()).collect();
    assert_eq!(left.iter().filter(|name| name.starts_with("place-")).count(), 1, "{left:?}");
    assert!(moved.into_inner() > count / 4);
}

#[test]
fn what_moves_between_resources_is_neither_lost_nor_doubled() {
    let store = Store::in_memory().unwrap();
    accounts(&store, rounds(500, 20_000));
    places(&store, rounds(500, 20_000));
}

#[test]
fn the_same_holds_on_disk_and_after_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("store")).unwrap();
    accounts(&store, rounds(150, 2_000));
    places(&store, rounds(150, 2_000));
    let before = ["one", "two"].map(|name| get(&store, name));
    drop(store);
    let store = Store::open(folder.path().join("store")).unwrap();
    assert_eq!(["one", "two"].map(|name| get(&store, name)), before);
}
