//! The failure of a command, and its exit code.

use std::io;
use std::process::ExitCode;

/// The result of a step that can fail.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// How a command ended.
// The numbers are documented in `--help` and docs/cli.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Refused or not found; for `diff`: something differs.
    Refused = 1,
    /// The command makes no sense; for `diff` also: refused.
    Usage = 2,
    /// The server cannot be reached, or cannot take this now. Nothing was changed.
    Unavailable = 3,
    /// The write may or may not have happened.
    Unknown = 4,
}

impl Exit {
    /// The same, where 1 says something else.
    pub(crate) fn at_least_usage(self) -> Self {
        if self == Exit::Refused { Exit::Usage } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// One problem of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where, as a JSON pointer into the document, when the answer said so.
    pub(crate) pointer: Option<String>,
    /// Where, as people write it.
    pub(crate) attribute: String,
    /// Why, as a stable word; empty where the answer did not say it.
    pub(crate) reason: String,
    /// The problem, and the fix.
    pub(crate) message: String,
    /// The line of the file in which it is, when the document came from one.
    pub(crate) line: Option<usize>,
    /// The line in the text that was sent, where the store gave it.
    pub(crate) sent_line: Option<usize>,
}

/// An error, as it is shown: one block on standard error.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The stable word for programs, the same as in every binding; empty for what was found here.
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) problems: Vec<Problem>,
    /// The fix, where the message does not make it plain.
    pub(crate) hint: Option<Box<str>>,
    pub(crate) exit: Exit,
    /// Which operation of a transaction it is about, if it is about one.
    pub(crate) operation: Option<usize>,
    /// Whether nothing is to be printed, because the reader of the output has gone.
    pub(crate) is_quiet: bool,
}

impl Failure {
    pub(crate) fn new(reason: &str, message: impl Into<String>) -> Self {
        let exit = match reason {
            "Unavailable" | "TooManyRequests" => Exit::Unavailable,
            "OutcomeUnknown" => Exit::Unknown,
            _ => Exit::Refused,
        };
        Self {
            reason: reason.to_owned(),
            message: message.into(),
            problems: Vec::new(),
            hint: None,
            exit,
            operation: None,
            is_quiet: false,
        }
    }

    /// Something that cannot be read or done here; no store was asked.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new("", message)
    }

    /// A command that makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new("", message) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into());
        self
    }

    pub(crate) fn problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    pub(crate) fn is(&self, reason: &str) -> bool {
        self.reason == reason
    }
}

/// Output that cannot be written.
// A pipe that was closed, as by `head`, is no mistake: the command ends with success and prints nothing.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let is_quiet = error.kind() == io::ErrorKind::BrokenPipe;
        let exit = if is_quiet { Exit::Done } else { Exit::Refused };
        Self { exit, is_quiet, ..Self::refused(format!("the output cannot be written: {error}")) }
    }
}

impl From<kindstore::Error> for Failure {
    fn from(error: kindstore::Error) -> Self {
        let (reason, option) = (error.reason(), missing_option(&error));
        let failure = match error {
            kindstore::Error::Invalid { kind, problems } => {
                Failure::new(reason, invalid(&kind)).problems(problems.iter().map(Problem::from).collect())
            }
            kindstore::Error::InTransaction { index, .. } => {
                Self { operation: Some(index), ..Failure::new(reason, error.to_string()) }
            }
            kindstore::Error::Backend(source) => Failure::new(reason, format!("the store failed inside: {source}")),
            other => Failure::new(reason, other.to_string()),
        };
        match option {
            Some(option) => failure.hint(format!("{option} allows it")),
            None => failure,
        }
    }
}

/// Returns the option that configures what a store in a folder lacks. Core cannot name it: other programs embed it.
fn missing_option(error: &kindstore::Error) -> Option<&'static str> {
    match error {
        kindstore::Error::NotConfigured { .. } => Some("--plain-secrets"),
        kindstore::Error::InTransaction { error, .. } => missing_option(error),
        _ => None,
    }
}

/// The message of a document that breaks the rules, without its problems, which are shown line by line.
pub(crate) fn invalid(kind: &str) -> String {
    format!("the {kind} is not valid")
}

impl From<&kindstore::Diagnostic> for Problem {
    fn from(diagnostic: &kindstore::Diagnostic) -> Self {
        Self {
            pointer: Some(diagnostic.pointer.clone()),
            attribute: diagnostic.attribute(),
            reason: diagnostic.code.as_str().to_owned(),
            message: diagnostic.advice(),
            line: None,
            sent_line: diagnostic.span.map(|span| span.start.line),
        }
    }
}
