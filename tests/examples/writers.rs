//! Embeds the store in a folder and writes from 64 threads until it is killed; prints each acknowledgement as a line.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of the tests, which read what it prints")]

#[path = "../src/chance.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod chance;
#[path = "../src/crash/content.rs"]
mod content;
#[path = "../src/crash/writer.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod writer;

use kindstore::store::Operation;
use kindstore::{Collection, ETag, Error, Expected, Object, Store, WriteOptions, WriteOutcome};
use serde_json::Value;

use chance::Chance;
use writer::{Answer, Client, KIND};

const THREADS: u64 = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, round, seed] = &arguments[..] else { panic!("writers FOLDER ROUND SEED") };
    let (store, mut chance) = (Store::open(folder).unwrap(), Chance::from_seed(seed.parse().unwrap()));
    let target = serde_json::json!({"spec": {"kubernetes": {}}});
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).upsert("jobs", target).wait().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (mut client, mut chance) = (Embedded::new(&store), chance.fork());
            let who = format!("r{round}-t{thread}");
            scope.spawn(move || writer::write(&who, &mut client, &mut chance, &mut |ack| println!("{ack}")));
        }
    });
}

/// The store in this process.
struct Embedded {
    store: Store,
    collection: Collection,
}

const NAMESPACE: &str = "default";

fn answer(written: kindstore::Result<WriteOutcome>) -> Answer {
    match written {
        Ok(written) => Answer::Done(value(&written.object), written.revision.unwrap_or_default()),
        Err(error) => refused(&error),
    }
}

fn refused(error: &Error) -> Answer {
    match error.reason() {
        "NotFound" | "AlreadyExists" | "PreconditionFailed" | "Conflict" => Answer::Refused,
        _ => panic!("{error}"),
    }
}

fn value(object: &Object) -> Value {
    serde_json::from_str(&object.to_json()).unwrap()
}

impl Embedded {
    fn new(store: &Store) -> Self {
        Self { store: store.clone(), collection: store.kind(KIND).unwrap().namespace(NAMESPACE) }
    }
}

impl Client for Embedded {
    fn create(&mut self, document: Value) -> Answer {
        answer(self.collection.create(document).wait())
    }

    fn upsert(&mut self, name: &str, document: Value) -> Answer {
        answer(self.collection.upsert(name, document).wait())
    }

    fn patch(&mut self, name: &str, patch: Value, id: &str, version: u64) -> Answer {
        let tag = ETag { id: Some(id.parse().unwrap()), version };
        let options = WriteOptions::default().expected(Expected::OneOf(vec![tag]));
        answer(self.collection.patch(name, patch).options(options).wait())
    }

    fn delete(&mut self, name: &str) -> Answer {
        answer(self.collection.delete(name).wait())
    }

    fn get(&mut self, name: &str) -> Answer {
        match self.collection.get(name) {
            Ok(object) => Answer::Done(value(&object), 0),
            Err(error) => refused(&error),
        }
    }

    fn create_together(&mut self, documents: Vec<Value>) -> Answer {
        let operations = documents.into_iter().map(|document| Operation::create(KIND, document));
        let written = self.store.transaction(NAMESPACE).operations(operations).wait();
        answer(written.map(|all| all.into_iter().next().unwrap()))
    }
}
