//! The steps by which a resource is deleted: its state is asked, then those that refer to it.

use super::cascade::Cascade;
use super::pipeline::{Passes, Request, blocked, submit};
use super::read::Stored;
use super::record;
use super::write::Step;
use super::{Inner, WriteOutcome, key, past, reference};
use crate::backend::{Batch, Key, MAX_BATCH, Operation, Precondition, Scan};
use crate::error::{Error, Result};
use crate::kind::{Kind, MAX_REFERENCES, OnDelete};
use crate::object::{ResourceId, Timestamp};
use crate::rules::envelope::Caller;
use crate::rules::guard;

/// The most operations of a batch to which the [`deletion`] of one more resource is added: it always fits, because a kind
/// has at most [`MAX_REFERENCES`] references and the rest is its record, name, version, tombstone and work item.
pub(super) const MAX_BEFORE: usize = MAX_BATCH - MAX_REFERENCES - 5;

/// The most referrers that a refusal names.
const MAX_NAMED: usize = 20;

pub(super) fn delete(
    inner: &Inner,
    request: &Request,
    current: Stored,
    passes: &mut Passes,
) -> Result<Step<WriteOutcome>> {
    let kind = &request.kind;
    let object = &current.record.object;
    if request.caller == Caller::User
        && let Some(why) = guard::keeps_from_deletion(kind, &object.to_value())
    {
        return Err(blocked(request, why));
    }
    let is_first = |name: &String| kind.from_the_start.contains(name);
    if object.metadata.name.as_ref().is_some_and(is_first) {
        return Err(blocked(request, "exists from the start and cannot be deleted"));
    }
    if kind.is_namespace {
        return inner.close_namespace(request, current, &mut passes.closing);
    }
    let namespace = request.namespace.as_deref().unwrap_or_default();
    let id = object.metadata.id;
    let mut preconditions = vec![Precondition::At(current.key.clone(), current.modified)];
    preconditions.extend(inner.unreferenced(request, id)?);
    let has_dependents = inner.has_dependents(kind, namespace, id, &mut preconditions)?;
    let mut operations = deletion(kind, namespace, &current, (inner.clock)());
    let object = current.record.object;
    if !has_dependents || request.options.dry_run {
        return submit(inner, request, object, Vec::new(), Batch { preconditions, operations }, false);
    }
    operations.push(Operation::Put(key::cascade(namespace, id), Default::default()));
    let completion = inner.backend.commit(Batch { preconditions, operations });
    // A conflict is known at once, and then nothing was deleted.
    if !matches!(completion.outcome(), Some(Err(_))) {
        passes.cascade = Some(Cascade::of(namespace, id));
        passes.deleted = Some(object);
    }
    Ok(Step::Staged(completion))
}

/// The operations that remove a resource with its name and its references, and keep what it was.
pub(super) fn deletion(kind: &Kind, namespace: &str, stored: &Stored, now: Timestamp) -> Vec<Operation> {
    let Stored { key, record, .. } = stored;
    let metadata = &record.object.metadata;
    let mut operations = vec![Operation::Delete(key.clone())];
    operations.extend(past::tombstone(kind, namespace, stored));
    operations.extend(past::kept(kind, namespace, stored, now));
    if let Some(name) = metadata.name.as_ref().filter(|_| kind.has_name()) {
        operations.push(Operation::Delete(key::name(&kind.name, namespace, name)));
    }
    operations.extend(reference::keys(kind, namespace, metadata.id, &record.targets).map(Operation::Delete));
    operations
}

impl Inner {
    /// What a commit must find so that nothing begins to refer to a resource while it is deleted; `Blocked` with the
    /// names of those that do already.
    fn unreferenced(&self, request: &Request, id: ResourceId) -> Result<Option<Precondition>> {
        if !self.registry.is_referred_to(&request.kind, OnDelete::Block) {
            return Ok(None);
        }
        let namespace = request.namespace.as_deref().unwrap_or_default();
        let prefix = key::referrers(namespace, id, OnDelete::Block);
        let page = self.backend.scan(&Scan { prefix: prefix.clone(), after: None, limit: MAX_NAMED })?;
        if page.entries.is_empty() {
            return Ok(Some(Precondition::NothingPutUnder(prefix, page.revision)));
        }
        let named = page.entries.iter().map(|(key, _)| self.referrer(key)).collect::<Result<Vec<_>>>()?;
        let referenced_by: Vec<String> = named.into_iter().flatten().collect();
        let more = if page.more { " and more" } else { "" };
        let why =
            format!("is referred to by {}{more}; delete or change what refers to it first", referenced_by.join(", "));
        let (kind, key) = (request.kind.name.to_string(), request.key.clone().unwrap_or_default());
        Err(Error::Blocked { kind, key, why, referenced_by })
    }

    /// The resource that a reference is of, as `KIND NAME`.
    fn referrer(&self, key: &Key) -> Result<Option<String>> {
        let Some(key::Place::Reference { namespace, kind, id, .. }) = key::place(key) else { return Ok(None) };
        let name = match self.backend.get(&key::record(kind, namespace, id))? {
            Some(entry) => match self.registry.find(kind) {
                Some(kind) => record::decode(kind, Some(namespace), &entry.value)?.object.metadata.name,
                None => None,
            },
            None => None,
        };
        Ok(Some(format!("{kind} {}", name.unwrap_or_else(|| id.to_string()))))
    }

    /// Whether resources belong to this one. Where none do, the commit must find that none has come meanwhile; where some
    /// do, those that come before the commit are found after it.
    fn has_dependents(
        &self,
        kind: &Kind,
        namespace: &str,
        id: ResourceId,
        preconditions: &mut Vec<Precondition>,
    ) -> Result<bool> {
        if !self.registry.is_referred_to(kind, OnDelete::Cascade) {
            return Ok(false);
        }
        let prefix = key::referrers(namespace, id, OnDelete::Cascade);
        let page = self.backend.scan(&Scan { prefix: prefix.clone(), after: None, limit: 1 })?;
        if page.entries.is_empty() {
            preconditions.push(Precondition::NothingPutUnder(prefix, page.revision));
        }
        Ok(!page.entries.is_empty())
    }
}
