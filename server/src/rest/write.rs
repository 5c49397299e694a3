//! Between a request that writes and the store: the options that it chooses, and the answer with what was written.

use http::{HeaderName, StatusCode};
use kindstore::kind::Kind;
use kindstore::{WriteOptions, WriteOutcome};

use super::answer::Answer;
use super::query::Query;

/// Says on an answer that nothing was stored.
pub(super) const DRY_RUN: HeaderName = HeaderName::from_static("kindstore-dry-run");

pub(super) fn options(query: &Query, expected: Option<kindstore::Expected>) -> WriteOptions {
    WriteOptions::default()
        .expected(expected)
        .dry_run(query.dry_run)
        .without_defaults(query.apply_defaults == Some(false))
        .field_validation(query.field_validation)
}

pub(super) fn after_write(kind: &Kind, status: StatusCode, query: &Query, written: &WriteOutcome) -> Answer {
    let answer = Answer::resource(status, kind, &written.object).warnings(&written.warnings);
    if query.dry_run { answer.with(DRY_RUN, "true") } else { answer }
}

/// The path of a new resource: by name where it has one, else by id.
pub(super) fn location(kind: &Kind, written: &WriteOutcome) -> String {
    let metadata = &written.object.metadata;
    let id = metadata.id.to_string();
    let key = metadata.name.as_deref().filter(|_| kind.has_name()).unwrap_or(&id);
    match &metadata.namespace {
        Some(namespace) => format!("{}/namespaces/{namespace}/{}/{key}", kind.group, kind.plural),
        None => format!("{}/{}/{key}", kind.group, kind.plural),
    }
}
