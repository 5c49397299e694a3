//! The embedded store as other programs use it: from threads, from tasks, over and over on one folder.

use std::future::Future;
use std::pin::pin;
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use kindstore::{Error, OpenError, Store};
use serde_json::json;

use crate::crash::example;
use crate::stall::{Stalling, stalling_store};
use crate::target::furnished;

const NAMESPACE: &str = "default";

fn is_shared<T: Send + Sync + Clone>() {}

#[test]
fn a_store_is_a_handle_for_threads_and_tasks() {
    is_shared::<Store>();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let create = |name: String| {
        let document = json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
        store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).submit()
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
    assert_eq!(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).list().read().unwrap().items.len(), 200);
}

#[test]
fn a_folder_is_open_once_and_opens_again_when_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let document = json!({"metadata": {"name": "one"}, "spec": {"kubernetes": {}}});
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
    assert!(matches!(Store::open(folder.path()), Err(Error::Open(OpenError::InUse { .. }))));
    let revision = store.revision();
    drop(store);
    for _ in 0..3 {
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.revision(), revision, "opening writes nothing");
        assert!(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get("one").is_ok());
    }
}

#[test]
fn a_namespace_whose_deletion_was_cut_short_is_gone_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
    for number in 0..120 {
        let document = json!({"metadata": {"name": format!("t{number}")}, "spec": {"kubernetes": {}}});
        store.kind("DeploymentTarget").unwrap().namespace("shop").create(document).wait().unwrap();
    }
    // Only the first step is submitted: nobody waits for the rest.
    drop(store.kind("Namespace").unwrap().delete("shop").submit());
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert!(matches!(store.kind("Namespace").unwrap().get("shop"), Err(Error::NotFound { .. })));
}

#[test]
fn an_answer_that_stores_nothing_waits_for_what_it_saw() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Stalling::default());
    let store = stalling_store(folder.path(), &disk);
    let upsert = || {
        let document = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"kubernetes": {}}});
        store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).upsert("one", document).submit()
    };
    let permit = disk.stall();
    let first = upsert();
    let same = upsert();
    let name = json!({"metadata": {"name": "one"}, "spec": {"kubernetes": {}}});
    let taken = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(name).submit();
    let (mut same, mut taken) = (pin!(same), pin!(taken));
    let mut context = Context::from_waker(Waker::noop());
    assert!(same.as_mut().poll(&mut context).is_pending(), "the version it would answer is not durable");
    assert!(taken.as_mut().poll(&mut context).is_pending(), "the name is not durably taken");
    assert!(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get("one").is_err());
    permit.send(()).unwrap();
    assert!(first.wait().unwrap().created);
    drop(permit);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(!runtime.block_on(same).unwrap().changed);
    assert!(matches!(runtime.block_on(taken), Err(Error::AlreadyExists { .. })));
    assert!(
        matches!(pin!(upsert()).poll(&mut context), Poll::Ready(Ok(_))),
        "when all is durable nothing is waited for"
    );
}

/// Twice, as people do: the second run finds the folder of the first.
#[test]
fn the_examples_of_core_run_and_run_again() {
    for (name, line) in [("embed", "clicks is at version"), ("typed", "typed runs in \"flink\"")] {
        let folder = tempfile::tempdir().unwrap();
        for run in 1..=2 {
            let done = Command::new(example(name)).arg(folder.path().join("store")).output().unwrap();
            let (printed, error) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            assert!(done.status.success() && printed.contains(line), "{name}, run {run}: {printed} {error}");
        }
    }
}

#[test]
fn nothing_outlives_a_namespace_however_creates_and_deletions_race() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let targets = store.kind("DeploymentTarget").unwrap().namespace("shop");
    for round in 0..5 {
        store.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let targets = &targets;
                scope.spawn(move || {
                    for number in 0.. {
                        let name = format!("r{round}-t{thread}-{number}");
                        let document = json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
                        let created = targets.create(document).wait();
                        match created {
                            Ok(_) => {}
                            Err(Error::Blocked { .. } | Error::NotFound { .. }) => break,
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    while targets.list().read().is_ok_and(|list| list.items.len() < 70) {
                        std::thread::yield_now();
                    }
                    match store.kind("Namespace").unwrap().delete("shop").wait() {
                        Ok(_) | Err(Error::NotFound { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                });
            }
        });
    }
    store.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
    assert!(targets.list().read().unwrap().items.is_empty());
}

#[test]
fn a_late_deletion_leaves_a_namespace_alone_that_was_made_anew() {
    let store = Store::in_memory().unwrap();
    let create = || store.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
    let first = create();
    let late = store.kind("Namespace").unwrap().delete("shop").submit();
    store.kind("Namespace").unwrap().delete("shop").wait().unwrap();
    let second = create();
    let document = json!({"metadata": {"name": "precious"}, "spec": {"kubernetes": {}}});
    store.kind("DeploymentTarget").unwrap().namespace("shop").create(document).wait().unwrap();
    assert_eq!(late.wait().unwrap().object.metadata.id, first.object.metadata.id);
    assert_eq!(store.kind("Namespace").unwrap().get("shop").unwrap(), second.object);
    assert!(store.kind("DeploymentTarget").unwrap().namespace("shop").get("precious").is_ok());
}

#[test]
fn concurrent_upserts_of_one_name_all_land() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for round in 0..10 {
        let name = format!("n{round}");
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (store, name) = (&store, &name);
                scope.spawn(move || {
                    let label = json!({"by": thread.to_string()});
                    let document = json!({"metadata": {"labels": label}, "spec": {"kubernetes": {}}});
                    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).upsert(name, document).wait().unwrap();
                });
            }
        });
        let object = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get(&name).unwrap();
        assert_eq!(object.metadata.resource_version, 8);
    }
}

#[test]
fn a_resource_does_not_grow_without_bound() {
    let store = furnished(Store::in_memory().unwrap());
    let artifact = json!({"spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}});
    store.kind("Deployment").unwrap().namespace(NAMESPACE).upsert("big", artifact).wait().unwrap();
    let grow = |number: usize| {
        let configuration = json!({format!("k{number}"): "x".repeat(1_000_000)});
        let patch = json!({"spec": {"template": {"spec": {"flinkConfiguration": configuration}}}});
        store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("big", patch).wait()
    };
    assert!(grow(1).is_ok() && grow(2).is_ok());
    assert!(matches!(grow(3), Err(Error::Invalid { .. })));
}

#[test]
fn many_writers_of_one_large_resource_all_come_through() {
    let store = furnished(Store::in_memory().unwrap());
    let artifact = json!({"spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}, "flinkConfiguration": {"large": "x".repeat(700_000)}}}}});
    store.kind("Deployment").unwrap().namespace(NAMESPACE).upsert("big", artifact).wait().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..64 {
            let store = &store;
            scope.spawn(move || {
                for round in 0..3 {
                    let patch = json!({"metadata": {"labels": {format!("t{thread}"): round.to_string()}}});
                    store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("big", patch).wait().unwrap();
                }
            });
        }
    });
    let object = store.kind("Deployment").unwrap().namespace(NAMESPACE).get("big").unwrap();
    assert_eq!((object.metadata.resource_version, object.metadata.labels.unwrap().len()), (1 + 64 * 3, 64));
}
