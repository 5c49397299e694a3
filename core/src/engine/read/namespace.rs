//! Namespaces as readers see them: one must exist for anything to be found in it.

use super::find::View;
use super::reader::Reader;
use crate::engine::stored::{CollectionRef, Stored};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::object::Object;

impl Reader {
    /// Returns the collection of all namespaces.
    pub(crate) fn namespaces(&self) -> CollectionRef<'_> {
        CollectionRef::new(self.registry.namespace(), None)
    }

    /// Returns the namespace of this name.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn require_namespace(&self, name: &str, view: View) -> Result<Stored> {
        let namespaces = self.namespaces();
        self.find_name(namespaces, name, view)?.ok_or_else(|| Error::NotFound {
            kind: namespaces.kind.name.to_string(),
            namespace: None,
            key: name.to_owned(),
        })
    }

    /// Checks that the namespace of a collection exists, if it has one.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn require_collection(&self, collection: CollectionRef<'_>, view: View) -> Result<()> {
        collection.namespace.map_or(Ok(()), |name| self.require_namespace(name, view).map(drop))
    }

    /// Returns the error for a resource that was not found, or for its namespace where that is the one that is missing.
    pub(crate) fn not_found(&self, collection: CollectionRef<'_>, key: &str, view: View) -> Error {
        if let Err(error) = self.require_collection(collection, view) {
            return error;
        }
        Error::NotFound {
            kind: collection.kind.name.to_string(),
            namespace: collection.namespace.map(str::to_owned),
            key: key.to_owned(),
        }
    }

    /// Whether a namespace is being deleted.
    pub(crate) fn is_terminating(&self, namespace: &Object) -> bool {
        let kind: &Kind = self.registry.namespace();
        kind.terminating.as_ref().is_some_and(|status| namespace.status_value() == *status)
    }
}
