//! Namespaces as writers see them. Resources are created in active ones only. A deleted one first becomes terminating, then
//! its content is deleted in bounded steps that a crash does not lose, and finally the namespace itself.

use std::sync::PoisonError;

use bytes::Bytes;

use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::removal::{MAX_BEFORE, MAX_BYTES_BEFORE};
use super::request::Request;
use super::stage::{Lookups, Stage, TerminatingNamespace};
use super::writer::Writer;
use crate::backend::{Batch, Operation, Precondition, Scan};
use crate::engine::clock::time_of_change;
use crate::engine::read::View;
use crate::engine::stored::{CollectionRef, Record, Stored, key, record, version};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::object::JsonText;

/// The most namespaces that are remembered.
const MAX_REMEMBERED: usize = 1024;

/// The most resources of one kind that one step of emptying a namespace deletes.
const STEP: usize = 50;

/// How many work items are read at once.
const ITEMS: usize = 50;

impl Writer {
    /// Returns the precondition that the namespace of a new resource is still as it was found: active.
    ///
    /// # Errors
    /// `NotFound` when there is no namespace of that name, `Blocked` while it is being deleted.
    pub(super) fn require_active(&self, namespace: Option<&str>, lookups: Lookups) -> Result<Option<Precondition>> {
        let Some(name) = namespace else { return Ok(None) };
        if lookups == Lookups::Remembered {
            let remembered = self.active_namespaces.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((key, modified)) = remembered.get(name) {
                // It may be out of date; then the precondition fails and the next pass reads.
                return Ok(Some(Precondition::At(key.clone(), *modified)));
            }
        }
        let stored = self.reader.require_namespace(name, View::Pending)?;
        if self.reader.is_terminating(&stored.record.object) {
            return Err(Error::Blocked {
                kind: stored.record.object.kind.to_string(),
                key: name.to_owned(),
                why: "is being deleted; nothing can be created in it".to_owned(),
                referenced_by: Vec::new(),
            });
        }
        let mut remembered = self.active_namespaces.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MAX_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(name.to_owned(), (stored.key.clone(), stored.modified));
        Ok(Some(Precondition::At(stored.key, stored.modified)))
    }

    /// Begins to delete a namespace: makes it terminating, so that no resource is created in it any more.
    pub(super) fn terminate_namespace(&self, request: &Request, current: Stored) -> Result<Progress<WriteOutcome>> {
        let name = current.record.object.metadata.name.clone().unwrap_or_default();
        let is_terminating = self.reader.is_terminating(&current.record.object);
        let terminating =
            if is_terminating { current.record.clone() } else { self.terminating(&request.kind, &current.record) };
        if request.options.dry_run {
            return Ok(Progress::settling(self.backend(), Ok(WriteOutcome::changed(terminating.object))));
        }
        let batch = if is_terminating {
            // Another deletion made it terminating. Resources created before that must be durable, and so visible to a
            // scan, before its content is deleted.
            Batch::barrier()
        } else {
            // Every create demands that the record of its namespace is unchanged. So this put fails those that are
            // under way: they look again, and are refused.
            let bytes = record::encode(&terminating);
            let successor = version::Successor { version: terminating.object.metadata.resource_version, bytes: &bytes };
            let kept = version::keep(request.collection(), &current, Some(successor), (self.clock)());
            let mut operations = vec![Operation::Put(current.key.clone(), bytes)];
            operations.push(Operation::Put(key::work(&name), Bytes::new()));
            operations.extend(kept);
            Batch { preconditions: vec![Precondition::At(current.key.clone(), current.modified)], operations }
        };
        let completion = self.commit_freeing(batch)?;
        let namespace =
            TerminatingNamespace { key: current.key, name, object: Box::new(terminating.object), is_overtaken: false };
        Ok(Progress::then(completion, Stage::EmptyNamespace(namespace), Stage::Settle))
    }

