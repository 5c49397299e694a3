//! A kind within a namespace: keys, lookups and lists are about one of these.

use super::key;
use crate::backend::Key;
use crate::kind::Kind;
use crate::object::ResourceId;

/// A kind within a namespace; `namespace` is `None` for a kind that lives in none.
#[derive(Clone, Copy)]
pub(crate) struct CollectionRef<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) namespace: Option<&'a str>,
}

impl<'a> CollectionRef<'a> {
    /// Returns the collection of a kind in a namespace.
    pub(crate) fn new(kind: &'a Kind, namespace: Option<&'a str>) -> Self {
        Self { kind, namespace }
    }

    /// Returns the collection of the place that a key speaks of, where an empty namespace stands for none.
    pub(crate) fn of_key(kind: &'a Kind, namespace: &'a str) -> Self {
        Self { kind, namespace: (!namespace.is_empty()).then_some(namespace) }
    }

    /// Returns the namespace as keys hold it: empty for a kind that lives in none.
    pub(crate) fn segment(self) -> &'a str {
        self.namespace.unwrap_or_default()
    }

    /// Returns the key of a record.
    pub(crate) fn record(self, id: ResourceId) -> Key {
        key::record(&self.kind.name, self.segment(), id)
    }

    /// Returns the prefix of all records, which sort by creation.
    pub(crate) fn records(self) -> Key {
        key::records(&self.kind.name, self.segment())
    }

    /// Returns the key under which the id of a name is stored.
    pub(crate) fn name(self, name: &str) -> Key {
        key::name(&self.kind.name, self.segment(), name)
    }

    /// Returns the key of a superseded version.
    pub(crate) fn version(self, id: ResourceId, version: u64) -> Key {
        key::version(&self.kind.name, self.segment(), id, version)
    }

    /// Returns the prefix of all superseded versions of a resource, which sort from the newest to the oldest.
    pub(crate) fn versions(self, id: ResourceId) -> Key {
        key::versions(&self.kind.name, self.segment(), id)
    }

    /// Returns the key of a tombstone.
    pub(crate) fn tombstone(self, id: ResourceId) -> Key {
        key::tombstone(&self.kind.name, self.segment(), id)
    }

    /// Returns the prefix of all tombstones, which sort by the creation of their resources.
    pub(crate) fn tombstones(self) -> Key {
        key::tombstones(&self.kind.name, self.segment())
    }

    /// Returns the prefix of all tombstones of resources that had a name, which sort from the newest stamp to the oldest.
    pub(crate) fn deleted_names(self, name: &str) -> Key {
        key::deleted_names(&self.kind.name, self.segment(), name)
    }
}
