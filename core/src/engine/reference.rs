//! Finds what a document refers to, and makes of it what a commit must find and leave.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use bytes::Bytes;

use super::pipeline::Request;
use super::read::View;
use super::record::Targets;
use super::{Inner, key};
use crate::backend::{Key, Operation, Precondition};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::{Kind, OnDelete, Reference, ReferenceKey};
use crate::object::ResourceId;
use crate::rules::envelope::Caller;
use crate::rules::reference::{self, Link};

/// The most names that are remembered with their ids.
const MAX_TARGETS: usize = 4096;

/// What was found behind the references of a document.
#[derive(Default)]
pub(super) struct Found {
    /// The targets; of one that is referred to twice, the stronger behaviour.
    pub(super) targets: Targets,
    /// The keys of their records.
    keys: BTreeMap<ResourceId, Key>,
    /// References that lead nowhere.
    pub(super) problems: Vec<Diagnostic>,
}

impl Inner {
    /// What is behind these references. Those that an older version of the document had as well may lead nowhere. With
    /// `from_memory` a name may lead to what had it before: then the commit does not find that any more.
    pub(super) fn follow(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        links: &[Link],
        old: &[Link],
        from_memory: bool,
    ) -> Result<Found> {
        let mut found = Found::default();
        for link in links {
            let reference = &kind.references[link.index];
            match self.target(namespace, reference, &link.target, from_memory)? {
                Some((id, key)) => {
                    found.keys.insert(id, key);
                    let on_delete = found.targets.entry(id).or_insert(reference.on_delete);
                    if reference.on_delete == OnDelete::Block {
                        *on_delete = OnDelete::Block;
                    }
                }
                None if old.contains(link) => {}
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
        from_memory: bool,
    ) -> Result<Option<(ResourceId, Key)>> {
        let kind = self.registry.require(&reference.kind)?;
        let key = |id| key::record(&kind.name, namespace.unwrap_or_default(), id);
        match reference.by {
            ReferenceKey::Name => Ok(self.named(kind, namespace, target, from_memory)?.map(|id| (id, key(id)))),
            ReferenceKey::Id => {
                let Ok(id) = target.parse::<ResourceId>() else { return Ok(None) };
                Ok(self.load(&key(id), View::Pending)?.map(|_| (id, key(id))))
            }
        }
    }

    /// The id that belongs to a name. A name leads to a record that is there.
    fn named(&self, kind: &Kind, namespace: Option<&str>, name: &str, from_memory: bool) -> Result<Option<ResourceId>> {
        if !key::is_segment(name) {
            return Ok(None);
        }
        let pointer = key::name(&kind.name, namespace.unwrap_or_default(), name);
        let known = || self.targets.read().unwrap_or_else(PoisonError::into_inner).get(&pointer).copied();
        if let Some(id) = from_memory.then(known).flatten() {
            return Ok(Some(id));
        }
        let found = self.id_of(kind, namespace, name, View::Pending)?;
        let mut targets = self.targets.write().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(_) if targets.len() >= MAX_TARGETS => targets.clear(),
            Some(id) => drop(targets.insert(pointer, id)),
            None => drop(targets.remove(&pointer)),
        }
        Ok(found)
    }

    /// `Blocked` when the state of a target does not allow a new reference to it. The system is not asked.
    pub(super) fn ask_targets(&self, request: &Request, links: &[Link], document: &Json) -> Result<()> {
        if request.caller == Caller::System {
            return Ok(());
        }
        let asking = |link: &&Link| !request.kind.references[link.index].target_when.is_empty();
        for link in links.iter().filter(asking) {
            let reference = &request.kind.references[link.index];
            let kind = self.registry.require(&reference.kind)?;
            let stored = self.find(kind, request.namespace.as_deref(), &link.target, View::Pending)?;
            let target = stored.map(|stored| stored.record.object.to_value()).unwrap_or_default();
            if let Some(why) = reference::refuses(reference, document, &target) {
                return Err(Error::Blocked {
                    kind: kind.name.to_string(),
                    key: link.target.clone(),
                    why: why.to_owned(),
                    referenced_by: Vec::new(),
                });
            }
        }
        Ok(())
    }
}

impl Found {
    /// What a commit must find so that no new target is deleted meanwhile.
    pub(super) fn hold(&self, old: &Targets) -> impl Iterator<Item = Precondition> {
        let new = self.keys.iter().filter(|(id, _)| !old.contains_key(id));
        new.map(|(_, key)| Precondition::Present(key.clone()))
    }
}

/// The keys that say what a resource refers to.
pub(super) fn keys<'a>(
    kind: &'a Kind,
    namespace: &'a str,
    id: ResourceId,
    targets: &'a Targets,
) -> impl Iterator<Item = Bytes> + 'a {
    targets.iter().map(move |(target, on_delete)| key::reference(namespace, *target, *on_delete, &kind.name, id))
}

/// The operations that bring the stored references of a resource from the old ones to the new ones.
pub(super) fn operations(kind: &Kind, namespace: &str, id: ResourceId, old: &Targets, new: &Targets) -> Vec<Operation> {
    let added = new.iter().filter(|(target, on_delete)| old.get(target) != Some(on_delete));
    let removed = old.iter().filter(|(target, on_delete)| new.get(target) != Some(on_delete));
    let key =
        |target: &ResourceId, on_delete: &OnDelete| key::reference(namespace, *target, *on_delete, &kind.name, id);
    let puts = added.map(|(target, on_delete)| Operation::Put(key(target, on_delete), Bytes::new()));
    puts.chain(removed.map(|(target, on_delete)| Operation::Delete(key(target, on_delete)))).collect()
}
