//! The suite of all backends, plain and with the store opened again between steps.

use std::sync::{Arc, Mutex, RwLock, Weak};

use super::super::super::{Change, Observer, Page, RevisionListener, Scan, Versioned, conformance};
use super::*;
use crate::error::Result;

#[test]
fn sled_keeps_the_contract() {
    let folders = tempfile::tempdir().expect("a temporary folder");
    conformance::all(&|| Arc::new(open(&new_folder(folders.path())).expect("an empty folder becomes a store")));
}

#[test]
fn sled_keeps_the_contract_when_it_is_opened_again_after_each_commit() {
    let folders = tempfile::tempdir().expect("a temporary folder");
    conformance::all(&|| {
        let folder = new_folder(folders.path());
        let store = RwLock::new(Some(open(&folder).expect("an empty folder becomes a store")));
        Arc::new(Reopening { folder, store, observers: Mutex::default() })
    });
}

fn new_folder(folders: &Path) -> std::path::PathBuf {
    let count = std::fs::read_dir(folders).expect("the folder is there").count();
    folders.join(count.to_string())
}

/// Opens its store again after each commit.
struct Reopening {
    folder: std::path::PathBuf,
    store: RwLock<Option<SledBackend>>,
    observers: Mutex<Vec<Weak<dyn Observer>>>,
}

impl Reopening {
    fn with<T>(&self, call: impl FnOnce(&SledBackend) -> T) -> T {
        call(self.store.read().expect("no test panics here").as_ref().expect("it is open outside of commits"))
    }
}

impl Backend for Reopening {
    fn floor(&self) -> Revision {
        self.with(SledBackend::floor)
    }

    fn revision_changed(&self) -> RevisionListener {
        self.with(SledBackend::revision_changed)
    }

    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.with(|store| store.get(key))
    }

    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.with(|store| store.get_for_write(key))
    }

    fn scan(&self, scan: &Scan) -> Result<Page> {
        self.with(|store| store.scan(scan))
    }

    fn commit(&self, batch: Batch) -> Completion {
        let mut store = self.store.write().expect("no test panics here");
        let outcome = end(&store.as_ref().expect("it is open outside of commits").commit(batch));
        drop(store.take());
        let opened = open(&self.folder).expect("it was closed in order");
        let observers = self.observers.lock().expect("no test panics here");
        observers.iter().filter_map(Weak::upgrade).for_each(|observer| opened.follow(observer));
        *store = Some(opened);
        Completion::ready(outcome)
    }

    fn max_batch(&self) -> usize {
        self.with(SledBackend::max_batch)
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.with(|store| store.changes(after, limit))
    }

    fn revision(&self) -> Revision {
        self.with(SledBackend::revision)
    }

    fn format(&self) -> u32 {
        self.with(|store| store.format())
    }

    fn raise_format(&self, format: u32) -> Result<()> {
        self.with(|store| store.raise_format(format))
    }

    fn follow(&self, observer: Arc<dyn Observer>) {
        self.observers.lock().expect("no test panics here").push(Arc::downgrade(&observer));
        self.with(|store| store.follow(observer));
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        self.with(|store| store.compact(floor))
    }
}
