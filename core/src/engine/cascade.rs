//! Deletes what belongs to a resource that was deleted, in bounded steps that a crash does not lose.

use bytes::Bytes;

use super::delete::{MAX_BEFORE, deletion};
use super::read::Stored;
use super::{Inner, key};
use crate::backend::{Batch, CommitError, Completion, Key, Operation, Precondition, Scan};
use crate::error::{Error, Result};
use crate::kind::OnDelete;
use crate::object::ResourceId;

/// The most dependents that one step deletes.
const STEP: usize = 16;

/// A deletion that goes on to dependents, and to theirs.
pub(super) struct Cascade {
    namespace: String,
    /// Those whose dependents are still to be deleted; the last one is next.
    owners: Vec<ResourceId>,
}

impl Cascade {
    pub(super) fn of(namespace: &str, id: ResourceId) -> Self {
        Self { namespace: namespace.to_owned(), owners: vec![id] }
    }
}

impl Inner {
    /// One step of a cascade, and whether it is the last one. Nothing begins to belong to a resource that is gone, so that
    /// an owner without dependents is done.
    pub(super) fn delete_dependents(&self, cascade: &mut Cascade) -> Result<(Completion, bool)> {
        let Some(owner) = cascade.owners.last().copied() else {
            return Ok((self.backend.commit(Batch::barrier()), true));
        };
        let prefix = key::referrers(&cascade.namespace, owner, OnDelete::Cascade);
        let page = self.backend.scan(&Scan { prefix, after: None, limit: STEP })?;
        let (mut batch, mut owners) = (Batch::default(), cascade.owners.clone());
        if page.entries.is_empty() {
            owners.pop();
            batch.operations.push(Operation::Delete(key::cascade(&cascade.namespace, owner)));
        }
        for (key, _) in &page.entries {
            if batch.operations.len() > MAX_BEFORE {
                break;
            }
            self.add_dependent(key, &mut batch, &mut owners)?;
        }
        let completion = self.backend.commit(batch);
        // A conflict is known at once, and then this step is still to be done.
        if !matches!(completion.outcome(), Some(Err(_))) {
            cascade.owners = owners;
        }
        Ok((completion, cascade.owners.is_empty()))
    }

    fn add_dependent(&self, reference: &Key, batch: &mut Batch, owners: &mut Vec<ResourceId>) -> Result<()> {
        let Some(key::Place::Reference { namespace, kind, id, .. }) = key::place(reference) else { return Ok(()) };
        let kind = self.registry.require(kind)?;
        let key = key::record(&kind.name, namespace, id);
        let Some(entry) = self.backend.get_for_write(&key)? else {
            // The reference of something that is gone already.
            batch.operations.push(Operation::Delete(reference.clone()));
            return Ok(());
        };
        let stored = Stored::read(kind, Some(namespace), key.clone(), entry)?;
        batch.preconditions.push(Precondition::At(key, stored.modified));
        batch.operations.extend(deletion(kind, namespace, &stored, (self.clock)()));
        if self.registry.is_referred_to(kind, OnDelete::Cascade) && !owners.contains(&id) {
            batch.operations.push(Operation::Put(key::cascade(namespace, id), Bytes::new()));
            owners.insert(owners.len().saturating_sub(1), id);
        }
        Ok(())
    }

    /// Finishes the cascades that a crash interrupted.
    pub(super) fn finish_cascades(&self) -> Result<()> {
        loop {
            let page = self.backend.scan(&Scan { prefix: key::all_cascades(), after: None, limit: STEP })?;
            for (key, _) in &page.entries {
                let Some(key::Place::Cascade { namespace, id }) = key::place(key) else { continue };
                let mut cascade = Cascade::of(namespace, id);
                loop {
                    let (completion, is_last) = self.delete_dependents(&mut cascade)?;
                    settled(completion)?;
                    if is_last {
                        break;
                    }
                }
            }
            if page.entries.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Waits for a commit while nobody else writes.
pub(super) fn settled(completion: Completion) -> Result<()> {
    match completion.wait(None) {
        Some(Ok(_)) => Ok(()),
        Some(Err(CommitError::Failed(error))) => Err(error),
        Some(Err(CommitError::Conflict(_))) | None => Err(Error::OutcomeUnknown),
    }
}
