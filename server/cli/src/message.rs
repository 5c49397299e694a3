//! Between the command line's values and gRPC messages, one direction a function.

use std::sync::Arc;

use kindstore::{FieldValidation, Format, Json, JsonText, Metadata, Object, StringMap, Timestamp, Version};
use kindstore_proto::v1;
use serde::Deserialize;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::access::{Action, Committed, Options, Reference, Text, Write, WriteOutcome};
use super::failure::{Exit, Failure, Problem, Result, invalid};

/// The reason of an answer that did not come from the store: the connection broke, or the time ran out.
pub(crate) const LOST: &str = "Lost";

/// What a status says.
pub(crate) fn failure(status: Status) -> Failure {
    let details = status.get_error_details();
    let Some(info) = details.error_info() else {
        let lost = Failure { exit: Exit::Unavailable, ..Failure::new(LOST, said(&status)) };
        return match status.code() {
            Code::DeadlineExceeded | Code::Cancelled => lost.hint("--timeout waits longer"),
            code if is_lost(code) => lost,
            _ => Failure::new("Internal", said(&status)),
        };
    };
    let violations = details.bad_request().map(|details| details.field_violations.as_slice()).unwrap_or_default();
    let problem = |violation: &tonic_types::FieldViolation| Problem {
        pointer: None,
        attribute: violation.field.clone(),
        reason: String::new(),
        message: violation.description.clone(),
        line: None,
        told: None,
    };
    let message = match info.metadata.get("kind") {
        Some(kind) if !violations.is_empty() => invalid(kind),
        _ => status.message().to_owned(),
    };
    let operation = info.metadata.get("operation").and_then(|index| index.parse().ok());
    let failure = Failure::new(&info.reason, message).problems(violations.iter().map(problem).collect());
    Failure { operation, ..failure }
}

/// A status that is not the store's own.
fn said(status: &Status) -> String {
    match status.code() {
        Code::DeadlineExceeded | Code::Cancelled => "the time for an answer has passed".to_owned(),
        Code::Unimplemented => "what answers there is no kindstore server".to_owned(),
        code if status.message().is_empty() => format!("the server answered {code:?} without a reason"),
        _ => status.message().to_owned(),
    }
}

/// A resource as it came.
pub(crate) fn object(resource: Option<v1::Resource>) -> Result<Object> {
    let broken = |what: &str| Failure::new("Internal", format!("the server's answer cannot be understood: {what}"));
    let resource = resource.ok_or_else(|| broken("no resource is in it"))?;
    let metadata = resource.metadata.ok_or_else(|| broken("the resource has no metadata"))?;
    let id = metadata.id.parse().map_err(|_| broken("its id is none"))?;
    Ok(Object {
        kind: Arc::from(resource.kind),
        api_version: Arc::from(resource.api_version),
        metadata: Metadata {
            id,
            name: some(metadata.name),
            namespace: some(metadata.namespace),
            created_at: metadata.created_at.map(timestamp).unwrap_or_default(),
            modified_at: metadata.modified_at.map(timestamp),
            labels: metadata.labels.map(string_map),
            annotations: metadata.annotations.map(string_map),
            resource_version: metadata.resource_version,
            extra: json(&metadata.extra).map_err(|_| broken("its metadata"))?,
        },
        spec: json(&resource.spec).map_err(|_| broken("its spec"))?,
        status: json(&resource.status).map_err(|_| broken("its status"))?,
    })
}

/// A version as it came.
pub(crate) fn version(version: Option<v1::Version>) -> Result<Version> {
    let version = version.unwrap_or_default();
    Ok(Version {
        object: object(version.resource)?,
        revision: version.revision,
        ended: (version.ended_revision > 0).then_some(version.ended_revision),
        is_authored: version.authored,
    })
}

pub(crate) fn written(
    resource: Option<v1::Resource>,
    was_created: bool,
    revision: u64,
    warnings: Vec<v1::Diagnostic>,
) -> Result<WriteOutcome> {
    Ok(WriteOutcome { object: object(resource)?, was_created, was_stored: revision > 0, warnings: problems(warnings) })
}

pub(crate) fn problems(diagnostics: Vec<v1::Diagnostic>) -> Vec<Problem> {
    let problem = |diagnostic: v1::Diagnostic| Problem {
        told: diagnostic.span.and_then(|span| span.start).map(|start| start.line as usize),
        pointer: Some(diagnostic.pointer),
        attribute: diagnostic.attribute,
        reason: diagnostic.reason,
        message: match diagnostic.hint.as_str() {
            "" => diagnostic.message,
            hint => format!("{}; {hint}", diagnostic.message),
        },
        line: None,
    };
    diagnostics.into_iter().map(problem).collect()
}

pub(crate) fn create(write: &Write<'_>) -> v1::CreateRequest {
    let (kind, namespace, _) = place(write.reference);
    let document = Some(document(&write.text));
    v1::CreateRequest { kind, namespace, document, options: Some(options(write.options)) }
}

