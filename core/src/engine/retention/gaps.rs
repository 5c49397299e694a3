//! Keeps versions readable when later ones, which they are differences from, are removed.

use std::collections::BTreeMap;

use crate::backend::{Backend, Key, Operation};
use crate::engine::read::Chain;
use crate::engine::stored::version::Successor;
use crate::engine::stored::{CollectionRef, Stored, SupersededVersion};
use crate::error::Result;
use crate::object::ResourceId;

/// The versions of a resource under pruning, from the newest to the oldest.
pub(super) struct Gaps<'a> {
    backend: &'a dyn Backend,
    collection: CollectionRef<'a>,
    id: ResourceId,
    chain: Chain<'a>,
    /// The numbers of those that are to be removed, with their keys and sizes.
    removed: BTreeMap<u64, (Key, u64)>,
    /// The oldest that is kept so far, as it is stored.
    kept: Option<SupersededVersion>,
}

impl<'a> Gaps<'a> {
    /// Returns the versions of a resource before the first is looked at.
    pub(super) fn new(backend: &'a dyn Backend, collection: CollectionRef<'a>, id: ResourceId) -> Self {
        let chain = Chain::new(backend, collection, id);
        Self { backend, collection, id, chain, removed: BTreeMap::new(), kept: None }
    }

    /// Notes that the next version, of this size, is to be removed.
    pub(super) fn remove(&mut self, key: Key, version: SupersededVersion, bytes: u64) {
        self.removed.insert(version.version, (key, bytes));
        self.chain.skip(version);
    }

    /// Notes that the next version is kept. Returns the operation that stores it anew, where it is a difference from one that
    /// is to be removed: as one from the next newer version that is kept.
    pub(super) fn keep(&mut self, key: &Key, version: SupersededVersion) -> Result<Option<Operation>> {
        let is_cut_off = version.base().is_some_and(|base| self.removed.contains_key(&base));
        let newer = self.kept.replace(version.clone());
        if !is_cut_off {
            self.chain.skip(version);
            return Ok(None);
        }
        let Some(version) = self.chain.restore(version)? else { return Ok(None) };
        let newer = self.record(newer)?;
        let successor = newer.as_ref().map(|(version, bytes)| Successor { version: *version, bytes });
        Ok(Some(Operation::Put(key.clone(), version.value(successor))))
    }

    /// Returns the keys and sizes of what is to be removed, the oldest first. They are removed after the operations of
    /// [`Gaps::keep`], or with them: until then everything that is kept can be read as it is stored.
    pub(super) fn into_removed(self) -> impl Iterator<Item = (Key, u64)> {
        self.removed.into_values()
    }

    /// Returns the number and the record of a kept version; without one of the current version.
    fn record(&self, kept: Option<SupersededVersion>) -> Result<Option<(u64, bytes::Bytes)>> {
        if let Some(kept) = kept {
            let restored = Chain::new(self.backend, self.collection, self.id).restore(kept)?;
            return Ok(restored.and_then(|it| Some((it.version, it.whole()?.clone()))));
        }
        let key = self.collection.record(self.id);
        let Some(entry) = self.backend.get(&key)? else { return Ok(None) };
        let current = Stored::read(self.collection, key, entry)?;
        Ok(Some((current.record.object.metadata.resource_version, current.bytes)))
    }
}
