//! A store that was exported goes on where it was.

use std::sync::Arc;

use serde_json::json;

use super::super::{
    Cursor, GetOptions, HistoryOptions, ListOptions, Store, StoreBuilder, WatchEvent, WatchFrom, WatchOptions,
    WriteOptions,
};
use crate::backend::{Backend, MemoryBackend};
use crate::object::{ResourceId, Timestamp};

const KIND: &str = "DeploymentTarget";
const NAMESPACE: Option<&str> = Some("default");

fn put(store: &Store, name: &str, label: &str) -> ResourceId {
    let document = json!({"metadata": {"name": name, "labels": {"at": label}}, "spec": {"kubernetes": {}}});
    store.upsert(KIND, NAMESPACE, name, document, WriteOptions::default()).wait().unwrap().object.metadata.id
}

fn builder(backend: &Arc<MemoryBackend>, hour: i64) -> StoreBuilder {
    let clock = Arc::new(move || Timestamp::from_micros(hour * 3_600_000_000));
    Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>).clock(clock).background(false)
}

fn imported(backend: &MemoryBackend) -> Arc<MemoryBackend> {
    Arc::new(MemoryBackend::import(&backend.export()).unwrap())
}

fn told(store: &Store, from: Cursor) -> Vec<String> {
    let options = WatchOptions { from: WatchFrom::After(from), ..WatchOptions::default() };
    let mut watch = store.watch(KIND, NAMESPACE, options).unwrap();
    let word = |event: WatchEvent| match event {
        WatchEvent::Change(change) => {
            let metadata = &change.object().metadata;
            format!("{} {:?} {}", change.change_type.word(), metadata.name, metadata.resource_version)
        }
        _ => "BOOKMARK".to_owned(),
    };
    std::iter::from_fn(|| watch.try_next().unwrap()).map(word).collect()
}

#[test]
fn an_imported_store_is_sound_and_goes_on() {
    let backend = Arc::new(MemoryBackend::new());
    let store = builder(&backend, 100).open().unwrap();
    let first = put(&store, "a", "x");
    let cursor = Cursor::after(store.revision());
    for (name, label) in [("a", "y"), ("b", "x"), ("c", "x")] {
        put(&store, name, label);
    }
    store.delete(KIND, NAMESPACE, "b", WriteOptions::default()).wait().unwrap();

    let copy = imported(&backend);
    // The machine's clock was set back meanwhile.
    let builder = builder(&copy, 1);
    assert_eq!(builder.clone().check().unwrap().flaws, []);
    let again = builder.open().unwrap();
    assert_eq!(again.revision(), store.revision());
    assert_eq!(told(&again, cursor), told(&store, cursor));
    assert!(told(&again, cursor).len() >= 4);
    let history = |store: &Store, key: &str| store.history(KIND, NAMESPACE, key, HistoryOptions::default()).unwrap();
    assert_eq!(format!("{:?}", history(&again, "a")), format!("{:?}", history(&store, "a")));
    assert_eq!(format!("{:?}", history(&again, "b")), format!("{:?}", history(&store, "b")));
    let then = GetOptions { revision: Some(cursor.revision), ..GetOptions::default() };
    assert_eq!(again.get(KIND, NAMESPACE, "a", then).unwrap(), store.get(KIND, NAMESPACE, "a", then).unwrap());

    let page = ListOptions { limit: Some(1), revision: Some(store.revision()), ..ListOptions::default() };
    let begun = store.list(KIND, NAMESPACE, page.clone()).unwrap();
    let rest = ListOptions { after: begun.next, ..page };
    assert_eq!(
        again.list(KIND, NAMESPACE, rest.clone()).unwrap().items,
        store.list(KIND, NAMESPACE, rest).unwrap().items
    );

    let before = again.revision();
    let last = store.get(KIND, NAMESPACE, "c", GetOptions::default()).unwrap().metadata.id;
    assert!(put(&again, "d", "x") > last, "ids rise though the clock went back");
    assert_eq!(put(&again, "a", "z"), first);
    assert_eq!(again.revision(), before + 2);
    assert_eq!(again.get(KIND, NAMESPACE, "a", GetOptions::default()).unwrap().metadata.resource_version, 3);
    again.undelete(KIND, NAMESPACE, "b", WriteOptions::default()).wait().unwrap();
    assert_eq!(StoreBuilder::default().backend(copy).check().unwrap().flaws, []);
}

#[test]
fn what_is_not_kept_any_more_is_not_kept_after_an_import_either() {
    let backend = Arc::new(MemoryBackend::new());
    let store = builder(&backend, 1).open().unwrap();
    put(&store, "a", "x");
    let old = Cursor::after(store.revision());
    put(&store, "a", "y");
    backend.compact(store.revision()).unwrap();
    put(&store, "a", "z");
    let again = builder(&imported(&backend), 1).open().unwrap();
    let watch = |store: &Store| {
        let options = WatchOptions { from: WatchFrom::After(old), ..WatchOptions::default() };
        store.watch(KIND, NAMESPACE, options).and_then(|mut watch| watch.try_next()).map(drop).unwrap_err().to_string()
    };
    assert_eq!(watch(&again), watch(&store));
}
