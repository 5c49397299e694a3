//! Failures of calls: one type with a stable reason, and the questions that a caller asks of it.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;

use kindstore_proto::v1;
use prost::Message;
use tonic::{Code, ConnectError, Status, TimeoutExpired};
use tonic_types::pb;

/// Short for the result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// A call that failed.
#[derive(Clone, Debug)]
pub struct Error(Box<Failure>);

#[derive(Clone, Debug)]
struct Failure {
    reason: String,
    message: String,
    context: BTreeMap<String, String>,
    problems: Vec<Problem>,
    code: Option<Code>,
    is_from_store: bool,
}

/// A problem of a document at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The path of the member as people write it, such as `spec.items[0]`.
    pub field: String,
    /// Why, as a stable word such as `isUnknown`.
    pub reason: String,
    /// The problem, and the fix.
    pub message: String,
    /// The fix alone, where the message does not make it plain.
    pub hint: Option<String>,
    /// The line in the text that was sent, from 1, where the server gives one.
    pub line: Option<u32>,
    /// The character in its line, from 1.
    pub column: Option<u32>,
}

impl Error {
    /// Returns why the call failed as a stable word, such as `NotFound`; the same word as in REST.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Returns why the call failed, for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the subject of the failure as pairs, such as `kind` and `name`.
    pub fn context(&self) -> &BTreeMap<String, String> {
        &self.0.context
    }

    /// Returns the problems of the document; as many of them as fit into an answer.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// Returns the gRPC code, if the call was made.
    pub fn code(&self) -> Option<Code> {
        self.0.code
    }

    /// Whether the store itself reported the failure, and not the connection or something between here and there.
    pub fn is_from_store(&self) -> bool {
        self.0.is_from_store
    }

    /// Whether there is no such resource, version or namespace.
    pub fn is_not_found(&self) -> bool {
        self.is("NotFound")
    }

    /// Whether the name is taken.
    pub fn is_already_exists(&self) -> bool {
        self.is("AlreadyExists")
    }

    /// Whether the document breaks the rules of its kind; [`problems`](Self::problems) lists how.
    pub fn is_invalid(&self) -> bool {
        self.is("Invalid")
    }

    /// Whether another write came first (`Conflict`, `PreconditionFailed`): read the resource again, then repeat the change.
    pub fn is_conflict(&self) -> bool {
        self.is("Conflict") || self.is("PreconditionFailed")
    }

    /// Whether the revision is no longer kept: list again, and watch from there.
    pub fn is_expired(&self) -> bool {
        self.is("Expired")
    }

    /// Whether the server cannot be reached or takes no calls now. Nothing was changed.
    pub fn is_unavailable(&self) -> bool {
        self.is("Unavailable") || self.is("TooManyRequests")
    }

    /// Whether a write may or may not have happened: read the resource before trying again.
    pub fn is_outcome_unknown(&self) -> bool {
        self.is("OutcomeUnknown")
    }

    /// Whether a read took longer than its deadline. A write that does has an unknown outcome.
    pub fn is_deadline_exceeded(&self) -> bool {
        self.is("DeadlineExceeded")
    }

    fn is(&self, reason: &str) -> bool {
        self.0.reason == reason
    }

    pub(crate) fn new(reason: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            reason: reason.to_owned(),
            message: message.into(),
            context: BTreeMap::new(),
            problems: Vec::new(),
            code: None,
            is_from_store: false,
        }))
    }

    /// The error for an answer that breaks the interface.
    pub(crate) fn malformed(part: &str) -> Self {
        Self::new("Internal", format!("the server's answer cannot be understood: {part}"))
    }

    /// The error for a call that ended with a status. `is_write` says whether the call may have changed something.
    pub(crate) fn from_status(status: &Status, is_write: bool) -> Self {
        if let Some(error) = from_store(status) {
            return error;
        }
        let code = code(status);
        let message = message(status, code);
        // Only a failure to connect proves that the request did not leave; any other break may have come after the
        // commit.
        let error = if is_write && is_unknown(code) && !was_never_sent(status) {
            let message =
                format!("the outcome of the write is unknown, read the resource before trying again: {message}");
            Self::new("OutcomeUnknown", message)
        } else {
            Self::new(reason(code), message)
        };
        Self(Box::new(Failure { code: Some(code), ..*error.0 }))
    }

    /// Whether the call broke on its way, so that another one may go on where it was.
    pub(crate) fn is_broken(&self) -> bool {
        // What the store itself reports would be reported again. Of the rest, these codes are what a proxy or a closing
        // server makes of a call that was fine.
        let codes = [Code::Unavailable, Code::Unknown, Code::Internal, Code::Cancelled];
        !self.0.is_from_store && self.0.code.is_some_and(|code| codes.contains(&code))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.0.message)?;
        self.0.problems.iter().try_for_each(|problem| write!(f, "\n  {}: {}", problem.field, problem.message))
    }
}

impl StdError for Error {}

