//! Deleted resources are found by their names, however many there are, and in stores that older programs made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::super::{Collection, GetOptions, HistoryOptions, Operation, Store, StoreBuilder};
use super::target;
use crate::backend::hooked::Hooked;
use crate::backend::{Backend, Batch, MemoryBackend, Operation as Change, Revision, Scan};
use crate::engine::stored::key;
use crate::object::ResourceId;

const KIND: &str = "DeploymentTarget";
const NAMESPACE: &str = "default";

/// More than a few pages of them; with `KINDSTORE_SOAK` far more.
fn many() -> usize {
    if std::env::var_os("KINDSTORE_SOAK").is_some() { 100_000 } else { 200 }
}

fn builder(backend: &Arc<impl Backend + 'static>) -> StoreBuilder {
    Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>).background(false)
}

fn targets(store: &Store) -> Collection {
    store.kind(KIND).unwrap().namespace(NAMESPACE)
}

fn create(store: &Store, name: &str) -> ResourceId {
    targets(store).create(target(name)).wait().unwrap().object.metadata.id
}

fn delete(store: &Store, name: &str) {
    targets(store).delete(name).wait().unwrap();
}

/// The id of the deleted resource that a name means.
fn deleted(store: &Store, name: &str) -> Option<ResourceId> {
    let history = targets(store).history_with(name, HistoryOptions::default().limit(1)).ok()?;
    history.is_deleted.then(|| history.versions[0].object.metadata.id)
}

fn at(store: &Store, name: &str, revision: Revision) -> Option<ResourceId> {
    let found = targets(store).get_with(name, GetOptions::default().revision(revision)).ok()?;
    Some(found.metadata.id)
}

/// A backend that is written as by a program that knew nothing of names of deleted resources.
fn older(backend: &Arc<MemoryBackend>) -> Arc<Hooked> {
    let rewritten = |operation: Change| match operation {
        Change::Put(key, _) if key.starts_with(b"d\0") || key == key::tombstone_mark() => None,
        Change::Put(key, value) if key.starts_with(b"t\0") => {
            let end = value[8..].iter().position(|byte| *byte == 0).map_or(value.len(), |end| 8 + end);
            Some(Change::Put(key, value.slice(..end)))
        }
        other => Some(other),
    };
    Arc::new(Hooked::rewriting(Arc::clone(backend), move |batch| {
        let operations = batch.operations.into_iter().filter_map(rewritten).collect();
        Batch { operations, ..batch }
    }))
}

fn is_named(backend: &MemoryBackend) -> bool {
    backend.get(&key::tombstone_mark()).unwrap().is_some()
}

/// How many entries are for names.
fn names(backend: &MemoryBackend) -> usize {
    let (mut count, mut after) = (0, None);
    loop {
        let page = backend.scan(&Scan { prefix: "d\0".into(), after, limit: 0 }).unwrap();
        count += page.entries.len();
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return count;
        }
    }
}

