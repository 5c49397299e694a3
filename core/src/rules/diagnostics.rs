//! The problems and warnings of one document.

use crate::diagnostic::{Diagnostic, Severity};

/// The problems and warnings of a document, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    /// Problems that refuse the document.
    pub(crate) problems: Vec<Diagnostic>,
    /// Warnings, which do not.
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a diagnostic with this severity.
    pub(crate) fn add(&mut self, severity: Severity, diagnostic: Diagnostic) {
        match severity {
            Severity::Error => self.problems.push(diagnostic),
            Severity::Warning => self.warnings.push(Diagnostic { severity, ..diagnostic }),
        }
    }
}
