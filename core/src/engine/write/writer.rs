//! What every write of a store needs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use super::contention::ContentionLocks;
use super::id_floor::IdClockFloor;
use crate::backend::{Backend, Key, Revision};
use crate::engine::clock::{Clock, IdSource};
use crate::engine::index::Index;
use crate::engine::read::Reader;
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// The part of a store that writes: it reads the current state, gives out ids and times, and remembers look-ups.
pub(crate) struct Writer {
    pub(crate) reader: Arc<Reader>,
    pub(crate) clock: Clock,
    pub(crate) ids: IdSource,
    pub(crate) id_floor: IdClockFloor,
    pub(crate) index: Arc<Index>,
    pub(crate) locks: ContentionLocks,
    /// Namespaces that were found active, with the key and the revision of their records.
    pub(super) active_namespaces: RwLock<HashMap<String, (Key, Revision)>>,
    /// The ids of names that were referred to, under the keys of the names.
    pub(super) targets: RwLock<HashMap<Key, ResourceId>>,
    /// Whether secret members may be stored unencrypted.
    pub(crate) plain_secrets: bool,
    /// Whether deletions may be left that were begun and are not finished.
    pub(crate) unfinished: AtomicBool,
    /// Whether stored references and selected values are those of other definitions, for want of space to write them anew.
    pub(crate) is_outdated: AtomicBool,
}

impl Writer {
    /// Returns the writer of a store that is being opened.
    pub(crate) fn new(reader: Arc<Reader>, clock: Clock, ids: IdSource, index: Arc<Index>) -> Result<Self> {
        let id_floor = IdClockFloor::read(&*reader.backend)?;
        Ok(Self {
            reader,
            clock,
            ids,
            id_floor,
            index,
            locks: ContentionLocks::default(),
            active_namespaces: RwLock::default(),
            targets: RwLock::default(),
            plain_secrets: false,
            unfinished: AtomicBool::new(false),
            is_outdated: AtomicBool::new(false),
        })
    }

    /// Returns the same writer over another backend, which remembers no look-ups.
    pub(crate) fn over(&self, backend: Arc<dyn Backend>) -> Self {
        Self {
            reader: Arc::new(self.reader.over(backend)),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            id_floor: self.id_floor.copied(),
            index: Arc::clone(&self.index),
            // A transaction takes the locks of the real writer, around its whole pass.
            locks: ContentionLocks::default(),
            active_namespaces: RwLock::default(),
            targets: RwLock::default(),
            plain_secrets: self.plain_secrets,
            unfinished: AtomicBool::new(false),
            is_outdated: AtomicBool::new(false),
        }
    }

    /// Fails while what is stored beside documents is of other definitions: references that are not known guard nothing.
    pub(crate) fn check_current(&self) -> Result<()> {
        if !self.is_outdated.load(Ordering::Relaxed) {
            return Ok(());
        }
        let why = "it must be brought up to date first, for which the disk has too little space".to_owned();
        Err(Error::Unavailable { why })
    }

    /// Returns the backend that the writer commits to.
    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.reader.backend
    }
}
