//! A store fills a small disk by itself, in the way that is named, and gets over it without a hand and without a restart.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of the tests, which read what it prints")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kindstore::backend::{Backend, SledBackend, SledOptions};
use kindstore::{Error, Retention, Store};
use serde_json::json;

const KIND: &str = "Deployment";
const NAMESPACE: &str = "default";

/// Writes are refused below this; the test's disk is small.
const RESERVE: u64 = 16 << 20;

/// How long the store may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> SledOptions {
    let mut options = SledOptions::default();
    options.cache_bytes = 8 << 20;
    options.min_free_bytes = RESERVE;
    options
}

fn open(folder: &Path, retention: Retention) -> Store {
    let backend = Arc::new(SledBackend::open(folder, options()).unwrap());
    Store::builder().backend(backend as Arc<dyn Backend>).retention(retention).open().unwrap()
}

/// Stores a resource of so many bytes.
fn create(store: &Store, name: &str, bytes: usize) {
    // Text that no engine makes smaller.
    let mut state = 88_172_645_463_325_252_u64;
    let text: String = (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b'a' + (state % 26) as u8)
        })
        .collect();
    let target = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target).wait().unwrap();
    let spec = json!({"deploymentTargetName": "jobs",
        "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar", "flinkVersion": "1.20"}}}});
    let document = json!({"metadata": {"name": name, "annotations": {"body": text}}, "spec": spec});
    store.kind(KIND).unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
}

fn patch(store: &Store, name: &str, number: usize) -> Result<(), Error> {
    let patch = json!({"metadata": {"labels": {"number": number.to_string()}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).patch(name, patch).wait().map(drop)
}

fn number(store: &Store, name: &str) -> usize {
    let object = store.kind(KIND).unwrap().namespace(NAMESPACE).get(name).unwrap();
    object.metadata.labels.unwrap().get("number").unwrap().parse().unwrap()
}

/// Patches until the store refuses; returns the last number that was acknowledged.
fn fill(store: &Store, name: &str) -> usize {
    for number in 1.. {
        match patch(store, name, number) {
            Ok(()) => {}
            Err(Error::Unavailable { why }) => {
                println!("{} patches, then: {why}; {}", number - 1, space(store));
                return number - 1;
            }
            Err(error) => panic!("{number}: {error}"),
        }
        if number % 500 == 0 {
            println!("{number} {}", space(store));
        }
    }
    unreachable!()
}

/// Reads all the time, and writes until as much is written again.
fn get_over(store: &Store, name: &str, last: usize) {
    let (begun, goal, mut last) = (Instant::now(), 2 * last, last);
    let mut shown = Instant::now();
    while last < goal {
        assert_eq!(number(store, name), last, "reads go on");
        match patch(store, name, last + 1) {
            Ok(()) => last += 1,
            Err(Error::Unavailable { .. }) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => panic!("{error}"),
        }
        if shown.elapsed() > Duration::from_secs(1) {
            shown = Instant::now();
            println!("{last} {} {:?}", space(store), store.health().writes);
        }
        assert!(begun.elapsed() < PATIENCE, "{last} of {goal} writes: {:?}", store.health());
    }
    println!("came back after {:?}; {}", begun.elapsed(), space(store));
}

fn space(store: &Store) -> String {
    let space = store.health().space.unwrap();
    format!("free {:.1} MiB, used {:.1} MiB", space.free as f64 / 1048576.0, space.used as f64 / 1048576.0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = Path::new(&arguments[2]).join("store");
    let short = Retention::default().versions(3).revisions(10);
    match arguments[1].as_str() {
        "restart" => {
            let store = open(&folder, Retention::forever());
            create(&store, "one", 1 << 20);
            let last = fill(&store, "one");
            drop(store);
            let store = open(&folder, short);
            get_over(&store, "one", last);
        }
        "small" => {
            let store = open(&folder, short.revisions(1_000_000).time(Duration::from_secs(3)));
            create(&store, "one", 20_000);
            let last = fill(&store, "one");
            get_over(&store, "one", last);
        }
        other => panic!("no way {other}"),
    }
}
