//! Applies a JSON Patch to a stored resource, in the form in which users read it.

use crate::diagnostic::{Code, Diagnostic};
use crate::engine::stored::Record;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;
use crate::rules::immutable::put;
use crate::rules::json_patch::{self, Action, Operation};
use crate::rules::shape::Form;
use crate::rules::{envelope, validate};

/// Returns the whole document after the patch, to be validated like one that was sent, with places in the text of the
/// patch.
///
/// # Errors
/// `BadRequest` for what is not an array; `Invalid` with every problem of the operations, with every one that writes what
/// belongs to the server, or with the first one that cannot be applied.
pub(crate) fn amended(kind: &Kind, patch: &Document, record: &Record) -> Result<Document> {
    if patch.value.as_array().is_none() {
        let what = patch.value.type_name();
        return Err(Error::bad_request(format!("a JSON Patch must be an array of operations here, not {what}")));
    }
    let invalid = |text: &Document, mut problems: Vec<Diagnostic>| {
        // A patch can copy a secret into a place that it then tests: the message must not quote the value.
        let quotes = |problem: &&mut Diagnostic| problem.code == Code::FailsTest && !kind.secret.is_empty();
        for problem in problems.iter_mut().filter(quotes) {
            problem.message = "test failed: the value differs".to_owned();
        }
        let problems = validate::placed(kind, text, Form::Envelope, problems);
        Error::Invalid { kind: kind.name.to_string(), problems }
    };
    let operations = json_patch::read(&patch.value).map_err(|problems| invalid(patch, problems))?;
    // Before the patch is applied: these problems have places in its text, and those found in the result often have
    // none.
    let (problems, places) = owned(kind, &operations);
    if !problems.is_empty() {
        return Err(invalid(&patch.made_into(Json::Null, places), problems));
    }
    let shown = record.object.to_value();
    let mut value = shown.clone();
    let trail = json_patch::apply(&operations, &mut value).map_err(|problems| invalid(patch, problems))?;
    // Operations on a parent change such members as well, without naming them.
    let mut problems = changed(kind, &shown, &value);
    if value.as_object().is_none() {
        let message = format!("must still be an object after the patch, not {}", value.type_name());
        problems = vec![Diagnostic::error("", Code::HasWrongType, message)];
    }
    give_back(&mut value, record);
    let document = patch.made_into(value, trail.origins);
    if problems.is_empty() { Ok(document) } else { Err(invalid(&document, problems)) }
}

/// The member that says where a resource lives.
const NAMESPACE: &str = "/metadata/namespace";

/// Returns a problem for each member of the server that an operation writes, and its place in the patch.
fn owned(kind: &Kind, operations: &[Operation<'_>]) -> (Vec<Diagnostic>, Vec<(String, String)>) {
    let mut problems: Vec<Diagnostic> = Vec::new();
    let mut places = Vec::new();
    for operation in operations {
        let path = (operation.path, "path");
        let written = match operation.action {
            Action::Test(_) => vec![],
            Action::Move(from) => vec![(from, "from"), path],
            _ => vec![path],
        };
        for (pointer, member) in written {
            let is_new = || problems.iter().all(|problem| problem.pointer != pointer);
            if envelope::is_owned(kind, pointer) && is_new() {
                problems.push(refusal(pointer));
                places.push((pointer.to_owned(), format!("/{}/{member}", operation.index)));
            }
        }
    }
    (problems, places)
}

/// Returns a problem for each member of the server that the patch changed, and for the namespace. One that it left out of
/// an object that it replaced is not a problem: clients rarely repeat such members.
fn changed(kind: &Kind, before: &Json, after: &Json) -> Vec<Diagnostic> {
    let pointers = envelope::owned_pointers(kind);
    let is_changed = |pointer: &str| after.at(pointer).is_some_and(|value| before.at(pointer) != Some(value));
    let mut problems: Vec<_> =
        pointers.iter().filter(|pointer| is_changed(pointer)).map(|pointer| refusal(pointer)).collect();
    // A document that names another namespace was copied from there; an operation that writes it wants to move.
    if before.at(NAMESPACE).is_some() && is_changed(NAMESPACE) {
        let problem = Diagnostic::error(NAMESPACE, Code::IsImmutable, "cannot change after creation");
        problems.push(problem.with_hint("create another resource instead"));
    }
    problems
}

fn refusal(pointer: &str) -> Diagnostic {
    let message = "belongs to the server; a JSON Patch can test it and not write it";
    Diagnostic::error(pointer, Code::IsImmutable, message)
}

/// Restores the secret members that the patch did not write. They are absent while it is applied, so that no operation can
/// copy one to a place that reads return.
fn give_back(value: &mut Json, record: &Record) {
    for (pointer, secret) in &record.secrets {
        if value.at(pointer).is_none() {
            put(value, pointer, secret.clone());
        }
    }
}
