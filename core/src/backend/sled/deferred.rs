//! Values that wait to be written under their own keys: old versions of resources, and what changes often.
//!
//! Old versions are many and small, and lie all over the key space: each would have sled append to a leaf of its own, and what
//! sled appends stays alive in the middle of what is overwritten all the time, so that its file hardly finds a segment to use
//! again. What changes often would be written as a whole each time, and ten times that with the leaf that it is in. So these
//! values of a group are stored as a few bundles in the order of time, and kept in memory. From time to time all of them are
//! written under their keys, in the order of the keys, and the bundles are removed: `settle` does that.
//!
//! What waits counts as stored: readers look here before they look into sled. After a kill it is read from the bundles, in
//! their order. An entry of them may have been written under its key already.

use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::iter::Peekable;
use std::ops::Bound;

use ::sled::Db;
use bytes::Bytes;

use super::super::{ARCHIVE_KEY_BYTE, Key, Revision, Versioned};
use super::bundle::{self, Change};
use super::frame;
use super::guard::guarded;
use crate::error::Result;

/// What an entry takes in memory beside its key and its value.
const ENTRY: usize = 128;

/// How many times of the limit may wait where nothing can be written under its key, since the disk is full.
const MOST: usize = 4;

/// The values that wait.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    fresh: BTreeMap<Key, Entry>,
    /// What the fresh ones take in memory.
    bytes: usize,
    /// What their bundles take on the disk, those of what does not wait any more as well.
    bundled: usize,
    /// Those that are being written under their keys; a fresh one of the same key is newer.
    settling: BTreeMap<Key, Entry>,
    /// The newest of their bundles; 0 when nothing settles.
    through: Revision,
    /// The last of their keys that was written.
    written: Option<Key>,
    /// The last part of their bundles that was removed.
    removed: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Entry {
    state: Versioned,
    /// Whether sled may have an earlier value under the key.
    is_stored: bool,
}

impl Deferred {
    /// Reads the bundles.
    pub(super) fn read(db: &Db) -> Result<Self> {
        let (mut deferred, mut parts) = (Self::default(), db.range(bundle::all()));
        while let Some((key, part)) = guarded(|| parts.next().transpose())? {
            let unreadable = || super::super::fault(format!("the bundle {} cannot be read", key.escape_ascii()));
            let changes = bundle::decode(&part).ok_or_else(unreadable)?;
            deferred.apply(changes, part.len(), |key| stored(db, key))?;
        }
        deferred.fresh.values_mut().for_each(|fresh| fresh.is_stored = true);
        Ok(deferred)
    }

