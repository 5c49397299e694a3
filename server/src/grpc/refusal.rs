//! From a fault to a gRPC status with google.rpc details.

use std::collections::HashMap;

use kindstore::{Diagnostic, Error};
use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::fault::Fault;

/// Whose reasons these are.
const DOMAIN: &str = "kindstore";

/// The status for an error of the store.
pub(super) fn status(error: Error) -> Status {
    of(error.into())
}

/// What a status may hold. Clients take 8 KiB of headers by default, and details travel there in base64.
const MAX_MESSAGE: usize = 1024;
const MAX_VALUE: usize = 256;
const MAX_VIOLATIONS: usize = 3072;

/// The status for a fault: ErrorInfo with the reason, and BadRequest with the problems of a document, as many as fit.
pub(super) fn of(fault: Fault) -> Status {
    let context: HashMap<String, String> =
        fault.context.iter().map(|(name, value)| ((*name).to_owned(), cut(value, MAX_VALUE))).collect();
    let mut details = ErrorDetails::with_error_info(fault.reason.word(), DOMAIN, context);
    if !fault.problems.is_empty() {
        details.set_bad_request(violations(&fault.problems));
    }
    Status::with_error_details(fault.reason.grpc(), cut(&fault.message, MAX_MESSAGE), details)
}

fn violations(problems: &[Diagnostic]) -> Vec<FieldViolation> {
    let mut left = MAX_VIOLATIONS;
    let fits = move |problem: &&Diagnostic| {
        let size = problem.pointer.len() + problem.message.len() + 8;
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    let told: Vec<_> = problems.iter().take_while(fits).collect();
    let mut violations: Vec<_> =
        told.iter().map(|problem| FieldViolation::new(problem.attribute(), &problem.message)).collect();
    if told.len() < problems.len() {
        violations.push(FieldViolation::new("document", format!("has {} more problems", problems.len() - told.len())));
    }
    violations
}

/// The text, or its beginning when it is longer than that.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().find(|(at, _)| *at >= most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
