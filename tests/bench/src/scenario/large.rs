//! Small patches of a large resource: what each takes on disk before anything is compacted, and lists of the state before.

use kindstore::{Json, ListOptions, Store};
use serde_json::json;

use crate::document;
use crate::fill::{self, collection};
use crate::load;
use crate::metrics::{Metrics, Sizes};
use crate::process;

/// The size of the spec.
const BYTES: usize = 2_000_000;

/// How many resources the lists at a revision have.
const LISTED: usize = 1_000;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    patches(sizes, &mut metrics);
    lists(&mut metrics);
    metrics
}

/// Label patches of 60 bytes.
fn patches(sizes: &Sizes, metrics: &mut Metrics) {
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let store = fill::furnished(Store::open(folder.path()).expect("the store opens"));
    let texts = document::Texts::new();
    let mut large: serde_json::Value = serde_json::from_str(&texts.text(0)).expect("it is JSON");
    let entries = (0..BYTES / 50).map(|number| (format!("key-{number:012}"), json!(format!("value-{number:018}"))));
    large["spec"]["template"]["spec"]["flinkConfiguration"] = serde_json::Value::Object(entries.collect());
    let deployments = collection(&store);
    // A document has 1 MiB at most when it is sent; patches add up.
    let configuration = large["spec"]["template"]["spec"]["flinkConfiguration"].take();
    large["spec"]["template"]["spec"]["flinkConfiguration"] = json!({});
    let created = deployments.create(Json::from(large)).wait().expect("it is created");
    let id = created.object.metadata.id.to_string();
    let entries: Vec<_> = configuration.as_object().into_iter().flatten().collect();
    for part in entries.chunks(entries.len() / 4) {
        let part: serde_json::Map<_, _> = part.iter().map(|(key, value)| ((*key).clone(), (*value).clone())).collect();
        let patch = json!({"spec": {"template": {"spec": {"flinkConfiguration": part}}}});
        deployments.patch(&id, patch).wait().expect("it is patched");
    }
    let before = process::disk(folder.path());
    let load = load::run(1, 0..sizes.large, |_, number| {
        let patch = json!({"metadata": {"labels": {"number": format!("patch-{number:09}")}}});
        deployments.patch(&id, patch).wait().expect("it is patched");
    });
    metrics.load("large.patch", &load);
    let grown = process::disk(folder.path()).saturating_sub(before);
    metrics.set("large.disk-mb", process::disk(folder.path()) as f64 / 1e6);
    metrics.set("large.disk-per-patch", grown as f64 / sizes.large as f64);
}

/// Lists at a revision after which every resource was patched several times.
fn lists(metrics: &mut Metrics) {
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let store = fill::furnished(Store::open(folder.path()).expect("the store opens"));
    let texts = document::Texts::new();
    fill::store(&store, &texts, 0..LISTED);
    let deployments = collection(&store);
    let revision = store.revision();
    for patches in [1, 10] {
        load::run(64, 0..patches * LISTED, |_, number| {
            let patch = document::patch(number);
            deployments.patch(&document::name(number % LISTED), patch).wait().expect("it is patched");
        });
        let list = load::run(1, 0..10, |_, _| {
            let options = ListOptions::default().revision(revision);
            std::hint::black_box(deployments.list_with(options).expect("it lists"));
        });
        metrics.load(&format!("large.list-before-{patches}"), &list);
    }
}
