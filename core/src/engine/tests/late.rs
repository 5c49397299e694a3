//! Writes over a backend that decides preconditions late, with a second writer beside it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::backend::{
    Backend, Batch, Change, Completion, MemoryBackend, Page, Revision, RevisionListener, Scan, Versioned, promise,
};
use crate::engine::Store;
use crate::error::Result;

/// A backend that decides a commit some time after it was submitted: meanwhile others write.
struct Late(Arc<MemoryBackend>);

impl Backend for Late {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.0.get(key)
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.0.get_for_write(key)
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        self.0.scan(scan)
    }

    fn commit(&self, batch: Batch) -> Completion {
        let (promise, completion) = promise();
        let inner = Arc::clone(&self.0);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(200));
            promise.resolve(inner.commit(batch).wait(None).unwrap());
        });
        completion
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.0.changes(after, limit)
    }

    fn revision(&self) -> Revision {
        self.0.revision()
    }

    fn floor(&self) -> Revision {
        self.0.floor()
    }

    fn revision_changed(&self) -> RevisionListener {
        self.0.revision_changed()
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        self.0.compact(floor)
    }
}

/// A store whose commits are decided late, and another one over the same bytes.
fn stores() -> (Arc<MemoryBackend>, Store, Store) {
    let inner = Arc::new(MemoryBackend::new());
    let open = |backend: Arc<dyn Backend>| Store::builder().backend(backend).background(false).open().unwrap();
    let other = open(Arc::clone(&inner) as Arc<dyn Backend>);
    let late = open(Arc::new(Late(Arc::clone(&inner))));
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
