//! Opens the store in a folder that may be damaged, reads the resources that standard input names, a key a line, checks
//! the whole, and prints all of it as one JSON object. What must not happen is that this program does not end well.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of the tests, which read what it prints")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use kindstore::backend::{Backend, SledBackend, SledOptions};
use kindstore::{Error, OpenError, Store};
use serde_json::{Value, json};

/// How long a store that is recovering is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let keys: Vec<String> = std::io::stdin().lines().map(Result::unwrap).collect();
    let mut options = SledOptions::default();
    options.cache_bytes = 16 << 20;
    let backend = match SledBackend::open(folder, options) {
        Ok(backend) => Arc::new(backend) as Arc<dyn Backend>,
        Err(error) => return println!("{}", json!({"refused": refusal(&error)})),
    };
    let revision = backend.revision();
    let builder = || Store::builder().backend(Arc::clone(&backend));
    let found = match builder().open() {
        Ok(store) => keys.iter().map(|key| json!([key, read(&store, key)])).collect(),
        // Its first namespace is damaged: nothing is served.
        Err(error) => keys.iter().map(|key| json!([key, {"error": error.to_string()}])).collect::<Vec<_>>(),
    };
    let report = builder().check().unwrap();
    let flaws: Vec<Value> = report.flaws.iter().map(|flaw| json!([flaw.key, flaw.message])).collect();
    println!("{}", json!({"revision": revision, "found": found, "sound": report.is_sound(), "flaws": flaws}));
}

fn refusal(error: &Error) -> String {
    match error {
        Error::Open(OpenError::Damaged { why, .. } | OpenError::Io { why, .. }) => why.clone(),
        Error::Open(error) => error.to_string(),
        other => panic!("not an answer of open: {other:?}"),
    }
}

/// What is served: a document, that there is none, or an error.
fn read(store: &Store, key: &str) -> Value {
    let begun = Instant::now();
    loop {
        match store.kind("Deployment").expect("the kind is there").namespace("default").get(key) {
            Ok(object) => return json!({"served": serde_json::from_str::<Value>(&object.to_json()).unwrap()}),
            Err(Error::NotFound { .. }) => return json!({}),
            Err(Error::Unavailable { .. }) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return json!({"error": error.to_string()}),
        }
    }
}
