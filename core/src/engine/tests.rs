//! The engine on memory: the order of the steps, told as behaviour.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

mod import;

use std::thread;

use serde_json::{Value, json};

use super::{GetOptions, ListOptions, Store, WriteOptions};
use crate::error::Error;
use crate::manifest::Document;
use crate::rules::version::Expected;

const NAMESPACE: Option<&str> = Some("default");

/// A store with the target that Deployments name.
fn furnished() -> Store {
    let store = Store::in_memory().unwrap();
    store.create("DeploymentTarget", NAMESPACE, target("jobs"), WriteOptions::default()).wait().unwrap();
    store
}

fn target(name: &str) -> Document {
    json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}}).into()
}

fn deployment(name: &str) -> Document {
    json!({"metadata": {"name": name}, "spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}}).into()
}

fn document(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_resource_comes_back_by_id_and_by_name() {
    let store = furnished();
    let written = store.create("Deployment", NAMESPACE, deployment("clicks"), WriteOptions::default()).wait().unwrap();
    assert!(written.created && written.revision.is_some());
    let by_name = store.get("Deployment", NAMESPACE, "clicks", GetOptions::default()).unwrap();
    let id = by_name.metadata.id.to_string();
    assert_eq!(by_name, store.get("Deployment", NAMESPACE, &id.to_uppercase(), GetOptions::default()).unwrap());
    assert_eq!(by_name, written.object);
    let shown = document(&by_name.to_json());
    assert_eq!(shown["spec"]["state"], "CANCELLED");
    assert_eq!(shown["status"]["state"], "CANCELLED");
    assert_eq!(shown["metadata"]["resourceVersion"], 1);
}

#[test]
fn a_change_that_changes_nothing_keeps_the_version() {
    let store = furnished();
    store.create("Deployment", NAMESPACE, deployment("clicks"), WriteOptions::default()).wait().unwrap();
    let patch =
        |patch: Value| store.patch("Deployment", NAMESPACE, "clicks", patch, WriteOptions::default()).wait().unwrap();
    let before = store.revision();
    assert!(!patch(json!({})).changed);
    assert!(!patch(json!({"spec": {"state": "cancelled"}, "status": {"state": "RUNNING"}})).changed);
    assert_eq!(store.revision(), before);
    let changed = patch(json!({"metadata": {"labels": {"team": "a"}}}));
    assert_eq!((changed.changed, changed.object.metadata.resource_version), (true, 2));
}

#[test]
fn concurrent_creates_of_one_name_have_one_winner() {
    let store = Store::in_memory().unwrap();
    let created = thread::scope(|scope| {
        let attempts: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    store.create("DeploymentTarget", NAMESPACE, target("one"), WriteOptions::default()).wait()
                })
            })
            .collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(created.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(created.iter().all(|result| matches!(result, Ok(_) | Err(Error::AlreadyExists { .. }))));
}

#[test]
fn concurrent_patches_of_one_resource_all_land_one_version_each() {
    let store = furnished();
    store.create("Deployment", NAMESPACE, deployment("hot"), WriteOptions::default()).wait().unwrap();
    thread::scope(|scope| {
        for index in 0..32 {
            let (store, label) = (&store, format!("l{index}"));
            scope.spawn(move || {
                let patch = json!({"metadata": {"labels": {label: "x"}}});
                store.patch("Deployment", NAMESPACE, "hot", patch, WriteOptions::default()).wait().unwrap()
            });
        }
    });
    let object = store.get("Deployment", NAMESPACE, "hot", GetOptions::default()).unwrap();
    assert_eq!(object.metadata.resource_version, 33);
    assert_eq!(object.metadata.labels.unwrap().len(), 32);
}

#[test]
fn a_namespace_takes_all_inside_with_it_and_takes_nothing_in_while_it_goes() {
    let store = Store::in_memory().unwrap();
    store.create("Namespace", None, json!({"name": "namespaces/team"}), WriteOptions::default()).wait().unwrap();
    for index in 0..130 {
        let name = format!("t{index}");
        store.create("DeploymentTarget", Some("team"), target(&name), WriteOptions::default()).wait().unwrap();
    }
    store.create("DeploymentTarget", NAMESPACE, target("stays"), WriteOptions::default()).wait().unwrap();
    let gone = store.delete("Namespace", None, "team", WriteOptions::default()).wait().unwrap();
    assert_eq!(document(&gone.object.to_json())["status"]["lifecyclePhase"], "LIFECYCLE_PHASE_TERMINATING");
    let list = store.list("DeploymentTarget", Some("team"), ListOptions::default());
    assert!(matches!(list, Err(Error::NotFound { kind, .. }) if kind == "Namespace"));
    store.create("Namespace", None, json!({"name": "team"}), WriteOptions::default()).wait().unwrap();
    assert!(store.list("DeploymentTarget", Some("team"), ListOptions::default()).unwrap().items.is_empty());
    assert_eq!(store.list("DeploymentTarget", NAMESPACE, ListOptions::default()).unwrap().items.len(), 1);
}

#[test]
fn an_expected_version_must_be_the_one_there_is() {
    let store = furnished();
    store.create("Deployment", NAMESPACE, deployment("clicks"), WriteOptions::default()).wait().unwrap();
    let expect = |expected| WriteOptions { expected: Some(expected), ..Default::default() };
    let patch = json!({"metadata": {"displayName": "x"}});
    let write = |expected| store.patch("Deployment", NAMESPACE, "clicks", patch.clone(), expect(expected)).wait();
    assert!(matches!(write(Expected::version(2)), Err(Error::PreconditionFailed { actual: Some(1), .. })));
    assert_eq!(write(Expected::version(1)).unwrap().object.metadata.resource_version, 2);
}

#[test]
fn a_list_is_in_order_of_creation_and_goes_on_after_an_id() {
    let store = Store::in_memory().unwrap();
    for index in 0..150 {
        store
            .create("DeploymentTarget", NAMESPACE, target(&format!("t{index}")), WriteOptions::default())
            .wait()
            .unwrap();
    }
    let all = store.list("DeploymentTarget", NAMESPACE, ListOptions::default()).unwrap();
    let names: Vec<_> = all.items.iter().map(|item| item.metadata.name.clone().unwrap()).collect();
    assert_eq!(names, (0..150).map(|index| format!("t{index}")).collect::<Vec<_>>());
    assert_eq!(all.next, None);
    let first = store
        .list("DeploymentTarget", NAMESPACE, ListOptions { limit: Some(100), after: None, ..ListOptions::default() })
        .unwrap();
    let rest = store
        .list(
            "DeploymentTarget",
            NAMESPACE,
            ListOptions { limit: Some(100), after: first.next, ..ListOptions::default() },
        )
        .unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (100, 50, None));
}

#[test]
fn a_dry_run_answers_like_the_real_write_and_stores_nothing() {
    let store = Store::in_memory().unwrap();
    let before = store.revision();
    let dry = WriteOptions { dry_run: true, ..Default::default() };
    let answer = store.create("DeploymentTarget", NAMESPACE, target("one"), dry.clone()).wait().unwrap();
    assert!(answer.created && answer.revision.is_none());
    assert_eq!(store.revision(), before);
    store.create("DeploymentTarget", NAMESPACE, target("one"), WriteOptions::default()).wait().unwrap();
    let again = store.create("DeploymentTarget", NAMESPACE, target("one"), dry).wait();
    assert!(matches!(again, Err(Error::AlreadyExists { .. })));
}

#[test]
fn secrets_are_in_no_answer_but_the_one_that_asks() {
    let store = Store::builder().plain_secrets(true).open().unwrap();
    let secret = json!({"metadata": {"name": "s"}, "spec": {"kind": "Plain", "value": "hush"}});
    let written = store.create("SecretValue", NAMESPACE, secret.clone(), WriteOptions::default()).wait().unwrap();
    assert_eq!(written.object.spec.unwrap().as_str(), r#"{"kind":"PLAIN"}"#);
    let listed = store.list("SecretValue", NAMESPACE, ListOptions::default()).unwrap();
    assert!(!listed.items[0].to_json().contains("hush"));
    let revealed =
        store.get("SecretValue", NAMESPACE, "s", GetOptions { reveal: true, ..GetOptions::default() }).unwrap();
    assert_eq!(revealed.spec.unwrap().as_str(), r#"{"kind":"PLAIN","value":"hush"}"#);
    let same = store.patch("SecretValue", NAMESPACE, "s", json!({"spec": {"value": "hush"}}), WriteOptions::default());
    assert!(!same.wait().unwrap().changed);
    let refused = Store::in_memory().unwrap().create("SecretValue", NAMESPACE, secret, WriteOptions::default()).wait();
    assert!(matches!(refused, Err(Error::NotConfigured { .. })));
}

#[test]
fn a_singleton_is_there_from_the_start_and_dies_with_its_namespace() {
    let store = Store::in_memory().unwrap();
    store.create("Namespace", None, json!({"name": "team"}), WriteOptions::default()).wait().unwrap();
    let get = || store.get("DeploymentDefaults", Some("team"), "", GetOptions::default());
    assert_eq!(get().unwrap().spec.unwrap().as_str(), "{}");
    let patch = json!({"spec": {"deploymentTargetName": "jobs"}});
    store.patch("DeploymentDefaults", Some("team"), "", patch, WriteOptions::default()).wait().unwrap();
    assert_eq!(get().unwrap().metadata.resource_version, 2);
    store.delete("Namespace", None, "team", WriteOptions::default()).wait().unwrap();
    assert!(get().is_err());
    store.create("Namespace", None, json!({"name": "team"}), WriteOptions::default()).wait().unwrap();
    assert_eq!(get().unwrap().spec.unwrap().as_str(), "{}");
}

#[test]
fn a_write_can_be_awaited_and_needs_no_waiting_for() {
    let store = Store::in_memory().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let written = runtime.block_on(store.create("DeploymentTarget", NAMESPACE, target("a"), WriteOptions::default()));
    assert!(written.unwrap().created);
    drop(store.create("DeploymentTarget", NAMESPACE, target("b"), WriteOptions::default()));
    assert!(store.get("DeploymentTarget", NAMESPACE, "b", GetOptions::default()).is_ok());
}

#[test]
fn ids_rise_from_one_run_to_the_next_also_when_the_clock_was_set_back() {
    let backend: std::sync::Arc<dyn crate::backend::Backend> =
        std::sync::Arc::new(crate::backend::MemoryBackend::new());
    let mut ids = Vec::new();
    for (run, seconds) in [1_700_000_000, 1_600_000_000, 1_650_000_000].into_iter().enumerate() {
        let clock = std::sync::Arc::new(move || crate::object::Timestamp::from_micros(seconds * 1_000_000));
        let store = Store::builder().backend(backend.clone()).clock(clock).open().unwrap();
        for number in 0..3 {
            let document = target(&format!("t{run}-{number}"));
            let written =
                store.create("DeploymentTarget", NAMESPACE, document, WriteOptions::default()).wait().unwrap();
            ids.push(written.object.metadata.id);
        }
    }
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}
