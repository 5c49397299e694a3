//! What is kept of resources, and how it comes back.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

mod chain;

use std::sync::Arc;

use serde_json::json;

use super::{HistoryOptions, Version};
use crate::backend::hooked::Hooked;
use crate::backend::{Backend, MemoryBackend, Revision};
use crate::engine::{GetOptions, ListOptions, Store, WriteOptions};
use crate::error::Error;
use crate::rules::version::Expected;

const NAMESPACE: &str = "default";
const KIND: &str = "DeploymentTarget";

fn options() -> WriteOptions {
    WriteOptions::default()
}

fn create(store: &Store, name: &str, namespace: &str) -> Revision {
    let document = json!({"metadata": {"name": name}, "spec": {"kubernetes": {"namespace": namespace}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).create(document).wait().unwrap().revision.unwrap()
}

/// A Deployment that refers to the target `jobs`.
fn deploy(store: &Store) {
    let spec = json!({"deploymentTargetName": "jobs",
        "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar", "flinkVersion": "1.20"}}}});
    let document = json!({"metadata": {"name": "clicks"}, "spec": spec});
    store.kind("Deployment").unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
}

fn patch(store: &Store, name: &str, label: &str) -> Revision {
    let document = json!({"metadata": {"labels": {"at": label}}, "spec": {"kubernetes": {"namespace": "a"}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).upsert(name, document).wait().unwrap().revision.unwrap()
}

fn delete(store: &Store, name: &str) -> Revision {
    store.kind(KIND).unwrap().namespace(NAMESPACE).delete(name).wait().unwrap().revision.unwrap()
}

fn labels(versions: &[Version]) -> Vec<(u64, String, bool)> {
    let told = |version: &Version| {
        let label = version.object.metadata.labels.as_ref().and_then(|labels| labels.get("at"));
        let (number, is_over) = (version.object.metadata.resource_version, version.ended.is_some());
        (number, label.unwrap_or_default().to_owned(), is_over)
    };
    versions.iter().map(told).collect()
}

#[test]
fn versions_are_kept_newest_first_and_come_back() {
    let store = Store::in_memory().unwrap();
    create(&store, "jobs", "a");
    let second = patch(&store, "jobs", "two");
    let third = patch(&store, "jobs", "three");
    let history = store.kind(KIND).unwrap().namespace(NAMESPACE).history("jobs").read().unwrap();
    let expected = [(3, "three".to_owned(), false), (2, "two".to_owned(), true), (1, String::new(), true)];
    assert_eq!(labels(&history.versions), expected);
    assert_eq!((history.versions[1].revision, history.versions[1].ended), (second, Some(third)));
    let some = HistoryOptions { limit: Some(1), before: Some(3), ..HistoryOptions::default() };
    let page = store.kind(KIND).unwrap().namespace(NAMESPACE).history_with("jobs", some).unwrap();
    assert_eq!((labels(&page.versions), page.next), (expected[1..2].to_vec(), Some(2)));

    let rolled = store.kind(KIND).unwrap().namespace(NAMESPACE).rollback("jobs", 1).wait().unwrap();
    assert_eq!((rolled.object.metadata.resource_version, rolled.object.metadata.labels), (4, None));
    let again = store.kind(KIND).unwrap().namespace(NAMESPACE).rollback("jobs", 1).wait().unwrap();
    assert!(!again.changed, "it is there already");
    let stale = WriteOptions { expected: Some(Expected::version(3)), ..options() };
    let refused = store.kind(KIND).unwrap().namespace(NAMESPACE).rollback("jobs", 2).options(stale).wait();
    assert!(matches!(refused, Err(Error::PreconditionFailed { .. })), "{refused:?}");
    let missing = store.kind(KIND).unwrap().namespace(NAMESPACE).rollback("jobs", 9).wait().unwrap_err();
    assert_eq!(missing.to_string(), "DeploymentTarget \"jobs\" has no version 9; 1 to 4 are kept");

    let compared = store.kind(KIND).unwrap().namespace(NAMESPACE).compare("jobs", 2, Some(3)).unwrap();
    let places: Vec<_> = compared.differences.iter().map(|it| it.pointer.as_str()).collect();
    assert_eq!(places, ["/metadata/labels/at"]);
}

#[test]
fn a_deleted_resource_comes_back_under_its_id_as_its_next_version() {
    let store = Store::in_memory().unwrap();
    create(&store, "jobs", "a");
    patch(&store, "jobs", "two");
    let id = store.kind(KIND).unwrap().namespace(NAMESPACE).get("jobs").unwrap().metadata.id;
    let there = store.kind(KIND).unwrap().namespace(NAMESPACE).undelete("jobs").wait();
    assert!(matches!(there, Err(Error::AlreadyExists { .. })), "{there:?}");
    delete(&store, "jobs");
    let history = store.kind(KIND).unwrap().namespace(NAMESPACE).history("jobs").read().unwrap();
    assert!(history.is_deleted && history.versions.len() == 2, "{history:?}");
    let back = store.kind(KIND).unwrap().namespace(NAMESPACE).undelete("jobs").wait().unwrap();
    assert_eq!((back.object.metadata.id, back.object.metadata.resource_version), (id, 3));
    assert_eq!(store.kind(KIND).unwrap().namespace(NAMESPACE).get("jobs").unwrap(), back.object);
    delete(&store, "jobs");
    create(&store, "jobs", "b");
    let taken = store.kind(KIND).unwrap().namespace(NAMESPACE).undelete(&id.to_string()).wait();
    assert!(matches!(taken, Err(Error::AlreadyExists { .. })), "{taken:?}");
    delete(&store, "jobs");
    let back = store.kind(KIND).unwrap().namespace(NAMESPACE).undelete(&id.to_string()).wait().unwrap();
    assert_eq!((back.object.metadata.id, back.object.metadata.resource_version), (id, 4));
    let nothing = store.kind(KIND).unwrap().namespace(NAMESPACE).undelete("never").wait();
    assert!(matches!(nothing, Err(Error::NotFound { .. })), "{nothing:?}");
}

#[test]
fn a_deleted_resource_does_not_come_back_without_what_it_refers_to() {
    let store = Store::in_memory().unwrap();
    create(&store, "jobs", "a");
    deploy(&store);
    store.as_system().kind("Deployment").unwrap().namespace(NAMESPACE).delete("clicks").wait().unwrap();
    delete(&store, "jobs");
    let refused = store.kind("Deployment").unwrap().namespace(NAMESPACE).undelete("clicks").wait();
    assert!(matches!(&refused, Err(Error::Invalid { .. })), "{refused:?}");
    store.kind(KIND).unwrap().namespace(NAMESPACE).undelete("jobs").wait().unwrap();
    store.kind("Deployment").unwrap().namespace(NAMESPACE).undelete("clicks").wait().unwrap();
    let held = store.kind(KIND).unwrap().namespace(NAMESPACE).delete("jobs").wait();
    assert!(matches!(held, Err(Error::Blocked { .. })), "{held:?}");
}

#[test]
fn a_status_of_the_system_is_a_version_that_nobody_authored() {
    let store = Store::in_memory().unwrap();
    create(&store, "jobs", "a");
    deploy(&store);
    let status = json!({"status": {"state": "RUNNING"}});
    store.as_system().kind("Deployment").unwrap().namespace(NAMESPACE).patch("clicks", status).wait().unwrap();
    let patch = json!({"spec": {"template": {"spec": {"parallelism": 2}}}});
    store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("clicks", patch).wait().unwrap();
    let only = HistoryOptions { only_authored: true, ..HistoryOptions::default() };
    let numbers = |options| {
        let history = store.kind("Deployment").unwrap().namespace(NAMESPACE).history_with("clicks", options).unwrap();
        history.versions.iter().map(|version| version.object.metadata.resource_version).collect::<Vec<_>>()
    };
    assert_eq!(numbers(HistoryOptions::default()), [3, 2, 1]);
    assert_eq!(numbers(only), [3, 1]);
    let rolled = store.kind("Deployment").unwrap().namespace(NAMESPACE).rollback("clicks", 1).wait().unwrap();
    assert_eq!(rolled.object.status_value().at("/state"), Some(&"RUNNING".into()), "the status stays");
}

#[test]
fn every_revision_is_read_as_it_was() {
    let store = Store::in_memory().unwrap();
    // What there is after each revision, by name and label.
    let mut then: Vec<(Revision, Vec<(String, String)>)> = vec![(store.revision(), Vec::new())];
    let mut now = std::collections::BTreeMap::new();
    let mut random = 7_u64;
    for step in 0..600 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let name = format!("n{}", (random >> 33) % 150);
        let label = step.to_string();
        let revision = match (now.contains_key(&name), (random >> 20) % 3) {
            (false, 0) if store.kind(KIND).unwrap().namespace(NAMESPACE).undelete(&name).wait().is_ok() => {
                now.insert(name.clone(), label.clone());
                patch(&store, &name, &label)
            }
            (false, _) => {
                create(&store, &name, "a");
                now.insert(name.clone(), label.clone());
                patch(&store, &name, &label)
            }
            (true, 0) => {
                now.remove(&name);
                delete(&store, &name)
            }
            (true, _) => {
                now.insert(name.clone(), label.clone());
                patch(&store, &name, &label)
            }
        };
        then.push((revision, now.clone().into_iter().collect()));
    }
    for (revision, expected) in then {
        for limit in [None, Some(7)] {
            let mut found = Vec::new();
            let mut options = ListOptions { revision: Some(revision), limit, ..ListOptions::default() };
            loop {
                let list = store.kind(KIND).unwrap().namespace(NAMESPACE).list_with(options.clone()).unwrap();
                assert_eq!(list.revision, revision);
                found.extend(list.items.into_iter().map(|object| {
                    let label = object.metadata.labels.as_ref().and_then(|labels| labels.get("at"));
                    (object.metadata.name.clone().unwrap(), label.unwrap_or_default().to_owned())
                }));
                options.after = list.next;
                if list.next.is_none() {
                    break;
                }
            }
            found.sort();
            assert_eq!(found, expected, "at revision {revision}");
        }
        if let Some((name, label)) = expected.last() {
            let options = GetOptions { revision: Some(revision), ..GetOptions::default() };
            let object = store.kind(KIND).unwrap().namespace(NAMESPACE).get_with(name, options).unwrap();
            assert_eq!(object.metadata.labels.unwrap().get("at"), Some(label.as_str()));
        }
    }
    let tomorrow = GetOptions { revision: Some(store.revision() + 1), ..GetOptions::default() };
    let refused = store.kind(KIND).unwrap().namespace(NAMESPACE).get_with("n1", tomorrow);
    assert!(matches!(refused, Err(Error::BadRequest { .. })), "{refused:?}");
}

#[test]
fn a_write_during_a_history_lists_no_version_twice() {
    let inner = Arc::new(MemoryBackend::new());
    let other = Store::builder().backend(Arc::clone(&inner) as Arc<dyn Backend>).open().unwrap();
    create(&other, "jobs", "a");
    let writer = other.clone();
    let hooked = Hooked::before_scans(inner, move |scan| {
        if scan.prefix.starts_with(b"h\0") {
            patch(&writer, "jobs", &scan.limit.to_string());
        }
    });
    let store = Store::builder().backend(Arc::new(hooked)).background(false).open().unwrap();
    for round in 1..4 {
        patch(&other, "jobs", &format!("round-{round}"));
        let versions = store.kind(KIND).unwrap().namespace(NAMESPACE).history("jobs").read().unwrap().versions;
        let numbers: Vec<_> = versions.iter().map(|version| version.object.metadata.resource_version).collect();
        let newest = numbers[0];
        assert_eq!(numbers, (1..=newest).rev().collect::<Vec<_>>());
    }
}
