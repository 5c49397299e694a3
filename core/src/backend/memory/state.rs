//! The content of a store in memory.

use std::collections::{BTreeMap, VecDeque};

use crate::backend::completion::Outcome;
use crate::backend::ledger::{Admitted, Ledger, Stamp};
use crate::backend::{AppliedCommit, Batch, Change, ChangedValue, Key, Observers, Revision, Versioned, fault};
use crate::error::Result;

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
    /// Commits a batch; what it changes is visible once the observers were told and the lock is released.
    pub(super) fn commit(&mut self, batch: Batch, observers: &Observers) -> Outcome {
        let Self { ledger, entries, .. } = self;
        let stored = |key: &[u8]| {
            Ok(entries.get(key).map(|stored| Stamp { created: stored.created, modified: stored.modified }))
        };
        let Admitted { revision, changes } = ledger.admit(batch, stored)?;
        // In memory a commit is durable as soon as it is admitted.
        ledger.durable(revision, changes.iter().map(|(key, _)| key));
        self.show(revision, changes, observers);
        Ok(revision)
    }

    /// Takes over a commit that was judged elsewhere.
    ///
    /// # Errors
    /// `Backend` when its revision does not rise.
    pub(super) fn apply(&mut self, commit: AppliedCommit, observers: &Observers) -> Result<()> {
        let AppliedCommit { revision, changes } = commit;
        if revision <= self.revision {
            return Err(fault(format!("revision {revision} does not follow {}", self.revision)));
        }
        // Should this become a store that judges for itself, it goes on from here.
        self.ledger = Ledger::new(revision, revision);
        self.show(revision, changes, observers);
        Ok(())
    }

    fn show(&mut self, revision: Revision, changes: Vec<(Key, Option<Versioned>)>, observers: &Observers) {
        let Self { entries, .. } = self;
        if !changes.is_empty() && !observers.is_empty() {
            let changed = |(key, new)| ChangedValue { key, old: entries.get(key), new };
            let changes = changes.iter().map(|(key, new)| (key, new.as_ref())).map(changed);
            observers.about_to_show(revision, &changes.collect::<Vec<_>>());
        }
        self.revision = revision;
        for (index, (key, state)) in (0..).zip(changes) {
            self.log.push_back(Change { revision, index, key: key.clone(), deleted: state.is_none() });
            match state {
                Some(value) => drop(self.entries.insert(key, value)),
                None => drop(self.entries.remove(&key)),
            }
        }
    }
}
