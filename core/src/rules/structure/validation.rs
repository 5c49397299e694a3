//! One pass over a value: its mode, the way to the value at hand, and the problems found so far.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::join;
use crate::rules::diagnostics::Diagnostics;

/// How a value is compared with its schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValidationMode<'a> {
    /// Whether members that are not there take their defaults.
    pub(crate) fills: bool,
    /// JSON pointers of members that take no defaults.
    pub(crate) excluded: &'a [&'a str],
    /// Severity of an unknown member; `None` accepts it silently.
    pub(crate) unknown: Option<Severity>,
    /// Whether unknown members are removed.
    pub(crate) drops_unknown: bool,
    /// Whether scalars are brought into the declared type, enumerations match in any case, and a null that stands for a
    /// declared member or in a string map means that it was not given. Without it this is plain JSON Schema.
    pub(crate) is_lenient: bool,
}

impl Default for ValidationMode<'_> {
    fn default() -> Self {
        Self { fills: false, excluded: &[], unknown: Some(Severity::Warning), drops_unknown: false, is_lenient: true }
    }
}

/// The most unknown members of a document that get a suggestion, which compares them with every name there is.
const MAX_SUGGESTIONS: usize = 50;

/// The way to a value. Only a problem needs it written as a pointer, and most values have none.
pub(super) enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    pub(super) fn pointer(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Member(parent, name) => join(&parent.pointer(), name),
            Path::Item(parent, index) => join(&parent.pointer(), &index.to_string()),
        }
    }
}

/// One pass over a value.
pub(super) struct Validation<'a> {
    pub(super) mode: ValidationMode<'a>,
    pub(super) diagnostics: &'a mut Diagnostics,
    /// How many more suggestions this pass makes.
    pub(super) suggestions: usize,
}

impl<'a> Validation<'a> {
    pub(super) fn new(mode: ValidationMode<'a>, diagnostics: &'a mut Diagnostics) -> Self {
        Self { mode, diagnostics, suggestions: MAX_SUGGESTIONS }
    }

    /// Checks a count against its bounds.
    pub(super) fn count(&mut self, what: &str, count: u64, (least, most): (Option<u64>, Option<u64>), path: &Path<'_>) {
        if let Some(least) = least.filter(|least| count < *least) {
            self.report(
                path,
                Code::IsTooShort,
                format!("must have at least {least} {}, has {count}", counted(what, least)),
            );
        }
        if let Some(most) = most.filter(|most| count > *most) {
            self.report(
                path,
                Code::IsTooLong,
                format!("must have at most {most} {}, has {count}", counted(what, most)),
            );
        }
    }

    pub(super) fn report(&mut self, path: &Path<'_>, code: Code, message: String) {
        self.push(Diagnostic::error(path.pointer(), code, message));
    }

    pub(super) fn push(&mut self, problem: Diagnostic) {
        self.diagnostics.problems.push(problem);
    }
}

/// The plural of a countable noun, or its singular for one.
fn counted(nouns: &str, count: u64) -> &str {
    if count == 1 { nouns.strip_suffix('s').unwrap_or(nouns) } else { nouns }
}
