//! Why a request failed, in the form that every binding turns into its own: never with a path, a host or an inner error.

use std::time::Duration;

use kindstore::{Diagnostic, Error};

use crate::status::Reason;

/// A failed request.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    /// The subject, as pairs for programs.
    pub(crate) context: Vec<(&'static str, String)>,
    /// Every problem of a document.
    pub(crate) problems: Vec<Diagnostic>,
    /// The verbs or methods that would have been possible.
    pub(crate) allow: Option<String>,
    /// How long the client should wait before it tries again, where that helps.
    pub(crate) retry_after: Option<Duration>,
}

impl Fault {
    /// A fault of the binding itself.
    pub(crate) fn new(reason: &str, message: impl Into<String>) -> Self {
        let reason = Reason::of(reason);
        let message = message.into();
        Self { reason, message, context: Vec::new(), problems: Vec::new(), allow: None, retry_after: None }
    }

    /// Adds a pair to the subject.
    pub(crate) fn about(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.context.push((name, value.into()));
        self
    }

    /// The fault of a request that the server has no memory or place for now; the client should try again after a wait.
    pub(crate) fn exhausted(message: &str, wait: Duration) -> Self {
        Self { reason: Reason::exhausted(), retry_after: Some(wait), ..Self::new("Unavailable", message) }
    }
}

/// An inner error is logged here, and not sent.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        // The source may name paths and hosts, which are for the operator and not for clients.
        if let Error::Backend(source) = &error {
            tracing::error!(error = source.as_ref() as &dyn std::error::Error, "the store failed inside");
        }
        let message = match (&error, missing_option(&error)) {
            (Error::Open(_), _) => "the store failed inside; the log says why".to_owned(),
            (error, Some(option)) => format!("{error} (start the server with {option})"),
            (error, None) => error.to_string(),
        };
        let mut fault = Fault::new(error.reason(), message);
        fault.context = error.context();
        if let Error::Invalid { problems, .. } = error {
            fault.problems = problems;
        }
        fault
    }
}

/// Returns the option of the server that configures what a store lacks. Core cannot name it: other programs embed it.
fn missing_option(error: &Error) -> Option<&'static str> {
    match error {
        Error::NotConfigured { .. } => Some("--plain-secrets"),
        Error::InTransaction { error, .. } => missing_option(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_configured_names_the_option_of_the_server() {
        let error = Error::NotConfigured { what: "no key is configured".to_owned() };
        let whole =
            Error::InTransaction { index: 2, subject: "SecretValue".to_owned(), error: Box::new(error.clone()) };
        for error in [error, whole] {
            let message = Fault::from(error).message;
            assert!(message.ends_with("no key is configured (start the server with --plain-secrets)"), "{message}");
        }
        assert_eq!(Fault::from(Error::OutcomeUnknown).message, Error::OutcomeUnknown.to_string());
    }
}
