//! Fills the disk that a folder is on, with the store in it, until sled itself has no space; then frees some and goes on.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of the tests, which read what it prints")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kindstore::backend::{Backend, SledBackend, SledOptions};
use kindstore::{Error, Store};
use serde_json::json;

const KIND: &str = "DeploymentTarget";
const NAMESPACE: &str = "default";

/// How long the store may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);

fn open(folder: &Path) -> Store {
    let mut options = SledOptions::default();
    options.cache_bytes = 4 << 20;
    // Nothing keeps the store from running into the full disk.
    options.min_free_bytes = 0;
    let backend = Arc::new(SledBackend::open(folder.join("store"), options).unwrap());
    Store::builder().backend(backend as Arc<dyn Backend>).open().unwrap()
}

fn create(store: &Store, number: usize) -> Result<(), Error> {
    let body = json!({"body": number.to_string().repeat(4_000)});
    let document = json!({"metadata": {"name": format!("t{number}"), "annotations": body}, "spec": {"kubernetes": {}}});
    store.kind(KIND).expect("the kind is there").namespace(NAMESPACE).create(document).wait().map(drop)
}

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let folder = Path::new(&folder);
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 6 << 20]).unwrap();
    let store = open(folder);
    let (mut acknowledged, mut last) = (0, Ok(()));
    for number in 0..100_000 {
        last = create(&store, number);
        if last.is_err() {
            break;
        }
        acknowledged = number + 1;
    }
    println!("{acknowledged} writes, then: {last:?}");
    assert!(matches!(last, Err(Error::OutcomeUnknown | Error::Unavailable { .. })) && acknowledged > 100);
    // While the disk is full, a read is right or fails as unavailable.
    let (mut served, mut unavailable) = (0, 0);
    for number in 0..acknowledged {
        match read(&store, number) {
            Ok(()) => served += 1,
            Err(Error::Unavailable { .. }) => unavailable += 1,
            Err(error) => panic!("t{number}: {error}"),
        }
    }
    println!("full: {served} reads served, {unavailable} unavailable");
    assert!(create(&store, 200_000).is_err());
    std::fs::remove_file(ballast).unwrap();
    let begun = Instant::now();
    let mut next = 300_000;
    while let Err(error) = create(&store, next) {
        assert!(matches!(error, Error::OutcomeUnknown | Error::Unavailable { .. }), "{error}");
        assert!(begun.elapsed() < PATIENCE, "the store does not come back: {error}");
        std::thread::sleep(Duration::from_millis(20));
        next += 1;
    }
    println!("came back after {:?}", begun.elapsed());
    (0..acknowledged).chain([next]).for_each(|number| read(&store, number).unwrap());
    drop(store);
    let store = open(folder);
    (0..acknowledged).chain([next]).for_each(|number| read(&store, number).unwrap());
}

fn read(store: &Store, number: usize) -> Result<(), Error> {
    let object = store.kind(KIND).expect("the kind is there").namespace(NAMESPACE).get(&format!("t{number}"))?;
    let body = object.metadata.annotations.unwrap().get("body").unwrap().len();
    assert_eq!(body, number.to_string().len() * 4_000);
    Ok(())
}
