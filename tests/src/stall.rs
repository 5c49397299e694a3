//! A disk that makes writers wait, so that a test can look at what is not durable yet.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use kindstore::Store;
use kindstore::backend::{Disk, SledBackend, SledOptions, SystemDisk};

/// While it stalls, each sync waits for a permit.
#[derive(Default)]
pub(crate) struct Stalling {
    permits: Mutex<Option<Receiver<()>>>,
}

impl Stalling {
    /// From now on each sync takes a permit from here; all syncs are free again when the sender is dropped.
    pub(crate) fn stall(&self) -> Sender<()> {
        let (sender, receiver) = channel();
        *self.permits.lock().unwrap() = Some(receiver);
        sender
    }
}

impl Disk for Stalling {
    fn sync(&self, file: &File) -> std::io::Result<()> {
        if let Some(permits) = &*self.permits.lock().unwrap() {
            // An error says that nobody holds syncs back any more.
            let _ = permits.recv();
        }
        SystemDisk.sync(file)
    }

    fn free_bytes(&self, path: &Path) -> std::io::Result<u64> {
        SystemDisk.free_bytes(path)
    }
}

/// A store in a folder of that disk.
pub(crate) fn stalling_store(folder: &Path, disk: &Arc<Stalling>) -> Store {
    let mut options = SledOptions::default();
    options.disk = Arc::clone(disk) as Arc<dyn Disk>;
    let backend = SledBackend::open(folder, options).unwrap();
    Store::builder().backend(Arc::new(backend)).open().unwrap()
}
