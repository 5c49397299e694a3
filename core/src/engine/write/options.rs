//! The choices that a caller has for a write.

use crate::manifest::Document;
use crate::rules::validate::FieldValidation;
use crate::rules::version::Expected;

/// Choices for a write.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WriteOptions {
    /// The state that the resource must be in for the write to happen; any, by default.
    pub expected: Option<Expected>,
    /// Runs every step but the last: the outcome is that of the real write, and nothing is stored.
    pub dry_run: bool,
    /// Stores a replacing document as it is given, without filling in defaults.
    pub without_defaults: bool,
    /// The treatment of members that the kind does not know.
    pub field_validation: FieldValidation,
}

impl WriteOptions {
    /// Sets the state that the resource must be in; without one, any.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Option<Expected>>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Stores nothing, or writes.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Leaves a replacing document as it is given, or fills in defaults.
    #[must_use]
    pub fn without_defaults(mut self, without_defaults: bool) -> Self {
        self.without_defaults = without_defaults;
        self
    }

    /// Sets the treatment of members that the kind does not know.
    #[must_use]
    pub fn field_validation(mut self, field_validation: FieldValidation) -> Self {
        self.field_validation = field_validation;
        self
    }
}

/// A change to a resource. A document is a merge patch unless it says otherwise.
///
/// ```
/// use kindstore::Patch;
/// use serde_json::json;
/// let merge = Patch::merge(json!({"metadata": {"labels": {"team": "web", "old": null}}}));
/// let operations = Patch::json(json!([{"op": "replace", "path": "/spec/state", "value": "RUNNING"}]));
/// # let _ = (merge, operations);
/// ```
#[derive(Clone, Debug)]
pub enum Patch {
    /// A merge patch (RFC 7386): an object whose members replace those of the resource; `null` removes.
    Merge(Document),
    /// A JSON Patch (RFC 6902): an array of operations on the resource as reads return it. Members that belong to the
    /// server can be tested and not written.
    Json(Document),
}

impl Patch {
    /// Returns a merge patch (RFC 7386).
    pub fn merge(document: impl Into<Document>) -> Self {
        Patch::Merge(document.into())
    }

    /// Returns a JSON Patch (RFC 6902).
    pub fn json(operations: impl Into<Document>) -> Self {
        Patch::Json(operations.into())
    }
}

impl<D: Into<Document>> From<D> for Patch {
    fn from(document: D) -> Self {
        Patch::Merge(document.into())
    }
}
