//! The report of a write.

use crate::backend::Revision;
use crate::diagnostic::Diagnostic;
use crate::object::Object;

/// The outcome of a write.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteOutcome {
    /// The resource after the write; of a deletion, its last state.
    pub object: Object,
    /// Whether the resource did not exist before.
    pub created: bool,
    /// Whether the write changed anything. A write that changes nothing stores nothing and keeps the version.
    pub changed: bool,
    /// Diagnostics about the document that did not refuse it.
    pub warnings: Vec<Diagnostic>,
    /// The revision of the commit; `None` when nothing was stored.
    pub revision: Option<Revision>,
}

impl WriteOutcome {
    /// Returns the outcome of a write that found nothing to change.
    pub(crate) fn unchanged(object: Object, warnings: Vec<Diagnostic>) -> Self {
        Self { object, created: false, changed: false, warnings, revision: None }
    }

    /// Returns the outcome of a change that is not committed yet.
    pub(crate) fn changed(object: Object) -> Self {
        Self { object, created: false, changed: true, warnings: Vec::new(), revision: None }
    }

    /// Returns the same outcome with the revision of its commit.
    pub(crate) fn at(self, revision: Revision) -> Self {
        Self { revision: Some(revision), ..self }
    }
}
