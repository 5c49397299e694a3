//! The size of history in bytes, of the store and of each resource whose history grew lately.
//!
//! It is fed by the change log, and corrected by each removal. The commits of removals store it, so that it need not be
//! counted again when the store opens.

use std::collections::{BTreeSet, HashMap};

use bytes::{BufMut, Bytes, BytesMut};

use crate::backend::{Backend, Change, Key, Operation, Revision, Scan};
use crate::checksum;
use crate::engine::stored::key;
use crate::error::{Error, Result};

/// How many changes are read at once.
const CHANGES: usize = 1_024;

/// How many resources are remembered: between one and two times as many. Of others the size is read again.
const MAX_REMEMBERED: usize = 16_384;

/// The size of history.
#[derive(Debug, Default)]
pub(super) struct HistorySize {
    /// Up to this revision the change log was read; `None` when nothing is known.
    read_to: Option<Revision>,
    /// Keys and values of all superseded versions.
    pub(super) total: u64,
    /// What was left of it when there was nothing more to remove, beyond the limit of the store.
    pub(super) left: u64,
    resources: Remembered,
    /// The resources whose history is beyond the limit, by the prefixes of their versions.
    pub(super) over: BTreeSet<Key>,
}

impl HistorySize {
    /// Whether it is known.
    pub(super) fn is_known(&self) -> bool {
        self.read_to.is_some()
    }

    /// Forgets all, after an error.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Reads what is stored, or counts; then follows the change log to its end. Notes the resources with more than `limit`
    /// bytes. `is_over` ends it early.
    ///
    /// # Errors
    /// Those of the backend.
    pub(super) fn follow(&mut self, backend: &dyn Backend, limit: u64, is_over: &dyn Fn() -> bool) -> Result<()> {
        if self.read_to.is_none() {
            self.begin(backend, limit, is_over)?;
        }
        while let Some(read_to) = self.read_to.filter(|read_to| *read_to < backend.revision() && !is_over()) {
            match backend.changes(read_to, CHANGES) {
                Ok(changes) => {
                    let Some(last) = changes.last() else { return Ok(()) };
                    for change in changes.iter().filter(|change| !change.deleted) {
                        self.put(backend, change, limit)?;
                    }
                    self.read_to = Some(last.revision);
                }
                // The log was compacted beyond: by an explicit compaction, or by another one who has the store.
                Err(Error::Expired { .. }) => return self.count(backend, limit, is_over),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Adds a version, if a commit has put one. One that was there before is stored anew, which its writer accounts for.
    fn put(&mut self, backend: &dyn Backend, Change { key, revision, .. }: &Change, limit: u64) -> Result<()> {
        let Some(versions) = key::of_resource(key) else { return Ok(()) };
        let Some(entry) = backend.get(key)?.filter(|entry| entry.created == *revision) else { return Ok(()) };
        let bytes = size(key, &entry.value);
        self.total += bytes;
        let grown = match self.resources.get(&versions) {
            Some(known) => known + bytes,
            None if !is_sampled(key, bytes, limit) => return Ok(()),
            None => walk(backend, &versions, *revision, (&|| false, |_, _| {}))?.unwrap_or(0),
        };
        if grown > limit {
            self.over.insert(versions.clone());
        }
        self.resources.set(versions, grown);
        Ok(())
    }

    /// Begins with the size that is stored, if the change log reaches back to it.
    fn begin(&mut self, backend: &dyn Backend, limit: u64, is_over: &dyn Fn() -> bool) -> Result<()> {
        let stored = backend.get(&key::history_mark())?.and_then(|entry| decode(&entry.value));
        match stored {
            Some((read_to, total)) if read_to >= backend.floor() => {
                (self.read_to, self.total) = (Some(read_to), total);
                Ok(())
            }
            _ => self.count(backend, limit, is_over),
        }
    }

    fn count(&mut self, backend: &dyn Backend, limit: u64, is_over: &dyn Fn() -> bool) -> Result<()> {
        self.forget();
        let revision = backend.revision();
        let (mut current, mut bytes, mut over) = (Key::new(), 0, BTreeSet::new());
        let visit = |key: &Key, size: u64| {
            let Some(versions) = key::of_resource(key) else { return };
            if versions != current {
                (current, bytes) = (versions, 0);
            }
            bytes += size;
            if bytes > limit && bytes - size <= limit {
                over.insert(current.clone());
            }
        };
        if let Some(total) = walk(backend, &key::all_versions(), revision, (is_over, visit))? {
            (self.read_to, self.total, self.over) = (Some(revision), total, over);
        }
        Ok(())
    }

    /// Notes that a version is removed, or stored anew with another value.
    pub(super) fn replace(&mut self, key: &Key, old: u64, new: Option<&Bytes>) {
        let new = new.map_or(0, |value| size(key, value));
        self.total = (self.total + new).saturating_sub(old);
    }

    /// Notes the size of the history of a resource.
    pub(super) fn set(&mut self, versions: &Key, bytes: u64) {
        self.resources.set(versions.clone(), bytes);
    }

    /// Returns the operation that stores the size as it is once the operations beside it are committed.
    pub(super) fn mark(&self) -> Option<Operation> {
        let mut value = BytesMut::with_capacity(16);
        value.put_u64(self.read_to?);
        value.put_u64(self.total);
        Some(Operation::Put(key::history_mark(), value.freeze()))
    }
}

/// Returns the revision and the total of a stored size; `None` for what is none.
pub(crate) fn decode(value: &[u8]) -> Option<(Revision, u64)> {
    let (read_to, total) = value.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*read_to), u64::from_be_bytes(total.try_into().ok()?)))
}

/// Returns the size of an entry.
pub(super) fn size(key: &Key, value: &Bytes) -> u64 {
    (key.len() + value.len()) as u64
}

/// Whether a version has the history of its resource read, when nothing is known of that: with a chance of 64 for each limit
/// that it adds. Reading it at every version would take as long as the write, and never reading it would miss resources
/// that change in turns, too many to be remembered. A history is noticed a 64th of the limit late on average.
fn is_sampled(key: &Key, bytes: u64, limit: u64) -> bool {
    // By the key, which has the number of the version: versions of one resource must not have the same luck.
    let luck = (u128::from(checksum::hash(key)) * u128::from(limit)) >> u32::BITS;
    u128::from(bytes) * 64 > luck
}

/// Visits all entries under a prefix that were there at a revision, each with its size, and returns the sum; `None` when it
/// ended early.
fn walk(
    backend: &dyn Backend,
    prefix: &Key,
    revision: Revision,
    (is_over, mut visit): (&dyn Fn() -> bool, impl FnMut(&Key, u64)),
) -> Result<Option<u64>> {
    let (mut total, mut after) = (0, None);
    while !is_over() {
        let page = backend.scan(&Scan { prefix: prefix.clone(), after, limit: 0 })?;
        for (key, entry) in page.entries.iter().filter(|(_, entry)| entry.created <= revision) {
            let bytes = size(key, &entry.value);
            total += bytes;
            visit(key, bytes);
        }
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return Ok(Some(total));
        }
    }
    Ok(None)
}

/// The sizes of the resources that changed last.
#[derive(Debug, Default)]
struct Remembered {
    newer: HashMap<Key, u64>,
    older: HashMap<Key, u64>,
}

impl Remembered {
    fn get(&self, versions: &Key) -> Option<u64> {
        self.newer.get(versions).or_else(|| self.older.get(versions)).copied()
    }

    fn set(&mut self, versions: Key, bytes: u64) {
        if self.newer.len() >= MAX_REMEMBERED && !self.newer.contains_key(&versions) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(versions, bytes);
    }
}
