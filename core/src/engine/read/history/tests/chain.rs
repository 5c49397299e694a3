//! Versions that are stored as differences are read as they were, whatever is done to those around them.

use serde_json::json;

use super::*;
use crate::backend::{Batch, Key, Operation, Scan, Versioned};
use crate::engine::stored::key::{self, Place};
use crate::engine::stored::{CollectionRef, SupersededVersion};
use crate::object::Object;

const DEPLOYMENT: &str = "Deployment";

/// A store on a backend that can be looked into, with a deployment.
fn begun() -> (Store, Arc<MemoryBackend>) {
    let backend = Arc::new(MemoryBackend::new());
    let store = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).background(false).open().unwrap();
    create(&store, "jobs", "a");
    deploy(&store);
    (store, backend)
}

/// Makes the next versions of the deployment, of users and of the system, and returns each as the write reported it.
fn versions(store: &Store, count: u64) -> Vec<Object> {
    let change = |_| {
        let number = store.revision();
        let patch = match number % 3 {
            0 => json!({"metadata": {"labels": {"number": number.to_string()}}}),
            1 => json!({"spec": {"template": {"spec": {"parallelism": number}}}}),
            _ => json!({"status": {"state": "RUNNING", "running": {"number": number}}}),
        };
        let store = if number % 3 == 2 { store.as_system() } else { store.clone() };
        store.kind(DEPLOYMENT).unwrap().namespace(NAMESPACE).patch("clicks", patch).wait().unwrap().object
    };
    (0..count).map(change).collect()
}

/// The numbers of the stored versions, each with whether it is whole.
fn stored(backend: &MemoryBackend) -> Vec<(u64, bool)> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = backend.scan(&Scan { prefix: key::all_versions(), after, limit: 0 }).unwrap();
        after = page.entries.last().map(|(key, _)| key.clone());
        entries.extend(page.entries);
        if !page.more {
            break;
        }
    }
    let read = |(key, entry): &(Key, Versioned)| {
        let version = SupersededVersion::read(key, &entry.value, entry.created).unwrap();
        (version.version, version.base().is_none())
    };
    let of_deployment = |key: &[u8]| matches!(key::place(key), Some(Place::Version { kind, .. }) if kind == DEPLOYMENT);
    entries.iter().filter(|(key, _)| of_deployment(key)).map(read).collect()
}

fn check(store: &Store, backend: &Arc<MemoryBackend>, made: &[Object]) {
    let deployments = store.kind(DEPLOYMENT).unwrap().namespace(NAMESPACE);
    let history = deployments.history("clicks").read().unwrap();
    for version in &history.versions {
        let number = version.object.metadata.resource_version;
        if let Some(expected) = made.iter().find(|object| object.metadata.resource_version == number) {
            assert_eq!(version.object, *expected, "version {number} in the history");
            let alone = deployments.version("clicks", number).unwrap();
            assert_eq!(alone.object, *expected, "version {number} alone");
        }
    }
    let report = Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>).check().unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn a_long_history_is_read_as_it_was_and_has_few_whole_versions() {
    let (store, backend) = begun();
    let begin = store.revision();
    let made = versions(&store, 100);
    check(&store, &backend, &made);
    let whole: Vec<_> = stored(&backend).into_iter().filter(|(_, is_whole)| *is_whole).map(|(it, _)| it).collect();
    assert_eq!(whole, [95, 63, 31], "the newest of each block of 32");
    let deployments = store.kind(DEPLOYMENT).unwrap().namespace(NAMESPACE);
    for (object, revision) in made.iter().zip(begin + 1..) {
        let read = deployments.get_with("clicks", GetOptions { revision: Some(revision), ..GetOptions::default() });
        assert_eq!(read.unwrap(), *object, "at revision {revision}");
        let list = deployments.list_with(ListOptions { revision: Some(revision), ..ListOptions::default() }).unwrap();
        assert_eq!(list.items, std::slice::from_ref(object), "a list at revision {revision}");
    }
}

