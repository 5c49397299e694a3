//! A disk that does what a test tells it to.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::super::{Disk, SystemDisk};

/// The real disk, until it is told otherwise.
#[derive(Default)]
pub(super) struct Trick {
    pub(super) syncs: AtomicUsize,
    next: Mutex<VecDeque<KeyChange>>,
    full: Mutex<bool>,
}

/// What a sync does.
enum KeyChange {
    Fail,
    Panic,
    Stall { entered: Sender<()>, go: Receiver<()> },
}

/// A sync that waits.
pub(super) struct Stall {
    entered: Receiver<()>,
    go: Sender<()>,
}

impl Stall {
    /// Returns once the sync was called.
    pub(super) fn entered(&self) {
        self.entered.recv().expect("the sync is called");
    }

    /// Lets the sync go on.
    pub(super) fn end(self) {
        self.go.send(()).expect("the sync waits");
    }
}

impl Trick {
    /// The next sync fails.
    pub(super) fn fail(&self) {
        self.push(KeyChange::Fail);
    }

    /// The next sync panics.
    pub(super) fn panic(&self) {
        self.push(KeyChange::Panic);
    }

    /// The next sync waits.
    pub(super) fn stall(&self) -> Stall {
        let ((entered, has_entered), (go, goes)) = (channel(), channel());
        self.push(KeyChange::Stall { entered, go: goes });
        Stall { entered: has_entered, go }
    }

    /// Whether the disk has no free bytes.
    pub(super) fn fill(&self, full: bool) {
        *self.full.lock().unwrap_or_else(PoisonError::into_inner) = full;
    }

    fn push(&self, turn: KeyChange) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).push_back(turn);
    }
}

impl Disk for Trick {
    fn sync(&self, file: &File) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let turn = self.next.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match turn {
            None => {}
            Some(KeyChange::Fail) => return Err(io::Error::other("the sync failed")),
            Some(KeyChange::Panic) => panic!("the sync panicked"),
            Some(KeyChange::Stall { entered, go }) => {
                entered.send(()).map_err(io::Error::other)?;
                go.recv().map_err(io::Error::other)?;
            }
        }
        SystemDisk.sync(file)
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        match *self.full.lock().unwrap_or_else(PoisonError::into_inner) {
            true => Ok(0),
            false => SystemDisk.free_bytes(path),
        }
    }
}
