//! The store embedded in a program: durable writes by one and by many, reads alone and beside writers.

use std::sync::atomic::{AtomicBool, Ordering};

use kindstore::{ListOptions, Object, Store};

use crate::document::{self};
use crate::fill::{self, collection};
use crate::load::{self, Load};
use crate::metrics::{Metrics, Sizes};

/// A lone writer.
pub(super) fn lone(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let store = fill::furnished(Store::open(folder.path()).expect("the store opens"));
    let texts = document::Texts::new();
    let lone = load::run(1, 0..sizes.lone, |_, number| fill::create(&store, &texts.text(number)));
    metrics.load("embedded.lone", &lone);
    metrics
}

/// Many writers, then readers, then both.
pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let store = fill::furnished(Store::open(folder.path()).expect("the store opens"));
    let texts = document::Texts::new();
    let many = fill::store(&store, &texts, 0..sizes.resources);
    metrics.load("embedded.group", &many);
    let ids: Vec<String> = objects(&store).iter().map(|object| object.metadata.id.to_string()).collect();
    let deployments = collection(&store);
    let get = |key: &str| {
        std::hint::black_box(deployments.get(key).expect("it is there"));
    };
    let by_id = load::run(1, 0..sizes.resources, |_, number| get(&ids[number.wrapping_mul(7919) % ids.len()]));
    metrics.load("embedded.get-by-id", &by_id);
    let by_name = load::run(1, 0..sizes.resources, |_, number| {
        get(&document::name(number.wrapping_mul(7919) % ids.len()));
    });
    metrics.load("embedded.get-by-name", &by_name);
    let list = load::run(1, 0..50, |_, number| {
        let after = ids[number * 1000 % (ids.len() - 1000)].parse().ok();
        let options = ListOptions::default().after(after).limit(1000);
        std::hint::black_box(deployments.list_with(options).expect("it lists"));
    });
    metrics.load("embedded.list", &list);
    let patch = load::run(64, 0..sizes.resources, |_, number| {
        let key = &ids[number.wrapping_mul(7919) % ids.len()];
        deployments.patch(key, document::patch(number)).wait().expect("it is patched");
    });
    metrics.load("embedded.patch", &patch);
    let (patches, gets) = hot(sizes, &store, &ids);
    metrics.load("embedded.hot-patch", &patches);
    metrics.load("embedded.get-beside", &gets);
    metrics
}

fn objects(store: &Store) -> Vec<Object> {
    collection(store).list().read().expect("it lists").items
}

/// 64 writers patch one resource, and beside them one thread reads others.
fn hot(sizes: &Sizes, store: &Store, ids: &[String]) -> (Load, Load) {
    let is_over = AtomicBool::new(false);
    let (key, deployments) = (document::name(0), collection(store));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut latencies, begun) = (Vec::new(), std::time::Instant::now());
            while !is_over.load(Ordering::Relaxed) {
                let id = &ids[latencies.len().wrapping_mul(7919) % ids.len()];
                let begun = std::time::Instant::now();
                std::hint::black_box(deployments.get(id).expect("it is there"));
                latencies.push(begun.elapsed().as_nanos() as u64);
                // A reader that does nothing else would take a processor from the writers.
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            Load::new(latencies, begun.elapsed(), std::time::Duration::ZERO)
        });
        let patches = load::run(64, 0..sizes.resources, |_, number| {
            let patch = document::patch(number);
            deployments.patch(&key, patch).wait().expect("it is patched");
        });
        is_over.store(true, Ordering::Relaxed);
        (patches, reader.join().expect("the reader does not panic"))
    })
}
