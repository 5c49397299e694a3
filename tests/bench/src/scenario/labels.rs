//! What 4,000,000 distinct labels leave in the memory of the server once their resources are deleted. The memory before is
//! that after the same bytes as annotations, which no index has, so that what sled's cache keeps is in both.

use std::time::{Duration, Instant};

use kindstore_proto::v1;

use super::grpc::{CREATE, calls};
use super::memory::json;
use crate::document::{KIND, NAMESPACE, TARGET};
use crate::metrics::{Metrics, Sizes};
use crate::server::Process;
use crate::{process, server};

const DELETE: &str = "/kindstore.v1.ResourceService/Delete";

/// The labels of each resource; the most there can be is a few more.
const LABELS: usize = 250;

/// How many resources there are for each one of the other scenarios: 16,000 of 100,000.
const SHARE: f64 = 0.16;

/// How long the server has for giving memory back.
const PATIENCE: Duration = Duration::from_secs(12);

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let server = server::kindstore(folder.path());
    let count = (sizes.resources as f64 * SHARE) as usize;
    metrics.set("labels.empty", process::memory(server.id()));
    // Twice, until the cache is full.
    for numbers in [0..count, count..2 * count] {
        load(&server, numbers.clone(), "annotations");
        delete(&server, numbers);
    }
    let before = settled(&server, 0.0);
    metrics.set("labels.before", before);
    let numbers = 2 * count..3 * count;
    load(&server, numbers.clone(), "labels");
    metrics.set("labels.loaded", process::memory(server.id()));
    delete(&server, numbers);
    metrics.set("labels.deleted", settled(&server, before));
    metrics
}

fn load(server: &Process, numbers: std::ops::Range<usize>, member: &'static str) {
    calls(server, CREATE, numbers, move |number| {
        let texts: serde_json::Map<_, _> =
            (0..LABELS).map(|label| (format!("label-{label}"), format!("{number}-{label}").into())).collect();
        let mut document = serde_json::json!({
            "metadata": {"name": name(number)},
            "spec": {"deploymentTargetName": TARGET, "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}},
        });
        document["metadata"][member] = texts.into();
        v1::CreateRequest {
            kind: KIND.to_owned(),
            namespace: NAMESPACE.to_owned(),
            document: Some(json(document.to_string())),
            options: None,
        }
    });
}

fn delete(server: &Process, numbers: std::ops::Range<usize>) {
    calls(server, DELETE, numbers, |number| v1::DeleteRequest {
        kind: KIND.to_owned(),
        namespace: NAMESPACE.to_owned(),
        key: name(number),
        ..Default::default()
    });
}

fn name(number: usize) -> String {
    format!("labelled-{number}")
}

/// The memory once it is as low as it was, or has not become lower for a while.
fn settled(server: &Process, before: f64) -> f64 {
    let (begun, mut lowest, mut last) = (Instant::now(), f64::MAX, Instant::now());
    while begun.elapsed() < PATIENCE && last.elapsed() < PATIENCE / 4 && lowest > before {
        std::thread::sleep(Duration::from_millis(100));
        let memory = process::memory(server.id());
        if memory < lowest - 1.0 {
            (lowest, last) = (memory, Instant::now());
        }
    }
    lowest
}
