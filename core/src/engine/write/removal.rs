//! The operations that remove a resource, which deletions of one, of dependents and of a namespace's content share.

use super::writer::Writer;
use crate::backend::{MAX_BATCH, Operation, is_staged};
use crate::engine::stored::{CollectionRef, Stored, SupersededVersion, reference, tombstone, version};
use crate::error::Result;
use crate::kind::MAX_REFERENCES;

/// The most operations of a batch to which the [`Writer::removal`] of one more resource is added. It always fits: a kind has
/// at most [`MAX_REFERENCES`] references, and the rest is record, name, version, tombstone with its name, and work item.
pub(super) const MAX_BEFORE: usize = MAX_BATCH - MAX_REFERENCES - 6;

/// The most bytes of resources to whose removal that of one more is added: a small step fits where space is short.
pub(super) const MAX_BYTES_BEFORE: usize = 1 << 20;

impl Writer {
    /// Returns the operations that remove a resource with its name and its references, and keep its last version.
    pub(super) fn removal(&self, collection: CollectionRef<'_>, stored: &Stored) -> Result<Vec<Operation>> {
        let Stored { key, record, .. } = stored;
        let metadata = &record.object.metadata;
        let mut operations = vec![Operation::Delete(key.clone())];
        operations.extend(tombstone::put(collection, stored, self.backend().revision()));
        operations.extend(version::keep(collection, stored, None, (self.clock)()));
        operations.extend(self.predecessor(collection, stored)?);
        if let Some(name) = metadata.name.as_ref().filter(|_| collection.kind.has_name()) {
            operations.push(Operation::Delete(collection.name(name)));
        }
        operations.extend(reference::keys(collection, metadata.id, &record.targets).map(Operation::Delete));
        Ok(operations)
    }

    /// Returns the operation that stores the version before a staged one whole: it may be a difference from the staged one,
    /// which no commit will ever contain.
    fn predecessor(&self, collection: CollectionRef<'_>, staged: &Stored) -> Result<Option<Operation>> {
        let metadata = &staged.record.object.metadata;
        if !is_staged(staged.modified) || is_staged(staged.created) {
            return Ok(None);
        }
        let key = collection.version(metadata.id, metadata.resource_version - 1);
        let Some(entry) = self.backend().get_for_write(&key)? else { return Ok(None) };
        let version = SupersededVersion::read(&key, &entry.value, entry.created)?;
        let is_whole = version.base() != Some(metadata.resource_version);
        Ok(match is_whole {
            true => None,
            false => Some(Operation::Put(key, version.restored(&staged.bytes)?.value(None))),
        })
    }
}
