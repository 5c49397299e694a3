//! Deletes the dependents of a deleted resource, in bounded steps that a crash does not lose.

use bytes::Bytes;

use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::removal::{MAX_BEFORE, MAX_BYTES_BEFORE};
use super::stage::{Cascade, Stage};
use super::writer::Writer;
use crate::backend::{Batch, Completion, Key, Operation, Precondition, Scan, settled};
use crate::engine::stored::{CollectionRef, Stored, key};
use crate::error::Result;
use crate::kind::OnDelete;
use crate::object::{Object, ResourceId};

/// The most dependents that one step deletes.
const STEP: usize = 16;

impl Writer {
    /// Takes the next step of a cascade; the last one ends the write with the deleted owner.
    pub(super) fn delete_dependents_of(
        &self,
        cascade: Cascade,
        deleted: Box<Object>,
    ) -> Result<Progress<WriteOutcome>> {
        let (completion, next) = self.delete_dependents(&cascade)?;
        let retry = Stage::DeleteDependents { cascade, deleted: deleted.clone() };
        let progress = if next.owners.is_empty() {
            let outcome = WriteOutcome::changed(*deleted);
            Progress::last(completion, move |revision| outcome.at(revision)).retry(retry)
        } else {
            Progress::then(completion, Stage::DeleteDependents { cascade: next, deleted }, retry)
        };
        Ok(progress)
    }

    /// Submits one step of a cascade, and returns the cascade that is left once the commit has ended well. A deleted owner
    /// gets no new dependents, so one without any is done.
    fn delete_dependents(&self, cascade: &Cascade) -> Result<(Completion, Cascade)> {
        let mut next = cascade.clone();
        let Some(owner) = cascade.owners.last().copied() else {
            return Ok((self.backend().commit_freeing(Batch::barrier()), next));
        };
        // The owner is durably deleted, and commits become durable in order: no dependent was created after it, and
        // each that was created before it is visible to this scan. In a transaction the overlay demands at the end that
        // the scan has missed nothing.
        let prefix = key::referrers(&cascade.namespace, owner, OnDelete::Cascade);
        let page = self.backend().scan(&Scan { prefix, after: None, limit: STEP })?;
        let mut batch = Batch::default();
        if page.entries.is_empty() {
            next.owners.pop();
            batch.operations.push(Operation::Delete(key::cascade(&cascade.namespace, owner)));
        }
        let mut bytes = 0;
        for (key, _) in &page.entries {
            if batch.operations.len() > MAX_BEFORE || bytes > MAX_BYTES_BEFORE {
                break;
            }
            bytes += self.add_dependent(key, &mut batch, &mut next.owners)?;
        }
        Ok((self.commit_freeing(batch)?, next))
    }

    /// Adds the removal of a dependent, and returns how many bytes it has.
    fn add_dependent(&self, reference: &Key, batch: &mut Batch, owners: &mut Vec<ResourceId>) -> Result<usize> {
        let Some(key::Place::Reference { namespace, kind, id, .. }) = key::place(reference) else { return Ok(0) };
        let kind = self.reader.registry.require(kind)?;
        let collection = CollectionRef::new(kind, Some(namespace));
        let key = collection.record(id);
        let Some(entry) = self.backend().get_for_write(&key)? else {
            // The reference of a resource that is gone already.
            batch.operations.push(Operation::Delete(reference.clone()));
            return Ok(0);
        };
        let bytes = entry.value.len();
        let stored = Stored::read(collection, key.clone(), entry)?;
        // As it was read: its references and its last version are part of the removal.
        batch.preconditions.push(Precondition::At(key, stored.modified));
        batch.operations.extend(self.removal(collection, &stored)?);
        if self.reader.registry.is_referred_to(kind, OnDelete::Cascade) && !owners.contains(&id) {
            batch.operations.push(Operation::Put(key::cascade(namespace, id), Bytes::new()));
            // Below the owner whose dependents are being deleted: that one stays next until it has none left.
            owners.insert(owners.len().saturating_sub(1), id);
        }
        Ok(bytes)
    }

    /// Finishes the cascades that a crash interrupted. Called while a store opens, when nobody else writes.
    pub(crate) fn finish_cascades(&self) -> Result<()> {
        let mut after = None;
        loop {
            let page = self.backend().scan(&Scan { prefix: key::all_cascades(), after, limit: STEP })?;
            for (key, _) in &page.entries {
                let Some(key::Place::Cascade { namespace, id }) = key::place(key) else {
                    // Left where it is for a check to report: nothing can be said of which resource it speaks.
                    tracing::error!(key = %key.escape_ascii(), "a work item cannot be read and is skipped");
                    continue;
                };
                let mut cascade = Cascade::of(namespace, id);
                while !cascade.owners.is_empty() {
                    let (completion, next) = self.delete_dependents(&cascade)?;
                    settled(completion)?;
                    cascade = next;
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(());
            }
        }
    }
}
