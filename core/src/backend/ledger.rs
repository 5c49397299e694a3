//! Checks batches against stored and pending state and gives them revisions, for backends that count revisions themselves.
//! It does no input or output; its owner calls it under one lock.

mod recent;

use foldhash::{HashMap, HashSet};

use self::recent::Recent;
use super::completion::CommitError;
use super::{Batch, Change, Key, Operation, Precondition, Revision, Versioned, fault, is_user_key};
use crate::error::Result;

/// The most operations that one batch can hold.
pub(crate) const MAX_OPERATIONS: usize = 16_384;

/// When a stored key was created and last put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) created: Revision,
    pub(crate) modified: Revision,
}

/// A batch that may be carried out, with its revision. `None` removes the key.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) revision: Revision,
    pub(crate) changes: Vec<(Key, Option<Versioned>)>,
}

/// The state of commits that were admitted and are not durable yet.
#[derive(Debug)]
pub(crate) struct Ledger {
    next: Revision,
    /// Readers may have seen revisions up to this one although they are not stored.
    used: Revision,
    /// The newest state of every key that was admitted and is not durable yet.
    pending: HashMap<Key, (Revision, Option<Versioned>)>,
    recent: Recent,
}

impl Ledger {
    /// A ledger over a store at `revision`, of which no revision up to `used` may be given out again.
    pub(crate) fn new(revision: Revision, used: Revision) -> Self {
        Self { next: revision.max(used) + 1, used, pending: HashMap::default(), recent: Recent::new(revision) }
    }

    /// Recalls stored changes, so that they need not be called conflicts: all there are after `complete_after`.
    pub(crate) fn recall(&mut self, complete_after: Revision, changes: impl Iterator<Item = Change>) {
        self.recent = Recent::new(complete_after);
        for change in changes.filter(|change| !change.deleted) {
            self.recent.push(change.revision, change.key);
        }
    }

    /// Checks a batch and gives it a revision. A refused batch uses no revision.
    pub(crate) fn admit(
        &mut self,
        batch: Batch,
        stored: impl Fn(&[u8]) -> Result<Option<Stamp>>,
    ) -> std::result::Result<Admitted, CommitError> {
        // Nothing is changed before every check has passed: a refused batch must not use a revision, which would be a
        // gap in the change log.
        check(&batch).map_err(CommitError::Failed)?;
        let mut seen = Seen { pending: &self.pending, stored, stamps: HashMap::default() };
        for precondition in batch.preconditions {
            if !holds(&precondition, &mut seen, &self.recent).map_err(CommitError::Failed)? {
                return Err(CommitError::Conflict(precondition));
            }
        }
        // A barrier takes no revision. It reports the newest admitted one, which is durable when all earlier commits
        // are.
        if batch.operations.is_empty() {
            return Ok(Admitted { revision: self.next - 1, changes: Vec::new() });
        }
        let revision = self.next;
        let changes = stamp(batch.operations, revision, &mut seen).map_err(CommitError::Failed)?;
        self.next += 1;
        for (key, state) in &changes {
            // Deletes do not count for `NothingPutUnder`: its question is whether a key may have appeared.
            if state.is_some() {
                self.recent.push(revision, key.clone());
            }
            self.pending.insert(key.clone(), (revision, state.clone()));
        }
        Ok(Admitted { revision, changes })
    }

    /// Whether all that was admitted is durable.
    #[cfg_attr(not(feature = "sled"), expect(dead_code, reason = "in memory nothing is ever pending"))]
    pub(crate) fn is_settled(&self) -> bool {
        self.pending.is_empty()
    }

    /// The state of a key that is admitted and not durable yet; the inner `None` is a removal.
    pub(crate) fn pending(&self, key: &[u8]) -> Option<&Option<Versioned>> {
        self.pending.get(key).map(|(_, state)| state)
    }

