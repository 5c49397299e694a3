//! Writes: of one resource, and of several as one.

use kindstore::{CommitOperation, CommitOptions, Document, Json, MAX_COMMIT, Patch, WriteOutcome};
use serde::Deserialize;

use super::super::options::{self, request};
use super::super::write::{array, diagnostics, object};
use super::super::{Outcome, failure};
use super::open::Opened;
use super::request::Request;

/// Writes one resource: `create`, `upsert`, `patch`, `jsonPatch`, `delete`, `rollback` or `undelete`. A document is its text.
///
/// # Errors
/// A request or a document that cannot be read, and those of the store.
pub fn write(opened: &Opened, text: &str, document: Option<&str>) -> Outcome<String> {
    let request: Request = request(text)?;
    let store = &opened.store;
    let (kind, namespace, key) = (request.kind.as_str(), request.namespace(store.registry()), request.key.as_str());
    let options = request.options()?;
    // Also for a write that creates nothing: whether an upsert does is known only in the middle of it.
    opened.require_ids(1)?;
    let read = || body(document, &request);
    let write = match (request.verb.as_str(), request.system) {
        ("create", false) => store.create(kind, namespace, read()?, options),
        ("upsert", false) => store.upsert(kind, namespace, key, read()?, options),
        ("patch", false) => store.patch(kind, namespace, key, read()?, options),
        ("jsonPatch", false) => store.patch(kind, namespace, key, Patch::Json(read()?), options),
        ("delete", false) => store.delete(kind, namespace, key, options),
        ("rollback", false) => store.rollback(kind, namespace, key, request.version()?, options),
        ("undelete", false) => store.undelete(kind, namespace, key, options),
        ("create", true) => store.system().create(kind, namespace, read()?, options),
        ("patch", true) => store.system().patch(kind, namespace, key, read()?, options),
        ("delete", true) => store.system().delete(kind, namespace, key, options),
        (other, _) => return Err(failure::bad(format!("there is no write {other:?}"))),
    };
    // In memory a commit has ended when it is submitted, so that this never blocks, which a page must not.
    write.wait().map(|written| told(&written)).map_err(failure::told)
}

/// The document of a write.
fn body(text: Option<&str>, request: &Request) -> Outcome<Document> {
    let text = text.ok_or_else(|| failure::bad(format!("a {} needs a document", request.verb)))?;
    options::document(text, request.format).map(|(document, _)| document)
}

fn told(written: &WriteOutcome) -> String {
    let flag = |flag: bool| Json::Bool(flag).to_text();
    object([
        ("resource", written.object.to_json()),
        ("created", flag(written.created)),
        ("changed", flag(written.changed)),
        ("revision", written.revision.unwrap_or(0).to_string()),
        ("warnings", diagnostics(&written.warnings)),
    ])
}

/// Several writes in a namespace.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Commit {
    namespace: String,
    dry_run: bool,
    operations: Vec<Operation>,
}

/// One of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    request: Request,
    document: Option<String>,
}

/// Does several writes in a namespace under one revision, or none of them.
///
/// # Errors
/// A request or a document that cannot be read, and those of the store.
pub fn commit(opened: &Opened, text: &str) -> Outcome<String> {
    let commit: Commit = request(text)?;
    // Core checks this as well. Here it comes before the ids, of which the package supplies no more than a transaction
    // can use.
    if commit.operations.len() > MAX_COMMIT {
        let count = commit.operations.len();
        return Err(failure::bad(format!("a transaction has at most {MAX_COMMIT} operations, this one has {count}")));
    }
    opened.require_ids(commit.operations.len())?;
    let operations = commit.operations.iter().map(operation).collect::<Outcome<Vec<_>>>()?;
    let options = CommitOptions { dry_run: commit.dry_run };
    let written = opened.store.commit(&commit.namespace, operations, options).wait().map_err(failure::told)?;
    let results = written.iter().zip(&commit.operations);
    let revision = written.iter().find_map(|written| written.revision).unwrap_or(0);
    Ok(object([
        ("results", array(results.map(|(written, one)| result(written, one.request.verb == "delete")))),
        ("revision", revision.to_string()),
    ]))
}

fn operation(one: &Operation) -> Outcome<CommitOperation> {
    let Request { verb, kind, key, .. } = &one.request;
    let read = || body(one.document.as_deref(), &one.request);
    let operation = match verb.as_str() {
        "create" => CommitOperation::create(kind, read()?),
        "upsert" => CommitOperation::upsert(kind, key, read()?),
        "patch" => CommitOperation::patch(kind, key, read()?),
        "jsonPatch" => CommitOperation::patch(kind, key, Patch::Json(read()?)),
        "delete" => CommitOperation::delete(kind, key),
        other => return Err(failure::bad(format!("a transaction does not {other:?}"))),
    };
    Ok(operation.with(one.request.options()?))
}

fn result(written: &WriteOutcome, is_deleted: bool) -> String {
    let flag = |flag: bool| Json::Bool(flag).to_text();
    object([
        ("resource", written.object.to_json()),
        ("created", flag(written.created)),
        // Clients tell deletions from changes by these two members, of which one is true at the most.
        ("changed", flag(written.changed && !is_deleted)),
        ("deleted", flag(is_deleted)),
        ("warnings", diagnostics(&written.warnings)),
    ])
}
