//! Namespaces as rooms: who enters must find one open, and one that is deleted is emptied first, in bounded steps that a
//! crash does not lose.

use std::sync::PoisonError;

use bytes::Bytes;

use super::delete::{MAX_BEFORE, deletion};
use super::pipeline::Request;
use super::read::{Stored, View};
use super::record::{self, Record};
use super::write::{Step, Write};
use super::{Inner, WriteOutcome, key, past};
use crate::backend::{Batch, Operation, Precondition, Scan};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::Kind;
use crate::object::{JsonText, Object};

/// The most namespaces that are remembered.
const MAX_ROOMS: usize = 1024;

/// The most resources of one kind that one step of emptying a namespace deletes.
const STEP: usize = 50;

/// A namespace that a write has closed and is emptying.
pub(super) struct Closing {
    key: Bytes,
    name: String,
    /// What the answer shows.
    object: Object,
}

impl Inner {
    /// What must hold of the namespace that something is created in. `NotFound` when there is none of that name,
    /// `Blocked` while it is being deleted.
    pub(super) fn enter(&self, namespace: Option<&str>) -> Result<Vec<Precondition>> {
        let Some(name) = namespace else { return Ok(Vec::new()) };
        let stored = self.open_namespace(name, View::Pending)?;
        if self.is_terminating(&stored.record.object) {
            return Err(Error::Blocked {
                kind: stored.record.object.kind.to_string(),
                key: name.to_owned(),
                why: "is being deleted; nothing can be created in it".to_owned(),
                referenced_by: Vec::new(),
            });
        }
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        if rooms.len() >= MAX_ROOMS {
            rooms.clear();
        }
        rooms.insert(name.to_owned(), (stored.key.clone(), stored.modified));
        Ok(vec![Precondition::At(stored.key, stored.modified)])
    }

    /// The same from memory, where the namespace was entered before. What is remembered may be out of date; then the
    /// precondition does not hold.
    pub(super) fn enter_known(&self, namespace: Option<&str>) -> Result<Vec<Precondition>> {
        let known = namespace.and_then(|name| {
            let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
            rooms.get(name).cloned()
        });
        match known {
            Some((key, modified)) => Ok(vec![Precondition::At(key, modified)]),
            None => self.enter(namespace),
        }
    }

    /// The namespace of that name, or `NotFound`.
    pub(super) fn open_namespace(&self, name: &str, view: View) -> Result<Stored> {
        let kind = self.registry.namespace();
        self.find_name(kind, None, name, view)?.ok_or_else(|| Error::NotFound {
            kind: kind.name.to_string(),
            namespace: None,
            key: name.to_owned(),
        })
    }

    pub(super) fn is_terminating(&self, object: &Object) -> bool {
        let terminating = self.registry.namespace().terminating.as_ref();
        terminating.is_some_and(|status| object.status_value() == *status)
    }

    /// Begins to delete a namespace: closes it, so that nothing enters any more.
    pub(super) fn close_namespace(
        &self,
        request: &Request,
        current: Stored,
        closing: &mut Option<Closing>,
    ) -> Result<Step<WriteOutcome>> {
        let name = current.record.object.metadata.name.clone().unwrap_or_default();
        let is_closed = self.is_terminating(&current.record.object);
        let closed = if is_closed { current.record.clone() } else { self.closed(&request.kind, &current.record) };
        if request.options.dry_run {
            return Ok(Step::Done(WriteOutcome::changed(closed.object)));
        }
        let batch = if is_closed {
            // Another deletion closed it. What entered before that must be durable before the namespace is looked through.
            Batch::barrier()
        } else {
            let record = Operation::Put(current.key.clone(), record::encode(&closed));
            let mut operations = vec![record, Operation::Put(key::work(&name), Bytes::new())];
            operations.extend(past::kept(&request.kind, "", &current, (self.clock)()));
            Batch { preconditions: vec![Precondition::At(current.key.clone(), current.modified)], operations }
        };
        let completion = self.backend.commit(batch);
        // A conflict is known at once, and then the namespace is not closed by this write.
        if !matches!(completion.outcome(), Some(Err(_))) {
            *closing = Some(Closing { key: current.key, name, object: closed.object });
        }
        Ok(Step::Staged(completion))
    }

