//! The operations that remove a resource, which deletions of one, of dependents and of a namespace's content share.

use crate::backend::{MAX_BATCH, Operation};
use crate::engine::stored::{CollectionRef, Stored, reference, tombstone, version};
use crate::kind::MAX_REFERENCES;
use crate::object::Timestamp;

/// The most operations of a batch to which the [`removal`] of one more resource is added. It always fits: a kind has at most
/// [`MAX_REFERENCES`] references, and the rest is record, name, version, tombstone and work item.
pub(super) const MAX_BEFORE: usize = MAX_BATCH - MAX_REFERENCES - 5;

/// The most bytes of resources to whose removal that of one more is added: a small step fits where space is short.
pub(super) const MAX_BYTES_BEFORE: usize = 1 << 20;

/// Returns the operations that remove a resource with its name and its references, and keep its last version.
pub(super) fn removal(collection: CollectionRef<'_>, stored: &Stored, now: Timestamp) -> Vec<Operation> {
    let Stored { key, record, .. } = stored;
    let metadata = &record.object.metadata;
    let mut operations = vec![Operation::Delete(key.clone())];
    operations.extend(tombstone::put(collection, stored));
    operations.extend(version::keep(collection, stored, now));
    if let Some(name) = metadata.name.as_ref().filter(|_| collection.kind.has_name()) {
        operations.push(Operation::Delete(collection.name(name)));
    }
    operations.extend(reference::keys(collection, metadata.id, &record.targets).map(Operation::Delete));
    operations
}
