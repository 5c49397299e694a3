//! A group of batches as one change of sled.

use std::collections::BTreeMap;

use ::sled::Batch;

use super::super::{Change, Key, Revision, Versioned};
use super::meta::{META, Meta};
use super::queue::Waiting;
use super::view::View;
use super::{frame, log};
use crate::error::Result;

/// What a group changes, all batches together.
pub(super) struct Group {
    /// The revision after it.
    pub(super) revision: Revision,
    /// For each key the place of its last operation in that operation's batch, and the state after it.
    states: BTreeMap<Key, (u32, Option<Versioned>)>,
    changes: Vec<Change>,
}

/// What a key was counted for, and is.
pub(super) type Turn = (Key, Option<Revision>, Option<Revision>);

impl Group {
    pub(super) fn new(group: &[Waiting]) -> Self {
        let (mut states, mut changes) = (BTreeMap::new(), Vec::new());
        for waiting in group {
            let revision = waiting.admitted.revision;
            for (index, (key, state)) in (0..).zip(&waiting.admitted.changes) {
                changes.push(Change { revision, index, key: key.clone(), deleted: state.is_none() });
                states.insert(key.clone(), (index, state.clone()));
            }
        }
        Self { revision: changes.last().map_or(0, |last| last.revision), states, changes }
    }

    /// Whether nothing is changed: all in the group wait for what was before them.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The durable values of the keys that are changed.
    pub(super) fn old_values(&self, view: &View) -> Result<BTreeMap<Key, Option<Versioned>>> {
        self.states.keys().map(|key| Ok((key.clone(), view.get(key)?))).collect()
    }

    /// How each key's count changes.
    pub(super) fn turns(&self, old: &BTreeMap<Key, Option<Versioned>>) -> Vec<Turn> {
        let modified = |state: &Option<Versioned>| state.as_ref().map(|state| state.modified);
        let turn = |(key, (_, new)): (&Key, &(u32, Option<Versioned>))| {
            (key.clone(), old.get(key).and_then(modified), modified(new))
        };
        self.states.iter().map(turn).collect()
    }

    /// The change for sled: heads, chunks, the log and where the store stands after it. A sled batch keeps the last
    /// operation of a key only; each key is in here once: chunks that go and chunks that come have other revisions.
    pub(super) fn batch(&self, view: &View, meta: Meta) -> Result<Batch> {
        let mut batch = Batch::default();
        view.chunks(self.states.keys())?.into_iter().for_each(|chunk| batch.remove(chunk));
        for (key, (index, state)) in &self.states {
            let Some(state) = state else {
                batch.remove(&**key);
                continue;
            };
            let (head, chunks) = frame::encode(key, state, *index);
            batch.insert(&**key, head);
            chunks.into_iter().for_each(|(chunk_key, chunk)| batch.insert(chunk_key, &*chunk));
        }
        log::encode(&self.changes).into_iter().for_each(|(part_key, part)| batch.insert(part_key, part));
        batch.insert(META, meta.to_bytes());
        Ok(batch)
    }
}