pub(crate) fn upsert(write: &Write<'_>) -> v1::UpsertRequest {
    let (kind, namespace, key) = place(write.reference);
    let document = Some(document(&write.text));
    v1::UpsertRequest { kind, namespace, key, document, options: Some(options(write.options)) }
}

pub(crate) fn patch(write: &Write<'_>) -> v1::PatchRequest {
    let (kind, namespace, key) = place(write.reference);
    let patch = Some(document(&write.text));
    let patch_type = match write.action {
        Action::JsonPatch => v1::PatchType::Json,
        _ => v1::PatchType::Merge,
    };
    let options = Some(options(write.options));
    v1::PatchRequest { kind, namespace, key, patch, options, patch_type: patch_type.into() }
}

pub(crate) fn delete(write: &Write<'_>) -> v1::DeleteRequest {
    let (kind, namespace, key) = place(write.reference);
    v1::DeleteRequest { kind, namespace, key, options: Some(options(write.options)) }
}

pub(crate) fn rollback(write: &Write<'_>, version: u64) -> v1::RollbackRequest {
    let (kind, namespace, key) = place(write.reference);
    v1::RollbackRequest { kind, namespace, key, version, options: Some(options(write.options)) }
}

pub(crate) fn undelete(write: &Write<'_>) -> v1::UndeleteRequest {
    let (kind, namespace, key) = place(write.reference);
    v1::UndeleteRequest { kind, namespace, key, options: Some(options(write.options)) }
}

/// The request that judges a write, if it has a document of its own.
pub(crate) fn validate(write: &Write<'_>) -> Option<v1::ValidateRequest> {
    use v1::validate_request::Write as Kind;
    let write = match write.action {
        Action::Create => Kind::Create(create(write)),
        Action::Upsert => Kind::Upsert(upsert(write)),
        Action::Patch | Action::JsonPatch => Kind::Patch(patch(write)),
        Action::Delete => Kind::Delete(delete(write)),
        Action::Rollback(_) | Action::Undelete => return None,
    };
    Some(v1::ValidateRequest { write: Some(write) })
}

pub(crate) fn commit(namespace: &str, writes: &[Write<'_>], dry_run: bool) -> Result<v1::CommitRequest> {
    use v1::commit_operation::Operation;
    let operation = |write: &Write<'_>| {
        let operation = match write.action {
            Action::Create => Operation::Create(create(write)),
            Action::Upsert => Operation::Upsert(upsert(write)),
            Action::Patch | Action::JsonPatch => Operation::Patch(patch(write)),
            Action::Delete => Operation::Delete(delete(write)),
            Action::Rollback(_) | Action::Undelete => return Err(alone()),
        };
        Ok(v1::CommitOperation { operation: Some(operation) })
    };
    let operations = writes.iter().map(operation).collect::<Result<_>>()?;
    Ok(v1::CommitRequest { namespace: namespace.to_owned(), operations, dry_run })
}

/// The failure for what no transaction does.
pub(crate) fn alone() -> Failure {
    Failure::refused("a rollback or an undeletion is no part of a transaction")
}

pub(crate) fn committed(answer: v1::CommitResponse) -> Result<Vec<Committed>> {
    let revision = answer.revision;
    let results = answer.results.into_iter().map(|one| {
        let was_changed = one.changed || one.deleted;
        let written = written(one.resource, one.created, if was_changed { revision } else { 0 }, one.warnings)?;
        Ok(Committed { written, was_changed })
    });
    results.collect()
}

/// The kind, the namespace and the key of a resource.
pub(crate) fn place(reference: &Reference) -> (String, String, String) {
    (reference.kind.name.clone(), reference.namespace.clone().unwrap_or_default(), reference.key.clone())
}

fn document(text: &Text) -> v1::Document {
    let format = match text.format {
        Format::Json => v1::DocumentFormat::Json,
        Format::Yaml => v1::DocumentFormat::Yaml,
    };
    v1::Document { text: text.text.clone().into(), format: format.into() }
}

fn options(options: Options) -> v1::WriteOptions {
    let fields = match options.fields {
        FieldValidation::Warn => v1::FieldValidation::Warn,
        FieldValidation::Strict => v1::FieldValidation::Strict,
        FieldValidation::Ignore => v1::FieldValidation::Ignore,
    };
    v1::WriteOptions {
        expected_version: options.expected,
        dry_run: options.is_dry_run,
        field_validation: fields.into(),
        ..v1::WriteOptions::default()
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn timestamp(time: prost_types::Timestamp) -> Timestamp {
    Timestamp::from_micros(time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos) / 1000))
}

fn string_map(map: v1::StringMap) -> StringMap {
    map.entries.into_iter().collect()
}

fn json(text: &[u8]) -> std::result::Result<Option<JsonText>, serde_json::Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    // The store bounds the depth of what it keeps, at a little more than this reader's own limit.
    reader.disable_recursion_limit();
    Json::deserialize(&mut reader).map(|value| Some(JsonText::from_value(&value)))
}

/// Whether a status says that an answer never came.
fn is_lost(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded | Code::Internal)
}