    /// One step of emptying a namespace that was closed; the last one removes it. Whatever has its name by then is
    /// another one and is left alone.
    pub(super) fn empty_namespace(&self, closing: &Closing) -> Result<Step<WriteOutcome>> {
        let Closing { key, name, object } = closing;
        let Some(current) = self.backend.get_for_write(key)? else {
            return Ok(Step::Done(WriteOutcome::changed(object.clone())));
        };
        let preconditions = vec![Precondition::At(key.clone(), current.modified)];
        let operations = self.next_dependents(name)?;
        if !operations.is_empty() {
            return Ok(Step::Staged(self.backend.commit(Batch { preconditions, operations })));
        }
        let kind = self.registry.namespace();
        let stored = Stored::read(kind, None, key.clone(), current)?;
        let mut operations = deletion(kind, "", &stored, (self.clock)());
        operations.push(Operation::Delete(key::work(name)));
        let completion = self.backend.commit(Batch { preconditions, operations });
        self.defaults.forget();
        Ok(Step::Submitted(completion, WriteOutcome::deleted(object.clone())))
    }

    /// The namespace with the status of one that is being deleted, as its next version.
    fn closed(&self, kind: &Kind, record: &Record) -> Record {
        let mut closed = record.clone();
        closed.object.status = kind.terminating.as_ref().map(JsonText::from_value);
        closed.object.metadata.resource_version += 1;
        closed.object.metadata.modified_at = closed.object.metadata.modified_at.map(|old| old.max((self.clock)()));
        closed
    }

    /// The operations that delete the next resources of a namespace; none when it is empty. The scan sees durable state
    /// only, which is enough: nothing has entered since the namespace was durably closed.
    fn next_dependents(&self, namespace: &str) -> Result<Vec<Operation>> {
        let mut operations = Vec::new();
        for kind in self.registry.namespaced() {
            let scan = Scan { prefix: key::records(&kind.name, namespace), after: None, limit: STEP };
            for (record_key, entry) in self.backend.scan(&scan)?.entries {
                if operations.len() > MAX_BEFORE {
                    return Ok(operations);
                }
                let stored = Stored::read(kind, Some(namespace), record_key, entry)?;
                operations.extend(deletion(kind, namespace, &stored, (self.clock)()));
            }
        }
        Ok(operations)
    }

    /// The namespaces whose deletion was begun and not finished.
    pub(super) fn unfinished(&self) -> Result<Vec<String>> {
        let scan = Scan { prefix: key::all_work(), after: None, limit: STEP };
        let page = self.backend.scan(&scan)?;
        Ok(page.entries.iter().filter_map(|(key, _)| key::work_namespace(key)).map(str::to_owned).collect())
    }
}

impl super::Store {
    /// Makes the namespaces that exist from the start and finishes what a crash interrupted.
    pub(super) fn prepare(&self) -> Result<()> {
        let kind = self.inner.registry.namespace().clone();
        for name in &kind.from_the_start {
            // A store that takes no writes any more must still open for reading.
            if self.inner.find_name(&kind, None, name, View::Durable)?.is_some() {
                continue;
            }
            let document = Json::from(serde_json::json!({"metadata": {"name": name}}));
            self.system().create(&kind.name, None, document, Default::default()).wait()?;
        }
        self.inner.index_references()?;
        // What cannot be finished now must not keep the rest from being read; the next opening tries again.
        if let Err(error) = self.inner.finish_cascades() {
            tracing::error!(%error, "what belongs to deleted resources could not be deleted");
        }
        for name in self.inner.unfinished()? {
            let delete: Write<WriteOutcome> = self.system().delete(&kind.name, None, &name, Default::default());
            match delete.wait() {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                // What cannot be finished now must not keep the rest from being read; the next opening tries again.
                Err(error) => tracing::error!(namespace = name, %error, "a namespace could not be emptied"),
            }
        }
        Ok(())
    }
}
