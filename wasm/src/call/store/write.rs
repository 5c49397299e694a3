//! Writes: of one resource, and of several as one.

use kindstore::store::{self, MAX_COMMIT};
use kindstore::{Document, Json, Patch, WriteOutcome};
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
    let key = request.key.as_str();
    let options = request.options()?;
    // Also for a write that creates nothing: whether an upsert does is known only in the middle of it.
    opened.require_ids(1)?;
    let read = || body(document, &request);
    let store = if request.system { store.as_system() } else { store.clone() };
    let collection = request.collection(&store)?;
    let write = match (request.verb.as_str(), request.system) {
        ("create", _) => collection.create(read()?),
        ("upsert", false) => collection.upsert(key, read()?),
        ("patch", _) => collection.patch(key, read()?),
        ("jsonPatch", false) => collection.patch(key, Patch::Json(read()?)),
        ("delete", _) => collection.delete(key),
        ("rollback", false) => collection.rollback(key, request.version()?),
        ("undelete", false) => collection.undelete(key),
        (other, _) => return Err(failure::bad(format!("there is no write {other:?}"))),
    };
    write.options(options).wait().map(|written| told(&written)).map_err(failure::told)
}

/// The document of a write.
fn body(text: Option<&str>, request: &Request) -> Outcome<Document> {
    let text = text.ok_or_else(|| failure::bad(format!("a {} needs a document", request.verb)))?;
    options::document(text, request.format).map(|(document, _)| document)
}

fn told(written: &WriteOutcome) -> String {
    let flag = |flag: bool| Json::from(flag).to_text();
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
    let transaction = opened.store.transaction(&commit.namespace).operations(operations).dry_run(commit.dry_run);
    let written = transaction.wait().map_err(failure::told)?;
    let results = written.iter().zip(&commit.operations);
    let revision = written.iter().find_map(|written| written.revision).unwrap_or(0);
    Ok(object([
        ("results", array(results.map(|(written, one)| result(written, one.request.verb == "delete")))),
        ("revision", revision.to_string()),
    ]))
}

fn operation(one: &Operation) -> Outcome<store::Operation> {
    let Request { verb, kind, key, .. } = &one.request;
    let read = || body(one.document.as_deref(), &one.request);
    let operation = match verb.as_str() {
        "create" => store::Operation::create(kind, read()?),
        "upsert" => store::Operation::upsert(kind, key, read()?),
        "patch" => store::Operation::patch(kind, key, read()?),
        "jsonPatch" => store::Operation::patch(kind, key, Patch::Json(read()?)),
        "delete" => store::Operation::delete(kind, key),
        other => return Err(failure::bad(format!("a transaction does not {other:?}"))),
    };
    Ok(operation.options(one.request.options()?))
}

fn result(written: &WriteOutcome, is_deleted: bool) -> String {
    let flag = |flag: bool| Json::from(flag).to_text();
    object([
        ("resource", written.object.to_json()),
        ("created", flag(written.created)),
        // Clients tell deletions from changes by these two members, of which one is true at the most.
        ("changed", flag(written.changed && !is_deleted)),
        ("deleted", flag(is_deleted)),
        ("warnings", diagnostics(&written.warnings)),
    ])
}
