//! What a transaction leaves of what was there before it, and of what never was.

use super::*;
use crate::engine::{ChangeType, Cursor, HistoryOptions, Watch, WatchEvent, WatchFrom, WatchOptions};
use crate::object::ResourceId;
use crate::registry::Registry;

const KIND: &str = "DeploymentTarget";

fn labelled(name: &str, label: &str) -> CommitOperation {
    CommitOperation::upsert(KIND, name, json!({"metadata": {"labels": {"at": label}}, "spec": {"kubernetes": {}}}))
}

fn is_sound(store: &Store) {
    let report = crate::engine::check::check(store.registry(), store.backend());
    assert_eq!(report.flaws.len(), 0, "{:?}", report.flaws);
}

/// The keys of a resource that were changed after a revision.
fn traces(store: &Store, after: Revision, id: ResourceId) -> usize {
    let changes = store.backend().changes(after, usize::MAX).unwrap();
    let id = id.as_bytes();
    changes.iter().filter(|change| change.key.windows(id.len()).any(|part| part == id)).count()
}

fn watch(store: &Store, kind: &str, from: WatchFrom) -> Watch {
    store.watch(kind, NAMESPACE, WatchOptions { from, ..WatchOptions::default() }).unwrap()
}

/// What is told until nothing is: the place, what happened, and to what.
fn told(watch: &mut Watch) -> Vec<(Cursor, ChangeType, String)> {
    let events = std::iter::from_fn(|| watch.try_next().unwrap());
    let change = |event| match event {
        WatchEvent::Change(change) => {
            let name = change.object().metadata.name.clone().unwrap_or_default();
            Some((change.cursor, change.change_type, name))
        }
        WatchEvent::Bookmark(_) => None,
    };
    events.filter_map(change).collect()
}

#[test]
fn the_versions_before_a_transaction_are_kept_and_come_back() {
    let store = Store::in_memory().unwrap();
    let begin = commit(&store, vec![target("a"), target("b")]).unwrap()[0].revision.unwrap();
    commit(&store, vec![labelled("a", "x"), CommitOperation::delete(KIND, "b"), target("c")]).unwrap();
    let then = |name: &str| {
        let options = GetOptions { revision: Some(begin), ..GetOptions::default() };
        store.get(KIND, NAMESPACE, name, options).map(|object| object.metadata.resource_version)
    };
    assert_eq!((then("a").unwrap(), then("b").unwrap()), (1, 1));
    assert_eq!(then("c").unwrap_err().reason(), "NotFound");
    for (name, is_deleted, expected) in [("a", false, vec![2, 1]), ("b", true, vec![1]), ("c", false, vec![1])] {
        let history = store.history(KIND, NAMESPACE, name, HistoryOptions::default()).unwrap();
        let versions: Vec<_> = history.versions.iter().map(|one| one.object.metadata.resource_version).collect();
        assert_eq!((history.is_deleted, versions), (is_deleted, expected), "{name}");
        let ends: Vec<_> = history.versions.iter().filter_map(|one| one.ended).collect();
        assert!(ends.iter().all(|ended| *ended == begin + 1), "{name}: {ends:?}");
        assert!(history.versions.iter().all(|one| [begin, begin + 1].contains(&one.revision)), "{name}");
    }
    is_sound(&store);
    let back = store.undelete(KIND, NAMESPACE, "b", WriteOptions::default()).wait().unwrap();
    let old = store.rollback(KIND, NAMESPACE, "a", 1, WriteOptions::default()).wait().unwrap();
    assert_eq!((back.object.metadata.resource_version, old.object.metadata.resource_version), (2, 3));
    is_sound(&store);
}

#[test]
fn what_a_transaction_makes_and_deletes_was_never_there() {
    let store = Store::in_memory().unwrap();
    let written = commit(&store, vec![target("jobs"), deployment("clicks", "jobs")]).unwrap();
    let before = store.revision();
    let snapshot = || {
        CommitOperation::create(
            "Savepoint",
            json!({"metadata": {"deploymentId": written[1].object.metadata.id.to_string()},
                "spec": {"savepointLocation": "s3://a/b", "flinkSavepointId": "7d0e1a34-90bb-45c1-9c6a-1f6a0f2d4e55"}}),
        )
    };
    let mut watching = watch(&store, "Savepoint", WatchFrom::Now);
    let earlier = commit(&store, vec![snapshot()]).unwrap()[0].object.metadata.id;
    let done = commit(&store, vec![snapshot(), CommitOperation::delete("Deployment", "clicks")]).unwrap();
    let id = done[0].object.metadata.id;
    assert!(done[0].created && done[0].revision == Some(before + 2));
    assert_eq!(traces(&store, 0, id), 0, "neither record nor version nor tombstone nor reference");
    assert_eq!(count(&store, "Savepoint"), 0);
    let history = |id: ResourceId| store.history("Savepoint", NAMESPACE, &id.to_string(), HistoryOptions::default());
    assert_eq!(history(id).unwrap_err().reason(), "NotFound");
    let kept = history(earlier).unwrap();
    assert_eq!((kept.is_deleted, kept.versions.len(), kept.versions[0].revision), (true, 1, before + 1));
    let events: Vec<_> = told(&mut watching).into_iter().map(|(cursor, what, _)| (cursor.revision, what)).collect();
    assert_eq!(events, [(before + 1, ChangeType::Added), (before + 2, ChangeType::Deleted)]);
    is_sound(&store);
}

