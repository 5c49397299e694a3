//! Failures as text: the members of a REST error, and every problem in full.

use kindstore::{Diagnostic, Error, Json, ReadError};

use super::write::{diagnostics, object, quoted};

/// A failure of the core.
pub(super) fn told(error: Error) -> String {
    let problems = match &error {
        Error::Invalid { problems, .. } => problems.as_slice(),
        _ => &[],
    };
    let context = error.context().into_iter().map(|(name, value)| (name.to_owned(), Json::from(value.as_str())));
    object([
        ("reason", quoted(error.reason())),
        ("message", quoted(&message(&error))),
        ("context", Json::Object(context.collect()).to_text()),
        ("problems", diagnostics(problems.iter())),
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
    let problem: Diagnostic = error.to_diagnostic(text);
    object([
        ("reason", quoted("BadRequest")),
        ("message", quoted(&error.to_string())),
        ("context", "{}".to_owned()),
        ("problems", diagnostics([&problem])),
    ])
}
