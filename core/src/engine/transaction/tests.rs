//! Transactions on memory, told as behaviour. Those of every binding are in the cases.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::backend::hooked::Hooked;
use crate::backend::{Backend, Batch, MemoryBackend, Revision, Scan};
use crate::engine::{GetOptions, Operation, Patch, Store, StoreBuilder, WriteOptions, WriteOutcome};
use crate::error::{Error, Result};
use crate::rules::version::{ETag, Expected};

mod past;

const NAMESPACE: &str = "default";

fn target(name: &str) -> Operation {
    Operation::create("DeploymentTarget", json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}}))
}

fn deployment(name: &str, target: &str) -> Operation {
    Operation::create("Deployment", document(name, target))
}

fn document(name: &str, target: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"deploymentTargetName": target, "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}})
}

fn commit(store: &Store, operations: Vec<Operation>) -> Result<Vec<WriteOutcome>> {
    store.transaction("default").operations(operations).wait()
}

fn count(store: &Store, kind: &str) -> usize {
    store.kind(kind).unwrap().namespace(NAMESPACE).list().read().unwrap().items.len()
}

#[test]
fn later_operations_see_what_earlier_ones_made_and_all_have_one_revision() {
    let store = Store::in_memory().unwrap();
    let before = store.revision();
    let written =
        commit(&store, vec![target("jobs"), deployment("clicks", "jobs"), deployment("views", "jobs")]).unwrap();
    assert_eq!(store.revision(), before + 1);
    assert!(written.iter().all(|written| written.created && written.revision == Some(before + 1)));
    let blocked = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).delete("jobs").wait();
    assert!(matches!(blocked, Err(Error::Blocked { .. })), "{blocked:?}");
    let operations = ["clicks", "views"].map(|name| Operation::delete("Deployment", name));
    let operations = operations.into_iter().chain([Operation::delete("DeploymentTarget", "jobs")]).collect();
    let gone = commit(&store, operations).unwrap();
    assert_eq!((gone.len(), gone[2].revision), (3, Some(before + 2)));
    assert_eq!((count(&store, "Deployment"), count(&store, "DeploymentTarget")), (0, 0));
    // Whatever is left would be found by a check of the whole store.
    assert_eq!(crate::engine::check::check(store.registry(), store.backend()).flaws.len(), 0);
}

#[test]
fn one_refused_operation_changes_nothing_not_even_the_revision() {
    let store = Store::in_memory().unwrap();
    commit(&store, vec![target("jobs")]).unwrap();
    let before = store.revision();
    let stale = WriteOptions {
        expected: Some(Expected::OneOf(vec![ETag { id: None, version: 7 }])),
        ..WriteOptions::default()
    };
    let late = Operation::upsert("DeploymentTarget", "jobs", json!({"spec": {"kubernetes": {}}})).options(stale);
    for (operation, reason) in [
        (deployment("bad name!", "jobs"), "Invalid"),
        (deployment("clicks", "nowhere"), "Invalid"),
        (target("jobs"), "AlreadyExists"),
        (late, "PreconditionFailed"),
        (Operation::delete("Deployment", "nothing"), "NotFound"),
        (Operation::delete("Deployment", ""), "NotFound"),
        (Operation::delete("Namespace", "default"), "BadRequest"),
        (Operation::create("Nothing", json!({})), "BadRequest"),
        (Operation::create("Job", json!({})), "MethodNotAllowed"),
        (Operation::create("Deployment", json!(7)), "BadRequest"),
    ] {
        let refused = commit(&store, vec![deployment("fine", "jobs"), operation]).unwrap_err();
        assert_eq!(refused.reason(), reason, "{refused}");
        let told = format!("{refused} {:?}", refused.context());
        assert!(told.contains("operations[1]"), "{told}");
        assert_eq!((store.revision(), count(&store, "Deployment")), (before, 0), "{refused}");
    }
    // The first one that is refused is told, whatever is wrong with those after it.
    let refused = commit(&store, vec![target("jobs"), Operation::delete("Deployment", "nothing")]).unwrap_err();
    assert_eq!(refused.reason(), "AlreadyExists", "{refused}");
    let missing = store.transaction("nowhere").operations(vec![target("a")]).wait();
    assert!(matches!(missing, Err(Error::NotFound { kind, .. }) if kind == "Namespace"));
}

