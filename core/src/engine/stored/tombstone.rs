//! Tombstones: a deleted resource leaves its last version and its name under its id, so that its history can be found
//! and the resource can be restored.

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
}

impl Tombstone {
    /// Decodes the entry under the key of a tombstone.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged.
    pub(crate) fn read(key: &Key, entry: &Versioned) -> Result<Self> {
        let parts = entry.value.split_first_chunk::<8>().and_then(|(version, name)| {
            let key::Place::Tombstone { id, .. } = key::place(key)? else { return None };
            Some((id, u64::from_be_bytes(*version), std::str::from_utf8(name).ok()?.to_owned()))
        });
        let (id, version, name) = parts.ok_or_else(|| Error::backend(VersionDamaged))?;
        Ok(Self { key: key.clone(), id, version, ended: entry.modified, name })
    }
}

/// Returns the operation that stores the tombstone of a resource; `None` for one that the same transaction created,
/// since no reader has ever seen it.
pub(crate) fn put(collection: CollectionRef<'_>, old: &Stored) -> Option<Operation> {
    if is_staged(old.created) {
        return None;
    }
    let metadata = &old.record.object.metadata;
    // A version that the same transaction made was never visible; its predecessor was kept when it was superseded.
    let version = metadata.resource_version - u64::from(is_staged(old.modified));
    // With the name, whose key goes with the resource: nothing else leads from it to the history.
    let name = metadata.name.as_deref().unwrap_or_default();
    let value = [&version.to_be_bytes()[..], name.as_bytes()].concat();
    Some(Operation::Put(collection.tombstone(metadata.id), value.into()))
}
