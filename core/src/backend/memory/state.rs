//! The content of a store in memory.

use std::collections::{BTreeMap, VecDeque};

use crate::backend::completion::Outcome;
use crate::backend::ledger::{Admitted, Ledger, Stamp};
use crate::backend::{Batch, Change, Key, Revision, Versioned};

/// The content at one revision.
#[derive(Debug)]
pub(super) struct State {
    pub(super) ledger: Ledger,
    pub(super) entries: BTreeMap<Key, Versioned>,
    pub(super) log: VecDeque<Change>,
    pub(super) revision: Revision,
    pub(super) floor: Revision,
    /// The lowest format of an export that what is stored can be read from.
    pub(super) format: u8,
}

impl State {
    /// Commits a batch; what it changes is visible at once.
    pub(super) fn commit(&mut self, batch: Batch) -> Outcome {
        let Self { ledger, entries, .. } = self;
        let stored = |key: &[u8]| {
            Ok(entries.get(key).map(|stored| Stamp { created: stored.created, modified: stored.modified }))
        };
        let Admitted { revision, changes } = ledger.admit(batch, stored)?;
        // In memory a commit is durable as soon as it is admitted.
        ledger.durable(revision, changes.iter().map(|(key, _)| key));
        self.revision = revision;
        for (index, (key, state)) in (0..).zip(changes) {
            self.log.push_back(Change { revision, index, key: key.clone(), deleted: state.is_none() });
            match state {
                Some(value) => drop(self.entries.insert(key, value)),
                None => drop(self.entries.remove(&key)),
            }
        }
        Ok(revision)
    }
}