    /// These keys are durable as of this revision.
    pub(crate) fn durable<'a>(&mut self, revision: Revision, keys: impl Iterator<Item = &'a Key>) {
        for key in keys {
            // A later batch may have changed the key again; its state stays pending.
            if self.pending.get(key).is_some_and(|(pending, _)| *pending <= revision) {
                self.pending.remove(key);
            }
        }
    }

    /// Nothing that is pending will be stored: the store is at `durable`. The revisions that were given out after that
    /// are given out again, which is safe because readers see durable ones only.
    pub(crate) fn fail(&mut self, durable: Revision) {
        self.pending.clear();
        // Otherwise puts that never happened would turn later guarded batches into conflicts.
        self.recent.take_back(durable);
        self.next = durable.max(self.used) + 1;
    }
}

/// The state that a batch is checked against. Each stored key is read once.
struct Seen<'a, F> {
    pending: &'a HashMap<Key, (Revision, Option<Versioned>)>,
    stored: F,
    stamps: HashMap<Key, Option<Stamp>>,
}

impl<F: Fn(&[u8]) -> Result<Option<Stamp>>> Seen<'_, F> {
    fn stamp(&mut self, key: &Key) -> Result<Option<Stamp>> {
        // Pending state wins over stored state: a batch is checked against the store as it will be when it is its turn.
        if let Some((_, state)) = self.pending.get(key) {
            return Ok(state.as_ref().map(|state| Stamp { created: state.created, modified: state.modified }));
        }
        if let Some(stamp) = self.stamps.get(key) {
            return Ok(*stamp);
        }
        let stamp = (self.stored)(key)?;
        self.stamps.insert(key.clone(), stamp);
        Ok(stamp)
    }
}

fn holds<F: Fn(&[u8]) -> Result<Option<Stamp>>>(
    precondition: &Precondition,
    seen: &mut Seen<'_, F>,
    recent: &Recent,
) -> Result<bool> {
    Ok(match precondition {
        Precondition::Absent(key) => seen.stamp(key)?.is_none(),
        Precondition::Present(key) => seen.stamp(key)?.is_some(),
        Precondition::At(key, revision) => seen.stamp(key)?.is_some_and(|stamp| stamp.modified == *revision),
        Precondition::NothingPutUnder(prefix, revision) => recent.is_quiet(prefix, *revision),
    })
}

fn stamp<F: Fn(&[u8]) -> Result<Option<Stamp>>>(
    operations: Vec<Operation>,
    revision: Revision,
    seen: &mut Seen<'_, F>,
) -> Result<Vec<(Key, Option<Versioned>)>> {
    let stamped = operations.into_iter().map(|operation| match operation {
        Operation::Delete(key) => Ok((key, None)),
        Operation::Put(key, value) => {
            // A key keeps its creation revision over puts, and starts anew after a delete.
            let created = seen.stamp(&key)?.map_or(revision, |stamp| stamp.created);
            Ok((key, Some(Versioned { value, created, modified: revision })))
        }
    });
    stamped.collect()
}

/// Refuses batches that break the contract, which no correct caller sends.
fn check(batch: &Batch) -> Result<()> {
    let count = batch.operations.len();
    if count > MAX_OPERATIONS {
        return Err(fault(format!("a batch has up to {MAX_OPERATIONS} operations, this one has {count}")));
    }
    let asserted = batch.preconditions.iter().filter_map(Precondition::key);
    let changed = batch.operations.iter().map(Operation::key);
    if let Some(key) = asserted.chain(changed.clone()).find(|key| !is_user_key(key)) {
        return Err(fault(format!("not a key of {} bytes: {:?}", key.len(), key.slice(..key.len().min(64)))));
    }
    // Backends store a batch as a set, in which a second operation on a key would silently replace the first.
    let mut keys = HashSet::default();
    match changed.into_iter().find(|key| !keys.insert(*key)) {
        Some(key) => Err(fault(format!("a batch changes {key:?} twice"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