    /// Deletes the next resources of a terminating namespace, and the namespace once it is empty. Another namespace that has
    /// the same name by then has another id, and so is left alone.
    pub(super) fn empty_namespace(&self, namespace: TerminatingNamespace) -> Result<Progress<WriteOutcome>> {
        let again = |is_overtaken| Stage::EmptyNamespace(TerminatingNamespace { is_overtaken, ..namespace.clone() });
        let (next, retry) = (again(false), again(true));
        let TerminatingNamespace { key, name, object, is_overtaken } = namespace;
        let Some(current) = self.backend().get_for_write(&key)? else {
            return Ok(Progress::settling(self.backend(), Ok(WriteOutcome::changed(*object))));
        };
        // After a conflict one resource at a time: of few, one is seldom changed between its look-up and the commit.
        let mut batch = self.next_removals(&name, if is_overtaken { 0 } else { MAX_BEFORE })?;
        let is_empty = batch.preconditions.is_empty();
        batch.preconditions.push(Precondition::At(key.clone(), current.modified));
        if !is_empty {
            return Ok(Progress::then(self.commit_freeing(batch)?, next, retry));
        }
        let namespaces = self.reader.namespaces();
        let stored = Stored::read(namespaces, key, current)?;
        let mut operations = self.removal(namespaces, &stored)?;
        // In the commit that deletes the namespace: a crash before it leaves both, and opening the store finishes the
        // work.
        operations.push(Operation::Delete(key::work(&name)));
        let completion = self.commit_freeing(Batch { operations, ..batch })?;
        self.reader.defaults.forget();
        let outcome = WriteOutcome::changed(*object);
        Ok(Progress::last(completion, move |revision| outcome.at(revision)).retry(retry))
    }

    /// Returns the next version of a namespace that is being deleted.
    fn terminating(&self, kind: &Kind, record: &Record) -> Record {
        let mut terminating = record.clone();
        terminating.object.status = kind.terminating.as_ref().map(JsonText::from_value);
        let metadata = &mut terminating.object.metadata;
        metadata.resource_version += 1;
        metadata.modified_at = metadata.modified_at.map(|old| time_of_change((self.clock)(), old));
        terminating
    }

    /// Returns the batch that deletes the next resources of a namespace, with a precondition for each of them and so without
    /// any when it is empty; another one is added as long as there are at most `most` operations. The scan sees durable
    /// records only, which is enough: nothing was created since the namespace was durably terminating.
    fn next_removals(&self, namespace: &str, most: usize) -> Result<Batch> {
        let (mut batch, mut bytes) = (Batch::default(), 0);
        for kind in self.reader.registry.namespaced() {
            let collection = CollectionRef::new(kind, Some(namespace));
            let scan = Scan { prefix: collection.records(), after: None, limit: STEP };
            for (key, _) in self.backend().scan(&scan)?.entries {
                if batch.operations.len() > most || bytes > MAX_BYTES_BEFORE {
                    return Ok(batch);
                }
                // As a commit finds it now: it may have been changed since, and its last version must be the one that is
                // kept.
                let Some(entry) = self.backend().get_for_write(&key)? else {
                    // Another deletion of it is pending. The commit ends when that is durable, and the next scan sees more.
                    batch.preconditions.push(Precondition::Absent(key));
                    continue;
                };
                bytes += entry.value.len();
                let stored = Stored::read(collection, key.clone(), entry)?;
                batch.preconditions.push(Precondition::At(key, stored.modified));
                batch.operations.extend(self.removal(collection, &stored)?);
            }
        }
        Ok(batch)
    }

    /// Returns the names of all namespaces whose deletion was begun and not finished.
    pub(crate) fn unfinished_namespaces(&self) -> Result<Vec<String>> {
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let page = self.backend().scan(&Scan { prefix: key::all_work(), after, limit: ITEMS })?;
            names.extend(page.entries.iter().filter_map(|(key, _)| key::work_namespace(key)).map(str::to_owned));
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(names);
            }
        }
    }
}
