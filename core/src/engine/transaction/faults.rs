//! The errors of a transaction: every problem of its documents, or the first operation refused for another reason.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::engine::write::{Change, Request};
use crate::error::{Error, Result};
use crate::json::Json;

/// The most problems that are reported of one transaction.
const MAX_PROBLEMS: usize = 1_000;

/// The name of a transaction in errors.
const NAME: &str = "transaction";

/// The problems that were found so far.
#[derive(Default)]
pub(super) struct Faults {
    problems: Vec<Diagnostic>,
    /// The names of resources that operations with problems would have written: others may refer to them.
    missing: HashSet<String>,
}

impl Faults {
    /// Adds the error of an operation.
    ///
    /// # Errors
    /// The error itself, when it ends the transaction: nothing before it was refused, or there are too many problems.
    pub(super) fn add(&mut self, index: usize, request: &Request, error: Error) -> Result<()> {
        match error {
            Error::Invalid { problems, .. } => {
                let about = subject(request);
                let problems: Vec<_> = problems.into_iter().filter(|problem| !self.follows(request, problem)).collect();
                self.problems.extend(problems.into_iter().map(|problem| placed(index, &about, problem)));
            }
            error if self.problems.is_empty() => return Err(within(index, subject(request), error)),
            // It may be refused only because an earlier operation with problems wrote nothing.
            _ => {}
        }
        // Its name counts as taken care of: later references to it are no problems of their own.
        self.missing.extend(name(request).map(str::to_owned));
        if self.problems.len() < MAX_PROBLEMS {
            return Ok(());
        }
        self.problems.truncate(MAX_PROBLEMS);
        self.problems.push(Diagnostic::error("/operations", Code::IsInvalid, "has more problems than are listed"));
        std::mem::take(self).end()
    }

    /// `Invalid` with all problems, if there are any.
    pub(super) fn end(self) -> Result<()> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Error::Invalid { kind: NAME.to_owned(), problems: self.problems })
    }

    /// Whether a problem is only a reference to a resource that has problems itself.
    fn follows(&self, request: &Request, problem: &Diagnostic) -> bool {
        let target = document(request).and_then(|document| document.at(&problem.pointer)).and_then(Json::as_str);
        problem.code == Code::RefersToNothing && target.is_some_and(|target| self.missing.contains(target))
    }
}

/// A problem of a document at its place in the transaction, naming the resource.
fn placed(index: usize, about: &str, problem: Diagnostic) -> Diagnostic {
    let pointer = format!("/operations/{index}/document{}", problem.pointer);
    Diagnostic { pointer, message: format!("{} ({about})", problem.message), ..problem }
}

/// Returns the error of one operation. An error that is not about the operation stays as it is.
pub(super) fn within(index: usize, subject: String, error: Error) -> Error {
    match error {
        Error::NotFound { .. }
        | Error::AlreadyExists { .. }
        | Error::PreconditionFailed { .. }
        | Error::BadRequest { .. }
        | Error::Blocked { .. }
        | Error::Unsupported { .. }
        | Error::NotConfigured { .. } => Error::InTransaction { index, subject, error: Box::new(error) },
        other => other,
    }
}

/// Returns the error for two operations on one resource, of which neither could rightly win.
pub(super) fn twice(first: usize, second: usize, about: &str) -> Error {
    let message = format!(
        "operations[{first}] and operations[{second}] are both about {about}; a transaction changes each resource once"
    );
    Error::bad_request(message)
}

/// Returns the resource of a request, as people write it.
pub(super) fn subject(request: &Request) -> String {
    match name(request) {
        Some(name) => format!("{} {:?}", request.kind.name, crate::diagnostic::shown(name)),
        None => request.kind.name.to_string(),
    }
}

/// Returns the id or name in a request.
fn name(request: &Request) -> Option<&str> {
    let named = || document(request)?.at("/metadata/name")?.as_str();
    request.key.as_deref().or_else(named).filter(|name| !name.is_empty())
}

fn document(request: &Request) -> Option<&Json> {
    match &request.change {
        Change::Create(document) | Change::Upsert(document) | Change::Patch(document) | Change::JsonPatch(document) => {
            Some(&document.value)
        }
        Change::Delete | Change::Rollback(_) | Change::Undelete => None,
    }
}
