//! The steps by which a new resource is stored.

use bytes::Bytes;

use super::document::stamp;
use super::pipeline::{Change, Request, draft, submit};
use super::record::{self, Record};
use super::write::Step;
use super::{Inner, Written, key};
use crate::backend::{Batch, Operation, Precondition};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::object::ResourceId;

/// A new resource, as far as it does not depend on what is stored.
pub(super) struct Made {
    /// The resource, until an answer takes it.
    record: Option<Record>,
    id: ResourceId,
    bytes: Bytes,
    warnings: Vec<Diagnostic>,
}

/// At first a create takes for granted that its name is free and its namespace as it was: the commit's preconditions say
/// if not, and then the next pass looks. What was made of the document is kept for that.
pub(super) fn create(
    inner: &Inner,
    request: &mut Request,
    made: &mut Option<Result<Made>>,
    is_again: bool,
) -> Result<Step<Written>> {
    let namespace = request.namespace.as_deref();
    let looks = is_again || request.options.dry_run;
    let room = if looks { inner.enter(namespace)? } else { inner.enter_known(namespace)? };
    let document = match (&mut request.change, &made) {
        (Change::Create(document), None) => Some(std::mem::take(document)),
        // By the next pass somebody may have made it, and then the document replaces.
        (Change::Upsert(document), _) => Some(document.clone()),
        _ => None,
    };
    if let Some(document) = document {
        *made = Some(make(inner, request, document.value, &document.problems));
    }
    match made {
        Some(Ok(made)) => store(inner, request, made, room, looks),
        Some(Err(error)) => Err(error.clone()),
        None => Err(Error::bad_request("this change creates nothing")),
    }
}

/// The new resource that a document asks for.
fn make(inner: &Inner, request: &Request, value: Json, problems: &[Diagnostic]) -> Result<Made> {
    let draft = draft(inner, request, value, problems, None)?;
    let now = (inner.clock)();
    let id = (inner.ids)(inner.horizon.id_time(now));
    let object = stamp(request, draft.document, None, id, now);
    let record = Record { object, secrets: draft.secrets };
    let bytes = record::encode(&record);
    Ok(Made { record: Some(record), id, bytes, warnings: draft.warnings })
}

/// Commits a new resource under its id and its name.
fn store(
    inner: &Inner,
    request: &Request,
    made: &mut Made,
    mut preconditions: Vec<Precondition>,
    looks: bool,
) -> Result<Step<Written>> {
    let kind = &request.kind;
    let namespace = request.namespace.as_deref();
    let object = match made.record.take() {
        Some(record) => record.object,
        None => record::decode(kind, namespace, &made.bytes)?.object,
    };
    let record_key = key::record(&kind.name, namespace.unwrap_or_default(), made.id);
    preconditions.push(Precondition::Absent(record_key.clone()));
    let mut operations = vec![Operation::Put(record_key, made.bytes.clone())];
    if kind.has_name()
        && let Some(name) = &object.metadata.name
    {
        let name_key = key::name(&kind.name, namespace.unwrap_or_default(), name);
        // An upsert that finds the name taken by now begins anew, and replaces.
        if looks && matches!(request.change, Change::Create(_)) && inner.backend.get_for_write(&name_key)?.is_some() {
            let (kind, namespace, name) = (kind.name.to_string(), request.namespace.clone(), name.clone());
            return Err(Error::AlreadyExists { kind, namespace, name });
        }
        preconditions.push(Precondition::Absent(name_key.clone()));
        operations.push(Operation::Put(name_key, Bytes::copy_from_slice(made.id.as_bytes())));
    }
    let advance = inner.horizon.advance(object.metadata.created_at).map(|(operation, stored)| {
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
