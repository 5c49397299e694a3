//! From a fault to a gRPC status with google.rpc details.

use std::collections::HashMap;

use kindstore::{Diagnostic, Error};
use kindstore_proto::v1;
use prost::Message;
use prost_types::Any;
use tonic::Status;
use tonic_types::pb::bad_request::FieldViolation;
use tonic_types::pb::{self, BadRequest, ErrorInfo, RetryInfo};

use super::diagnostic::diagnostic;
use crate::fault::Fault;

/// Whose reasons these are.
const DOMAIN: &str = "kindstore";

/// The status for an error of the store.
pub(super) fn status(error: Error) -> Status {
    of(error.into())
}

/// The most bytes of the parts of a status.
// Clients take 8 KiB of headers by default, and details travel there in base64, a third longer.
const MAX_MESSAGE: usize = 1024;
const MAX_VALUE: usize = 256;
const MAX_VIOLATIONS: usize = 1792;
const MAX_DIAGNOSTICS: usize = 1792;

/// The status for a fault: ErrorInfo with the reason, BadRequest with the problems of a document, and Diagnostics with
/// their places; of both as many as fit.
pub(super) fn of(fault: Fault) -> Status {
    let metadata: HashMap<String, String> =
        fault.context.iter().map(|(name, value)| ((*name).to_owned(), cut(value, MAX_VALUE))).collect();
    let info = ErrorInfo { reason: fault.reason.word().to_owned(), domain: DOMAIN.to_owned(), metadata };
    let mut details = vec![detail("google.rpc.ErrorInfo", &info)];
    if !fault.problems.is_empty() {
        let field_violations = violations(&fault.problems);
        details.push(detail("google.rpc.BadRequest", &BadRequest { field_violations }));
        let diagnostics = fitting(fault.problems.iter().map(diagnostic), MAX_DIAGNOSTICS);
        details.push(detail("kindstore.v1.Diagnostics", &v1::Diagnostics { diagnostics }));
    }
    if let Some(wait) = fault.retry_after {
        let retry_delay = prost_types::Duration::try_from(wait).ok();
        details.push(detail("google.rpc.RetryInfo", &RetryInfo { retry_delay }));
    }
    let (code, message) = (fault.reason.grpc(), cut(&fault.message, MAX_MESSAGE));
    let status = pb::Status { code: code as i32, message: message.clone(), details };
    Status::with_details(code, message, status.encode_to_vec().into())
}

/// The same status, as that of one operation of a transaction.
pub(super) fn within(index: usize, status: &Status) -> Status {
    let message = format!("operations[{index}]: {}", status.message());
    let details = pb::Status::decode(status.details()).unwrap_or_default();
    let details = pb::Status { message: message.clone(), ..details };
    Status::with_details(status.code(), message, details.encode_to_vec().into())
}

fn detail(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
}

fn violations(problems: &[Diagnostic]) -> Vec<FieldViolation> {
    let violation = |problem: &Diagnostic| FieldViolation {
        field: problem.attribute(),
        description: problem.advice(),
        reason: problem.code.as_str().to_owned(),
        localized_message: None,
    };
    let mut violations = fitting(problems.iter().map(violation), MAX_VIOLATIONS);
    // A list that was cut must show it, or a client would take it for the whole.
    if violations.len() < problems.len() {
        violations.push(FieldViolation {
            field: "document".to_owned(),
            description: format!("has {} more problems", problems.len() - violations.len()),
            ..FieldViolation::default()
        });
    }
    violations
}

/// The first messages that together have no more than so many bytes.
fn fitting<M: Message>(messages: impl Iterator<Item = M>, most: usize) -> Vec<M> {
    let mut left = most;
    let fits = move |message: &M| {
        let size = message.encoded_len() + 4;
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    messages.take_while(fits).collect()
}

/// The text, or its beginning when it is longer than that.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().find(|(at, _)| *at >= most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
