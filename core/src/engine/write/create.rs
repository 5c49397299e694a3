//! The steps by which a new resource is stored.

use std::borrow::Cow;

use bytes::Bytes;

use super::candidate::{Input, validated};
use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::reference::{Found, Links};
use super::request::{Change, Request};
use super::stage::Lookups;
use super::writer::Writer;
use crate::backend::{Batch, Operation, Precondition};
use crate::diagnostic::Diagnostic;
use crate::engine::stored::document::{Stamp, stamp};
use crate::engine::stored::record::{self, Targets};
use crate::engine::stored::{CollectionRef, Record, reference};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::manifest::Document;
use crate::object::ResourceId;
use crate::rules::reference::Link;
use crate::rules::shape::Form;
use crate::rules::validate;

/// The new resource of a create, across its passes.
pub(super) enum Preparation {
    /// Nothing is made of the document yet.
    Due,
    /// The document was valid.
    Ready(Box<NewResource>),
    /// The document was refused.
    Refused(Error),
}

/// A new resource, as far as it does not depend on the stored state.
pub(super) struct NewResource {
    /// The record, until an outcome takes it.
    record: Option<Record>,
    id: ResourceId,
    bytes: Bytes,
    warnings: Vec<Diagnostic>,
    links: Vec<Link>,
    found: Found,
    /// The text that the document was read from, and its form, for the places of problems.
    text: Document,
    form: Form,
}

impl Writer {
    /// Stores a new resource. The first pass takes for granted that the name is free and the namespace unchanged; the
    /// commit's preconditions find out if not, and then the next pass looks. The validated document is kept for that.
    pub(super) fn create(
        &self,
        request: &mut Request,
        preparation: &mut Preparation,
        lookups: Lookups,
    ) -> Result<Progress<WriteOutcome>> {
        // Nothing is committed by a dry run, so no precondition would correct what was remembered.
        let lookups = if request.options.dry_run { Lookups::Fresh } else { lookups };
        let active = self.require_active(request.namespace.as_deref(), lookups)?;
        match (&mut request.change, &*preparation) {
            (Change::Create(document), Preparation::Due) => {
                let mut text = std::mem::take(document);
                let value = std::mem::take(&mut text.value);
                *preparation = self.prepare(request, text, value, lookups);
            }
            // In the next pass the resource may exist, and then the document replaces it: the request keeps its value.
            (Change::Upsert(document), _) => {
                let (text, value) = (document.without_value(), document.value.clone());
                *preparation = self.prepare(request, text, value, lookups);
            }
            _ => {
                if let Preparation::Ready(new) = preparation {
                    self.follow_again(request, new)?;
                }
            }
        }
        match preparation {
            Preparation::Ready(new) => self.store(request, new, active, lookups),
            Preparation::Refused(error) => Err(error.clone()),
            Preparation::Due => Err(Error::bad_request("this change creates nothing")),
        }
    }

    fn prepare(&self, request: &Request, text: Document, value: Json, lookups: Lookups) -> Preparation {
        match self.new_resource(request, text, value, lookups) {
            Ok(new) => Preparation::Ready(Box::new(new)),
            Err(error) => Preparation::Refused(error),
        }
    }

    /// Returns the new resource that a document asks for.
    fn new_resource(&self, request: &Request, text: Document, value: Json, lookups: Lookups) -> Result<NewResource> {
        let input = Input { text: &text, value: Cow::Owned(value) };
        let candidate = validated(self, request, input, None, lookups)?;
        let now = (self.clock)();
        // A create keeps its id and its record over all passes, so that a conflict costs no second validation.
        let id = (self.ids)(self.id_floor.id_time(now));
        let object = stamp(request.collection(), request.caller, candidate.document, Stamp { id, now, old: None });
        let (targets, selected) = (candidate.found.targets.clone(), candidate.selected);
        let record = Record { secrets: candidate.secrets, targets, selected, ..Record::bare(object) };
        let bytes = record::encode(&record);
        let (links, found, warnings, form) = (candidate.links, candidate.found, candidate.warnings, candidate.form);
        Ok(NewResource { record: Some(record), id, bytes, warnings, links, found, text, form })
    }

