//! The addresses of resources in REST: a kind within a namespace, and one resource of it.

use std::sync::Arc;

use kindstore::Kind;

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
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

impl Address {
    pub(super) fn kind(&self) -> &Kind {
        &self.collection.kind
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.collection.namespace()
    }
}
