//! What a check finds, and names.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::CheckReport;
use crate::backend::{
    Backend, Batch, Change, Completion, Key, MemoryBackend, Observer, Operation, Page, Revision, RevisionListener,
    Scan, Versioned,
};
use crate::engine::Store;
use crate::engine::stored::key::{self, Place};
use crate::error::Result;
use crate::object::ResourceId;

const NAMESPACE: &str = "default";

/// A store with one target, and the keys of its record and its name.
fn filled() -> (Arc<MemoryBackend>, Key, Key) {
    let backend = Arc::new(MemoryBackend::new());
    let store = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).open().unwrap();
    let document = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
    let written = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
    let id = written.object.metadata.id;
    (backend, key::record("DeploymentTarget", NAMESPACE, id), key::name("DeploymentTarget", NAMESPACE, "jobs"))
}

fn check(backend: &Arc<impl Backend + 'static>) -> CheckReport {
    Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>).check().unwrap()
}

/// The flaws after these operations, as they are shown.
fn flaws(operations: impl FnOnce(&MemoryBackend, Key, Key) -> Vec<Operation>) -> Vec<String> {
    let (backend, record, name) = filled();
    let operations = operations(&backend, record, name);
    backend.commit(Batch { preconditions: Vec::new(), operations }).wait(None).unwrap().unwrap();
    check(&backend).flaws.iter().map(ToString::to_string).collect()
}

#[test]
fn a_store_that_is_in_order_is_sound() {
    let (backend, ..) = filled();
    let report = check(&backend);
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.resources, report.names, report.revision), (2, 2, 3));
    assert!(check(&Arc::new(MemoryBackend::new())).is_sound());
}

#[test]
fn a_record_that_fails_its_checksum_is_named() {
    let found = flaws(|backend, record, _| {
        let mut value = backend.get(&record).unwrap().unwrap().value.to_vec();
        let last = value.len() - 1;
        value[last] ^= 1;
        vec![Operation::Put(record, value.into())]
    });
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("DeploymentTarget \"") && found[0].contains("in namespace \"default\""), "{found:?}");
    assert!(found[0].ends_with("the record of a DeploymentTarget fails its checksum"), "{found:?}");
}

#[test]
fn a_name_without_its_record_and_a_record_without_its_name_are_named() {
    let found = flaws(|_, record, _| vec![Operation::Delete(record)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("DeploymentTarget \"jobs\" in namespace \"default\": its name leads to"), "{found:?}");
    let found = flaws(|_, _, name| vec![Operation::Delete(name)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("its name \"jobs\" does not lead to it"), "{found:?}");
    let found = flaws(|_, _, name| vec![Operation::Put(name, Bytes::from_static(b"short"))]);
    assert!(found.iter().any(|flaw| flaw.ends_with("does not lead to an id")), "{found:?}");
}

#[test]
fn what_lies_where_it_cannot_be_is_named() {
    let id = ResourceId::from_bytes([7; 16]);
    let copied = |to: fn(ResourceId) -> Key| {
        flaws(move |backend, record, _| vec![Operation::Put(to(id), backend.get(&record).unwrap().unwrap().value)])
    };
    let found = copied(|id| key::record("DeploymentTarget", NAMESPACE, id));
    assert!(found[0].contains("holds the record of"), "{found:?}");
    let found = copied(|id| key::record("Spaceship", NAMESPACE, id));
    assert!(found[0].contains("has an unknown kind"), "{found:?}");
    let found = flaws(|_, _, _| vec![Operation::Put(Key::from_static(b"x"), Bytes::new())]);
    assert_eq!(found, ["the entry under \"x\": is not a key of the store"]);
    let found = flaws(|_, _, _| vec![Operation::Put(key::work("nowhere"), Bytes::new())]);
    assert_eq!(found, ["the entry under \"nowhere\": is a namespace to be emptied that does not exist"]);
    let found = flaws(|_, _, _| vec![Operation::Delete(key::name("Namespace", "", NAMESPACE))]);
    assert!(found.iter().any(|flaw| flaw.ends_with("its namespace is missing")), "{found:?}");
}

#[test]
fn a_deleted_resource_that_its_name_does_not_lead_to_is_named() {
    let deleted = |operations: fn(Key, Key) -> Vec<Operation>| {
        let (backend, record, _) = filled();
        let Some(Place::Record { kind, namespace, id }) = key::place(&record) else { panic!("{record:?}") };
        let store = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).open().unwrap();
        store.kind(kind).unwrap().namespace(namespace).delete("jobs").wait().unwrap();
        drop(store);
        assert!(check(&backend).is_sound());
        let prefix = key::deleted_names(kind, namespace, "jobs");
        let (by_name, _) = backend.scan(&Scan { prefix, ..Scan::default() }).unwrap().entries.remove(0);
        let operations = operations(key::tombstone(kind, namespace, id), by_name);
        backend.commit(Batch { preconditions: Vec::new(), operations }).wait(None).unwrap().unwrap();
        let found: Vec<_> = check(&backend).flaws.iter().map(ToString::to_string).collect();
        (id, found)
    };
    let (id, found) = deleted(|_, by_name| vec![Operation::Delete(by_name)]);
    let expected = format!("DeploymentTarget \"{id}\" in namespace \"default\": is not found by its name \"jobs\"");
    assert_eq!(found, [expected]);
    let (_, found) = deleted(|tombstone, _| vec![Operation::Delete(tombstone)]);
    assert!(found[0].starts_with("DeploymentTarget \"jobs\"") && found[0].contains("which is missing"), "{found:?}");
    let (_, found) = deleted(|_, by_name| {
        let Some(Place::DeletedName { kind, namespace, name, id, .. }) = key::place(&by_name) else { panic!() };
        vec![Operation::Put(key::deleted_name(kind, namespace, name, 99, id), Bytes::new())]
    });
    assert!(found.len() == 1 && found[0].ends_with("which has another name or time"), "{found:?}");
    let (_, found) = deleted(|tombstone, _| vec![Operation::Put(tombstone, Bytes::from_static(b"short"))]);
    assert!(found.iter().any(|flaw| flaw.ends_with("holds no version and name")), "{found:?}");
}

#[test]
fn a_report_is_bounded() {
    let backend = Arc::new(MemoryBackend::new());
    for number in 0..1_100 {
        let put = Operation::Put(Key::from(format!("x{number}")), Bytes::new());
        backend.commit(Batch { preconditions: Vec::new(), operations: vec![put] }).wait(None).unwrap().unwrap();
    }
    let report = check(&backend);
    assert_eq!((report.flaws.len(), report.more), (1_000, 100));
}

/// A backend that lost a key and knows nothing of it, or cannot read it.
struct Losing {
    inner: Arc<MemoryBackend>,
    lost: Key,
    is_unreadable: bool,
}

impl Losing {
    fn is_lost(&self, key: &[u8]) -> Result<bool> {
        match key == self.lost {
            true if self.is_unreadable => Err(crate::backend::fault("a page is torn")),
            is_lost => Ok(is_lost),
        }
    }
}

impl Backend for Losing {
    fn floor(&self) -> Revision {
        self.inner.floor()
    }

    fn revision_changed(&self) -> RevisionListener {
        self.inner.revision_changed()
    }

    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        if self.is_lost(key)? { Ok(None) } else { self.inner.get(key) }
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.get(key)
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        let mut page = self.inner.scan(scan)?;
        let all = std::mem::take(&mut page.entries);
        for (key, value) in all {
            if !self.is_lost(&key)? {
                page.entries.push((key, value));
            }
        }
        Ok(page)
    }

    fn commit(&self, batch: Batch) -> Completion {
        self.inner.commit(batch)
    }

    fn max_batch(&self) -> usize {
        self.inner.max_batch()
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.inner.changes(after, limit)
    }

    fn revision(&self) -> Revision {
        self.inner.revision()
    }

    fn follow(&self, observer: Arc<dyn Observer>) {
        self.inner.follow(observer);
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        self.inner.compact(floor)
    }
}

