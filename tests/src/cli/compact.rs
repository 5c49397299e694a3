//! The past beyond the limits is forgotten, and the space on the disk comes back.

use std::path::Path;

use kindstore::Store;
use serde_json::json;

use super::{Bench, TARGET};

const NAMESPACE: &str = "default";

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }).sum()
}

/// Compacts, and returns what is printed after the space that it takes.
fn compacted(bench: &Bench, options: &[&str]) -> String {
    let out = bench.out(&[&["compact"], options].concat());
    let (first, rest) = out.split_once('\n').unwrap();
    assert!(first.starts_with("the new files need up to ") && first.ends_with(" MiB are free"), "{first}");
    rest.to_owned()
}

#[test]
fn a_compacted_store_in_another_folder_has_the_same_and_the_store_stays_as_it_is() {
    let bench = Bench::folder();
    let folder = bench.folder.path().join("store");
    let store = Store::open(&folder).unwrap();
    let targets = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE);
    for change in 0..50 {
        let metadata = json!({"labels": {"change": change.to_string()}});
        targets.upsert("t", json!({"metadata": metadata, "spec": {"kubernetes": {}}})).wait().unwrap();
    }
    let found = targets.get("t").unwrap();
    drop((targets, store));
    let other = bench.folder.path().join("other");
    let (other_path, address) = (other.to_str().unwrap(), format!("sled:{}", other.display()));
    assert!(compacted(&bench, &["--to", other_path]).starts_with("removed 39 old versions; "));
    assert!(bench.out(&["check", "--store", &address]).starts_with("sound: "));
    for (folder, versions) in [(&folder, 50), (&other, 11)] {
        let store = Store::builder().background(false).open_folder(folder).unwrap();
        let targets = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE);
        assert_eq!(targets.get("t").unwrap(), found);
        assert_eq!(targets.history("t").read().unwrap().versions.len(), versions);
    }
    // A folder with something in it is not written to, also not with what an interrupted run leaves.
    assert!(bench.refused(1, &["compact", "--to", other_path]).contains("is not empty"));
    std::fs::remove_file(other.join("kindstore.marker")).unwrap();
    assert!(bench.refused(1, &["compact", "--to", other_path]).contains("is not empty"));
    assert!(bench.refused(1, &["check", "--store", &address]).contains("is not empty"));
}

#[test]
fn a_folder_with_a_long_past_becomes_small_and_keeps_what_it_has_to() {
    let bench = Bench::folder();
    let folder = bench.folder.path().join("store");
    let store = Store::open(&folder).unwrap();
    let filler = "x".repeat(4_000);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (store, filler) = (&store, &filler);
            scope.spawn(move || {
                for change in 0..100 {
                    let labels = json!({"change": change.to_string()});
                    let metadata = json!({"labels": labels, "annotations": {"filler": filler}});
                    let document = json!({"metadata": metadata, "spec": {"kubernetes": {}}});
                    let name = format!("t{thread}");
                    store
                        .kind("DeploymentTarget")
                        .unwrap()
                        .namespace(NAMESPACE)
                        .upsert(&name, document)
                        .wait()
                        .unwrap();
                }
            });
        }
    });
    drop(store);
    let before = size(&folder);
    let told = compacted(&bench, &["--history-versions", "3"]);
    // Of each of 8 resources 99 versions are over, and 3 of them stay.
    assert!(told.starts_with("removed 768 old versions; "), "{told}");
    assert!(size(&folder) * 3 < before, "{before} bytes became {}", size(&folder));
    assert!(bench.out(&["check"]).starts_with("sound: "));
    let history = bench.out(&["history", "target", "t0", "-o", "jsonpath={.items[*].version}"]);
    assert_eq!(history, "100 99 98 97\n");
    let label = "jsonpath={.metadata.labels.change}";
    assert_eq!(bench.out(&["get", "target", "t7", "-o", label]), "99\n");
    assert!(bench.refused(1, &["watch", "target", "--from", "5"]).contains("no longer kept"));
    bench.out(&["rollback", "target", "t0", "--to", "97"]);
    assert!(compacted(&bench, &[]).starts_with("removed 0 old versions; "));
}

#[test]
fn without_limits_those_of_the_server_count() {
    let bench = Bench::folder();
    let folder = bench.folder.path().join("store");
    // As a server does it: with a background worker and limits of its own.
    let limits = kindstore::Retention::default().versions(60);
    let store = Store::builder().retention(limits).open_folder(&folder).unwrap();
    let targets = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE);
    for change in 0..50 {
        let metadata = json!({"labels": {"change": change.to_string()}});
        targets.upsert("t", json!({"metadata": metadata, "spec": {"kubernetes": {}}})).wait().unwrap();
    }
    drop((targets, store));
    assert!(compacted(&bench, &[]).starts_with("removed 0 old versions; "));
    bench.file("target.yaml", TARGET);
    bench.out(&["apply", "-f", "target.yaml"]);
    assert!(compacted(&bench, &["--history-days", "7"]).starts_with("removed 0 old versions; "));
    assert!(bench.out(&["check"]).starts_with("sound: "));
    assert!(compacted(&bench, &["--history-versions", "10"]).starts_with("removed 39 old versions; "));
    let history = bench.out(&["history", "target", "t", "-o", "jsonpath={.items[*].version}"]);
    assert_eq!(history.split(' ').count(), 11, "{history}");
    // What was said once is not remembered.
    let store = Store::builder().background(false).open_folder(&folder).unwrap();
    drop(store);
    let backend = kindstore::backend::SledBackend::open(&folder, Default::default()).unwrap();
    let remembered = Store::builder().backend(std::sync::Arc::new(backend)).remembered_retention().unwrap();
    assert_eq!(remembered.versions, 60);
}

#[test]
fn what_is_not_a_folder_of_this_machine_is_not_compacted() {
    let bench = Bench::server();
    bench.file("target.yaml", TARGET);
    assert!(bench.refused(2, &["compact"]).contains("only a data folder of this machine"));
}