    /// Looks again for the targets of a new resource: one may have been deleted, or replaced under its name.
    fn follow_again(&self, request: &Request, new: &mut NewResource) -> Result<()> {
        if new.links.is_empty() {
            return Ok(());
        }
        let links = Links { new: &new.links, old: &[] };
        let found = self.follow(request.collection(), links, Lookups::Fresh)?;
        if !found.problems.is_empty() {
            let problems = validate::placed(&request.kind, &new.text, new.form, found.problems);
            return Err(Error::Invalid { kind: request.kind.name.to_string(), problems });
        }
        if found.targets != new.found.targets {
            let record = record::decode(request.collection(), &new.bytes)?;
            new.bytes = record::encode(&Record { targets: found.targets.clone(), ..record });
        }
        new.found = found;
        Ok(())
    }

    /// Commits a new resource under its id and its name.
    fn store(
        &self,
        request: &Request,
        new: &mut NewResource,
        active: Option<Precondition>,
        lookups: Lookups,
    ) -> Result<Progress<WriteOutcome>> {
        let collection = request.collection();
        let Record { object, .. } = match new.record.take() {
            Some(record) => record,
            None => record::decode(collection, &new.bytes)?,
        };
        let name = object.metadata.name.as_deref().filter(|_| request.kind.has_name());
        // An upsert that finds the name taken begins again, and replaces.
        if lookups == Lookups::Fresh
            && let (Some(name), Change::Create(_)) = (name, &request.change)
        {
            self.require_free(request, name)?;
        }
        let Batch { mut preconditions, mut operations } =
            creation(collection, (new.id, new.bytes.clone()), name, &new.found);
        // The namespace comes first: where several preconditions fail, it is the one that is reported.
        preconditions.splice(0..0, active);
        let advance = self.id_floor.advance(object.metadata.created_at).map(|(operation, stored)| {
            operations.push(operation);
            stored
        });
        let outcome = WriteOutcome { created: true, warnings: new.warnings.clone(), ..WriteOutcome::changed(object) };
        let progress = self.submit(request, outcome, Batch { preconditions, operations })?;
        Ok(match (progress, advance) {
            (Progress::Committing { completion, then, retry }, Some(stored)) => {
                let then = Box::new(move |revision| {
                    // Only now: should the commit fail, the next create has to store the time that this one did not.
                    stored();
                    then(revision)
                });
                Progress::Committing { completion, then, retry }
            }
            (progress, _) => progress,
        })
    }

    /// Checks that no resource of the kind has this name.
    ///
    /// # Errors
    /// `AlreadyExists`.
    pub(super) fn require_free(&self, request: &Request, name: &str) -> Result<()> {
        match self.backend().get_for_write(&request.collection().name(name))? {
            None => Ok(()),
            Some(_) => Err(Error::AlreadyExists {
                kind: request.kind.name.to_string(),
                namespace: request.namespace.clone(),
                name: name.to_owned(),
            }),
        }
    }
}

/// Returns the batch that stores a record under an id that has none, with its references and its name, on the condition
/// that the name is free and its targets exist.
pub(super) fn creation(
    collection: CollectionRef<'_>,
    (id, bytes): (ResourceId, Bytes),
    name: Option<&str>,
    found: &Found,
) -> Batch {
    let record_key = collection.record(id);
    let mut preconditions = vec![Precondition::Absent(record_key.clone())];
    preconditions.extend(found.hold(&Targets::new()));
    let mut operations = vec![Operation::Put(record_key, bytes)];
    let references = reference::keys(collection, id, &found.targets);
    operations.extend(references.map(|key| Operation::Put(key, Bytes::new())));
    if let Some(name) = name {
        let name_key = collection.name(name);
        preconditions.push(Precondition::Absent(name_key.clone()));
        operations.push(Operation::Put(name_key, Bytes::copy_from_slice(id.as_bytes())));
    }
    Batch { preconditions, operations }
}