    /// The state of a key, if it waits.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Versioned> {
        self.fresh.get(key).or_else(|| self.settling.get(key)).map(|waiting| &waiting.state)
    }

    /// Whether sled may have a value under a key that waits. `None` when it does not wait.
    pub(super) fn is_stored(&self, key: &[u8]) -> Option<bool> {
        let fresh = self.fresh.get(key).map(|fresh| fresh.is_stored);
        fresh.or_else(|| self.settling.contains_key(key).then_some(true))
    }

    /// Whether more may wait, when so many bytes are the limit.
    pub(super) fn takes_more(&self, limit: usize) -> bool {
        self.bytes < limit.saturating_mul(MOST)
    }

    /// Shows what a group brought, in bundles of so many bytes. `stored` returns what was stored before.
    ///
    /// # Errors
    /// `Backend` when a change does not fit what it changes; and those of `stored`.
    pub(super) fn apply(
        &mut self,
        changes: Vec<Change>,
        bundled: usize,
        stored: impl Fn(&Key) -> Result<Option<Versioned>>,
    ) -> Result<()> {
        self.bundled += bundled;
        for change in changes {
            match change {
                Change::Put(key, state) => {
                    let is_stored = self.is_stored(&key).unwrap_or_default();
                    self.put(key, Entry { state, is_stored });
                }
                Change::Patch(key, patch) => {
                    let waiting = self.get(&key);
                    let before = if waiting.is_some() { None } else { stored(&key)? };
                    if let Some(state) = patch.apply(waiting.or(before.as_ref()))? {
                        self.put(key, Entry { state, is_stored: true });
                    }
                }
                Change::Drop(key) => {
                    let before = self.fresh.remove(&key);
                    self.forget(key.len(), before);
                    self.settling.remove(&key);
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, key: Key, entry: Entry) {
        let length = key.len();
        self.bytes += weight(length, &entry);
        let before = self.fresh.insert(key, entry);
        self.forget(length, before);
    }

    /// Counts an entry no longer, under a key of this length.
    fn forget(&mut self, key: usize, entry: Option<Entry>) {
        self.bytes = self.bytes.saturating_sub(entry.map_or(0, |entry| weight(key, &entry)));
    }

    /// All that waits from a key on, in the order of the keys.
    pub(super) fn range(&self, begin: Bound<Key>) -> Waiting<'_> {
        let range = (begin, Bound::Unbounded);
        Waiting { fresh: self.fresh.range(range.clone()).peekable(), settling: self.settling.range(range).peekable() }
    }

    /// Whether a settling is under way.
    pub(super) fn is_settling(&self) -> bool {
        self.through > 0
    }

    /// Whether so much waits that it is to be written under its keys.
    pub(super) fn is_due(&self, limit: usize) -> bool {
        self.is_settling() || self.bytes.max(self.bundled) >= limit
    }

    /// Whether there are no bundles.
    pub(super) fn is_empty(&self) -> bool {
        self.bundled == 0 && !self.is_settling()
    }

    /// Begins to settle all that waits, at a revision.
    pub(super) fn begin(&mut self, through: Revision) {
        self.settling = std::mem::take(&mut self.fresh);
        (self.bytes, self.bundled, self.through) = (0, 0, through);
    }

    /// The newest bundle of those that settle.
    pub(super) fn through(&self) -> Revision {
        self.through
    }

    /// The next of those that settle, at most so many and so many bytes of them, but at least one.
    pub(super) fn next(&self, limit: usize, mut bytes: usize) -> Vec<(Key, Versioned)> {
        let after = self.written.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.settling.range((after, Bound::Unbounded)).take(limit);
        let next = next.take_while(|(_, waiting)| {
            let fits = bytes > 0;
            bytes = bytes.saturating_sub(waiting.state.value.len());
            fits
        });
        next.map(|(key, waiting)| (key.clone(), waiting.state.clone())).collect()
    }

    /// They were written up to a key.
    pub(super) fn wrote(&mut self, last: Key) {
        self.written = Some(last);
    }

    /// Parts of their bundles were removed up to this one.
    pub(super) fn removed(&mut self, last: Option<Vec<u8>>) {
        self.removed = last;
    }

    /// Whether a part of their bundles was removed.
    pub(super) fn has_removed(&self, part: &[u8]) -> bool {
        self.removed.as_deref().is_some_and(|removed| part <= removed)
    }

    /// All are written and their bundles are gone. Returns them, since to free them takes time.
    pub(super) fn end(&mut self) -> impl Sized + use<> {
        (self.through, self.written, self.removed) = (0, None, None);
        std::mem::take(&mut self.settling)
    }
}

/// Returns the value that is stored under a key, unless it is in chunks: such a value never waits.
fn stored(db: &Db, key: &Key) -> Result<Option<Versioned>> {
    let Some(stored) = guarded(|| db.get(key))? else { return Ok(None) };
    let unreadable = || super::super::fault(format!("the head of {} cannot be read", key.escape_ascii()));
    let (head, value) = frame::decode(&stored).ok_or_else(unreadable)?;
    Ok(Some(Versioned { value: Bytes::copy_from_slice(value), created: head.created, modified: head.modified }))
}

/// Whether a key is that of an old version.
pub(super) fn is_archived(key: &Key) -> bool {
    key.first() == Some(&ARCHIVE_KEY_BYTE)
}

/// What an entry takes in memory under a key of this length.
fn weight(key: usize, entry: &Entry) -> usize {
    key + entry.state.value.len() + ENTRY
}

/// What waits, in the order of the keys.
pub(super) struct Waiting<'a> {
    fresh: Peekable<Range<'a, Key, Entry>>,
    settling: Peekable<Range<'a, Key, Entry>>,
}

impl<'a> Iterator for Waiting<'a> {
    type Item = (&'a Key, &'a Versioned);

    fn next(&mut self) -> Option<Self::Item> {
        let fresh = self.fresh.peek().map(|(key, _)| *key);
        let settling = self.settling.peek().map(|(key, _)| *key);
        let is_settling = settling.is_some_and(|settling| fresh.is_none_or(|fresh| settling < fresh));
        if settling.is_some() && settling == fresh {
            // The fresh one hides it.
            self.settling.next();
        }
        let next = if is_settling { self.settling.next() } else { self.fresh.next() };
        next.map(|(key, waiting)| (key, &waiting.state))
    }
}