#[test]
fn what_left_no_trace_is_named_by_the_change_log() {
    let (inner, record, name) = filled();
    inner.commit(Batch { preconditions: Vec::new(), operations: vec![Operation::Delete(name)] });
    let backend = Arc::new(Losing { inner, lost: record, is_unreadable: false });
    let report = check(&backend);
    let found: Vec<_> = report.flaws.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("DeploymentTarget \"") && found[0].ends_with("is lost; revision 3 wrote it"),
        "{found:?}"
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_checked() {
    let (inner, record, _) = filled();
    let store = Store::builder().backend(Arc::clone(&inner) as Arc<dyn Backend>).open().unwrap();
    for number in 0..100 {
        let document = json!({"metadata": {"name": format!("t{number}")}, "spec": {"kubernetes": {}}});
        store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
    }
    let last = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get("t99").unwrap();
    let last = key::record("DeploymentTarget", NAMESPACE, last.metadata.id);
    let broken = inner.get(&last).unwrap().unwrap().value.slice(..9);
    let put = Operation::Put(last, broken);
    inner.commit(Batch { preconditions: Vec::new(), operations: vec![put] }).wait(None).unwrap().unwrap();
    let report = check(&Arc::new(Losing { inner, lost: record, is_unreadable: true }));
    let found: Vec<_> = report.flaws.iter().map(ToString::to_string).collect();
    assert!(
        found.iter().any(|flaw| flaw.ends_with(": a page is torn") && flaw.starts_with("DeploymentTarget")),
        "{found:?}"
    );
    assert!(found.iter().any(|flaw| flaw.contains("checksum")), "the one behind is checked too: {found:?}");
    // All but the unreadable one and the broken one, and the namespace.
    assert_eq!((report.resources, report.names), (100, 102));
}

/// The keys of a store in a folder, changed behind its back.
#[cfg(feature = "sled")]
#[test]
fn what_sled_lost_is_counted_and_named() {
    use crate::backend::SledBackend;
    let folder = tempfile::tempdir().unwrap();
    let id = {
        let store = Store::open(folder.path()).unwrap();
        let document = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
        let written = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
        written.object.metadata.id
    };
    let marker = folder.path().join("kindstore.marker");
    let data = sled::open(folder.path().join("sled")).unwrap();
    assert!(data.remove(key::record("DeploymentTarget", NAMESPACE, id)).unwrap().is_some());
    drop(data);
    // As a process leaves it that is killed.
    let text = std::fs::read_to_string(&marker).unwrap();
    let mut text: serde_json::Value = serde_json::from_str(&text).unwrap();
    text["clean"] = json!(false);
    text.as_object_mut().unwrap().remove("fingerprint");
    std::fs::write(&marker, text.to_string()).unwrap();
    let found = check(&Arc::new(SledBackend::open(folder.path(), Default::default()).unwrap())).flaws;
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    let [counted, name, record] = &found[..] else { panic!("{found:?}") };
    assert!(counted.contains("it has 6 keys and should have 7"), "{counted}");
    assert!(name.starts_with("DeploymentTarget \"jobs\"") && name.contains("is missing"), "{name}");
    assert!(record.contains(&id.to_string()) && record.contains("is lost"), "{record}");
}
