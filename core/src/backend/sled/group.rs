//! A group of batches as one change of sled.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ::sled::Batch;

use super::super::{Change, Key, Revision, Versioned};
use super::chunk::Chunk;
use super::frame::{Encoded, Head};
use super::meta::{META, Meta};
use super::queue::Waiting;
use super::view::{Found, View};
use super::{frame, log};
use crate::error::Result;

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

/// The durable values of the keys that a group changes, and the chunks that they are in.
#[derive(Default)]
pub(super) struct Old {
    pub(super) values: BTreeMap<Key, Option<Versioned>>,
    chunks: BTreeMap<Key, Vec<Chunk>>,
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
    pub(super) fn old(&self, view: &View) -> Result<Old> {
        let mut old = Old::default();
        for (key, state) in &self.states {
            let found = if state.was_absent { None } else { view.find(key)? };
            let value = match found {
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

    /// How each key's count changes.
    pub(super) fn key_changes(&self, old: &Old) -> Vec<KeyChange> {
        let modified = |state: &Option<Versioned>| state.as_ref().map(|state| state.modified);
        let turn =
            |(key, state): (&Key, &State)| (key.clone(), old.values.get(key).and_then(modified), modified(&state.new));
        self.states.iter().map(turn).collect()
    }

    /// The change for sled: heads, chunks, the log and where the store stands after it; and whether a head is of a format
    /// that older programs do not read. A sled batch keeps the last operation of a key only; each key is in here once: chunks
    /// that go and chunks that come have other revisions.
    pub(super) fn batch(&self, old: &Old, meta: Meta) -> (Batch, bool) {
        let (mut batch, mut lists_chunks) = (Batch::default(), false);
        for (key, State { index, new, .. }) in &self.states {
            let stored = old.chunks.get(key);
            let Some(new) = new else {
                batch.remove(&**key);
                stored.into_iter().flatten().for_each(|chunk| batch.remove(chunk.key()));
                continue;
            };
            let value = old.values.get(key).and_then(|value| Some(&value.as_ref()?.value));
            let replaced = stored.zip(value).map(|(chunks, value)| frame::Stored { chunks, value });
            let Encoded { head, chunks, shared } = frame::encode(key, new, *index, replaced);
            lists_chunks |= Head::lists_chunks(&head);
            batch.insert(&**key, head);
            chunks.into_iter().for_each(|(chunk_key, chunk)| batch.insert(chunk_key, &*chunk));
            let gone = stored.into_iter().flatten().map(Chunk::key).filter(|key| !shared.contains(key));
            gone.for_each(|chunk_key| batch.remove(chunk_key));
        }
        log::encode(&self.changes).into_iter().for_each(|(part_key, part)| batch.insert(part_key, part));
        batch.insert(META, meta.to_bytes());
        (batch, lists_chunks)
    }
}
