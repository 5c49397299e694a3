//! Each rule of the store on sled, and what every backend must do.

mod conformance;
mod deferred;
mod failure;
mod folder;
#[cfg(shuttle)]
mod interleave;
mod opening;
mod pending;
mod trick;
mod values;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use self::trick::Trick;
use super::super::completion::Outcome;
use super::super::{Backend, Batch, Completion, Key, Operation, Precondition, Revision};
use super::{SledBackend, SledOptions};
use crate::error::{Error, OpenError};

/// A store whose disk can be told to fail.
struct Bed {
    folder: tempfile::TempDir,
    trick: Arc<Trick>,
    store: SledBackend,
}

fn bed() -> Bed {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trick = Arc::<Trick>::default();
    let store = open_with(folder.path(), &trick).expect("an empty folder becomes a store");
    Bed { folder, trick, store }
}

impl Bed {
    fn reopen(self) -> Self {
        let Self { folder, trick, store } = self;
        drop(store);
        let store = open_with(folder.path(), &trick).expect("it was closed in order");
        Self { folder, trick, store }
    }

    /// Closes the store, does something to the folder, and opens it.
    fn reopen_after(self, change: impl FnOnce(&Path)) -> (tempfile::TempDir, Result<SledBackend, OpenError>) {
        drop(self.store);
        change(self.folder.path());
        let opened = open(self.folder.path());
        (self.folder, opened)
    }

    fn put(&self, name: &str, value: &str) -> Completion {
        begin(&self.store, Vec::new(), put(name, value))
    }

    fn get(&self, name: &str) -> Option<String> {
        let found = self.store.get(name.as_bytes()).expect("reads");
        found.map(|found| String::from_utf8_lossy(&found.value).into_owned())
    }
}

fn open(path: &Path) -> Result<SledBackend, OpenError> {
    open_with(path, &Arc::default())
}

fn open_with(path: &Path, trick: &Arc<Trick>) -> Result<SledBackend, OpenError> {
    let disk = Arc::clone(trick) as Arc<dyn super::Disk>;
    let options = SledOptions { cache_bytes: 4 * 1024 * 1024, disk, ..SledOptions::default() };
    SledBackend::open(path, options).map_err(|error| match error {
        Error::Open(error) => error,
        other => panic!("not an answer of open: {other:?}"),
    })
}

fn begin(store: &SledBackend, preconditions: Vec<Precondition>, operation: Operation) -> Completion {
    store.commit(Batch { preconditions, operations: vec![operation] })
}

fn end(completion: &Completion) -> Outcome {
    completion.wait(None).expect("a wait without a deadline ends")
}

fn revision(completion: &Completion) -> Revision {
    end(completion).expect("the commit succeeds")
}

fn key(name: &str) -> Key {
    Key::copy_from_slice(name.as_bytes())
}

fn put(name: &str, value: &str) -> Operation {
    Operation::Put(key(name), Bytes::copy_from_slice(value.as_bytes()))
}
