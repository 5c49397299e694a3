//! A group of batches as one change of sled.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ::sled::Batch;

use super::super::{Change, ChangedValue, Key, Revision, Versioned};
use super::chunk::Chunk;
use super::deferred::is_archived;
use super::frame::{Encoded, Head};
use super::meta::{META, Meta};
use super::queue::Waiting;
use super::view::{Found, View};
use super::{bundle, frame, log};
use crate::error::Result;

/// How many bytes the number of a version has, at the end of its key.
const NUMBER: usize = 8;

/// A key is changed often when its last change was at most so many revisions ago.
const FREQUENT: Revision = 8_192;

/// The changes of a group, all batches together.
pub(super) struct Group {
    /// The revision after it.
    pub(super) revision: Revision,
    states: BTreeMap<Key, State>,
    changes: Vec<Change>,
}

/// The state of a key after the group.
struct State {
    /// The place of the last operation on the key in that operation's batch.
    index: u32,
    new: Option<Versioned>,
    /// Whether the ledger found that the key did not exist before the group, which saves a look at sled.
    was_absent: bool,
}

/// The durable values of the keys that a group changes, and where they are.
#[derive(Default)]
pub(super) struct Old {
    pub(super) values: BTreeMap<Key, Option<Versioned>>,
    chunks: BTreeMap<Key, Vec<Chunk>>,
    /// The keys that wait to be written, and whether sled may have an earlier value of them.
    deferred: BTreeMap<Key, bool>,
    /// Whether more may wait.
    takes_more: bool,
    /// Whether the old versions of the group lie apart.
    is_scattered: bool,
}

/// A group for sled.
#[derive(Default)]
pub(super) struct Writing {
    pub(super) batch: Batch,
    /// What waits to be written under its key, and what does not any more.
    pub(super) deferred: Vec<bundle::Change>,
    /// What that takes on the disk.
    pub(super) bundled: usize,
    /// Whether older programs do not read it.
    pub(super) raises_format: bool,
}

/// A key with its revision before and after a group; `None` where it does not exist.
pub(super) type KeyChange = (Key, Option<Revision>, Option<Revision>);

impl Group {
    pub(super) fn new(group: &[Waiting]) -> Self {
        let (mut states, mut changes) = (BTreeMap::new(), Vec::new());
        for waiting in group {
            let revision = waiting.admitted.revision;
            for (index, (key, state)) in (0..).zip(&waiting.admitted.changes) {
                changes.push(Change { revision, index, key: key.clone(), deleted: state.is_none() });
                let new = state.clone();
                match states.entry(key.clone()) {
                    Entry::Vacant(entry) => {
                        // The ledger stamps a put with its own revision as creation exactly if the key did not exist.
                        let was_absent = new.as_ref().is_some_and(|new| new.created == revision);
                        entry.insert(State { index, new, was_absent });
                    }
                    Entry::Occupied(mut entry) => {
                        // Whether the key existed before the group is decided by its first batch.
                        let State { was_absent, .. } = *entry.get();
                        entry.insert(State { index, new, was_absent });
                    }
                }
            }
        }
        Self { revision: changes.last().map_or(0, |last| last.revision), states, changes }
    }

    /// Whether nothing is changed: all batches of the group are barriers.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Reads the durable values of the keys that are changed.
    pub(super) fn old(&self, view: &View, deferred_bytes: usize) -> Result<Old> {
        let takes_more = view.deferred.takes_more(deferred_bytes);
        let mut old = Old { takes_more, is_scattered: self.is_scattered(), ..Old::default() };
        for (key, state) in &self.states {
            // What did not exist does not wait either.
            if state.was_absent {
                old.values.insert(key.clone(), None);
                continue;
            }
            old.deferred.extend(view.deferred.is_stored(key).map(|is_stored| (key.clone(), is_stored)));
            let value = match view.find(key)? {
                None => None,
                Some(Found::Stored(head, _)) if !head.is_inline() => {
                    let (value, chunks) = view.load_chunks(key, &head)?;
                    old.chunks.insert(key.clone(), chunks);
                    Some(Versioned { value, created: head.created, modified: head.modified })
                }
                Some(found) => Some(view.load(key, found)?),
            };
            old.values.insert(key.clone(), value);
        }
        Ok(old)
    }

