//! Brings what is stored beside documents up to the definitions: references, and the values that lists can be selected by.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use super::cascade::settled;
use super::document::selected_of;
use super::list::Filter;
use super::read::Walked;
use super::record::{self, Record, Targets};
use super::{Inner, key, reference};
use crate::backend::{Batch, Operation, Precondition, Scan};
use crate::error::Result;
use crate::kind::Kind;
use crate::rules::reference::links;

/// How many resources are looked at in one step.
const STEP: usize = 64;

impl Inner {
    /// Brings what is stored up to the definitions, when those have changed since the last time.
    pub(super) fn index_references(&self) -> Result<()> {
        let words = self.words();
        let mark = key::reference_mark();
        if self.backend.get(&mark)?.is_some_and(|stored| stored.value.as_ref() == words.as_bytes()) {
            return Ok(());
        }
        let has_more = |kind: &&Arc<Kind>| !kind.references.is_empty() || !kind.selectable.is_empty();
        let mut is_changed = false;
        for kind in self.registry.namespaced().filter(has_more) {
            for namespace in self.namespaces()? {
                is_changed |= self.index_room(kind, &namespace)?;
            }
        }
        let operations = vec![Operation::Put(mark, Bytes::from(words))];
        settled(self.backend.commit(Batch { preconditions: Vec::new(), operations }))?;
        // What was rewritten is not a version of its own: nobody can be told what it was before.
        if is_changed { self.backend.compact(self.backend.revision()) } else { Ok(()) }
    }

    /// What the definitions say of references and selectable members, as text that changes with it.
    fn words(&self) -> String {
        let mut words = String::new();
        for kind in self.registry.kinds() {
            for reference in &kind.references {
                let (target, by, on_delete) = (&reference.kind, reference.by, reference.on_delete);
                let _ = writeln!(words, "{} {} {target} {by:?} {on_delete:?}", kind.name, reference.pointer);
            }
            if !kind.selectable.is_empty() {
                let _ = writeln!(words, "{} {}", kind.name, kind.selectable.join(" "));
            }
        }
        words
    }

    fn namespaces(&self) -> Result<Vec<String>> {
        let kind = self.registry.namespace().clone();
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let Walked { records, last, more, .. } = self.step(&kind, None, after, STEP, &Filter::default())?;
            after = last.or(after);
            names.extend(records.into_iter().filter_map(|record| record.object.metadata.name));
            if !more {
                return Ok(names);
            }
        }
    }

    /// Whether anything had to be rewritten.
    fn index_room(&self, kind: &Kind, namespace: &str) -> Result<bool> {
        let prefix = key::records(&kind.name, namespace);
        let (mut after, mut is_changed) = (None, false);
        loop {
            let page = self.backend.scan(&Scan { prefix: prefix.clone(), after, limit: STEP })?;
            for (key, entry) in &page.entries {
                let record = record::decode(kind, Some(namespace), &entry.value)?;
                let targets = self.targets_of(kind, namespace, &record)?;
                let selected = selected_of(kind, &record.object);
                if targets == record.targets && selected == record.selected {
                    continue;
                }
                let id = record.object.metadata.id;
                let mut operations = reference::operations(kind, namespace, id, &record.targets, &targets);
                operations.push(Operation::Put(key.clone(), record::encode(&Record { targets, selected, ..record })));
                let preconditions = vec![Precondition::At(key.clone(), entry.modified)];
                settled(self.backend.commit(Batch { preconditions, operations }))?;
                is_changed = true;
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(is_changed);
            }
        }
    }

    /// What a stored resource refers to, as far as it is there.
    fn targets_of(&self, kind: &Kind, namespace: &str, record: &Record) -> Result<Targets> {
        let links = links(kind, &record.object.to_value());
        Ok(self.follow(kind, Some(namespace), &links, &[], false)?.targets)
    }
}
