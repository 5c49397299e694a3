//! The peer under the store: sled alone, made durable as it must be, one value an operation.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use sled::Db;
use uuid::{ContextV7, Timestamp, Uuid};

/// The most that is written together, as in the store.
const GROUP: usize = 64;

/// sled with its data file, so that what was flushed can be synced.
#[derive(Clone)]
pub(crate) struct RawSled {
    pub(crate) db: Db,
    file: Arc<File>,
}

impl RawSled {
    pub(crate) fn open(folder: &Path, cache: u64) -> Self {
        let config = sled::Config::new().path(folder).cache_capacity(cache).flush_every_ms(Some(500));
        let db = config.open().expect("sled opens");
        let file = Arc::new(File::open(folder.join("db")).expect("sled has a data file"));
        Self { db, file }
    }

    /// Makes all that was written durable: sled's own flush does not sync.
    fn sync(&self) {
        self.db.flush().expect("sled flushes");
        self.file.sync_data().expect("the file syncs");
    }

    /// A durable insert by a lone writer.
    pub(crate) fn put(&self, key: &[u8], value: &[u8]) {
        self.db.insert(key, value).expect("sled inserts");
        self.sync();
    }

    /// The same with the other keys that a store needs, as one: a name, an entry of a log, and where the store stands.
    pub(crate) fn put_all(&self, key: Vec<u8>, value: Vec<u8>) {
        let mut batch = sled::Batch::default();
        for (area, length) in [(b'n', 16), (1, 160), (0, 25)] {
            let mut beside = key.clone();
            beside[0] = area;
            batch.insert(beside, vec![7; length]);
        }
        batch.insert(key, value);
        self.db.apply_batch(batch).expect("sled applies");
        self.sync();
    }

    /// Bulk load without syncs but at the end.
    pub(crate) fn load(&self, entries: impl Iterator<Item = (Vec<u8>, Vec<u8>)>) {
        for (key, value) in entries {
            self.db.insert(key, value).expect("sled inserts");
        }
        self.sync();
    }
}

/// Keys like those of records: they rise with time.
pub(crate) fn keys() -> impl FnMut() -> Vec<u8> {
    let context = ContextV7::new();
    move || {
        let id = Uuid::new_v7(Timestamp::now(&context));
        [b"r\0Deployment\0default\0".as_slice(), id.as_bytes()].concat()
    }
}

type Put = (Vec<u8>, Vec<u8>, Sender<()>);

/// One committer for many writers: what waits is written as one batch, and one sync serves all of it.
pub(crate) struct Committer {
    sender: Option<SyncSender<Put>>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(crate) fn start(store: RawSled) -> Self {
        let (sender, receiver) = sync_channel(4096);
        let thread = std::thread::spawn(move || commit(&store, &receiver));
        Self { sender: Some(sender), thread: Some(thread) }
    }

    /// Returns when the value is durable.
    pub(crate) fn put(&self, key: Vec<u8>, value: Vec<u8>) {
        let (done, wait) = channel();
        let sender = self.sender.as_ref().expect("the committer runs");
        sender.send((key, value, done)).expect("the committer runs");
        wait.recv().expect("the committer answers");
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the committer does not panic");
        }
    }
}

fn commit(store: &RawSled, receiver: &Receiver<Put>) {
    while let Ok(first) = receiver.recv() {
        let group: Vec<Put> = std::iter::once(first).chain(receiver.try_iter().take(GROUP - 1)).collect();
        let (mut batch, mut waiting) = (sled::Batch::default(), Vec::new());
        for (key, value, done) in group {
            batch.insert(key, value);
            waiting.push(done);
        }
        store.db.apply_batch(batch).expect("sled applies");
        store.sync();
        for done in waiting {
            // A writer waits until it is answered.
            done.send(()).expect("the writer waits");
        }
    }
}
