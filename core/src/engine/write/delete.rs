//! The steps by which a resource is deleted: its state must allow it, then the resources that refer to it.

use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::request::Request;
use super::stage::Cascade;
use super::stage::Stage;
use super::writer::Writer;
use crate::backend::{Batch, Key, Operation, Precondition, Scan};
use crate::engine::stored::{CollectionRef, Stored, key, record};
use crate::error::{Error, Result};
use crate::kind::OnDelete;
use crate::object::ResourceId;
use crate::rules::envelope::Caller;
use crate::rules::guard;

/// The most referrers that a refusal names.
const MAX_NAMED: usize = 20;

impl Writer {
    /// Deletes a resource, or begins to: the dependents of a resource and the content of a namespace follow in later passes.
    pub(super) fn delete(&self, request: &Request, current: Stored) -> Result<Progress<WriteOutcome>> {
        let kind = &request.kind;
        let object = &current.record.object;
        if request.caller == Caller::User
            && let Some(why) = guard::keeps_from_deletion(kind, &object.to_value())
        {
            return Err(request.blocked(why));
        }
        let is_first = |name: &String| kind.from_the_start.contains(name);
        if object.metadata.name.as_ref().is_some_and(is_first) {
            return Err(request.blocked("exists from the start and cannot be deleted"));
        }
        if kind.is_namespace {
            return self.terminate_namespace(request, current);
        }
        let (collection, id) = (request.collection(), object.metadata.id);
        let mut preconditions = vec![Precondition::At(current.key.clone(), current.modified)];
        preconditions.extend(self.unreferenced(request, id)?);
        let has_dependents = self.has_dependents(collection, id, &mut preconditions)?;
        let mut operations = self.removal(collection, &current)?;
        let object = current.record.object;
        if !has_dependents || request.options.dry_run {
            return self.submit(request, WriteOutcome::changed(object), Batch { preconditions, operations });
        }
        // From this commit on the work item says that dependents are left, and an opening after a crash finishes it.
        operations.push(Operation::Put(key::cascade(collection.segment(), id), Default::default()));
        let completion = self.commit_freeing(Batch { preconditions, operations })?;
        let cascade = Cascade::of(collection.segment(), id);
        let next = Stage::DeleteDependents { cascade, deleted: Box::new(object) };
        Ok(Progress::then(completion, next, Stage::Settle))
    }

    /// Returns the precondition that no resource begins to refer to one that is being deleted.
    ///
    /// # Errors
    /// `Blocked` with the names of those that refer to it already.
    fn unreferenced(&self, request: &Request, id: ResourceId) -> Result<Option<Precondition>> {
        if !self.reader.registry.is_referred_to(&request.kind, OnDelete::Block) {
            return Ok(None);
        }
        let prefix = key::referrers(request.collection().segment(), id, OnDelete::Block);
        // The scan sees durable references only. Those that are pending fail the precondition, which is judged with
        // them; then the deletion waits until they are durable and looks again.
        let page = self.backend().scan(&Scan { prefix: prefix.clone(), after: None, limit: MAX_NAMED })?;
        if page.entries.is_empty() {
            return Ok(Some(Precondition::NothingPutUnder(prefix, page.revision)));
        }
        let named = page.entries.iter().map(|(key, _)| self.referrer(key)).collect::<Result<Vec<_>>>()?;
        let referenced_by: Vec<String> = named.into_iter().flatten().collect();
        let more = if page.more { " and more" } else { "" };
        let why =
            format!("is referred to by {}{more}; delete or change what refers to it first", referenced_by.join(", "));
        let (kind, key) = (request.kind.name.to_string(), request.addressed().to_owned());
        Err(Error::Blocked { kind, key, why, referenced_by })
    }

    /// Returns the resource of a reference as `KIND NAME`.
    fn referrer(&self, key: &Key) -> Result<Option<String>> {
        let Some(key::Place::Reference { namespace, kind, id, .. }) = key::place(key) else { return Ok(None) };
        let name = match self.backend().get(&key::record(kind, namespace, id))? {
            Some(entry) => match self.reader.registry.find(kind) {
                Some(kind) => {
                    record::decode(CollectionRef::new(kind, Some(namespace)), &entry.value)?.object.metadata.name
                }
                None => None,
            },
            None => None,
        };
        Ok(Some(format!("{kind} {}", name.unwrap_or_else(|| id.to_string()))))
    }

    /// Whether a resource has dependents. One without them must not get any before the commit, which is added to its
    /// preconditions; dependents that are added to others are found after the commit.
    fn has_dependents(
        &self,
        collection: CollectionRef<'_>,
        id: ResourceId,
        preconditions: &mut Vec<Precondition>,
    ) -> Result<bool> {
        if !self.reader.registry.is_referred_to(collection.kind, OnDelete::Cascade) {
            return Ok(false);
        }
        let prefix = key::referrers(collection.segment(), id, OnDelete::Cascade);
        let page = self.backend().scan(&Scan { prefix: prefix.clone(), after: None, limit: 1 })?;
        if page.entries.is_empty() {
            preconditions.push(Precondition::NothingPutUnder(prefix, page.revision));
        }
        Ok(!page.entries.is_empty())
    }
}
