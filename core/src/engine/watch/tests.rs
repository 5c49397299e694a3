//! What watchers are told: all that concerns them, in order, once.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use std::pin::Pin;

use futures_core::Stream;

use super::*;
use crate::backend::Revision;
use crate::engine::{ListOptions, Store};
use crate::error::Error;
use crate::object::ResourceId;
use crate::rules::selector::Selector;

const NAMESPACE: &str = "default";
const KIND: &str = "DeploymentTarget";

fn put(store: &Store, name: &str, label: &str) -> Revision {
    let document = json!({"metadata": {"name": name, "labels": {"at": label}}, "spec": {"kubernetes": {}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).upsert(name, document).wait().unwrap().revision.unwrap()
}

fn delete(store: &Store, name: &str) {
    store.kind(KIND).unwrap().namespace(NAMESPACE).delete(name).wait().unwrap();
}

fn watching(from: WatchFrom, labels: &str) -> WatchOptions {
    WatchOptions { from, labels: Selector::labels(labels).unwrap(), ..WatchOptions::default() }
}

/// What an event tells, as `ADDED jobs 1`, and a bookmark as `BOOKMARK`.
fn words(event: &WatchEvent) -> String {
    let WatchEvent::Change(change) = event else { return "BOOKMARK".to_owned() };
    let metadata = &change.object().metadata;
    format!("{} {} {}", change.change_type.word(), metadata.name.as_deref().unwrap(), metadata.resource_version)
}

fn all(watch: &mut Watch) -> Vec<String> {
    std::iter::from_fn(|| watch.try_next().unwrap()).map(|event| words(&event)).collect()
}

#[test]
fn changes_are_told_in_order_and_from_any_place() {
    let store = Store::in_memory().unwrap();
    let begin = store.revision();
    let mut now = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::Now, "")).unwrap();
    assert_eq!(all(&mut now), ["BOOKMARK"]);
    put(&store, "a", "x");
    put(&store, "b", "x");
    put(&store, "a", "y");
    delete(&store, "b");
    let expected = ["ADDED a 1", "ADDED b 1", "MODIFIED a 2", "DELETED b 1"];
    assert_eq!(all(&mut now), expected);
    assert_eq!(now.cursor(), Cursor::after(store.revision()));
    let mut then = store
        .kind(KIND)
        .unwrap()
        .namespace(NAMESPACE)
        .watch_with(watching(WatchFrom::After(Cursor::after(begin)), ""))
        .unwrap();
    let mut told = Vec::new();
    while let Some(event) = then.try_next().unwrap() {
        told.push(words(&event));
        // A watch that begins after an event returns the rest.
        let options = watching(WatchFrom::After(event.cursor()), "");
        let rest = all(&mut store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(options).unwrap());
        assert_eq!(rest, expected[told.len()..]);
    }
    assert_eq!(told, expected);
    let mut listed = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::List, "")).unwrap();
    put(&store, "a", "z");
    assert_eq!(all(&mut listed), ["ADDED a 2", "BOOKMARK", "MODIFIED a 3"]);
    let only = WatchOptions { key: Some("b".to_owned()), ..watching(WatchFrom::After(Cursor::after(begin)), "") };
    assert_eq!(
        all(&mut store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(only).unwrap()),
        ["ADDED b 1", "DELETED b 1"]
    );
}

#[test]
fn what_begins_to_be_selected_is_added_and_what_ceases_to_is_deleted() {
    let store = Store::in_memory().unwrap();
    let mut watch =
        store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::Now, "at=x")).unwrap();
    put(&store, "a", "x");
    put(&store, "a", "y");
    put(&store, "a", "z");
    put(&store, "a", "x");
    put(&store, "b", "y");
    delete(&store, "a");
    delete(&store, "b");
    assert_eq!(all(&mut watch), ["BOOKMARK", "ADDED a 1", "DELETED a 1", "ADDED a 4", "DELETED a 4"]);
}

#[test]
fn a_place_that_is_forgotten_or_yet_to_come_is_refused() {
    let store = Store::in_memory().unwrap();
    let begin = Cursor::after(store.revision());
    put(&store, "a", "x");
    let mut watch =
        store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::After(begin), "")).unwrap();
    put(&store, "a", "y");
    store.backend().compact(store.revision()).unwrap();
    let expired = watch.next().unwrap();
    assert!(matches!(expired, Err(Error::Expired { .. })), "{expired:?}");
    assert!(watch.next().is_none(), "it has ended");
    let expired = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::After(begin), ""));
    assert!(matches!(expired, Err(Error::Expired { .. })), "{expired:?}");
    let tomorrow = Cursor::after(store.revision() + 1);
    let refused = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::After(tomorrow), ""));
    assert!(matches!(refused, Err(Error::BadRequest { .. })), "{refused:?}");
    let refused = store.kind(KIND).unwrap().namespace("nowhere").watch_with(watching(WatchFrom::Now, ""));
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
}

