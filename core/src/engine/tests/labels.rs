//! Labels that were stored before they had bounds.

use std::sync::Arc;

use serde_json::json;

use super::super::Store;
use super::{NAMESPACE, target};
use crate::backend::{Backend, Batch, MemoryBackend, Operation};
use crate::diagnostic::Code;
use crate::engine::stored::{CollectionRef, key, record};
use crate::error::Error;

const KIND: &str = "DeploymentTarget";

/// A store with a resource that has 300 labels.
fn furnished() -> Store {
    let backend = Arc::new(MemoryBackend::new());
    let store = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).open().unwrap();
    let targets = store.kind(KIND).unwrap().namespace(NAMESPACE);
    let id = targets.create(target("jobs")).wait().unwrap().object.metadata.id;
    let collection = CollectionRef::new(store.registry().require(KIND).unwrap(), Some(NAMESPACE));
    let key = key::record(KIND, NAMESPACE, id);
    let mut stored = record::decode(collection, &backend.get(&key).unwrap().unwrap().value).unwrap();
    stored.object.metadata.labels = Some((0..300).map(|number| (format!("l{number}"), "x".to_owned())).collect());
    let operations = vec![Operation::Put(key, record::encode(&stored))];
    backend.commit(Batch { preconditions: Vec::new(), operations }).wait(None).unwrap().unwrap();
    store
}

#[test]
fn a_resource_with_more_labels_than_it_may_have_stays_changeable() {
    let store = furnished();
    let targets = store.kind(KIND).unwrap().namespace(NAMESPACE);
    let replaced = |count: usize, note: &str| {
        let labels: serde_json::Map<_, _> = (0..count).map(|number| (format!("l{number}"), json!("x"))).collect();
        let metadata = json!({"labels": labels, "annotations": {"note": note}});
        targets.upsert("jobs", json!({"metadata": metadata, "spec": {"kubernetes": {}}})).wait()
    };
    assert_eq!(replaced(300, "a").unwrap().object.metadata.labels.unwrap().len(), 300);
    let Err(Error::Invalid { problems, .. }) = replaced(301, "b") else { panic!("it is refused") };
    let found: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.code)).collect();
    assert_eq!(found, [("/metadata/labels", Code::IsTooLong)]);
    targets.delete("jobs").wait().unwrap();
    assert_eq!(targets.undelete("jobs").wait().unwrap().object.metadata.labels.unwrap().len(), 300);
    replaced(280, "c").unwrap();
    replaced(256, "d").unwrap();
    assert!(replaced(257, "e").is_err(), "it is not one from before any more");
}