/// A kind whose resources go with their Deployment and that users change.
const NOTE: &str = "
kind: Note
apiVersion: v1
description: What somebody remarked about a Deployment.
group: /api/v1
plural: notes
singular: note
scope: namespaced
managedBy: user
key: name
naming: label
verbs: [list, get, create, upsert, patch, delete]
schema:
  type: object
  required: [metadata, spec]
  properties:
    metadata:
      type: object
      required: [name]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        name: {type: string, description: 'Unique in its namespace.'}
        namespace: {type: string}
        createdAt: {type: string, format: date-time, readOnly: true}
        modifiedAt: {type: string, format: date-time, readOnly: true}
        resourceVersion: {type: integer, readOnly: true}
    spec:
      type: object
      required: [deploymentName]
      properties:
        deploymentName: {type: string, description: 'The Deployment that it is about.'}
        text: {type: string, description: 'What was remarked.'}
references:
  - {pointer: /spec/deploymentName, kind: Deployment, by: name, onDelete: cascade}
";

#[test]
fn what_a_transaction_changes_and_deletes_was_last_what_others_saw() {
    let store = StoreBuilder::default().registry(Registry::with(&[NOTE]).unwrap()).open().unwrap();
    commit(&store, vec![target("jobs"), deployment("clicks", "jobs")]).unwrap();
    let note = |text: &str| json!({"metadata": {"name": "n"}, "spec": {"deploymentName": "clicks", "text": text}});
    commit(&store, vec![CommitOperation::create("Note", note("first"))]).unwrap();
    let begun = commit(&store, vec![CommitOperation::upsert("Note", "n", note("second"))]).unwrap()[0].revision;
    let mut watching = watch(&store, "Note", WatchFrom::Now);
    let delete = CommitOperation::delete("Deployment", "clicks");
    let done = commit(&store, vec![CommitOperation::upsert("Note", "n", note("never")), delete]).unwrap();
    assert_eq!(done[0].object.metadata.resource_version, 3);
    let history = store.history("Note", NAMESPACE, "n", HistoryOptions::default()).unwrap();
    let versions: Vec<_> =
        history.versions.iter().map(|one| (one.object.metadata.resource_version, one.ended)).collect();
    assert_eq!((history.is_deleted, versions), (true, vec![(2, done[0].revision), (1, begun)]));
    assert_eq!(history.versions[0].revision, begun.unwrap());
    let events: Vec<_> = told(&mut watching).into_iter().map(|(_, what, name)| (what, name)).collect();
    assert_eq!(events, [(ChangeType::Deleted, "n".to_owned())]);
    is_sound(&store);
    store.undelete("Deployment", NAMESPACE, "clicks", WriteOptions::default()).wait().unwrap();
    let back = store.undelete("Note", NAMESPACE, "n", WriteOptions::default()).wait().unwrap().object;
    assert_eq!((back.metadata.resource_version, back.spec_value().at("/text")), (3, Some(&"second".into())));
    is_sound(&store);
}

#[test]
fn watchers_are_told_a_transaction_in_its_order_and_go_on_within_it() {
    let store = Store::in_memory().unwrap();
    let begin = commit(&store, vec![target("old"), target("gone")]).unwrap()[0].revision.unwrap();
    let mut now = watch(&store, KIND, WatchFrom::Now);
    let operations = vec![target("new"), labelled("old", "x"), CommitOperation::delete(KIND, "gone")];
    let revision = commit(&store, operations).unwrap()[0].revision.unwrap();
    let events = told(&mut now);
    let words: Vec<_> = events.iter().map(|(_, what, name)| (*what, name.as_str())).collect();
    let expected = [(ChangeType::Added, "new"), (ChangeType::Modified, "old"), (ChangeType::Deleted, "gone")];
    assert_eq!(words, expected);
    let cursors: Vec<Cursor> = events.iter().map(|(cursor, ..)| *cursor).collect();
    assert!(cursors.iter().all(|cursor| cursor.revision == revision) && cursors.is_sorted(), "{cursors:?}");
    assert_eq!(now.cursor(), Cursor::after(revision));
    for (place, cursor) in [Cursor::after(begin)].into_iter().chain(cursors).enumerate() {
        let mut again = watch(&store, KIND, WatchFrom::After(cursor));
        assert_eq!(told(&mut again), events[place..], "after {cursor}");
    }
}

#[test]
fn a_transaction_larger_than_what_is_kept_for_watchers_is_told_whole() {
    let store = Store::in_memory().unwrap();
    let begin = store.revision();
    let mut now = watch(&store, KIND, WatchFrom::Now);
    let large = |commit: usize| {
        let text = "x".repeat(1 << 20);
        let document = |number: usize| {
            json!({"metadata": {"name": format!("t{commit}-{number}"), "annotations": {"text": text}},
                "spec": {"kubernetes": {}}})
        };
        (0..20).map(|number| CommitOperation::create(KIND, document(number))).collect::<Vec<_>>()
    };
    let revisions: Vec<_> = (0..3).map(|number| commit(&store, large(number)).unwrap()[0].revision.unwrap()).collect();
    let events = told(&mut now);
    assert_eq!(events.len(), 60);
    let mut then = watch(&store, KIND, WatchFrom::After(Cursor::after(begin)));
    assert_eq!(told(&mut then), events);
    let middle = events[30].0;
    assert_eq!(middle.revision, revisions[1]);
    assert_eq!(told(&mut watch(&store, KIND, WatchFrom::After(middle))), events[31..]);
}
