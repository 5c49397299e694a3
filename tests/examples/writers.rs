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

use kindstore::{
    CommitOperation, CommitOptions, ETag, Error, Expected, GetOptions, Object, Store, WriteOptions, WriteOutcome,
};
use serde_json::Value;

use chance::Chance;
use writer::{Answer, Client, KIND};

const THREADS: u64 = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, round, seed] = &arguments[..] else { panic!("writers FOLDER ROUND SEED") };
    let (store, mut chance) = (Store::open(folder).unwrap(), Chance::from_seed(seed.parse().unwrap()));
    let target = serde_json::json!({"spec": {"kubernetes": {}}});
    store.upsert("DeploymentTarget", NAMESPACE, "jobs", target, WriteOptions::default()).wait().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (mut client, mut chance) = (Embedded(store.clone()), chance.fork());
            let who = format!("r{round}-t{thread}");
            scope.spawn(move || writer::write(&who, &mut client, &mut chance, &mut |ack| println!("{ack}")));
        }
    });
}

/// The store in this process.
struct Embedded(Store);

const NAMESPACE: Option<&str> = Some("default");

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

impl Client for Embedded {
    fn create(&mut self, document: Value) -> Answer {
        answer(self.0.create(KIND, NAMESPACE, document, WriteOptions::default()).wait())
    }

    fn upsert(&mut self, name: &str, document: Value) -> Answer {
        answer(self.0.upsert(KIND, NAMESPACE, name, document, WriteOptions::default()).wait())
    }

    fn patch(&mut self, name: &str, patch: Value, id: &str, version: u64) -> Answer {
        let tag = ETag { id: Some(id.parse().unwrap()), version };
        let options = WriteOptions { expected: Some(Expected::OneOf(vec![tag])), ..WriteOptions::default() };
        answer(self.0.patch(KIND, NAMESPACE, name, patch, options).wait())
    }

    fn delete(&mut self, name: &str) -> Answer {
        answer(self.0.delete(KIND, NAMESPACE, name, WriteOptions::default()).wait())
    }

    fn get(&mut self, name: &str) -> Answer {
        match self.0.get(KIND, NAMESPACE, name, GetOptions::default()) {
            Ok(object) => Answer::Done(value(&object), 0),
            Err(error) => refused(&error),
        }
    }

    fn create_together(&mut self, documents: Vec<Value>) -> Answer {
        let operations = documents.into_iter().map(|document| CommitOperation::create(KIND, document)).collect();
        let written = self.0.commit("default", operations, CommitOptions::default()).wait();
        answer(written.map(|all| all.into_iter().next().unwrap()))
    }
}
