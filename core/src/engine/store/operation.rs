//! Writes of a transaction that come from a request.

use super::Collection;
use super::write::Write;
use crate::engine::write::{Patch, WriteOptions};
use crate::manifest::Document;

/// One write of a transaction that names its kind: for callers that take it from a request. An unknown kind is the error of
/// this operation.
///
/// ```
/// use kindstore::store::Operation;
/// use serde_json::json;
/// # let store = kindstore::Store::in_memory()?;
/// let jobs = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
/// let operations = [Operation::create("DeploymentTarget", jobs), Operation::delete("DeploymentTarget", "old")];
/// let refused = store.transaction("default").operations(operations).wait().unwrap_err();
/// assert!(refused.is_not_found(), "the second operation fails, and so nothing is stored");
/// # Ok::<(), kindstore::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Operation {
    pub(super) kind: String,
    pub(super) key: Option<String>,
    change: Change,
    options: WriteOptions,
}

#[derive(Clone, Debug)]
enum Change {
    Create(Document),
    Upsert(Document),
    Patch(Patch),
    Delete,
}

impl Operation {
    /// Creates a resource.
    pub fn create(kind: &str, document: impl Into<Document>) -> Self {
        Self::new(kind, None, Change::Create(document.into()))
    }

    /// Creates or replaces a resource.
    pub fn upsert(kind: &str, key: &str, document: impl Into<Document>) -> Self {
        Self::new(kind, Some(key), Change::Upsert(document.into()))
    }

    /// Changes a resource.
    pub fn patch(kind: &str, key: &str, patch: impl Into<Patch>) -> Self {
        Self::new(kind, Some(key), Change::Patch(patch.into()))
    }

    /// Deletes a resource with its dependents.
    pub fn delete(kind: &str, key: &str) -> Self {
        Self::new(kind, Some(key), Change::Delete)
    }

    /// Sets the choices for this write. A dry run is chosen for the whole transaction.
    #[must_use]
    pub fn options(self, options: WriteOptions) -> Self {
        Self { options, ..self }
    }

    /// Returns the write to a collection of the operation's kind.
    pub(super) fn write(self, collection: &Collection) -> Write {
        let key = self.key.unwrap_or_default();
        let write = match self.change {
            Change::Create(document) => collection.create(document),
            Change::Upsert(document) => collection.upsert(&key, document),
            Change::Patch(patch) => collection.patch(&key, patch),
            Change::Delete => collection.delete(&key),
        };
        write.options(self.options)
    }

    fn new(kind: &str, key: Option<&str>, change: Change) -> Self {
        Self { kind: kind.to_owned(), key: key.map(str::to_owned), change, options: WriteOptions::default() }
    }
}
