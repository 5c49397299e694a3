//! The engine on memory: the order of the steps, told as behaviour.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

mod cluster;
mod debug;
mod deleted;
mod import;
mod interrupted;
mod labels;
mod late;
mod misuse;
mod secret;

use std::thread;

use serde_json::{Value, json};

use super::{GetOptions, ListOptions, Store, WriteOptions};
use crate::error::Error;
use crate::manifest::Document;
use crate::rules::version::Expected;

const NAMESPACE: &str = "default";

/// A store with the target that Deployments name.
fn furnished() -> Store {
    let store = Store::in_memory().unwrap();
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("jobs")).wait().unwrap();
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
    let written = store.kind("Deployment").unwrap().namespace(NAMESPACE).create(deployment("clicks")).wait().unwrap();
    assert!(written.created && written.revision.is_some());
    let by_name = store.kind("Deployment").unwrap().namespace(NAMESPACE).get("clicks").unwrap();
    let id = by_name.metadata.id.to_string();
    assert_eq!(by_name, store.kind("Deployment").unwrap().namespace(NAMESPACE).get(&id.to_uppercase()).unwrap());
    assert_eq!(by_name, written.object);
    let shown = document(&by_name.to_json());
    assert_eq!(shown["spec"]["state"], "CANCELLED");
    assert_eq!(shown["status"]["state"], "CANCELLED");
    assert_eq!(shown["metadata"]["resourceVersion"], 1);
}

#[test]
fn a_change_that_changes_nothing_keeps_the_version() {
    let store = furnished();
    store.kind("Deployment").unwrap().namespace(NAMESPACE).create(deployment("clicks")).wait().unwrap();
    let patch =
        |patch: Value| store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("clicks", patch).wait().unwrap();
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
                scope
                    .spawn(|| store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("one")).wait())
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
    store.kind("Deployment").unwrap().namespace(NAMESPACE).create(deployment("hot")).wait().unwrap();
    thread::scope(|scope| {
        for index in 0..32 {
            let (store, label) = (&store, format!("l{index}"));
            scope.spawn(move || {
                let patch = json!({"metadata": {"labels": {label: "x"}}});
                store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("hot", patch).wait().unwrap()
            });
        }
    });
    let object = store.kind("Deployment").unwrap().namespace(NAMESPACE).get("hot").unwrap();
    assert_eq!(object.metadata.resource_version, 33);
    assert_eq!(object.metadata.labels.unwrap().len(), 32);
}

#[test]
fn a_namespace_takes_all_inside_with_it_and_takes_nothing_in_while_it_goes() {
    let store = Store::in_memory().unwrap();
    store.kind("Namespace").unwrap().create(json!({"name": "namespaces/team"})).wait().unwrap();
    for index in 0..130 {
        let name = format!("t{index}");
        store.kind("DeploymentTarget").unwrap().namespace("team").create(target(&name)).wait().unwrap();
    }
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("stays")).wait().unwrap();
    let gone = store.kind("Namespace").unwrap().delete("team").wait().unwrap();
    assert_eq!(document(&gone.object.to_json())["status"]["lifecyclePhase"], "LIFECYCLE_PHASE_TERMINATING");
    let list = store.kind("DeploymentTarget").unwrap().namespace("team").list().read();
    assert!(matches!(list, Err(Error::NotFound { kind, .. }) if kind == "Namespace"));
    store.kind("Namespace").unwrap().create(json!({"name": "team"})).wait().unwrap();
    assert!(store.kind("DeploymentTarget").unwrap().namespace("team").list().read().unwrap().items.is_empty());
    assert_eq!(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).list().read().unwrap().items.len(), 1);
}

#[test]
fn an_expected_version_must_be_the_one_there_is() {
    let store = furnished();
    store.kind("Deployment").unwrap().namespace(NAMESPACE).create(deployment("clicks")).wait().unwrap();
    let expect = |expected| WriteOptions { expected: Some(expected), ..Default::default() };
    let patch = json!({"metadata": {"displayName": "x"}});
    let write = |expected| {
        store
            .kind("Deployment")
            .unwrap()
            .namespace(NAMESPACE)
            .patch("clicks", patch.clone())
            .options(expect(expected))
            .wait()
    };
    assert!(matches!(write(Expected::version(2)), Err(Error::PreconditionFailed { actual: Some(1), .. })));
    assert_eq!(write(Expected::version(1)).unwrap().object.metadata.resource_version, 2);
}

