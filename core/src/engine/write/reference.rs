//! Finds the targets of a document's references, and the preconditions that keep them from being deleted meanwhile.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::request::Request;
use super::stage::Lookups;
use super::writer::Writer;
use crate::backend::{Key, Precondition};
use crate::diagnostic::Diagnostic;
use crate::engine::read::View;
use crate::engine::stored::record::Targets;
use crate::engine::stored::{CollectionRef, key};
use crate::error::Result;
use crate::json::Json;
use crate::kind::{OnDelete, Reference, ReferenceKey};
use crate::object::ResourceId;
use crate::rules::envelope::Caller;
use crate::rules::reference::{self, Link};

/// The most names that are remembered with their ids.
const MAX_TARGETS: usize = 4096;

/// The references of a document, and those of its older version.
#[derive(Clone, Copy)]
pub(crate) struct Links<'a> {
    pub(crate) new: &'a [Link],
    pub(crate) old: &'a [Link],
}

/// The targets of a document's references.
#[derive(Default)]
pub(crate) struct Found {
    /// The targets; one that is referred to twice has the stronger behaviour.
    pub(crate) targets: Targets,
    /// The keys of their records.
    keys: BTreeMap<ResourceId, Key>,
    /// Problems with dangling references.
    pub(super) problems: Vec<Diagnostic>,
}

impl Writer {
    /// Finds the targets of references. One that an older version of the document had as well may be dangling. A remembered
    /// name may lead to a resource that no longer has it: then the commit fails on its precondition.
    pub(crate) fn follow(&self, collection: CollectionRef<'_>, links: Links<'_>, lookups: Lookups) -> Result<Found> {
        let mut found = Found::default();
        for link in links.new {
            let reference = &collection.kind.references[link.index];
            match self.target(collection.namespace, reference, &link.target, lookups)? {
                Some((id, key)) => {
                    found.keys.insert(id, key);
                    let on_delete = found.targets.entry(id).or_insert(reference.on_delete);
                    if reference.on_delete == OnDelete::Block {
                        *on_delete = OnDelete::Block;
                    }
                }
                None if links.old.contains(link) => {}
                None => found.problems.push(reference::dangling(reference, &link.target)),
            }
        }
        Ok(found)
    }

    fn target(
        &self,
        namespace: Option<&str>,
        reference: &Reference,
        target: &str,
        lookups: Lookups,
    ) -> Result<Option<(ResourceId, Key)>> {
        let collection = CollectionRef::new(self.reader.registry.require(&reference.kind)?, namespace);
        match reference.by {
            ReferenceKey::Name => Ok(self.named(collection, target, lookups)?.map(|id| (id, collection.record(id)))),
            ReferenceKey::Id => {
                let Ok(id) = target.parse::<ResourceId>() else { return Ok(None) };
                let key = collection.record(id);
                Ok(self.reader.load(&key, View::Pending)?.map(|_| (id, key)))
            }
        }
    }

    /// Returns the id of a name. A name always leads to an existing record.
    fn named(&self, collection: CollectionRef<'_>, name: &str, lookups: Lookups) -> Result<Option<ResourceId>> {
        if !key::is_segment(name) {
            return Ok(None);
        }
        let pointer = collection.name(name);
        if lookups == Lookups::Remembered {
            let remembered = self.targets.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(id) = remembered.get(&pointer) {
                return Ok(Some(*id));
            }
        }
        let found = self.reader.id_of(collection, name, View::Pending)?;
        let mut targets = self.targets.write().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(_) if targets.len() >= MAX_TARGETS => targets.clear(),
            Some(id) => drop(targets.insert(pointer, id)),
            None => drop(targets.remove(&pointer)),
        }
        Ok(found)
    }

    /// Returns a problem for each new reference that the state of its target does not allow. The system is not refused.
    pub(super) fn unfit_targets(&self, request: &Request, links: &[Link], document: &Json) -> Result<Vec<Diagnostic>> {
        if request.caller == Caller::System {
            return Ok(Vec::new());
        }
        let mut problems = Vec::new();
        let asking = |link: &&Link| !request.kind.references[link.index].target_when.is_empty();
        for link in links.iter().filter(asking) {
            let reference = &request.kind.references[link.index];
            let kind = self.reader.registry.require(&reference.kind)?;
            let collection = CollectionRef::new(kind, request.namespace.as_deref());
            let stored = self.reader.find(collection, &link.target, View::Pending)?;
            // As it is now: the commit demands that the target is there, and not that its state is still the same.
            let target = stored.map(|stored| stored.record.object.to_value()).unwrap_or_default();
            problems.extend(reference::unfit(reference, &link.target, document, &target));
        }
        Ok(problems)
    }
}

impl Found {
    /// Returns the preconditions that every new target still exists. With `NothingPutUnder` on the side of a deletion, one of
    /// two racing writes always fails; a check on one side alone would let both pass.
    pub(super) fn hold(&self, old: &Targets) -> impl Iterator<Item = Precondition> {
        // The key of an old reference keeps its target from being deleted, and needs no precondition.
        let new = self.keys.iter().filter(|(id, _)| !old.contains_key(id));
        new.map(|(_, key)| Precondition::Present(key.clone()))
    }
}
