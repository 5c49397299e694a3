//! The view of readers: the durable state, whatever the committer is doing.
//!
//! Readers hold the view's lock for reading as long as they read. The committer takes it for writing twice a group: to
//! lay the old values of the group's keys beside sled before sled sees the new ones, and to take them away when all is
//! on stable storage. So under the lock, a key that lies there has that value, and no other key changes.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::sled::{Db, IVec};
use bytes::Bytes;

use super::super::ledger::Stamp;
use super::super::sync::AtomicBool;
use super::super::sync::Mutex;
use super::super::{Change, Key, Page, Revision, Scan, Versioned, fault, is_user_key, page_size};
use super::chunk::Chunk;
use super::deferred::Deferred;
use super::frame::{self, Head};
use super::key_checksum::{KeyChecksum, Recount};
use super::refusal::{closed, full};
use super::store::Store;
use super::{guard, log};
use crate::error::{Error, Result};

/// A page ends once it has this many bytes, so that the committer never waits long for a reader.
const PAGE_BYTES: usize = 1024 * 1024;

/// The durable state.
pub(super) struct View {
    /// `None` while sled is closed after a failure.
    pub(super) store: Option<Store>,
    pub(super) revision: Revision,
    pub(super) floor: Revision,
    pub(super) checksum: KeyChecksum,
    /// Old versions that are durable and not yet in sled under their keys.
    pub(super) deferred: Deferred,
    /// The durable values of keys that the committer is changing.
    pub(super) in_flight: BTreeMap<Key, Option<Versioned>>,
    pub(super) recount: Option<Mutex<Recount>>,
    /// How often sled was opened; threads that belong to an earlier time end.
    pub(super) opened: u64,
    /// Whether a call into sled failed: its memory is not to be trusted any more.
    pub(super) suspect: AtomicBool,
}

/// A key with its state or where that is.
pub(super) enum Found {
    Stored(Head, Bytes),
    Held(Versioned),
}

impl Found {
    pub(super) fn modified(&self) -> Revision {
        match self {
            Found::Stored(head, _) => head.modified,
            Found::Held(state) => state.modified,
        }
    }
}

