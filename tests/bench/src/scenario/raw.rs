//! sled alone: durable writes, gets and scans of the same bytes.

use crate::metrics::{Metrics, Sizes};
use crate::raw_sled::{Committer, RawSled, keys};
use crate::{document, load};

const CACHE: u64 = 256 << 20;

/// A lone writer.
pub(super) fn lone(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let store = RawSled::open(folder.path(), CACHE);
    let texts = document::Texts::new();
    let next = std::sync::Mutex::new(keys());
    let key = || next.lock().expect("no panic")();
    let lone = load::run(1, 0..sizes.lone, |_, number| store.put(&key(), texts.text(number).as_bytes()));
    metrics.load("raw.lone", &lone);
    // A resource is more than one key, and sled writes what must be there as a whole in two parts.
    let batches = load::run(1, 0..sizes.lone, |_, number| store.put_all(key(), texts.text(number).into_bytes()));
    metrics.load("raw.lone-batch", &batches);
    metrics
}

/// Many writers, then readers.
pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let store = RawSled::open(folder.path(), CACHE);
    let texts = document::Texts::new();
    let next = std::sync::Mutex::new(keys());
    let key = || next.lock().expect("no panic")();
    let committer = Committer::start(store.clone());
    let group = load::run(64, 0..sizes.resources, |_, number| committer.put(key(), texts.text(number).into_bytes()));
    metrics.load("raw.group", &group);
    drop(committer);
    let keys: Vec<Vec<u8>> = store.db.iter().keys().map(|key| key.expect("sled reads").to_vec()).collect();
    let get = load::run(1, 0..sizes.resources, |_, number| {
        let key = &keys[number.wrapping_mul(7919) % keys.len()];
        let value = store.db.get(key).expect("sled reads").expect("it is there");
        std::hint::black_box(value.to_vec());
    });
    metrics.load("raw.get", &get);
    // What a store overwrites, without the state before and all else that a store keeps of it.
    let committer = Committer::start(store.clone());
    let overwrite = load::run(64, 0..sizes.resources, |_, number| {
        let key = keys[number.wrapping_mul(7919) % keys.len()].clone();
        committer.put(key, texts.text(number + 1).into_bytes());
    });
    metrics.load("raw.overwrite", &overwrite);
    drop(committer);
    let scan = load::run(1, 0..50, |_, number| {
        let begin = &keys[number * 1000 % (keys.len() - 1000)];
        let entries = store.db.range(begin.as_slice()..).take(1000).map(|entry| entry.expect("sled reads").1.to_vec());
        std::hint::black_box(entries.collect::<Vec<_>>());
    });
    metrics.load("raw.scan", &scan);
    metrics
}
