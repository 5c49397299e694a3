//! Writes over a backend that decides preconditions late, with a second writer beside it.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
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

/// Runs `late` while another thread overtakes it, until the latter is refused or the former has ended. Every pause is longer
/// than the one before: a writer without any pause would win for ever wherever commits take longer than its round.
fn while_overtaken(overtake: impl Fn(u32) -> bool + Send, late: impl FnOnce()) {
    std::thread::scope(|scope| {
        let (ended, end) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            let pause = |round: u32| end.recv_timeout(Duration::from_micros(u64::from(round) * 5));
            (1..).find(|round| !overtake(*round) || pause(*round) != Err(RecvTimeoutError::Timeout))
        });
        late();
        // Dropped by a panic too: the thread must end, or the scope would wait for it for ever.
        drop(ended);
    });
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
        // The other one changes what is about to be deleted, until the namespace accepts no writes any more.
        let overtake = |label: u32| targets.upsert(&format!("t{}", label % 5), target(label)).wait().is_ok();
        while_overtaken(overtake, || {
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
        let job = || json!({"metadata": {"deploymentId": id}, "spec": {"deploymentId": id}});
        while_overtaken(|_| jobs.create(job()).wait().is_ok(), || drop(deployments.delete("clicks").wait().unwrap()));
        assert_eq!(jobs.list().read().unwrap().items, []);
    }
    let report = Store::builder().backend(inner).check().unwrap();
    assert!(report.flaws.is_empty(), "{:?}", report.flaws);
}