    /// Whether most old versions are of different resources. Those of one lie side by side, where sled takes them well.
    fn is_scattered(&self) -> bool {
        let (mut last, mut count, mut different) = (None, 0, 0);
        for key in self.states.keys().filter(|key| is_archived(key)) {
            let resource = key.get(..key.len().saturating_sub(NUMBER));
            (count, different) = (count + 1, different + usize::from(last != resource));
            last = resource;
        }
        different * 2 > count
    }

    /// How each key's count changes.
    pub(super) fn key_changes(&self, old: &Old) -> Vec<KeyChange> {
        let modified = |state: &Option<Versioned>| state.as_ref().map(|state| state.modified);
        let turn =
            |(key, state): (&Key, &State)| (key.clone(), old.values.get(key).and_then(modified), modified(&state.new));
        self.states.iter().map(turn).collect()
    }

    /// The changes as readers come to see them.
    pub(super) fn changed<'a>(&'a self, old: &'a BTreeMap<Key, Option<Versioned>>) -> Vec<ChangedValue<'a>> {
        let old = |key| old.get(key).and_then(Option::as_ref);
        self.states.iter().map(|(key, state)| ChangedValue { key, old: old(key), new: state.new.as_ref() }).collect()
    }

    /// The change for sled: heads, chunks, bundles, the log and where the store stands after it. A sled batch keeps the last
    /// operation of a key only; each key is in here once: chunks that go and chunks that come have other revisions.
    pub(super) fn writing(&self, old: &Old, meta: Meta) -> Writing {
        let mut writing = Writing::default();
        for (key, state) in &self.states {
            match state.deferred(key, old) {
                Some(change) => writing.deferred.push(change),
                None => writing.write(key, (state.new.as_ref(), state.index), old),
            }
        }
        for (part_key, part) in bundle::encode(&writing.deferred, meta.revision) {
            writing.bundled += part.len();
            writing.batch.insert(part_key, part);
        }
        log::encode(&self.changes).into_iter().for_each(|(part_key, part)| writing.batch.insert(part_key, part));
        writing.batch.insert(META, meta.to_bytes());
        writing.raises_format |= writing.bundled > 0;
        writing
    }
}

impl State {
    /// The change of what waits, if the new value does.
    fn deferred(&self, key: &Key, old: &Old) -> Option<bundle::Change> {
        let new = self.new.as_ref().filter(|new| old.takes_more && bundle::fits(key, new))?;
        let before = old.values.get(key).and_then(Option::as_ref);
        let is_waiting = old.deferred.contains_key(key);
        // An old version that is written already is overwritten where it is.
        if is_archived(key) {
            return (before.is_none() && old.is_scattered || is_waiting)
                .then(|| bundle::Change::Put(key.clone(), new.clone()));
        }
        let before = before.filter(|_| !old.chunks.contains_key(key))?;
        let is_frequent = is_waiting || new.modified.saturating_sub(before.modified) < FREQUENT;
        let patch = if is_frequent { bundle::Patch::between(before, new) } else { None };
        patch.map(|patch| bundle::Change::Patch(key.clone(), patch))
    }
}

impl Writing {
    /// Writes the state of a key, which is the one after an operation with this place in its batch.
    fn write(&mut self, key: &Key, (new, index): (Option<&Versioned>, u32), old: &Old) {
        let is_stored = old.deferred.get(key);
        if is_stored.is_some() {
            self.deferred.push(bundle::Change::Drop(key.clone()));
        }
        let stored = old.chunks.get(key);
        let Some(new) = new else {
            if is_stored != Some(&false) {
                self.batch.remove(&**key);
            }
            stored.into_iter().flatten().for_each(|chunk| self.batch.remove(chunk.key()));
            return;
        };
        let value = old.values.get(key).and_then(|value| Some(&value.as_ref()?.value));
        let replaced = stored.zip(value).map(|(chunks, value)| frame::Stored { chunks, value });
        let Encoded { head, chunks, shared } = frame::encode(key, new, index, replaced);
        self.raises_format |= Head::lists_chunks(&head);
        self.batch.insert(&**key, head);
        chunks.into_iter().for_each(|(chunk_key, chunk)| self.batch.insert(chunk_key, &*chunk));
        let gone = stored.into_iter().flatten().map(Chunk::key).filter(|key| !shared.contains(key));
        gone.for_each(|chunk_key| self.batch.remove(chunk_key));
    }
}
