//! The problems and warnings of one document.

use crate::diagnostic::{Diagnostic, Severity};

/// What was remarked about a document, in the order in which it was found.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    /// What refuses it.
    pub(crate) problems: Vec<Diagnostic>,
    /// What does not.
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a remark that matters so much.
    pub(crate) fn add(&mut self, severity: Severity, remark: Diagnostic) {
        match severity {
            Severity::Error => self.problems.push(remark),
            Severity::Warning => self.warnings.push(Diagnostic { severity, ..remark }),
        }
    }
}
