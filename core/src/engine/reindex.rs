//! Writes the keys of references for resources that were stored before their kind had those references.

use std::fmt::Write as _;

use bytes::Bytes;

use super::cascade::settled;
use super::record::{self, Record, Targets};
use super::{Inner, key, reference};
use crate::backend::{Batch, Operation, Precondition, Scan};
use crate::error::Result;
use crate::kind::{Kind, OnDelete, ReferenceKey};
use crate::object::ResourceId;
use crate::rules::reference::links;

/// How many resources are looked at in one step.
const STEP: usize = 64;

impl Inner {
    /// Brings the stored references up to the definitions, when those have changed since the last time.
    pub(super) fn index_references(&self) -> Result<()> {
        let words = self.reference_words();
        let mark = key::reference_mark();
        if self.backend.get(&mark)?.is_some_and(|stored| stored.value.as_ref() == words.as_bytes()) {
            return Ok(());
        }
        for kind in self.registry.namespaced().filter(|kind| !kind.references.is_empty()) {
            for namespace in self.namespaces()? {
                self.index_room(kind, &namespace)?;
            }
        }
        let operations = vec![Operation::Put(mark, Bytes::from(words))];
        settled(self.backend.commit(Batch { preconditions: Vec::new(), operations }))
    }

    /// What the definitions say of references, as text that changes with it.
    fn reference_words(&self) -> String {
        let mut words = String::new();
        for kind in self.registry.kinds() {
            for reference in &kind.references {
                let (target, by, on_delete) = (&reference.kind, reference.by, reference.on_delete);
                let _ = writeln!(words, "{} {} {target} {by:?} {on_delete:?}", kind.name, reference.pointer);
            }
        }
        words
    }

    fn namespaces(&self) -> Result<Vec<String>> {
        let kind = self.registry.namespace().clone();
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let (objects, more, _) = self.step(&kind, None, after, STEP)?;
            after = objects.last().map(|object| object.metadata.id);
            names.extend(objects.into_iter().filter_map(|object| object.metadata.name));
            if !more {
                return Ok(names);
            }
        }
    }

    fn index_room(&self, kind: &Kind, namespace: &str) -> Result<()> {
        let prefix = key::records(&kind.name, namespace);
        let mut after = None;
        loop {
            let page = self.backend.scan(&Scan { prefix: prefix.clone(), after, limit: STEP })?;
            for (key, entry) in &page.entries {
                let record = record::decode(kind, Some(namespace), &entry.value)?;
                let targets = self.targets_of(kind, namespace, &record)?;
                if targets == record.targets {
                    continue;
                }
                let id = record.object.metadata.id;
                let mut operations = reference::operations(kind, namespace, id, &record.targets, &targets);
                operations.push(Operation::Put(key.clone(), record::encode(&Record { targets, ..record })));
                let preconditions = vec![Precondition::At(key.clone(), entry.modified)];
                settled(self.backend.commit(Batch { preconditions, operations }))?;
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(());
            }
        }
    }

    /// What a stored resource refers to, as far as it is there.
    fn targets_of(&self, kind: &Kind, namespace: &str, record: &Record) -> Result<Targets> {
        let document = record.object.to_value();
        let mut targets = Targets::new();
        for link in links(kind, &document) {
            let reference = &kind.references[link.index];
            let target = self.registry.require(&reference.kind)?;
            let view = super::read::View::Durable;
            let id = match reference.by {
                ReferenceKey::Name => self.id_of(target, Some(namespace), &link.target, view)?,
                ReferenceKey::Id => match link.target.parse::<ResourceId>() {
                    Ok(id) => self.find_id(target, Some(namespace), id, view)?.map(|_| id),
                    Err(_) => None,
                },
            };
            if let Some(id) = id {
                let on_delete = targets.entry(id).or_insert(reference.on_delete);
                if reference.on_delete == OnDelete::Block {
                    *on_delete = OnDelete::Block;
                }
            }
        }
        Ok(targets)
    }
}