#[test]
fn a_namespace_that_is_deleted_tells_of_all_that_was_in_it() {
    let store = Store::in_memory().unwrap();
    let team = json!({"metadata": {"name": "team"}});
    store.kind("Namespace").unwrap().create(team).wait().unwrap();
    let document = json!({"metadata": {"name": "a"}, "spec": {"kubernetes": {}}});
    store.kind(KIND).unwrap().namespace("team").create(document).wait().unwrap();
    let mut inside = store.kind(KIND).unwrap().namespace("team").watch_with(watching(WatchFrom::Now, "")).unwrap();
    let mut outside = store.kind("Namespace").unwrap().watch_with(watching(WatchFrom::Now, "")).unwrap();
    store.kind("Namespace").unwrap().delete("team").wait().unwrap();
    assert_eq!(all(&mut inside), ["BOOKMARK", "DELETED a 1"]);
    assert_eq!(all(&mut outside), ["BOOKMARK", "MODIFIED team 2", "DELETED team 2"]);
}

/// Applies what a watch tells to what is known.
fn follow(known: &mut BTreeMap<ResourceId, u64>, event: &WatchEvent) {
    let WatchEvent::Change(change) = event else { return };
    let metadata = &change.object().metadata;
    let before = known.get(&metadata.id).copied();
    match change.change_type {
        ChangeType::Added => assert!(before.is_none(), "{event:?}"),
        ChangeType::Modified => assert_eq!(before, Some(metadata.resource_version - 1), "{event:?}"),
        ChangeType::Deleted => assert_eq!(before, Some(metadata.resource_version), "{event:?}"),
    }
    match change.change_type {
        ChangeType::Deleted => drop(known.remove(&metadata.id)),
        _ => drop(known.insert(metadata.id, metadata.resource_version)),
    }
}

fn listed(store: &Store, revision: Revision) -> BTreeMap<ResourceId, u64> {
    let options = ListOptions { revision: Some(revision), ..ListOptions::default() };
    let items = store.kind(KIND).unwrap().namespace(NAMESPACE).list_with(options).unwrap().items;
    items.into_iter().map(|object| (object.metadata.id, object.metadata.resource_version)).collect()
}

/// Random writes on some threads, watchers on others that begin anew at random; what they know is what there is.
fn watchers_know_what_there_is(store: &Store) {
    let begin = Cursor::after(store.revision());
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3_u64)
            .map(|writer| {
                scope.spawn(move || {
                    for step in 0..150_u64 {
                        let name = format!("n{}", (writer * 7 + step * 13) % 20);
                        let document = json!({"metadata": {"name": name, "labels": {"at": format!("{writer}-{step}")}},
                            "spec": {"kubernetes": {}}});
                        let _ = match step % 4 {
                            0 => store.kind(KIND).unwrap().namespace(NAMESPACE).delete(&name).wait(),
                            1 => store.kind(KIND).unwrap().namespace(NAMESPACE).undelete(&name).wait(),
                            _ => store.kind(KIND).unwrap().namespace(NAMESPACE).upsert(&name, document).wait(),
                        };
                    }
                })
            })
            .collect();
        let watchers: Vec<_> = (0..4_u64)
            .map(|watcher| {
                scope.spawn(move || {
                    let from = if watcher % 2 == 0 { WatchFrom::After(begin) } else { WatchFrom::List };
                    let mut watch =
                        store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(from, "")).unwrap();
                    let (mut known, mut count, mut is_listing) = (BTreeMap::new(), 0, watcher % 2 == 1);
                    while let Some(event) = watch.next_within(Duration::from_millis(300)).unwrap() {
                        follow(&mut known, &event);
                        is_listing &= !matches!(event, WatchEvent::Bookmark(_));
                        count += 1;
                        if !is_listing && count % (5 + watcher) == 0 {
                            let again = watching(WatchFrom::After(watch.cursor()), "");
                            watch = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(again).unwrap();
                        }
                    }
                    (known, watch.cursor().revision)
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        for watcher in watchers {
            let (known, revision) = watcher.join().unwrap();
            assert_eq!(known, listed(store, revision));
            assert_eq!(known, listed(store, store.revision()));
        }
    });
}

