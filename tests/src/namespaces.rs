//! Very many namespaces: each has its own resources and watches, and nothing of a deleted one is left.

use std::sync::Arc;

use kindstore::backend::{SledBackend, SledOptions};
use kindstore::{Error, Store, WatchEvent};
use serde_json::json;

use crate::soak::rounds;

const KIND: &str = "DeploymentTarget";

fn name(number: usize) -> String {
    format!("team-{number:04}")
}

fn create(store: &Store, namespace: &str, name: &str) {
    let document = json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
    store.kind(KIND).unwrap().namespace(namespace).create(document).wait().unwrap();
}

#[test]
fn a_thousand_namespaces_are_apart_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let count = rounds(60, 1_000);
    let before = store.kind("Namespace").unwrap().list().read().unwrap().items.len();
    for number in 0..count {
        store.kind("Namespace").unwrap().create(json!({"metadata": {"name": name(number)}})).wait().unwrap();
        // The same names in each, so that a mistake in a key shows.
        for resource in ["one", "two", "three"] {
            create(&store, &name(number), resource);
        }
    }
    let collection = |number: usize| store.kind(KIND).unwrap().namespace(&name(number));
    for number in 0..count {
        let items = collection(number).list().read().unwrap().items;
        let namespaces: Vec<_> = items.iter().map(|item| item.metadata.namespace.clone().unwrap()).collect();
        assert_eq!(namespaces, vec![name(number); 3]);
    }
    let watched = count / 2;
    let mut watch = collection(watched).watch().start().unwrap();
    for number in 0..count {
        collection(number).delete("two").wait().unwrap();
    }
    let mut told = Vec::new();
    while let Some(event) = watch.try_next().unwrap() {
        if let WatchEvent::Change(change) = event {
            told.push((change.change_type.word(), change.object().metadata.namespace.clone().unwrap()));
        }
    }
    assert_eq!(told, [("DELETED", name(watched))], "a watch is told of its own namespace");
    for number in 0..count {
        store.kind("Namespace").unwrap().delete(&name(number)).wait().unwrap();
        assert!(matches!(collection(number).list().read(), Err(Error::NotFound { .. })));
    }
    assert_eq!(store.kind("Namespace").unwrap().list().read().unwrap().items.len(), before);
    drop(watch);
    drop(store);
    let backend = SledBackend::open(folder.path(), SledOptions::default()).unwrap();
    let report = Store::builder().backend(Arc::new(backend)).check().unwrap();
    assert!(report.is_sound(), "{:#?}", report.flaws);
}