#[test]
fn a_list_is_in_order_of_creation_and_goes_on_after_an_id() {
    let store = Store::in_memory().unwrap();
    for index in 0..150 {
        store
            .kind("DeploymentTarget")
            .unwrap()
            .namespace(NAMESPACE)
            .create(target(&format!("t{index}")))
            .wait()
            .unwrap();
    }
    let all = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).list().read().unwrap();
    let names: Vec<_> = all.items.iter().map(|item| item.metadata.name.clone().unwrap()).collect();
    assert_eq!(names, (0..150).map(|index| format!("t{index}")).collect::<Vec<_>>());
    assert_eq!(all.next, None);
    let first = store
        .kind("DeploymentTarget")
        .unwrap()
        .namespace(NAMESPACE)
        .list_with(ListOptions { limit: Some(100), after: None, ..ListOptions::default() })
        .unwrap();
    let rest = store
        .kind("DeploymentTarget")
        .unwrap()
        .namespace(NAMESPACE)
        .list_with(ListOptions { limit: Some(100), after: first.next, ..ListOptions::default() })
        .unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (100, 50, None));
}

#[test]
fn a_dry_run_answers_like_the_real_write_and_stores_nothing() {
    let store = Store::in_memory().unwrap();
    let before = store.revision();
    let dry = WriteOptions { dry_run: true, ..Default::default() };
    let answer = store
        .kind("DeploymentTarget")
        .unwrap()
        .namespace(NAMESPACE)
        .create(target("one"))
        .options(dry.clone())
        .wait()
        .unwrap();
    assert!(answer.created && answer.revision.is_none());
    assert_eq!(store.revision(), before);
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("one")).wait().unwrap();
    let again = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("one")).options(dry).wait();
    assert!(matches!(again, Err(Error::AlreadyExists { .. })));
}

#[test]
fn secrets_are_in_no_answer_but_the_one_that_asks() {
    let store = Store::builder().plain_secrets(true).open().unwrap();
    let secret = json!({"metadata": {"name": "s"}, "spec": {"kind": "Plain", "value": "hush"}});
    let written = store.kind("SecretValue").unwrap().namespace(NAMESPACE).create(secret.clone()).wait().unwrap();
    assert_eq!(written.object.spec.unwrap().as_str(), r#"{"kind":"PLAIN"}"#);
    let listed = store.kind("SecretValue").unwrap().namespace(NAMESPACE).list().read().unwrap();
    assert!(!listed.items[0].to_json().contains("hush"));
    let revealed = store
        .kind("SecretValue")
        .unwrap()
        .namespace(NAMESPACE)
        .get_with("s", GetOptions { reveal: true, ..GetOptions::default() })
        .unwrap();
    assert_eq!(revealed.spec.unwrap().as_str(), r#"{"kind":"PLAIN","value":"hush"}"#);
    let same =
        store.kind("SecretValue").unwrap().namespace(NAMESPACE).patch("s", json!({"spec": {"value": "hush"}})).submit();
    assert!(!same.wait().unwrap().changed);
    let refused = Store::in_memory().unwrap().kind("SecretValue").unwrap().namespace(NAMESPACE).create(secret).wait();
    assert!(matches!(refused, Err(Error::NotConfigured { .. })));
}

#[test]
fn a_singleton_is_there_from_the_start_and_dies_with_its_namespace() {
    let store = Store::in_memory().unwrap();
    store.kind("Namespace").unwrap().create(json!({"name": "team"})).wait().unwrap();
    let get = || store.kind("DeploymentDefaults").unwrap().namespace("team").get("");
    assert_eq!(get().unwrap().spec.unwrap().as_str(), "{}");
    let patch = json!({"spec": {"deploymentTargetName": "jobs"}});
    store.kind("DeploymentDefaults").unwrap().namespace("team").patch("", patch).wait().unwrap();
    assert_eq!(get().unwrap().metadata.resource_version, 2);
    store.kind("Namespace").unwrap().delete("team").wait().unwrap();
    assert!(get().is_err());
    store.kind("Namespace").unwrap().create(json!({"name": "team"})).wait().unwrap();
    assert_eq!(get().unwrap().spec.unwrap().as_str(), "{}");
}

#[test]
fn a_write_can_be_awaited_and_needs_no_waiting_for() {
    let store = Store::in_memory().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let written =
        runtime.block_on(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("a")).submit());
    assert!(written.unwrap().created);
    drop(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target("b")).submit());
    assert!(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get("b").is_ok());
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
            let written = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
            ids.push(written.object.metadata.id);
        }
    }
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}