/// The error that the store's own details describe.
fn from_store(status: &Status) -> Option<Error> {
    let details = pb::Status::decode(status.details()).ok()?.details;
    // Details travel in a header, as a google.rpc.Status of which each client knows the types that it needs.
    let find = |name: &str| details.iter().find(|detail| detail.type_url == format!("type.googleapis.com/{name}"));
    let info = pb::ErrorInfo::decode(&find("google.rpc.ErrorInfo")?.value[..]).ok()?;
    // A proxy or another service may answer with details of its own.
    if info.domain != "kindstore" {
        return None;
    }
    let violations = find("google.rpc.BadRequest").and_then(|detail| pb::BadRequest::decode(&detail.value[..]).ok());
    let places = find("kindstore.v1.Diagnostics").and_then(|detail| v1::Diagnostics::decode(&detail.value[..]).ok());
    let places = places.unwrap_or_default().diagnostics;
    let violations = violations.unwrap_or_default().field_violations;
    let problems = violations.into_iter().enumerate().map(|(index, one)| problem(one, places.get(index)));
    Some(Error(Box::new(Failure {
        reason: info.reason,
        message: status.message().to_owned(),
        context: info.metadata.into_iter().collect(),
        problems: problems.collect(),
        code: Some(status.code()),
        is_from_store: true,
    })))
}

fn problem(violation: pb::bad_request::FieldViolation, place: Option<&v1::Diagnostic>) -> Problem {
    // Both lists have the same order, and either may be cut where its bytes end.
    let place = place.filter(|place| place.attribute == violation.field);
    let start = place.and_then(|place| place.span.as_ref()?.start.as_ref());
    Problem {
        field: violation.field,
        reason: violation.reason,
        message: violation.description,
        hint: place.map(|place| place.hint.clone()).filter(|hint| !hint.is_empty()),
        line: start.map(|start| start.line),
        column: start.map(|start| start.column),
    }
}

/// The code of a status that the store did not report. The transport calls its own timeout a cancellation.
fn code(status: &Status) -> Code {
    if has_source::<TimeoutExpired>(status) { Code::DeadlineExceeded } else { status.code() }
}

fn message(status: &Status, code: Code) -> String {
    match code {
        // A call is cancelled only by its own timeout: a caller that drops it gets no error.
        Code::DeadlineExceeded | Code::Cancelled => "the time for an answer has passed".to_owned(),
        Code::Unimplemented => "the server is not a kindstore server, or is older than this call".to_owned(),
        _ if was_never_sent(status) => format!("the server cannot be reached: {}", unreachable(status)),
        _ if status.message().is_empty() => format!("the server answered {code:?} without a reason"),
        _ => status.message().to_owned(),
    }
}

fn reason(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument => "BadRequest",
        Code::NotFound => "NotFound",
        Code::AlreadyExists => "AlreadyExists",
        Code::PermissionDenied => "Forbidden",
        Code::Unauthenticated => "Unauthorized",
        // A message beyond the limit of either side.
        Code::ResourceExhausted | Code::OutOfRange => "PayloadTooLarge",
        Code::FailedPrecondition => "Blocked",
        Code::Aborted => "Conflict",
        Code::Unimplemented => "NotImplemented",
        Code::Unavailable => "Unavailable",
        Code::DeadlineExceeded => "DeadlineExceeded",
        _ => "Internal",
    }
}

/// Whether a write may have reached the store before the call ended with this code.
fn is_unknown(code: Code) -> bool {
    use Code::{Cancelled, DataLoss, DeadlineExceeded, Internal, Unavailable, Unknown};
    matches!(code, Unavailable | DeadlineExceeded | Cancelled | Unknown | Internal | DataLoss)
}

/// Whether there was no connection, so that the request did not leave.
fn was_never_sent(status: &Status) -> bool {
    has_source::<ConnectError>(status)
}

fn has_source<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    error.is::<T>() || error.source().is_some_and(has_source::<T>)
}

/// The error that caused all others.
fn innermost<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    error.source().map_or(error, innermost)
}

/// Why no connection came about, from the innermost error.
pub(crate) fn unreachable(error: &(dyn StdError + 'static)) -> String {
    let why = innermost(error).to_string();
    // "Connection refused (os error 111)": the number means nothing to most readers.
    let why = why.split(" (os error").next().unwrap_or_default();
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_broke_has_an_unknown_outcome_and_a_read_has_not() {
        let broken = Status::unavailable("connection reset");
        assert!(Error::from_status(&broken, true).is_outcome_unknown());
        assert!(Error::from_status(&broken, false).is_unavailable());
        assert!(Error::from_status(&Status::deadline_exceeded(""), false).is_deadline_exceeded());
    }

    #[test]
    fn a_status_of_another_service_is_not_from_the_store() {
        let error = Error::from_status(&Status::unimplemented(""), false);
        assert_eq!((error.reason(), error.is_from_store()), ("NotImplemented", false));
    }
}