#[test]
fn what_is_kept_of_a_pruned_history_is_read_as_it_was() {
    let (store, backend) = begun();
    let mut made = versions(&store, 50);
    for revisions in [40, 7, 3, 0] {
        store.compact(revisions).unwrap();
        check(&store, &backend, &made);
        made.extend(versions(&store, 5));
        check(&store, &backend, &made);
    }
    assert!(stored(&backend).iter().any(|(_, is_whole)| !is_whole), "some are differences still");
}

#[test]
fn a_deletion_keeps_the_last_version_whole_and_a_restored_resource_goes_on() {
    let (store, backend) = begun();
    let mut made = versions(&store, 6);
    let deployments = store.kind(DEPLOYMENT).unwrap().namespace(NAMESPACE);
    let state = json!({"status": {"state": "CANCELLED"}});
    store.as_system().kind(DEPLOYMENT).unwrap().namespace(NAMESPACE).patch("clicks", state).wait().unwrap();
    deployments.delete("clicks").wait().unwrap();
    assert_eq!(stored(&backend)[0], (8, true));
    check(&store, &backend, &made);
    made.push(deployments.undelete("clicks").wait().unwrap().object);
    made.extend(versions(&store, 6));
    check(&store, &backend, &made);
}

#[test]
fn a_damaged_version_is_named_with_those_that_are_made_from_it() {
    let (store, backend) = begun();
    versions(&store, 6);
    let deployments = store.kind(DEPLOYMENT).unwrap().namespace(NAMESPACE);
    let id = deployments.get("clicks").unwrap().metadata.id;
    let registry = crate::registry::Registry::builtin().unwrap();
    let kind = registry.kinds().iter().find(|kind| &*kind.name == DEPLOYMENT).unwrap();
    let key = CollectionRef::new(kind, Some(NAMESPACE)).version(id, 4);
    let batch = Batch { preconditions: Vec::new(), operations: vec![Operation::Delete(key)] };
    backend.commit(batch).wait(None).unwrap().unwrap();
    let refused = deployments.version("clicks", 2).unwrap_err();
    assert!(matches!(refused, Error::Backend(_)), "{refused:?}");
    assert_eq!(deployments.version("clicks", 5).unwrap().object.metadata.resource_version, 5);
    let report = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).check().unwrap();
    let flaws: Vec<_> = report.flaws.iter().map(ToString::to_string).collect();
    let named = |version: u64, base: u64| {
        let why = format!(
            "version {version} cannot be read: version {base}, which it is a difference from, is missing or damaged"
        );
        flaws.iter().any(|flaw| flaw.contains(&why))
    };
    assert!(named(3, 4) && named(2, 3) && named(1, 2), "{flaws:?}");
    assert_eq!(flaws.len(), 3, "{flaws:?}");
}

#[test]
fn what_a_transaction_changes_and_deletes_leaves_its_last_version() {
    let (store, backend) = begun();
    let deployment = store.kind(DEPLOYMENT).unwrap().namespace(NAMESPACE);
    let owner = deployment.get("clicks").unwrap().metadata.id.to_string();
    let event = json!({"metadata": {"name": "GENERAL_FAILURE", "deploymentId": owner}, "spec": {"message": "late"}});
    let system = store.as_system();
    let (events, deployments) = (system.kind("Event").unwrap(), system.kind(DEPLOYMENT).unwrap());
    let (events, deployments) = (events.namespace(NAMESPACE), deployments.namespace(NAMESPACE));
    let event = events.create(event).wait().unwrap().object;
    let id = event.metadata.id.to_string();
    let patch = json!({"spec": {"message": "later"}});
    // The deletion takes the event with it, in the version that the first operation made.
    system.transaction(NAMESPACE).patch(&events, &id, patch).delete(&deployments, "clicks").wait().unwrap();
    let report = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).check().unwrap();
    assert!(report.is_sound(), "{report:?}");
    let versions = events.history(&id).read().unwrap().versions;
    assert_eq!(versions.iter().map(|it| &it.object).collect::<Vec<_>>(), [&event]);
}
