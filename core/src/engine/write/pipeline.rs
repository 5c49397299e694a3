//! The order of the steps of a write. Each step is one call to a rule or to the backend; there are no opinions here.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::amend::amended;
use super::candidate::Input;
use super::contention::LOCK_AFTER_CONFLICTS;
use super::create::Preparation;
use super::outcome::WriteOutcome;
use super::progress::{Progress, Write};
use super::request::{Change, Request};
use super::stage::{Lookups, Stage};
use super::writer::Writer;
use crate::backend::{Batch, Completion, Revision};
use crate::engine::read::View;
use crate::engine::stored::Stored;
use crate::error::{Error, Result};

/// A write of one resource.
pub(crate) struct SingleWrite {
    writer: Arc<Writer>,
    request: Request,
    /// The new resource of a create, which is made of its document once for all passes.
    preparation: Preparation,
}

impl SingleWrite {
    pub(crate) fn new(writer: Arc<Writer>, request: Request) -> Self {
        Self { writer, request, preparation: Preparation::Due }
    }

    /// Runs one pass over the current state.
    pub(crate) fn run(&mut self, stage: Stage, conflicts: u32) -> Result<Progress<WriteOutcome>> {
        let writer = &*self.writer;
        match stage {
            Stage::Settle => Ok(Progress::behind_all(self.barrier())),
            Stage::EmptyNamespace(namespace) => writer.empty_namespace(namespace),
            Stage::DeleteDependents { cascade, deleted } => writer.delete_dependents_of(cascade, deleted),
            Stage::Apply(lookups) => {
                writer.check_current()?;
                // Held until the commit is judged, which it is before this returns.
                let _lock = (conflicts > LOCK_AFTER_CONFLICTS).then(|| writer.locks.take(self.request.address()));
                apply(writer, &mut self.request, &mut self.preparation, lookups)
            }
        }
    }
}

impl Write for SingleWrite {
    type Outcome = WriteOutcome;

    fn pass(&mut self, stage: Stage, conflicts: u32) -> Result<Progress<WriteOutcome>> {
        self.run(stage, conflicts)
    }

    fn barrier(&self) -> Completion {
        self.writer.backend().commit(Batch::barrier())
    }

    fn lags_at(&self) -> Option<Revision> {
        let backend = self.writer.backend();
        backend.lags().then(|| backend.revision())
    }

    /// The defaults that a new resource gets are no precondition: it is valid with any.
    fn relies_on_reads(&self) -> bool {
        !self.request.kind.defaults_from.is_empty() && !self.request.change.is_patch()
    }

    fn conflict(&self) -> Error {
        self.request.conflict()
    }

    fn leave_unfinished(&self) {
        if matches!(self.request.change, Change::Delete) {
            self.writer.unfinished.store(true, Ordering::Relaxed);
        }
    }
}

/// Applies the change to the current state and commits the result.
fn apply(
    writer: &Writer,
    request: &mut Request,
    preparation: &mut Preparation,
    lookups: Lookups,
) -> Result<Progress<WriteOutcome>> {
    let current = match &request.key {
        Some(key) => writer.reader.find(request.collection(), key, View::Pending)?,
        None => None,
    };
    // First, since problems of a document that was written for another version would mislead.
    request.check_version(current.as_ref().map(|stored| &stored.record.object.metadata))?;
    match (&request.change, current) {
        (Change::Create(_) | Change::Upsert(_), None) => writer.create(request, preparation, lookups),
        (Change::Upsert(document) | Change::Patch(document), Some(current)) => {
            writer.update(request, Input::of(document), current)
        }
        (Change::JsonPatch(patch), Some(current)) => {
            let document = amended(&request.kind, patch, &current.record)?;
            writer.update(request, Input::of(&document), current)
        }
        (Change::Rollback(version), Some(current)) => {
            let document = writer.earlier(request, *version, &current)?;
            writer.update(request, Input::of(&document), current)
        }
        (Change::Delete, Some(current)) => writer.delete(request, current),
        (Change::Undelete, None) => writer.undelete(request),
        (Change::Undelete, Some(current)) => Err(exists(request, &current)),
        // A create addresses nothing, so nothing can have been found.
        (Change::Create(_), Some(_)) => Err(Error::bad_request("a create does not address a resource")),
        (Change::Patch(_) | Change::JsonPatch(_) | Change::Rollback(_) | Change::Delete, None) => {
            Err(writer.reader.not_found(request.collection(), request.addressed(), View::Pending))
        }
    }
}

/// Returns the error for restoring a resource that is not deleted.
fn exists(request: &Request, current: &Stored) -> Error {
    let metadata = &current.record.object.metadata;
    let name = metadata.name.clone().unwrap_or_else(|| metadata.id.to_string());
    Error::AlreadyExists { kind: request.kind.name.to_string(), namespace: request.namespace.clone(), name }
}

impl<'a> Input<'a> {
    fn of(document: &'a crate::manifest::Document) -> Self {
        Self { text: document, value: Cow::Borrowed(&document.value) }
    }
}