#[test]
fn problems_of_all_operations_are_told_at_once_without_those_that_follow() {
    let store = Store::in_memory().unwrap();
    let wrong =
        Operation::create("DeploymentTarget", json!({"metadata": {"name": "wrong"}, "spec": {"kubernetes": 7}}));
    let operations = vec![target("jobs"), wrong, deployment("follows", "wrong"), deployment("Bad Name", "nowhere")];
    let Err(Error::Invalid { kind, problems }) = commit(&store, operations) else { panic!("it is valid") };
    assert_eq!(kind, "transaction");
    let told: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    let expected = [
        "/operations/1/document/spec/kubernetes",
        "/operations/3/document/metadata/name",
        "/operations/3/document/spec/deploymentTargetName",
    ];
    assert_eq!(told, expected, "{problems:?}");
    assert!(problems[0].message.ends_with("(DeploymentTarget \"wrong\")"), "{}", problems[0]);
    // As many problems as can be told end the pass.
    let many = (0..=MAX_COMMIT / 2).map(|number| {
        let mut document = document(&format!("d{number}"), "nowhere");
        document["spec"]["template"]["spec"]["artifact"]["kind"] = json!("nothing");
        Operation::create("Deployment", document)
    });
    let Err(Error::Invalid { problems, .. }) = commit(&store, many.collect()) else { panic!("it is valid") };
    assert_eq!(problems.len(), 1_001);
}

#[test]
fn the_same_resource_twice_is_refused_whichever_way_it_is_named() {
    let store = Store::in_memory().unwrap();
    let written = commit(&store, vec![target("jobs"), deployment("clicks", "jobs")]).unwrap();
    let id = written[1].object.metadata.id.to_string();
    let label = json!({"metadata": {"labels": {"a": "b"}}});
    let patch = |key: &str| Operation::patch("Deployment", key, label.clone());
    for operations in [
        vec![patch("clicks"), patch("clicks")],
        vec![patch("clicks"), patch(&id)],
        vec![patch(&id), Operation::delete("Deployment", "clicks")],
        vec![Operation::delete("Deployment", "clicks"), patch(&id.to_uppercase())],
        vec![Operation::delete("Deployment", "clicks"), deployment("clicks", "jobs")],
        vec![patch("clicks"), deployment("clicks", "jobs")],
        vec![deployment("new", "jobs"), deployment("new", "jobs")],
        vec![deployment("new", "jobs"), patch("new")],
    ] {
        let refused = commit(&store, operations).unwrap_err().to_string();
        let is_of_both = refused.contains("operations[0] and operations[1] are both about Deployment");
        assert!(is_of_both || refused.contains("no Deployment"), "{refused}");
    }
    assert_eq!(store.revision(), written[0].revision.unwrap());
}

#[test]
fn a_dry_run_answers_as_the_real_one_and_stores_nothing() {
    let store = Store::in_memory().unwrap();
    let before = store.revision();
    let dry = |operations| store.transaction("default").operations(operations).dry_run(true).wait();
    let operations = || vec![target("jobs"), deployment("clicks", "jobs")];
    let written = dry(operations()).unwrap();
    assert!(written.iter().all(|written| written.created && written.revision.is_none()));
    assert_eq!((store.revision(), count(&store, "DeploymentTarget")), (before, 0));
    commit(&store, operations()).unwrap();
    assert_eq!(dry(operations()).unwrap_err().reason(), "AlreadyExists");
    let inner = target("x").options(WriteOptions { dry_run: true, ..WriteOptions::default() });
    assert_eq!(commit(&store, vec![inner]).unwrap_err().reason(), "BadRequest");
    // The next ids are kept rising by what was stored, not by what a dry run would have stored.
    assert!(store.backend().get(&crate::engine::stored::key::id_mark()).unwrap().is_some());
}

#[test]
fn nothing_to_do_is_done_and_too_much_is_refused() {
    let store = Store::in_memory().unwrap();
    let before = store.revision();
    assert_eq!(commit(&store, vec![]).unwrap(), []);
    let many = |count: usize| (0..count).map(|number| target(&format!("t{number}"))).collect();
    let refused = commit(&store, many(MAX_COMMIT + 1)).unwrap_err().to_string();
    assert!(refused.contains("at most 1000 operations, this one has 1001"), "{refused}");
    assert_eq!(store.revision(), before);
    assert_eq!(commit(&store, many(MAX_COMMIT)).unwrap().len(), MAX_COMMIT);
    assert_eq!((store.revision(), count(&store, "DeploymentTarget")), (before + 1, MAX_COMMIT));
    let same = json!({"spec": {"kubernetes": {}}});
    let unchanged = commit(&store, vec![Operation::upsert("DeploymentTarget", "t1", same)]).unwrap();
    assert_eq!((unchanged[0].changed, unchanged[0].revision, store.revision()), (false, None, before + 1));
}

