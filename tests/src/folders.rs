//! Folders that earlier versions made stay readable, and go up in their format only with what older programs do not read.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use kindstore::backend::{Backend, SledBackend, SledOptions};
use kindstore::{Collection, Store};
use serde_json::json;
use tempfile::TempDir;

/// A folder as a program left it that knew no higher format than this one.
fn folder(format: u32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("folders/format-{format}.tar.gz"));
    let status = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(status.success(), "the archive is unpacked");
    folder
}

fn open(folder: &TempDir) -> (Arc<SledBackend>, Store) {
    let backend = Arc::new(SledBackend::open(folder.path(), SledOptions::default()).unwrap());
    let store = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).background(false).open().unwrap();
    (backend, store)
}

fn deployments(store: &Store) -> Collection {
    store.kind("Deployment").unwrap().namespace("default")
}

/// Checks what both archives hold: a deployment in six versions, the last two of more than a page, and a deleted one.
fn check(backend: &Arc<SledBackend>, store: &Store) {
    let versions = deployments(store).history("clicks").read().unwrap().versions;
    let numbers: Vec<_> = versions.iter().map(|version| version.object.metadata.resource_version).collect();
    assert_eq!(numbers, [6, 5, 4, 3, 2, 1]);
    let label = |index: usize| {
        let labels = versions[index].object.metadata.labels.as_ref().unwrap();
        labels.get("number").map(str::to_owned)
    };
    let labels: Vec<_> = (0..6).map(label).collect();
    assert_eq!(
        labels,
        ["4", "3", "3", "2", "1"].map(|it| Some(it.to_owned())).into_iter().chain([None]).collect::<Vec<_>>()
    );
    let value = |index: usize| {
        let spec = versions[index].object.spec_value();
        spec.at("/template/spec/flinkConfiguration/key-0699").cloned()
    };
    assert_eq!([value(0), value(1), value(2)], [Some("value-00000699".into()), Some("value-00000699".into()), None]);
    assert!(deployments(store).history("gone").read().unwrap().is_deleted);
    let builder = Store::builder().backend(Arc::clone(backend) as Arc<dyn Backend>);
    let report = builder.check().unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn a_folder_of_the_first_format_opens_and_goes_up_with_the_first_difference() {
    let folder = folder(1);
    let (backend, store) = open(&folder);
    check(&backend, &store);
    assert_eq!(backend.format(), 1, "an older program may still open it");
    deployments(&store).patch("clicks", json!({"metadata": {"labels": {"number": "4!"}}})).wait().unwrap();
    assert_eq!(backend.format(), 2);
    drop((store, backend));
    let marker = std::fs::read_to_string(folder.path().join("kindstore.marker")).unwrap();
    assert!(marker.contains("\"format\":2"), "{marker}");
    let (backend, store) = open(&folder);
    let version = deployments(&store).version("clicks", 6).unwrap();
    assert_eq!(version.object.metadata.labels.unwrap().get("number"), Some("4"));
    // The names of what an older program deleted are made known once no older program opens the folder.
    deployments(&store).undelete("gone").wait().unwrap();
    let builder = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>);
    assert!(builder.check().unwrap().is_sound());
}

#[test]
fn a_folder_of_the_second_format_stays_readable() {
    let folder = folder(2);
    let (backend, store) = open(&folder);
    check(&backend, &store);
    assert_eq!(backend.format(), 2);
    deployments(&store).undelete("gone").wait().unwrap();
}
