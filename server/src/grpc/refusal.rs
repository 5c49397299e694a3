//! From a fault to a gRPC status with google.rpc details.

use std::collections::HashMap;

use kindstore::Error;
use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::fault::Fault;

/// Whose reasons these are.
const DOMAIN: &str = "kindstore";

/// The status for an error of the store.
pub(super) fn status(error: Error) -> Status {
    of(error.into())
}

/// The status for a fault: ErrorInfo with the reason, and BadRequest with every problem of a document.
pub(super) fn of(fault: Fault) -> Status {
    let context: HashMap<String, String> =
        fault.context.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let mut details = ErrorDetails::with_error_info(fault.reason.word(), DOMAIN, context);
    if !fault.problems.is_empty() {
        let violation = |problem: &kindstore::Diagnostic| FieldViolation::new(problem.attribute(), &problem.message);
        details.set_bad_request(fault.problems.iter().map(violation).collect::<Vec<_>>());
    }
    Status::with_error_details(fault.reason.grpc(), fault.message, details)
}
