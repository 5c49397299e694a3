//! A call of the backend that does not come back holds back its caller and nobody else.

use std::sync::Arc;
use std::time::Duration;

use kindstore::{Backend, Error, GetOptions, ListOptions, MemoryBackend, Store, WriteOptions};
use serde_json::json;

use super::{Call, Faulty};
use crate::stall::{Stalling, stalling_store};

const NAMESPACE: Option<&str> = Some("default");

fn create(store: &Store, name: &str) -> kindstore::PendingWrite<kindstore::WriteOutcome> {
    let document = json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
    store.create("DeploymentTarget", NAMESPACE, document, WriteOptions::default())
}

#[test]
fn a_call_that_stalls_holds_back_its_caller_only() {
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new())));
    let store = Store::builder().backend(Arc::clone(&faulty) as Arc<dyn Backend>).background(false).open().unwrap();
    create(&store, "before").wait().unwrap();
    for (call, name) in
        [(Call::Get, "get"), (Call::Scan, "scan"), (Call::GetForWrite, "look"), (Call::Commit, "commit")]
    {
        let stalled = faulty.stall(call);
        std::thread::scope(|scope| {
            let store = &store;
            let held = scope.spawn(move || match call {
                Call::Get => store.get("DeploymentTarget", NAMESPACE, "before", GetOptions::default()).map(drop),
                Call::Scan => store.list("DeploymentTarget", NAMESPACE, ListOptions::default()).map(drop),
                Call::GetForWrite => {
                    let document = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"kubernetes": {}}});
                    store
                        .upsert("DeploymentTarget", NAMESPACE, "held", document, WriteOptions::default())
                        .wait()
                        .map(drop)
                }
                _ => create(store, "held-back").wait().map(drop),
            });
            stalled.entered.recv().unwrap();
            create(store, name).wait().unwrap();
            assert!(store.get("DeploymentTarget", NAMESPACE, name, GetOptions::default()).is_ok());
            assert!(!store.list("DeploymentTarget", NAMESPACE, ListOptions::default()).unwrap().items.is_empty());
            assert!(!held.is_finished());
            stalled.go.send(()).unwrap();
            held.join().unwrap().unwrap();
        });
    }
}

#[test]
fn a_write_that_is_not_durable_in_time_is_unknown_and_may_still_happen() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Stalling::default());
    let store = stalling_store(folder.path(), &disk);
    let permit = disk.stall();
    let late = create(&store, "late").wait_for(Duration::from_millis(20));
    assert!(matches!(late, Err(Error::OutcomeUnknown)));
    assert!(matches!(
        store.get("DeploymentTarget", NAMESPACE, "late", GetOptions::default()),
        Err(Error::NotFound { .. })
    ));
    drop(permit);
    create(&store, "next").wait().unwrap();
    assert!(store.get("DeploymentTarget", NAMESPACE, "late", GetOptions::default()).is_ok());
}