#[test]
fn watchers_of_a_store_in_memory_know_what_there_is() {
    watchers_know_what_there_is(&Store::in_memory().unwrap());
}

#[cfg(feature = "sled")]
#[test]
fn watchers_of_a_store_on_disk_know_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    watchers_know_what_there_is(&Store::open(folder.path()).unwrap());
}

#[test]
fn more_than_is_kept_for_all_is_told_whole() {
    let store = Store::in_memory().unwrap();
    let begin = WatchFrom::After(Cursor::after(store.revision()));
    let filler = "x".repeat(200_000);
    for number in 0..180 {
        let metadata = json!({"name": "a", "annotations": {"number": number.to_string(), "filler": filler}});
        let document = json!({"metadata": metadata, "spec": {"kubernetes": {}}});
        store.kind(KIND).unwrap().namespace(NAMESPACE).upsert("a", document).wait().unwrap();
    }
    // The first one fills what is kept, the second finds a part of it.
    for _ in 0..2 {
        let told = all(&mut store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(begin, "")).unwrap());
        assert_eq!(told.len(), 180);
        assert_eq!(told.last().unwrap(), "MODIFIED a 180");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_awaits_is_woken() {
    let store = Store::in_memory().unwrap();
    let mut watch = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::Now, "")).unwrap();
    assert_eq!(all(&mut watch), ["BOOKMARK"]);
    let waiting = tokio::spawn(async move {
        let next = std::future::poll_fn(|context| Pin::new(&mut watch).poll_next(context)).await;
        words(&next.unwrap().unwrap())
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    put(&store, "a", "x");
    assert_eq!(waiting.await.unwrap(), "ADDED a 1");
}

/// A store in which more than is kept has happened in another namespace, after the watch began and while somebody watched there.
fn quiet() -> (Store, Watch) {
    let store = Store::in_memory().unwrap();
    store.kind("Namespace").unwrap().create(json!({"metadata": {"name": "other"}})).wait().unwrap();
    let of_others = store.kind(KIND).unwrap().namespace("other");
    let mut others = of_others.watch().start().unwrap();
    let watch = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(WatchFrom::Now, "")).unwrap();
    for number in 0..180 {
        let filler = format!("{number}{}", "x".repeat(200_000));
        let metadata = json!({"name": "a", "annotations": {"filler": filler}});
        of_others.upsert("a", json!({"metadata": metadata, "spec": {"kubernetes": {}}})).wait().unwrap();
        all(&mut others);
    }
    (store, watch)
}

#[test]
fn a_watch_skips_what_happened_elsewhere() {
    let (store, mut watch) = quiet();
    // Most of what happened meanwhile cannot be read any more.
    store.compact(50).unwrap();
    assert_eq!(all(&mut watch), ["BOOKMARK"]);
    watch.bookmark();
    assert_eq!(watch.cursor(), Cursor::after(store.revision()));
    put(&store, "a", "x");
    assert_eq!(all(&mut watch), ["ADDED a 1"]);
    // Where it is not known what happened, it is not skipped.
    let from = WatchFrom::After(Cursor::after(1));
    let late = store.kind(KIND).unwrap().namespace(NAMESPACE).watch_with(watching(from, "")).err();
    assert!(matches!(late, Some(Error::Expired { .. })), "{late:?}");
}

#[test]
fn it_is_known_where_something_changed() {
    let (store, watch) = quiet();
    let newest = store.revision();
    let scopes = |after: Revision| {
        let Changed { scopes, upto } = store.changed_since(after).unwrap();
        assert_eq!(upto, store.revision());
        scopes
    };
    assert_eq!(scopes(newest), Some(Vec::new()));
    assert_eq!(scopes(newest - 3).unwrap().len(), 1, "each is there once");
    assert_eq!(scopes(1), None, "all of it is not kept");
    put(&store, "a", "x");
    assert_eq!(scopes(newest).unwrap(), [watch.scope().clone()]);
    assert_eq!(scopes(newest - 1).unwrap().len(), 2);
    // Nobody has asked for a while: what is not asked for is not read.
    put(&store, "a", "y");
    let begin = store.revision();
    delete(&store, "a");
    assert_eq!(scopes(begin).unwrap(), [watch.scope().clone()]);
}
