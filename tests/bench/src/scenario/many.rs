//! A million resources: how the rate of creates holds, how gets do with a cache that has all and with the default one, how
//! long a killed store takes to open, and what it takes on the disk. The peer is sled with the same bytes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kindstore::backend::{SledBackend, SledOptions};
use kindstore::{ListOptions, Selector, Store};

use crate::document::{self, Texts};
use crate::fill::collection;
use crate::load::{self, Load};
use crate::metrics::{Metrics, Sizes};
use crate::raw_sled::{RawSled, keys};
use crate::{child, fill, process};

/// A cache that holds all of it.
const LARGE: u64 = 8 << 30;
const GETS: usize = 100_000;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let texts = Texts::new();
    let many = sizes.many;
    let logical = (many * texts.text(0).len()) as f64;
    let begin = many / 10;
    // In a process of its own, which is killed at the end as by a crash.
    let filled = child::run("fill", &[folder.path().as_os_str(), many.to_string().as_ref()]);
    for name in ["many.first-rate", "many.rate"] {
        metrics.set(name, filled.get(name).unwrap_or(0.0));
    }
    metrics.set("many.disk-ratio", process::disk(folder.path()) as f64 / logical);
    let begun = Instant::now();
    let store = open(folder.path(), SledOptions::default().cache_bytes);
    metrics.set("many.reopen-s", begun.elapsed().as_secs_f64());
    metrics.set("many.index-s", wait_for_index(&store));
    metrics.load("many.get-default", &gets(&store, many, begin));
    drop(store);
    let store = open(folder.path(), LARGE);
    gets(&store, many, many);
    metrics.load("many.get-cached", &gets(&store, many, begin));
    wait_for_index(&store);
    metrics.load("many.select", &select(&store, many));
    drop(store);
    raw(&mut metrics, many, &texts);
    metrics
}

/// Fills a folder and says how fast it was, at first and all in all; then the process is to be killed.
pub(crate) fn fill(folder: &Path, many: usize) -> Metrics {
    let mut metrics = Metrics::default();
    let store = open(folder, SledOptions::default().cache_bytes);
    let texts = Texts::new();
    let first = fill::store(&store, &texts, 0..many / 10);
    let rest = fill::store(&store, &texts, many / 10..many);
    metrics.set("many.first-rate", first.rate());
    metrics.set("many.rate", many as f64 / (first.elapsed + rest.elapsed).as_secs_f64());
    // Nothing is closed in order.
    std::mem::forget(store);
    metrics
}

/// Waits until lists with selectors need not look at all resources, and says how long that took in seconds.
fn wait_for_index(store: &Store) -> f64 {
    let begun = Instant::now();
    while !store.is_indexed() {
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed().as_secs_f64()
}

/// Lists of the ten resources among all that have a label.
fn select(store: &Store, many: usize) -> Load {
    for number in 0..10 {
        let patch = serde_json::json!({"metadata": {"labels": {"rare": "yes"}}});
        let key = document::name(number * (many / 10) + 7);
        collection(store).patch(&key, patch).wait().expect("it is patched");
    }
    load::run(1, 0..200, |_, _| {
        let options = ListOptions::default().labels(Selector::labels("rare=yes").expect("a selector"));
        let list = collection(store).list_with(options).expect("it lists");
        assert_eq!(list.items.len(), 10);
    })
}

fn open(folder: &Path, cache: u64) -> Store {
    let mut options = SledOptions::default();
    options.cache_bytes = cache;
    let backend = SledBackend::open(folder, options).expect("the store opens");
    fill::furnished(Store::builder().backend(Arc::new(backend)).open().expect("the store opens"))
}

/// Gets of names that are spread over all.
fn gets(store: &Store, many: usize, times: usize) -> Load {
    let deployments = collection(store);
    load::run(1, 0..times.min(GETS.max(many)), |_, number| {
        let key = document::name(number.wrapping_mul(7919) % many);
        let object = deployments.get(&key);
        std::hint::black_box(object.expect("it is there"));
    })
}

/// How long sled itself takes to open the same bytes after it was killed.
fn raw(metrics: &mut Metrics, many: usize, texts: &Texts) {
    let folder = tempfile::tempdir().expect("there is space on the disk");
    child::run("fill-raw", &[folder.path().as_os_str(), many.to_string().as_ref()]);
    metrics.set("raw.disk-ratio", process::disk(folder.path()) as f64 / (many * texts.text(0).len()) as f64);
    let begun = Instant::now();
    let store = RawSled::open(folder.path(), SledOptions::default().cache_bytes);
    metrics.set("raw.reopen-s", begun.elapsed().as_secs_f64());
    drop(store);
}

/// Fills a folder of sled's.
pub(crate) fn fill_raw(folder: &Path, many: usize) -> Metrics {
    let texts = Texts::new();
    let store = RawSled::open(folder, SledOptions::default().cache_bytes);
    let mut key = keys();
    store.load((0..many).map(|number| (key(), texts.text(number).into_bytes())));
    std::mem::forget(store);
    Metrics::default()
}
