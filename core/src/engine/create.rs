//! The steps by which a new resource is stored.

use std::borrow::Cow;

use bytes::Bytes;

use super::document::stamp;
use super::draft::draft;
use super::pipeline::{Change, Request, submit};
use super::record::{self, Record, Targets};
use super::reference::{self, Found};
use super::write::Step;
use super::{Inner, WriteOutcome, key};
use crate::backend::{Batch, Operation, Precondition};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;
use crate::object::ResourceId;
use crate::rules::reference::Link;
use crate::rules::validate;

/// A new resource, as far as it does not depend on what is stored.
pub(super) struct Made {
    /// The resource, until an answer takes it.
    record: Option<Record>,
    id: ResourceId,
    bytes: Bytes,
    warnings: Vec<Diagnostic>,
    links: Vec<Link>,
    found: Found,
    /// What the document was read from, for the places of problems.
    text: Document,
}

/// At first a create takes for granted that its name is free and its namespace as it was: the commit's preconditions say
/// if not, and then the next pass looks. What was made of the document is kept for that.
pub(super) fn create(
    inner: &Inner,
    request: &mut Request,
    made: &mut Option<Result<Made>>,
    is_again: bool,
) -> Result<Step<WriteOutcome>> {
    let namespace = request.namespace.as_deref();
    let looks = is_again || request.options.dry_run;
    let room = if looks { inner.enter(namespace)? } else { inner.enter_known(namespace)? };
    let document = match (&mut request.change, &made) {
        (Change::Create(document), None) => {
            let mut text = std::mem::take(document);
            let value = std::mem::take(&mut text.value);
            Some((text, value))
        }
        // By the next pass somebody may have made it, and then the document replaces.
        (Change::Upsert(document), _) => {
            let value = document.value.clone();
            Some((document.without_value(), value))
        }
        _ => None,
    };
    if let Some((text, value)) = document {
        *made = Some(make(inner, request, text, value, !looks));
    } else if let Some(Ok(made)) = made.as_mut() {
        follow_again(inner, request, made)?;
    }
    match made {
        Some(Ok(made)) => store(inner, request, made, room, looks),
        Some(Err(error)) => Err(error.clone()),
        None => Err(Error::bad_request("this change creates nothing")),
    }
}

/// The new resource that a document asks for.
fn make(inner: &Inner, request: &Request, text: Document, value: Json, from_memory: bool) -> Result<Made> {
    let draft = draft(inner, request, &text, Cow::Owned(value), None, from_memory)?;
    let now = (inner.clock)();
    let id = (inner.ids)(inner.id_floor.id_time(now));
    let object = stamp(request, draft.document, None, id, now);
    let (targets, selected) = (draft.found.targets.clone(), draft.selected);
    let authored = object.metadata.resource_version;
    let record = Record { object, secrets: draft.secrets, targets, selected, authored };
    let bytes = record::encode(&record);
    let (links, found) = (draft.links, draft.found);
    Ok(Made { record: Some(record), id, bytes, warnings: draft.warnings, links, found, text })
}

/// Looks again for what the resource refers to: it may have been deleted, or made anew under its name.
fn follow_again(inner: &Inner, request: &Request, made: &mut Made) -> Result<()> {
    if made.links.is_empty() {
        return Ok(());
    }
    let found = inner.follow(&request.kind, request.namespace.as_deref(), &made.links, &[], false)?;
    if !found.problems.is_empty() {
        let problems = validate::placed(&request.kind, &made.text, found.problems);
        return Err(Error::Invalid { kind: request.kind.name.to_string(), problems });
    }
    if found.targets != made.found.targets {
        let record = record::decode(&request.kind, request.namespace.as_deref(), &made.bytes)?;
        made.bytes = record::encode(&Record { targets: found.targets.clone(), ..record });
    }
    made.found = found;
    Ok(())
}

/// Commits a new resource under its id and its name.
fn store(
    inner: &Inner,
    request: &Request,
    made: &mut Made,
    mut preconditions: Vec<Precondition>,
    looks: bool,
) -> Result<Step<WriteOutcome>> {
    let kind = &request.kind;
    let namespace = request.namespace.as_deref();
    let Record { object, selected, .. } = match made.record.take() {
        Some(record) => record,
        None => record::decode(kind, namespace, &made.bytes)?,
    };
    let _noted = inner.note(request, &object, &selected);
    let name = object.metadata.name.as_deref().filter(|_| kind.has_name());
    // An upsert that finds the name taken by now begins anew, and replaces.
    if let Some(name) = name.filter(|_| looks && matches!(request.change, Change::Create(_))) {
        inner.require_free(request, name)?;
    }
    let room = namespace.unwrap_or_default();
    let Batch { preconditions: free, mut operations } =
        creation(kind, room, (made.id, made.bytes.clone()), name, &made.found);
    preconditions.extend(free);
    let advance = inner.id_floor.advance(object.metadata.created_at).map(|(operation, stored)| {
        operations.push(operation);
        stored
    });
    let step = submit(inner, request, object, made.warnings.clone(), Batch { preconditions, operations }, true)?;
    Ok(match (step, advance) {
        (Step::Submitted(completion, answer), Some(stored)) => Step::Submitted(
            completion,
            Box::new(move |revision| {
                stored();
                answer(revision)
            }),
        ),
        (step, _) => step,
    })
}

impl Inner {
    /// `AlreadyExists` when a resource of the kind has this name.
    pub(super) fn require_free(&self, request: &Request, name: &str) -> Result<()> {
        let key = key::name(&request.kind.name, request.namespace.as_deref().unwrap_or_default(), name);
        match self.backend.get_for_write(&key)? {
            None => Ok(()),
            Some(_) => Err(Error::AlreadyExists {
                kind: request.kind.name.to_string(),
                namespace: request.namespace.clone(),
                name: name.to_owned(),
            }),
        }
    }
}

/// What stores a record under an id that has none, with its references and its name, on the condition that the name is
/// free and what it refers to is there.
pub(super) fn creation(
    kind: &Kind,
    namespace: &str,
    (id, bytes): (ResourceId, Bytes),
    name: Option<&str>,
    found: &Found,
) -> Batch {
    let record_key = key::record(&kind.name, namespace, id);
    let mut preconditions = vec![Precondition::Absent(record_key.clone())];
    preconditions.extend(found.hold(&Targets::new()));
    let mut operations = vec![Operation::Put(record_key, bytes)];
    let references = reference::keys(kind, namespace, id, &found.targets);
    operations.extend(references.map(|key| Operation::Put(key, Bytes::new())));
    if let Some(name) = name {
        let name_key = key::name(&kind.name, namespace, name);
        preconditions.push(Precondition::Absent(name_key.clone()));
        operations.push(Operation::Put(name_key, Bytes::copy_from_slice(id.as_bytes())));
    }
    Batch { preconditions, operations }
}
