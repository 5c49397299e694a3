//! The embedded store as other programs use it: from threads, from tasks, over and over on one folder.

use kindstore::{Error, GetOptions, ListOptions, OpenError, Store, WriteOptions};
use serde_json::json;

const ROOM: Option<&str> = Some("default");

fn is_shared<T: Send + Sync + Clone>() {}

#[test]
fn a_store_is_a_handle_for_threads_and_tasks() {
    is_shared::<Store>();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let create = |name: String| {
        let document = json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
        store.create("DeploymentTarget", ROOM, document, WriteOptions::default())
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let create = &create;
            scope.spawn(move || (0..25).for_each(|number| drop(create(format!("t{thread}-{number}")).wait().unwrap())));
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let tasks: Vec<_> = (0..100).map(|number| runtime.spawn(create(format!("a-{number}")))).collect();
    for task in tasks {
        runtime.block_on(task).unwrap().unwrap();
    }
    assert_eq!(store.list("DeploymentTarget", ROOM, ListOptions::default()).unwrap().items.len(), 200);
}

#[test]
fn a_folder_is_open_once_and_opens_again_when_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let document = json!({"metadata": {"name": "one"}, "spec": {"kubernetes": {}}});
    store.create("DeploymentTarget", ROOM, document, WriteOptions::default()).wait().unwrap();
    assert!(matches!(Store::open(folder.path()), Err(Error::Open(OpenError::InUse { .. }))));
    let revision = store.revision();
    drop(store);
    for _ in 0..3 {
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.revision(), revision, "opening writes nothing");
        assert!(store.get("DeploymentTarget", ROOM, "one", GetOptions::default()).is_ok());
    }
}

#[test]
fn a_namespace_whose_deletion_was_cut_short_is_gone_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.create("Namespace", None, json!({"name": "room"}), WriteOptions::default()).wait().unwrap();
    for number in 0..120 {
        let document = json!({"metadata": {"name": format!("t{number}")}, "spec": {"kubernetes": {}}});
        store.create("DeploymentTarget", Some("room"), document, WriteOptions::default()).wait().unwrap();
    }
    // Only the first step is submitted: nobody waits for the rest.
    drop(store.delete("Namespace", None, "room", WriteOptions::default()));
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert!(matches!(store.get("Namespace", None, "room", GetOptions::default()), Err(Error::NotFound { .. })));
}