#[test]
fn what_belongs_to_a_resource_goes_with_it_under_the_same_revision() {
    let store = Store::in_memory().unwrap();
    let written = commit(&store, vec![target("jobs"), deployment("clicks", "jobs")]).unwrap();
    let id = written[1].object.metadata.id.to_string();
    for _ in 0..70 {
        let job = json!({"metadata": {"deploymentId": id}, "spec": {"deploymentId": id}});
        store.as_system().kind("Job").unwrap().namespace(NAMESPACE).create(job).wait().unwrap();
    }
    let jobs = count(&store, "Job");
    assert!(jobs > 0);
    let before = store.revision();
    let operations = vec![Operation::delete("Deployment", "clicks"), Operation::delete("DeploymentTarget", "jobs")];
    commit(&store, operations).unwrap();
    assert_eq!((store.revision(), count(&store, "Job"), count(&store, "Deployment")), (before + 1, 0, 0));
    assert_eq!(crate::engine::check::check(store.registry(), store.backend()).flaws.len(), 0);
}

#[test]
fn defaults_that_a_transaction_sets_hold_for_what_it_creates_and_for_what_follows() {
    let store = Store::in_memory().unwrap();
    commit(&store, vec![target("jobs"), deployment("before", "jobs")]).unwrap();
    let defaults = json!({"spec": {"template": {"spec": {"parallelism": 7}}}});
    let operations = vec![Operation::patch("DeploymentDefaults", "", defaults), deployment("within", "jobs")];
    commit(&store, operations).unwrap();
    commit(&store, vec![deployment("after", "jobs")]).unwrap();
    let parallelism = |name: &str| {
        let object = store.kind("Deployment").unwrap().namespace(NAMESPACE).get(name).unwrap();
        object.spec_value().at("/template/spec/parallelism").map(crate::json::Json::to_text)
    };
    assert_ne!(parallelism("before").as_deref(), Some("7"));
    assert_eq!((parallelism("within").as_deref(), parallelism("after").as_deref()), (Some("7"), Some("7")));
}

#[test]
fn a_json_patch_of_another_operation_sees_what_was_made() {
    let store = Store::in_memory().unwrap();
    commit(&store, vec![target("jobs"), deployment("clicks", "jobs")]).unwrap();
    let patch = json!([{"op": "test", "path": "/metadata/resourceVersion", "value": 1}, {"op": "replace", "path": "/spec/deploymentTargetName", "value": "new"}]);
    let patch = Patch::Json(patch.into());
    let operations = vec![target("new"), Operation::patch("Deployment", "clicks", patch)];
    let written = commit(&store, operations).unwrap();
    assert_eq!((written[1].created, written[1].object.metadata.resource_version), (false, 2));
    assert!(commit(&store, vec![Operation::delete("DeploymentTarget", "jobs")]).is_ok());
    assert!(commit(&store, vec![Operation::delete("DeploymentTarget", "new")]).is_err());
}

#[test]
fn a_transaction_that_is_overtaken_begins_anew_and_gives_up_in_the_end() {
    let touch = |inner: &MemoryBackend| {
        // Every record is written again: whatever was read of it is out of date.
        let scan = Scan { prefix: "r\0DeploymentTarget".into(), after: None, limit: 0 };
        let page = inner.scan(&scan).unwrap();
        let operations = page.entries.into_iter().map(|(key, found)| crate::backend::Operation::Put(key, found.value));
        let batch = Batch { preconditions: vec![], operations: operations.collect() };
        assert!(inner.commit(batch).wait(None).unwrap().is_ok());
    };
    // Before each of so many commits another write comes in between.
    let others = Arc::new(AtomicUsize::new(0));
    let left = Arc::clone(&others);
    let backend = Hooked::before_commits(Arc::new(MemoryBackend::new()), move |inner| {
        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            touch(inner);
        }
    });
    let store = StoreBuilder::default().backend(Arc::new(backend)).open().unwrap();
    commit(&store, vec![target("jobs")]).unwrap();
    let label = |value: &str| {
        let document = json!({"metadata": {"labels": {"a": value}}, "spec": {"kubernetes": {}}});
        vec![Operation::upsert("DeploymentTarget", "jobs", document), target(value)]
    };
    others.store(10, Ordering::SeqCst);
    assert_eq!(commit(&store, label("late")).unwrap()[0].object.metadata.resource_version, 2);
    others.store(usize::MAX, Ordering::SeqCst);
    let refused = commit(&store, label("never")).unwrap_err();
    assert_eq!(refused.reason(), "Conflict", "{refused}");
    others.store(0, Ordering::SeqCst);
    assert_eq!(count(&store, "DeploymentTarget"), 2);
}
