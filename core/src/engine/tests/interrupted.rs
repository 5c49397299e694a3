//! Work that was interrupted is finished when the store opens, however much it is and whatever lies beside it.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::super::{Collection, Store, StoreBuilder};
use super::{deployment, target};
use crate::backend::{Backend, Batch, Key, MemoryBackend, Operation, Scan};
use crate::engine::stored::key;

const NAMESPACE: &str = "default";

fn builder(backend: &Arc<MemoryBackend>) -> StoreBuilder {
    Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>).background(false)
}

/// Opens the store on another thread, so that an opening which never ends fails the test.
fn opened(backend: &Arc<MemoryBackend>) -> Store {
    let (sender, receiver) = mpsc::channel();
    let builder = builder(backend);
    thread::spawn(move || sender.send(builder.open()));
    receiver.recv_timeout(Duration::from_secs(60)).expect("the opening ends").unwrap()
}

fn collection(store: &Store, kind: &str) -> Collection {
    store.kind(kind).unwrap().namespace(NAMESPACE)
}

/// Counts the entries below a prefix.
fn items(backend: &MemoryBackend, prefix: &Key) -> usize {
    let (mut count, mut after) = (0, None);
    loop {
        let page = backend.scan(&Scan { prefix: prefix.clone(), after, limit: 0 }).unwrap();
        count += page.entries.len();
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return count;
        }
    }
}

/// Begins the deletion of this many namespaces: the first commit of each is submitted, and nobody drives it any further.
fn interrupt_namespaces(backend: &Arc<MemoryBackend>, count: usize) {
    let store = builder(backend).open().unwrap();
    let (namespaces, targets) = (store.kind("Namespace").unwrap(), store.kind("DeploymentTarget").unwrap());
    for index in 0..count {
        let name = format!("n{index}");
        namespaces.create(json!({"name": name})).wait().unwrap();
        targets.clone().namespace(&name).create(target("jobs")).wait().unwrap();
        drop(namespaces.delete(&name).submit());
    }
}

/// Begins the deletion of a Deployment with an Event, and does not drive it any further.
fn interrupt_cascade(backend: &Arc<MemoryBackend>) {
    let store = builder(backend).open().unwrap();
    collection(&store, "DeploymentTarget").create(target("jobs")).wait().unwrap();
    let deployments = collection(&store, "Deployment");
    let owner = deployments.create(deployment("clicks")).wait().unwrap().object.metadata.id.to_string();
    let event = json!({"metadata": {"name": "GENERAL_FAILURE", "deploymentId": owner}, "spec": {"message": "late"}});
    collection(&store.as_system(), "Event").create(event).wait().unwrap();
    drop(deployments.delete("clicks").submit());
    assert_eq!(collection(&store, "Event").list().read().unwrap().items.len(), 1);
}

#[test]
fn all_interrupted_deletions_of_namespaces_are_finished() {
    // More than two pages of work items.
    const COUNT: usize = 110;
    let backend = Arc::new(MemoryBackend::new());
    interrupt_namespaces(&backend, COUNT);
    assert_eq!(items(&backend, &key::all_work()), COUNT);

    let store = opened(&backend);
    assert_eq!(items(&backend, &key::all_work()), 0);
    let left = store.kind("Namespace").unwrap().list().read().unwrap().items;
    assert_eq!(left.iter().map(|object| object.metadata.name.as_deref()).collect::<Vec<_>>(), [Some(NAMESPACE)]);
    assert_eq!(builder(&backend).check().unwrap().flaws, []);
}

#[test]
fn a_work_item_that_cannot_be_parsed_is_skipped_and_those_behind_it_are_finished() {
    // More than a page, and before all others in the order of keys.
    const COUNT: usize = 20;
    let backend = Arc::new(MemoryBackend::new());
    interrupt_cascade(&backend);
    let unreadable = |index| Operation::Put(Key::from(format!("c\0a\0short{index}")), Bytes::new());
    let batch = Batch { preconditions: Vec::new(), operations: (0..COUNT).map(unreadable).collect() };
    backend.commit(batch).wait(None).unwrap().unwrap();
    assert_eq!(items(&backend, &key::all_cascades()), COUNT + 1);

    let store = opened(&backend);
    assert_eq!(collection(&store, "Event").list().read().unwrap().items, []);
    assert_eq!(items(&backend, &key::all_cascades()), COUNT, "what cannot be parsed is left for a check");
    let flaws = builder(&backend).check().unwrap().flaws;
    assert_eq!(flaws.len(), COUNT, "{flaws:?}");
    assert!(flaws.iter().all(|flaw| flaw.message == "is not a key of the store"), "{flaws:?}");
}