impl View {
    /// The view of a store that was opened just now.
    pub(super) fn new(mut store: Store, opened: u64, is_recounted: bool) -> Self {
        Self {
            deferred: std::mem::take(&mut store.deferred),
            revision: store.meta.revision,
            floor: store.floor,
            checksum: store.meta.checksum,
            in_flight: BTreeMap::new(),
            recount: is_recounted.then(Mutex::default),
            opened,
            suspect: AtomicBool::new(false),
            store: Some(store),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        match self.find(key)? {
            Some(found) => Ok(Some(self.load(key, found)?)),
            None => Ok(None),
        }
    }

    /// The revisions of a key, without its value.
    pub(super) fn stamp(&self, key: &[u8]) -> Result<Option<Stamp>> {
        let held = |state: &Versioned| Stamp { created: state.created, modified: state.modified };
        if !is_user_key(key) {
            return Ok(None);
        }
        if let Some(state) = self.held(key) {
            return Ok(state.map(held));
        }
        let Some(stored) = self.stored(key)? else { return Ok(None) };
        let revisions = frame::revisions(&stored).ok_or_else(|| damage(key, "its head cannot be read"))?;
        let (created, modified) = revisions;
        Ok(Some(Stamp { created, modified }))
    }

    /// Where the state of a key is.
    pub(super) fn find(&self, key: &[u8]) -> Result<Option<Found>> {
        if !is_user_key(key) {
            return Ok(None);
        }
        if let Some(state) = self.held(key) {
            return Ok(state.cloned().map(Found::Held));
        }
        self.stored(key)?.map(|stored| read_head(key, stored)).transpose()
    }

    /// The state of a key that lies beside sled; `Some(None)` where it does not exist.
    fn held(&self, key: &[u8]) -> Option<Option<&Versioned>> {
        // What the committer is changing comes first: its durable state is the old one.
        let in_flight = self.in_flight.get(key).map(Option::as_ref);
        in_flight.or_else(|| self.deferred.get(key).map(Some))
    }

    /// All states that lie beside sled, from a key on.
    fn held_from(&self, begin: Bound<Key>) -> impl Iterator<Item = (&Key, Option<&Versioned>)> {
        let mut in_flight = self.in_flight.range((begin.clone(), Bound::Unbounded)).peekable();
        let mut deferred = self.deferred.range(begin).peekable();
        std::iter::from_fn(move || {
            let next = in_flight.peek().map(|(key, _)| *key);
            match (next, deferred.peek().map(|(key, _)| *key)) {
                (Some(next), Some(waiting)) if waiting < next => {}
                (Some(next), waiting) => {
                    // The same key: what is in flight hides it.
                    if waiting == Some(next) {
                        deferred.next();
                    }
                    return in_flight.next().map(|(key, old)| (key, old.as_ref()));
                }
                (None, _) => {}
            }
            deferred.next().map(|(key, state)| (key, Some(state)))
        })
    }

    fn stored(&self, key: &[u8]) -> Result<Option<IVec>> {
        let db = self.db()?;
        self.guarded(|| db.get(key))
    }

    /// The state itself.
    pub(super) fn load(&self, key: &[u8], found: Found) -> Result<Versioned> {
        let (head, inline) = match found {
            Found::Held(state) => return Ok(state),
            Found::Stored(head, inline) => (head, inline),
        };
        let Head { created, modified, .. } = head;
        let value = if head.is_inline() { inline } else { self.load_chunks(key, &head)?.0 };
        Ok(Versioned { value, created, modified })
    }

    /// The value in chunks of a head, and the chunks with their lengths.
    pub(super) fn load_chunks(&self, key: &[u8], head: &Head) -> Result<(Bytes, Vec<Chunk>)> {
        let (db, mut chunks) = (self.db()?, head.chunks());
        let mut value = Vec::with_capacity(head.length());
        for chunk in &mut chunks {
            // Nothing changes this key while the lock is held, so that a chunk which is not there is lost.
            let stored = self.guarded(|| db.get(chunk.key()))?.ok_or_else(|| damage(key, "a chunk is missing"))?;
            value.extend_from_slice(&stored);
            *chunk = chunk.with_length(stored.len());
        }
        if value.len() != head.length() {
            return Err(damage(key, "its chunks do not add up"));
        }
        Ok((value.into(), chunks))
    }

    /// A page of entries, all as of the view's revision.
    pub(super) fn scan(&self, scan: &Scan) -> Result<Page> {
        let (found, mut more) = self.walk(&scan.prefix, scan.after.as_ref(), page_size(scan))?;
        let mut page = Page { revision: self.revision, ..Page::default() };
        let mut bytes = 0;
        for (key, found) in found {
            // Checked before a value is added, so that a page holds at least one entry however large.
            if bytes >= PAGE_BYTES {
                more = true;
                break;
            }
            let state = self.load(&key, found)?;
            bytes += state.value.len();
            page.entries.push((key, state));
        }
        Ok(Page { more, ..page })
    }

    /// At most `limit` keys in order, and whether there are more.
    pub(super) fn walk(&self, prefix: &Key, after: Option<&Key>, limit: usize) -> Result<(Vec<(Key, Found)>, bool)> {
        // Keys below are the store's own.
        let lowest = Key::from_static(&[super::super::FIRST_KEY_BYTE]);
        let begin = match after {
            Some(after) if *after >= *prefix && *after >= lowest => Bound::Excluded(after.clone()),
            _ => Bound::Included(prefix.clone().max(lowest)),
        };
        let held = self.held_from(begin.clone());
        let mut held = held.take_while(|(key, _)| key.starts_with(prefix)).peekable();
        let mut stored = self.db()?.range((begin, Bound::Unbounded));
        let mut found = Vec::new();
        // One more than asked for tells whether there are more.
        while found.len() <= limit {
            let entry = self.guarded(|| stored.next().transpose())?.filter(|(key, _)| key.starts_with(prefix));
            let is_due = |key: &Key| entry.as_ref().is_none_or(|(next, _)| **key <= **next);
            let mut is_hidden = false;
            // Merges two sorted sequences. A key beside sled hides the one in sled, which may already have its new value.
            while let Some((key, old)) = held.next_if(|(key, _)| is_due(key)) {
                is_hidden = entry.as_ref().is_some_and(|(next, _)| **key == **next);
                found.extend(old.cloned().map(|old| (key.clone(), Found::Held(old))));
            }
            match entry {
                None => break,
                Some(_) if is_hidden => {}
                Some((key, stored)) => {
                    let found_here = read_head(&key, stored)?;
                    found.push((Key::copy_from_slice(&key), found_here));
                }
            }
        }
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    /// The changes after a revision, as [`super::super::Backend::changes`] has it.
    pub(super) fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        // Checked under the lock under which the floor is raised: the parts above it are complete.
        if after < self.floor {
            return Err(Error::Expired { asked: after, oldest: self.floor });
        }
        let mut changes: Vec<Change> = Vec::new();
        if after >= self.revision {
            return Ok(Vec::new());
        }
        let db = self.db()?;
        // A reader that kept up finds a part that begins with the next change; others search for the part that holds it.
        let next = log::part_key(after + 1, 0);
        let begin = match self.guarded(|| db.contains_key(&next))? {
            true => next,
            false => log::part_key(after.saturating_sub(log::MAX_GROUP_REVISIONS), 0),
        };
        let mut parts = db.range(begin..log::end());
        while let Some((part_key, part)) = self.guarded(|| parts.next().transpose())? {
            for change in log::decode(&part).ok_or_else(|| damage(&part_key, "a part of the log cannot be read"))? {
                let is_full =
                    changes.len() >= limit && changes.last().map(|last| last.revision) != Some(change.revision);
                // The log may already hold the group that is being written; it is not durable yet.
                if change.revision > self.revision || (is_full && change.revision > after) {
                    return Ok(changes);
                }
                if change.revision > after {
                    changes.push(change);
                }
            }
        }
        Ok(changes)
    }

    /// sled, if it is open.
    pub(super) fn db(&self) -> Result<&Db> {
        self.store.as_ref().map(|store| &store.db).ok_or_else(closed)
    }

    /// The data file, if sled is open.
    pub(super) fn file(&self) -> Result<Arc<std::fs::File>> {
        self.store.as_ref().map(|store| Arc::clone(&store.file)).ok_or_else(closed)
    }

    /// Calls sled; an error makes all that it holds suspect.
    pub(super) fn guarded<T>(&self, call: impl FnOnce() -> ::sled::Result<T>) -> Result<T> {
        guard::guarded(call).map_err(|error| {
            self.suspect.store(true, Ordering::Relaxed);
            if is_of_a_full_disk(&error) { full() } else { error }
        })
    }
}

/// Whether sled has met a full disk. That stops all of sled; the batch is stored when it is opened again.
fn is_of_a_full_disk(error: &Error) -> bool {
    let Error::Backend(source) = error else { return false };
    let met = source.downcast_ref::<::sled::Error>();
    matches!(met, Some(::sled::Error::Io(error)) if error.kind() == std::io::ErrorKind::StorageFull)
}

/// The head of a stored value and the bytes behind it. They stay where sled has them, for that is memory that many can
/// share.
fn read_head(key: &[u8], stored: IVec) -> Result<Found> {
    let (head, inline) = frame::decode(&stored).ok_or_else(|| damage(key, "its head cannot be read"))?;
    let begin = stored.len() - inline.len();
    Ok(Found::Stored(head, Bytes::from_owner(stored).slice(begin..)))
}

fn damage(key: &[u8], what: &str) -> Error {
    tracing::error!(key = %key.escape_ascii(), what, "the store is damaged");
    fault(format!("{}: {what}", key.escape_ascii()))
}
