//! Failures as JSON text: the members of a REST error, and every problem with all of its members.

use kindstore::manifest::ReadError;
use kindstore::{Diagnostic, Document, Error, Json};

use super::write::{diagnostics, object, quoted};

/// Returns the text of an error of the core.
pub(super) fn told(error: Error) -> String {
    let problems = match &error {
        Error::Invalid { problems, .. } => problems.as_slice(),
        _ => &[],
    };
    let context = error.context().into_iter().map(|(name, value)| (name.to_owned(), Json::from(value.as_str())));
    written(error.reason(), &message(&error), Json::Object(context.collect()), problems)
}

fn written(reason: &str, message: &str, context: Json, problems: &[Diagnostic]) -> String {
    object([
        ("reason", quoted(reason)),
        ("message", quoted(message)),
        ("context", context.to_text()),
        ("problems", diagnostics(problems)),
    ])
}

/// Returns the message of an error, with the internal cause.
fn message(error: &Error) -> String {
    match error {
        // A server logs the cause and keeps it from clients. Here is no log, and the only client is the owner of the
        // store.
        Error::Backend(source) => format!("{error}: {source}"),
        other => other.to_string(),
    }
}

/// Returns the failure of a malformed request.
pub(super) fn bad(message: impl Into<String>) -> String {
    told(Error::bad_request(message))
}

/// Returns the failure of a text that cannot be read, with a problem at its place.
pub(super) fn unreadable(error: &ReadError, text: &str) -> String {
    written("BadRequest", &error.to_string(), Json::object(), &[error.to_diagnostic(text)])
}

/// Returns the failure of a document with numbers that cannot be kept, each at its place.
pub(super) fn unkept(document: &Document, mut problems: Vec<Diagnostic>) -> String {
    document.locate(&mut problems);
    told(Error::Invalid { kind: "document".to_owned(), problems })
}
