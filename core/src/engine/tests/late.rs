//! Writes over a backend that decides preconditions late, with a second writer beside it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::backend::hooked::Hooked;
use crate::backend::{Backend, MemoryBackend};
use crate::engine::Store;

/// A store whose commits are decided late, and another one over the same bytes.
fn stores() -> (Arc<MemoryBackend>, Store, Store) {
    let inner = Arc::new(MemoryBackend::new());
    let open = |backend: Arc<dyn Backend>| Store::builder().backend(backend).background(false).open().unwrap();
    let other = open(Arc::clone(&inner) as Arc<dyn Backend>);
    let late = open(Arc::new(Hooked::late(Arc::clone(&inner), Duration::from_micros(200))));
    (inner, late, other)
}

#[test]
fn a_conflict_that_is_decided_late_moves_no_write_on() {
    let (inner, late, other) = stores();
    for round in 0..10 {
        other.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
        let targets = other.kind("DeploymentTarget").unwrap().namespace("shop");
        let target = |label: u32| json!({"metadata": {"labels": {"n": label.to_string()}}, "spec": {"kubernetes": {}}});
        for number in 0..5 {
            targets.upsert(&format!("t{number}"), target(0)).wait().unwrap();
        }
        std::thread::scope(|scope| {
            // Both change what the other one is about to delete, until the namespace accepts no writes any more.
            scope.spawn(|| {
                (1..).find(|label| targets.upsert(&format!("t{}", label % 5), target(*label)).wait().is_err())
            });
            let targets = late.kind("DeploymentTarget").unwrap().namespace("shop");
            targets.delete("t0").wait().unwrap();
            let outcome = late.kind("Namespace").unwrap().delete("shop").wait().unwrap();
            assert_eq!(outcome.object.metadata.name.as_deref(), Some("shop"), "round {round}");
        });
        assert!(other.kind("Namespace").unwrap().find("shop").unwrap().is_none());
    }
    let report = Store::builder().backend(inner).check().unwrap();
    assert!(report.flaws.is_empty(), "{:?}", report.flaws);
}

#[test]
fn dependents_go_with_their_owner_when_commits_are_decided_late() {
    let (inner, late, other) = stores();
    late.kind("DeploymentTarget")
        .unwrap()
        .namespace("default")
        .upsert("jobs", json!({"spec": {"kubernetes": {}}}))
        .wait()
        .unwrap();
    let system = other.as_system();
    let jobs = system.kind("Job").unwrap().namespace("default");
    for _ in 0..5 {
        let template = json!({"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a.jar"}}});
        let spec = json!({"deploymentTargetName": "jobs", "template": template});
        let deployments = late.kind("Deployment").unwrap().namespace("default");
        let id = deployments.upsert("clicks", json!({"spec": spec})).wait().unwrap().object.metadata.id.to_string();
        for _ in 0..3 {
            jobs.create(json!({"metadata": {"deploymentId": id}, "spec": {"deploymentId": id}})).wait().unwrap();
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while jobs
                    .create(json!({"metadata": {"deploymentId": id}, "spec": {"deploymentId": id}}))
                    .wait()
                    .is_ok()
                {}
            });
            deployments.delete("clicks").wait().unwrap();
        });
        assert_eq!(jobs.list().read().unwrap().items, []);
    }
    let report = Store::builder().backend(inner).check().unwrap();
    assert!(report.flaws.is_empty(), "{:?}", report.flaws);
}
