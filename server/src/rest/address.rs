//! The addresses of resources in REST: a kind within a namespace, and one resource of it.

use std::sync::Arc;

use kindstore::Store;
use kindstore::kind::Kind;

/// A kind within a namespace; the namespace is none for kinds that live in none.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) kind: Arc<Kind>,
    pub(super) namespace: Option<String>,
}

/// One resource of a collection, by its name or id; the key of a singleton is empty.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) collection: Collection,
    pub(super) key: String,
}

impl Collection {
    /// The store's collection of this kind and namespace.
    pub(super) fn of(&self, store: &Store) -> kindstore::Result<kindstore::Collection> {
        store.collection(&self.kind.name, self.namespace())
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

impl Address {
    pub(super) fn kind(&self) -> &Kind {
        &self.collection.kind
    }
}
