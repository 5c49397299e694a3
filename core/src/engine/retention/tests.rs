//! What is forgotten, and what is not.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

mod space;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use std::sync::Mutex;

use bytes::Bytes;

use super::*;
use crate::backend::MemoryBackend;
use crate::backend::{Backend, Batch, Operation, Scan};
use crate::engine::stored::key;
use crate::engine::{GetOptions, ListOptions, Store};
use crate::error::Error;
use crate::object::Timestamp;

const NAMESPACE: &str = "default";
const KIND: &str = "Deployment";

/// A store with a deployment, its backend, and its clock.
fn filled(retention: Retention) -> (Store, Arc<MemoryBackend>, Arc<Mutex<i64>>) {
    let (backend, time) = (Arc::new(MemoryBackend::new()), Arc::new(Mutex::new(1_700_000_000_000_000)));
    let told = Arc::clone(&time);
    let builder = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).retention(retention);
    let store = builder.clock(Arc::new(move || Timestamp::from_micros(*told.lock().unwrap()))).open().unwrap();
    let target = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target).wait().unwrap();
    let spec = json!({"deploymentTargetName": "jobs",
        "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar", "flinkVersion": "1.20"}}}});
    store
        .kind(KIND)
        .unwrap()
        .namespace(NAMESPACE)
        .create(json!({"metadata": {"name": "clicks"}, "spec": spec}))
        .wait()
        .unwrap();
    (store, backend, time)
}

fn change(store: &Store, number: u32) {
    let patch = json!({"metadata": {"labels": {"number": number.to_string()}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).patch("clicks", patch).wait().unwrap();
}

fn change_status(store: &Store, number: u32) {
    let patch = json!({"status": {"state": "RUNNING", "running": {"number": number}}});
    store.as_system().kind(KIND).unwrap().namespace(NAMESPACE).patch("clicks", patch).wait().unwrap();
}

fn versions(store: &Store) -> Vec<u64> {
    let history = store.kind(KIND).unwrap().namespace(NAMESPACE).history("clicks").read().unwrap();
    history.versions.iter().map(|version| version.object.metadata.resource_version).collect()
}

fn is_sound(backend: &Arc<MemoryBackend>) {
    let report = Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>).check().unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn the_newest_versions_that_users_made_are_kept() {
    let (store, backend, _) = filled(Retention { versions: 3, ..Retention::default() });
    (0..4).for_each(|number| change(&store, number));
    (0..4).for_each(|number| change_status(&store, number));
    assert_eq!(versions(&store), [9, 8, 7, 6, 5, 4, 3, 2, 1], "all that happened lately is kept");
    let begin = store.revision();
    store.compact(2).unwrap();
    // Of the last two commits all is kept.
    assert_eq!(versions(&store), [9, 8, 7, 5, 4, 3]);
    let options = |revision| GetOptions { revision: Some(revision), ..GetOptions::default() };
    let read = store.kind(KIND).unwrap().namespace(NAMESPACE).get_with("clicks", options(begin - 1)).unwrap();
    assert_eq!(read.metadata.resource_version, 8);
    let expired = store.kind(KIND).unwrap().namespace(NAMESPACE).get_with("clicks", options(begin - 3));
    assert!(matches!(expired, Err(Error::Expired { .. })), "{expired:?}");
    store.compact(0).unwrap();
    assert_eq!(versions(&store), [9, 5, 4, 3]);
    assert_eq!(store.compaction().removed, 5);
    is_sound(&backend);
    store.kind(KIND).unwrap().namespace(NAMESPACE).rollback("clicks", 3).wait().unwrap();
}

#[test]
fn what_is_too_old_is_forgotten_and_deleted_resources_with_it() {
    let (store, backend, time) = filled(Retention { age: Duration::from_secs(60), ..Retention::default() });
    change_status(&store, 1);
    change(&store, 1);
    *time.lock().unwrap() += 50_000_000;
    change(&store, 2);
    store.as_system().kind(KIND).unwrap().namespace(NAMESPACE).delete("clicks").wait().unwrap();
    *time.lock().unwrap() += 50_000_000;
    store.compact(0).unwrap();
    assert_eq!(versions(&store), [4, 3], "the last one and those that ended lately");
    is_sound(&backend);
    *time.lock().unwrap() += 50_000_000;
    store.compact(0).unwrap();
    let gone = store.kind(KIND).unwrap().namespace(NAMESPACE).undelete("clicks").wait();
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    is_sound(&backend);
    let left = backend.scan(&Scan { prefix: key::all_versions(), ..Scan::default() }).unwrap();
    assert!(left.entries.is_empty(), "{left:?}");
}

#[test]
fn what_was_in_a_namespace_goes_with_it() {
    let (store, backend, _) = filled(Retention::default());
    let team = || store.kind("Namespace").unwrap().create(json!({"metadata": {"name": "team"}})).wait().unwrap();
    let target = || json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
    team();
    store.kind("DeploymentTarget").unwrap().namespace("team").create(target()).wait().unwrap();
    store.kind("Namespace").unwrap().delete("team").wait().unwrap();
    team();
    let gone = store.kind("DeploymentTarget").unwrap().namespace("team").undelete("jobs").wait();
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    store.compact(0).unwrap();
    let left = backend.scan(&Scan { prefix: key::tombstones("DeploymentTarget", "team"), ..Scan::default() }).unwrap();
    assert!(left.entries.is_empty(), "{left:?}");
    is_sound(&backend);
}

#[test]
fn a_store_forgets_by_itself_while_it_is_written_and_read() {
    let retention = Retention { versions: 2, revisions: 20, ..Retention::default() };
    let (store, backend, _) = filled(retention);
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < Duration::from_secs(30) && store.compaction().removed < 100 {
        number += 1;
        change(&store, number);
        let revision = Some(store.revision());
        match store
            .kind(KIND)
            .unwrap()
            .namespace(NAMESPACE)
            .list_with(ListOptions { revision, ..ListOptions::default() })
        {
            Ok(list) => assert_eq!(list.items[0].metadata.resource_version, u64::from(number) + 1),
            // The thread may have come that far in between.
            Err(error) => assert!(matches!(error, Error::Expired { .. }), "{error}"),
        }
    }
    let compaction = store.compaction();
    assert!(compaction.removed >= 100 && compaction.floor > 0, "{compaction:?}");
    drop(store);
    is_sound(&backend);
}

#[test]
fn what_was_cut_short_is_finished_at_the_next_start() {
    // The second start has the clock of the machine.
    let retention = Retention { versions: 1, age: Duration::from_secs(10_000_000_000), ..Retention::default() };
    let (store, backend, _) = filled(retention);
    (0..5).for_each(|number| change(&store, number));
    drop(store);
    // As if it had been killed when the floor had risen.
    let put = Operation::Put(key::pruning_mark(), Bytes::new());
    backend.commit(Batch { preconditions: Vec::new(), operations: vec![put] }).wait(None).unwrap().unwrap();
    backend.compact(backend.revision()).unwrap();
    let builder = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).retention(retention);
    let store = builder.open().unwrap();
    let begun = Instant::now();
    while versions(&store).len() > 2 && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(versions(&store), [6, 5]);
}
