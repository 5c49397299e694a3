//! Very many patches of few resources: what the server's memory comes to while it forgets the past, and the disk when it
//! was compacted.

use std::path::Path;
use std::process::Command;

use kindstore::backend::{Backend, Scan, SledBackend, SledOptions};
use kindstore_proto::v1;

use super::grpc::{CREATE, calls};
use super::memory::{PATCH, json};
use crate::document::{self, KIND, NAMESPACE, Texts};
use crate::metrics::{Metrics, Sizes};
use crate::{process, server};

/// How many resources there are.
const RESOURCES: usize = 1_000;

/// In how many parts the patches are made; the memory is looked at after each.
const PARTS: usize = 10;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let server = server::kindstore(folder.path());
    let texts = Texts::new();
    calls(&server, CREATE, 0..RESOURCES, move |number| v1::CreateRequest {
        kind: KIND.to_owned(),
        namespace: NAMESPACE.to_owned(),
        document: Some(json(texts.text(number))),
        options: None,
    });
    let part = sizes.patches / PARTS;
    for number in 0..PARTS {
        let load = calls(&server, PATCH, number * part..(number + 1) * part, |number| v1::PatchRequest {
            kind: KIND.to_owned(),
            namespace: NAMESPACE.to_owned(),
            key: document::name(number % RESOURCES),
            patch: Some(json(document::patch(number).to_string())),
            options: None,
            patch_type: v1::PatchType::Merge.into(),
        });
        let name = if number + 1 < PARTS { format!("history.part-{number}") } else { "history.patch".to_owned() };
        metrics.load(&name, &load);
        let memory = process::memory(server.id());
        metrics.set(&format!("history.memory-{number}"), memory);
    }
    drop(server);
    let store = folder.path().join("store");
    metrics.set("history.disk-before-mb", process::disk(&store) as f64 / 1e6);
    let begun = std::time::Instant::now();
    let mut command = Command::new(server::beside("kindstore"));
    let status = command.args(["compact", "--store"]).arg(format!("sled:{}", store.display())).status();
    assert!(status.expect("it runs").success(), "the store is compacted");
    metrics.set("history.compact-s", begun.elapsed().as_secs_f64());
    let (disk, live) = (process::disk(&store) as f64, live(&store) as f64);
    metrics.set("history.disk-mb", disk / 1e6);
    metrics.set("history.live-mb", live / 1e6);
    metrics.set("history.disk-ratio", disk / live);
    metrics
}

/// How many bytes all keys and values have that are there.
fn live(store: &Path) -> u64 {
    let backend = SledBackend::open(store, SledOptions::default()).expect("it opens");
    let (mut bytes, mut after) = (0, None);
    loop {
        let page = backend.scan(&Scan { after, ..Scan::default() }).expect("it scans");
        bytes += page.entries.iter().map(|(key, entry)| (key.len() + entry.value.len()) as u64).sum::<u64>();
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return bytes;
        }
    }
}
