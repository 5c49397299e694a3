//! Tombstones: a deleted resource leaves its last version and its name under its id, so that its history can be found
//! and the resource can be restored. An entry beside it, without a value, is for finding it by its name.
//!
//! The key of that entry has a stamp, the newest durable revision when the deletion was submitted. The revision of the
//! deletion itself is not known before the commit is judged. Durable revisions never fall and resources of one name are
//! deleted one after the other, so the entries of a name are in the order of the deletions; only while commits are pending
//! can some share a stamp, and then the revisions of the tombstones decide.

use super::collection::CollectionRef;
use super::entry::Stored;
use super::key;
use super::version::VersionDamaged;
use crate::backend::{Key, Operation, Revision, Versioned, is_staged};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// The remains of a deleted resource.
pub(crate) struct Tombstone {
    pub(crate) key: Key,
    pub(crate) id: ResourceId,
    /// The last version.
    pub(crate) version: u64,
    /// The commit that deleted the resource.
    pub(crate) ended: Revision,
    pub(crate) name: String,
    /// The key under which it is found by its name; `None` when its resource had no name.
    pub(crate) by_name: Option<Key>,
}

impl Tombstone {
    /// Decodes the entry under the key of a tombstone.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged.
    pub(crate) fn read(key: &Key, entry: &Versioned) -> Result<Self> {
        Self::decode(key, entry).ok_or_else(|| Error::backend(VersionDamaged))
    }

    fn decode(key: &Key, entry: &Versioned) -> Option<Self> {
        let key::Place::Tombstone { kind, namespace, id } = key::place(key)? else { return None };
        let (version, rest) = entry.value.split_first_chunk::<8>()?;
        let (name, stamp) = match rest.iter().position(|byte| *byte == 0) {
            Some(end) => (&rest[..end], Revision::from_be_bytes(rest[end + 1..].try_into().ok()?)),
            // Older stores kept no stamp. One below the deletion is one that it could have had.
            None => (rest, entry.modified.saturating_sub(1)),
        };
        let name = std::str::from_utf8(name).ok()?.to_owned();
        let by_name = (!name.is_empty()).then(|| key::deleted_name(kind, namespace, &name, stamp, id));
        let (key, version) = (key.clone(), u64::from_be_bytes(*version));
        Some(Self { key, id, version, ended: entry.modified, name, by_name })
    }

    /// Returns the keys of all that is stored of it.
    pub(crate) fn keys(self) -> impl Iterator<Item = Key> {
        [Some(self.key), self.by_name].into_iter().flatten()
    }
}

/// Returns the operations that store the tombstone of a resource, which is deleted when `stamp` is the newest durable
/// revision. There are none for a resource that the same transaction created, since no reader has ever seen it.
pub(crate) fn put(collection: CollectionRef<'_>, old: &Stored, stamp: Revision) -> Vec<Operation> {
    if is_staged(old.created) {
        return Vec::new();
    }
    let metadata = &old.record.object.metadata;
    // A version that the same transaction made was never visible; its predecessor was kept when it was superseded.
    let version = metadata.resource_version - u64::from(is_staged(old.modified));
    // With the name, whose key goes with the resource: nothing else leads from it to the history.
    let name = metadata.name.as_deref().unwrap_or_default();
    let mut value = [&version.to_be_bytes()[..], name.as_bytes()].concat();
    if name.is_empty() {
        return vec![Operation::Put(collection.tombstone(metadata.id), value.into())];
    }
    value.push(0);
    value.extend(stamp.to_be_bytes());
    let by_name = key::deleted_name(&collection.kind.name, collection.segment(), name, stamp, metadata.id);
    let tombstone = Operation::Put(collection.tombstone(metadata.id), value.into());
    vec![tombstone, Operation::Put(by_name, Default::default())]
}
