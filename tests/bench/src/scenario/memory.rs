//! The memory of the server with default settings: after a load, after overwriting all of it twice, after many reads.

use std::sync::Arc;

use kindstore_proto::v1;

use super::grpc::{CREATE, GET, calls};
use crate::document::{self, KIND, NAMESPACE, Texts};
use crate::metrics::{Metrics, Sizes};
use crate::server::Process;
use crate::{process, server};

pub(super) const PATCH: &str = "/kindstore.v1.ResourceService/Patch";

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let server = server::kindstore(folder.path());
    let count = sizes.resources;
    metrics.set("memory.ready-ms", server.starting.as_secs_f64() * 1e3);
    metrics.set("memory.empty", process::memory(server.id()));
    let texts = Arc::new(Texts::new());
    load(&server, &texts, count);
    metrics.set("memory.loaded", process::memory(server.id()));
    calls(&server, PATCH, 0..2 * count, move |number| v1::PatchRequest {
        kind: KIND.to_owned(),
        namespace: NAMESPACE.to_owned(),
        key: document::name(number % count),
        patch: Some(json(document::patch(number).to_string())),
        options: None,
        patch_type: v1::PatchType::Merge.into(),
    });
    metrics.set("memory.overwritten", process::memory(server.id()));
    for name in ["memory.read", "memory.read-more"] {
        calls(&server, GET, 0..2 * count, move |number| v1::GetRequest {
            kind: KIND.to_owned(),
            namespace: NAMESPACE.to_owned(),
            key: document::name(number.wrapping_mul(7919) % count),
            ..Default::default()
        });
        metrics.set(name, process::memory(server.id()));
    }
    metrics.set("memory.disk-mb", process::disk(folder.path()) as f64 / 1e6);
    drop(server);
    metrics.set("memory.low-loaded", low(&texts, count));
    metrics
}

/// The memory after a load of a server that is to take little.
fn low(texts: &Arc<Texts>, count: usize) -> f64 {
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let server = server::kindstore_with(folder.path(), &["--low-memory"]);
    load(&server, texts, count);
    process::memory(server.id())
}

fn load(server: &Process, texts: &Arc<Texts>, count: usize) {
    let texts = Arc::clone(texts);
    calls(server, CREATE, 0..count, move |number| v1::CreateRequest {
        kind: KIND.to_owned(),
        namespace: NAMESPACE.to_owned(),
        document: Some(json(texts.text(number))),
        options: None,
    });
}

pub(super) fn json(text: String) -> v1::Document {
    v1::Document { format: v1::DocumentFormat::Json.into(), text: text.into() }
}
