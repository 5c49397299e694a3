//! The operations that remove a resource, which deletions of one, of dependents and of a namespace's content share.

use super::writer::Writer;
use crate::backend::{MAX_BATCH, Operation};
use crate::engine::stored::{CollectionRef, Stored, reference, tombstone, version};
use crate::kind::MAX_REFERENCES;

/// The most operations of a batch to which the [`Writer::removal`] of one more resource is added. It always fits: a kind has
/// at most [`MAX_REFERENCES`] references, and the rest is record, name, version, tombstone with its name, and work item.
pub(super) const MAX_BEFORE: usize = MAX_BATCH - MAX_REFERENCES - 6;

impl Writer {
    /// Returns the operations that remove a resource with its name and its references, and keep its last version.
    pub(super) fn removal(&self, collection: CollectionRef<'_>, stored: &Stored) -> Vec<Operation> {
        let Stored { key, record, .. } = stored;
        let metadata = &record.object.metadata;
        self.index.supersede(collection, record, None);
        let mut operations = vec![Operation::Delete(key.clone())];
        operations.extend(tombstone::put(collection, stored, self.backend().revision()));
        operations.extend(version::keep(collection, stored, (self.clock)()));
        if let Some(name) = metadata.name.as_ref().filter(|_| collection.kind.has_name()) {
            operations.push(Operation::Delete(collection.name(name)));
        }
        operations.extend(reference::keys(collection, metadata.id, &record.targets).map(Operation::Delete));
        operations
    }
}
