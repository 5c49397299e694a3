//! Between the command line's values and those of the client, one direction a function.

use std::sync::Arc;

use kindstore::manifest::Format;
use kindstore::{FieldValidation, Json, JsonText, Metadata, Object, StringMap, Timestamp, Version};
use kindstore_client::call::{Checks, Expects};
use kindstore_client::{Call, Code, Diagnostic, Document, Error, Operation, Resource};
use serde::Deserialize;

use super::access::{Action, Options, Text, Write, WriteOutcome, alone};
use super::failure::{Exit, Failure, Problem, Result, invalid};

/// The reason of an answer that did not come from the store: the connection broke, or the time ran out.
const LOST: &str = "Lost";

/// Returns the failure for an error of the client.
pub(crate) fn failure(error: &Error) -> Failure {
    if error.is_from_store() {
        return refused(error);
    }
    // Nothing was changed: a write that may have happened is `OutcomeUnknown`, which comes first below.
    let lost = || Failure { exit: Exit::Unavailable, ..Failure::new(LOST, error.message()) };
    match error.code() {
        _ if error.is_outcome_unknown() => Failure::new(error.reason(), error.message()),
        // The transport reports its own timeout as a cancellation.
        Some(Code::DeadlineExceeded | Code::Cancelled) => lost().hint("--timeout waits longer"),
        Some(Code::Unavailable | Code::Unknown | Code::Internal) => match http_status(error.message()) {
            Some(status) => {
                let message = format!("the answer is not one of kindstore's gRPC service: HTTP {status}");
                let hint = "does --server name a kindstore server, by an address that it accepts?";
                Failure { message, ..lost().hint(hint) }
            }
            None => lost(),
        },
        _ => Failure::new(error.reason(), error.message()),
    }
}

/// The HTTP status of an answer that is no gRPC, as by a proxy or another server. The transport has its own words for it.
fn http_status(message: &str) -> Option<&str> {
    let behind = |begin: &str| message.split_once(begin).map(|(_, status)| status.trim());
    // Where the answer has a body, its first byte is taken for a flag.
    let flag = || message.contains("invalid compression flag").then(|| behind("receiving response with status: "));
    behind("mapped from HTTP status code ").or_else(|| flag().flatten())
}

/// The failure that the store reported.
fn refused(error: &Error) -> Failure {
    let problem = |problem: &kindstore_client::Problem| Problem {
        pointer: None,
        attribute: problem.field.clone(),
        reason: String::new(),
        message: problem.message.clone(),
        line: None,
        sent_line: None,
    };
    let problems: Vec<Problem> = error.problems().iter().map(problem).collect();
    // The problems are shown line by line, so the message must not repeat them.
    let message = match error.context().get("kind") {
        Some(kind) if !problems.is_empty() => invalid(kind),
        _ => error.message().to_owned(),
    };
    // Of a transaction: the index says which file to name.
    let operation = error.context().get("operation").and_then(|index| index.parse().ok());
    Failure { operation, ..Failure::new(error.reason(), message).problems(problems) }
}

/// Returns a resource as the core's value.
pub(crate) fn object(resource: &Resource) -> Result<Object> {
    let broken = |what: &str| Failure::new("Internal", format!("the server's answer cannot be understood: {what}"));
    let metadata = &resource.metadata;
    Ok(Object {
        kind: Arc::from(&*resource.kind),
        api_version: Arc::from(&*resource.api_version),
        metadata: Metadata {
            id: metadata.id.parse().map_err(|_| broken("its id is invalid"))?,
            name: metadata.name.clone(),
            namespace: metadata.namespace.clone(),
            created_at: Timestamp::from_micros(metadata.created_at.as_micros()),
            modified_at: metadata.modified_at.map(|time| Timestamp::from_micros(time.as_micros())),
            labels: metadata.labels.as_ref().map(string_map),
            annotations: metadata.annotations.as_ref().map(string_map),
            resource_version: metadata.resource_version,
            extra: json(metadata.extra_text()).map_err(|_| broken("its metadata"))?,
        },
        spec: json(resource.spec_text()).map_err(|_| broken("its spec"))?,
        status: json(resource.status_text()).map_err(|_| broken("its status"))?,
    })
}