fn is_sound(backend: &Arc<MemoryBackend>) {
    let report = builder(backend).check().unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn one_among_many_is_found_by_its_name_without_a_look_at_all() {
    let scans = Arc::new(AtomicUsize::new(0));
    let backend = Arc::new(MemoryBackend::new());
    let counting = Arc::new(Hooked::before_scans(Arc::clone(&backend), {
        let scans = Arc::clone(&scans);
        move |_| {
            scans.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let store = builder(&counting).open().unwrap();
    let ids: Vec<_> = (0..many()).map(|number| create(&store, &format!("t{number}"))).collect();
    let revision = store.revision();
    (0..many()).for_each(|number| delete(&store, &format!("t{number}")));
    let scanned = |read: &dyn Fn()| {
        let before = scans.load(Ordering::Relaxed);
        read();
        scans.load(Ordering::Relaxed) - before
    };
    // One scan is for the name, one or two are for the versions.
    assert!(scanned(&|| assert_eq!(deleted(&store, "t7"), Some(ids[7]))) <= 2);
    assert!(scanned(&|| assert_eq!(at(&store, "t7", revision), Some(ids[7]))) <= 2);
    assert!(scanned(&|| assert_eq!(at(&store, "none", revision), None)) <= 1);
    assert!(scanned(&|| assert!(targets(&store).version("t7", 1).is_ok())) <= 1);
    assert!(scanned(&|| drop(targets(&store).undelete("t7").wait().unwrap())) <= 1);
    assert_eq!(names(&backend), many() - 1);
    is_sound(&backend);
}

/// Makes random changes of few names, and reads all of them after each and at all revisions.
fn is_as_modelled(store: &Store) {
    let names: Vec<_> = (0..4).map(|number| format!("n{number}")).collect();
    let (mut random, mut states) = (7_u64, vec![]);
    let mut live: BTreeMap<&str, ResourceId> = BTreeMap::new();
    // Of each name those that are deleted, in the order of the deletions.
    let mut gone: BTreeMap<&str, Vec<ResourceId>> = BTreeMap::new();
    for _ in 0..240 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let name = names[(random >> 33) as usize % names.len()].as_str();
        let gone_ids = gone.entry(name).or_default();
        match (live.remove(name), (random >> 45) % 3) {
            (Some(id), _) => {
                delete(store, name);
                gone_ids.push(id);
            }
            (None, 0) if !gone_ids.is_empty() => {
                let id = targets(store).undelete(name).wait().unwrap().object.metadata.id;
                assert_eq!(Some(id), gone_ids.pop(), "{name}");
                live.insert(name, id);
            }
            (None, 1) if !gone_ids.is_empty() => {
                // Any of them by its id, so that an older one can be deleted again after a newer one.
                let id = gone_ids.remove((random >> 50) as usize % gone_ids.len());
                targets(store).undelete(&id.to_string()).wait().unwrap();
                live.insert(name, id);
            }
            (None, _) => drop(live.insert(name, create(store, name))),
        }
        states.push((store.revision(), live.clone()));
        for (name, ids) in gone.iter().filter(|(name, _)| !live.contains_key(*name)) {
            assert_eq!(deleted(store, name), ids.last().copied(), "{name}");
        }
    }
    for (revision, live) in states {
        for name in &names {
            assert_eq!(at(store, name, revision), live.get(name.as_str()).copied(), "{name} at {revision}");
        }
    }
}

#[test]
fn a_name_means_what_it_meant_at_every_revision() {
    let backend = Arc::new(MemoryBackend::new());
    is_as_modelled(&builder(&backend).open().unwrap());
    is_sound(&backend);
    let backend = Arc::new(MemoryBackend::new());
    is_as_modelled(&builder(&older(&backend)).open().unwrap());
    assert_eq!((is_named(&backend), names(&backend)), (false, 0));
    is_sound(&backend);
}

#[test]
fn of_those_that_were_deleted_while_commits_were_pending_the_last_one_is_found() {
    let backend = Arc::new(MemoryBackend::new());
    let store = builder(&Arc::new(Hooked::lagging(Arc::clone(&backend), 16))).open().unwrap();
    for round in 0..20 {
        let id = create(&store, "one");
        delete(&store, "one");
        assert_eq!(deleted(&store, "one"), Some(id), "{round}");
    }
    is_sound(&backend);
    let store = builder(&backend).open().unwrap();
    for number in 0..20 {
        let now = targets(&store).undelete("one").wait().unwrap().object.metadata.id;
        assert_eq!(at(&store, "one", store.revision()), Some(now));
        // Back among the deleted ones it would be the last of them again.
        targets(&store).delete(&now.to_string()).wait().unwrap();
        assert_eq!(deleted(&store, "one"), Some(now), "{number}");
    }
    is_sound(&backend);
}

#[test]
fn a_transaction_finds_what_it_has_deleted_itself() {
    let backend = Arc::new(MemoryBackend::new());
    let store = builder(&backend).open().unwrap();
    let (first, _) = (create(&store, "one"), delete(&store, "one"));
    let second = create(&store, "one");
    let operations = [Operation::delete(KIND, "one"), Operation::delete(KIND, "none")];
    store.transaction(NAMESPACE).operations(operations).wait().unwrap_err();
    assert_eq!((deleted(&store, "one"), names(&backend)), (None, 1));
    store.transaction(NAMESPACE).operations([Operation::delete(KIND, "one")]).wait().unwrap();
    assert_eq!((deleted(&store, "one"), names(&backend)), (Some(second), 2));
    targets(&store).undelete(&first.to_string()).wait().unwrap();
    assert_eq!(names(&backend), 1);
    is_sound(&backend);
}

#[test]
fn few_of_an_older_store_get_their_names_when_it_opens() {
    let backend = Arc::new(MemoryBackend::new());
    let store = builder(&older(&backend)).open().unwrap();
    let ids: Vec<_> = (0..30).map(|_| (create(&store, "one"), delete(&store, "one")).0).collect();
    assert_eq!((deleted(&store, "one"), names(&backend)), (Some(ids[29]), 0));
    drop(store);
    // As an export of an older program, which becomes a store again.
    let backend = Arc::new(MemoryBackend::import(&backend.export()).unwrap());
    let store = builder(&backend).open().unwrap();
    assert_eq!((is_named(&backend), names(&backend)), (true, 30));
    assert_eq!(deleted(&store, "one"), Some(ids[29]));
    let id = (create(&store, "one"), delete(&store, "one")).0;
    assert_eq!(deleted(&store, "one"), Some(id), "one that is deleted at once is behind them all");
    targets(&store).undelete(&id.to_string()).wait().unwrap();
    delete(&store, &id.to_string());
    targets(&store).undelete(&ids[3].to_string()).wait().unwrap();
    assert_eq!(names(&backend), 30);
    is_sound(&backend);
    drop(store);
    let revision = backend.revision();
    drop(builder(&backend).open().unwrap());
    assert_eq!(backend.revision(), revision, "another opening finds nothing to do");
}

#[test]
fn many_of_an_older_store_get_their_names_while_it_is_used() {
    let backend = Arc::new(MemoryBackend::new());
    let store = builder(&older(&backend)).open().unwrap();
    let ids: Vec<_> = (0..many()).map(|number| create(&store, &format!("t{number}"))).collect();
    (0..many()).for_each(|number| delete(&store, &format!("t{number}")));
    drop(store);
    let store = builder(&backend).open().unwrap();
    assert_eq!((is_named(&backend), names(&backend)), (false, 0), "they are too many for the opening");
    assert_eq!(deleted(&store, "t7"), Some(ids[7]), "until then all are looked at");
    targets(&store).undelete("t8").wait().unwrap();
    delete(&store, "t8");
    drop(store);
    let store = builder(&backend).background(true).open().unwrap();
    let begun = Instant::now();
    while !is_named(&backend) {
        assert!(begun.elapsed() < Duration::from_secs(120), "the worker gives all of them their names");
        targets(&store).undelete("t9").wait().unwrap();
        delete(&store, "t9");
    }
    assert_eq!(names(&backend), many());
    assert_eq!((deleted(&store, "t7"), deleted(&store, "t9")), (Some(ids[7]), Some(ids[9])));
    drop(store);
    is_sound(&backend);
}
