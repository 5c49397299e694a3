//! Failures as text: the members of a REST error, and every problem in full.

use kindstore::manifest::ReadError;
use kindstore::{Diagnostic, Error, Json};

use super::write::{diagnostics, object, quoted};

/// A failure of the core.
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

/// What went wrong inside is nowhere logged here, so that it is told.
fn message(error: &Error) -> String {
    match error {
        Error::Backend(source) => format!("{error}: {source}"),
        other => other.to_string(),
    }
}

/// A request that makes no sense.
pub(super) fn bad(message: impl Into<String>) -> String {
    told(Error::bad_request(message))
}

/// A text that cannot be read: the problem has its place.
pub(super) fn unreadable(error: &ReadError, text: &str) -> String {
    written("BadRequest", &error.to_string(), Json::object(), &[error.to_diagnostic(text)])
}