/// Returns a version as the core's value.
pub(crate) fn version(version: &kindstore_client::Version) -> Result<Version> {
    Ok(Version {
        object: object(&version.resource)?,
        revision: version.revision,
        ended: version.ended_revision,
        is_authored: version.authored,
    })
}

/// Returns the outcome of a write that was committed under this revision, 0 for none.
pub(crate) fn written(
    resource: &Resource,
    was_created: bool,
    revision: u64,
    warnings: Vec<Diagnostic>,
) -> Result<WriteOutcome> {
    Ok(WriteOutcome { object: object(resource)?, was_created, was_stored: revision > 0, warnings: problems(warnings) })
}

/// Returns remarks about a document with their places.
pub(crate) fn problems(diagnostics: Vec<Diagnostic>) -> Vec<Problem> {
    let problem = |diagnostic: Diagnostic| Problem {
        sent_line: diagnostic.line.map(|line| line as usize),
        pointer: Some(diagnostic.pointer),
        attribute: diagnostic.attribute,
        reason: diagnostic.reason,
        message: match diagnostic.hint {
            None => diagnostic.message,
            Some(hint) => format!("{}; {hint}", diagnostic.message),
        },
        line: None,
    };
    diagnostics.into_iter().map(problem).collect()
}

/// Returns a write as an operation; a rollback and an undeletion are none.
pub(crate) fn operation(write: &Write<'_>) -> Result<Operation> {
    let (kind, key, document) = (&*write.reference.kind.name, &*write.reference.key, document(&write.text));
    let operation = match write.action {
        Action::Create => Operation::create(kind, document),
        Action::Upsert => Operation::upsert(kind, key, document),
        Action::Patch => Operation::patch(kind, key, document),
        Action::JsonPatch => Operation::json_patch(kind, key, document),
        Action::Delete => Operation::delete(kind, key),
        Action::Rollback(_) | Action::Undelete => return Err(alone()),
    };
    let operation = operation.field_validation(field_validation(write.options));
    Ok(match write.options.expected {
        Some(version) => operation.expected_version(version),
        None => operation,
    })
}

/// Returns a call with the version that it demands.
pub(crate) fn expecting<R: Expects>(call: Call<R>, options: Options) -> Call<R> {
    match options.expected {
        Some(version) => call.expected_version(version),
        None => call,
    }
}

/// Returns a call with the choice for unknown members.
pub(crate) fn checking<R: Checks>(call: Call<R>, options: Options) -> Call<R> {
    call.field_validation(field_validation(options))
}

/// Returns the document of a text, which is sent as it is written: `1.10` must reach the store as such.
pub(crate) fn document(text: &Text) -> Document {
    let format = match text.format {
        Format::Json => kindstore_client::Format::Json,
        Format::Yaml => kindstore_client::Format::Yaml,
    };
    Document::text(text.text.clone(), format)
}

fn field_validation(options: Options) -> kindstore_client::FieldValidation {
    match options.fields {
        FieldValidation::Warn => kindstore_client::FieldValidation::Warn,
        FieldValidation::Strict => kindstore_client::FieldValidation::Strict,
        FieldValidation::Ignore => kindstore_client::FieldValidation::Ignore,
    }
}

fn string_map(map: &std::collections::BTreeMap<String, String>) -> StringMap {
    map.clone().into_iter().collect()
}

fn json(text: Option<&str>) -> std::result::Result<Option<JsonText>, serde_json::Error> {
    let Some(text) = text else { return Ok(None) };
    let mut reader = serde_json::Deserializer::from_str(text);
    // The store bounds the depth of a document, a little above this reader's own limit.
    reader.disable_recursion_limit();
    Json::deserialize(&mut reader).map(|value| Some(JsonText::from_value(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_an_answer_that_is_no_grpc_is_found() {
        for (message, status) in [
            ("grpc-status header missing, mapped from HTTP status code 502", Some("502")),
            (
                "protocol error: received message with invalid compression flag: 123 (valid flags are 0 and 1) while \
                 receiving response with status: 403 Forbidden",
                Some("403 Forbidden"),
            ),
            ("Error decompressing: x, while receiving response with status: 200 OK", None),
            ("transport error", None),
        ] {
            assert_eq!(http_status(message), status, "{message}");
        }
    }
}
