//! The keys that record which resource refers to which.

use bytes::Bytes;

use super::collection::CollectionRef;
use super::key;
use super::record::Targets;
use crate::backend::{Key, Operation};
use crate::kind::OnDelete;
use crate::object::ResourceId;

/// Returns the keys that record what a resource refers to.
pub(crate) fn keys<'a>(
    collection: CollectionRef<'a>,
    id: ResourceId,
    targets: &'a Targets,
) -> impl Iterator<Item = Key> + 'a {
    targets.iter().map(move |(target, on_delete)| reference(collection, id, *target, *on_delete))
}

/// Returns the operations that bring the stored references of a resource from the old targets to the new ones.
pub(crate) fn operations(
    collection: CollectionRef<'_>,
    id: ResourceId,
    old: &Targets,
    new: &Targets,
) -> Vec<Operation> {
    // The behaviour is part of the key: a change of it is a new key and one less.
    let added = new.iter().filter(|(target, on_delete)| old.get(target) != Some(on_delete));
    let removed = old.iter().filter(|(target, on_delete)| new.get(target) != Some(on_delete));
    let key = |(target, on_delete): (&ResourceId, &OnDelete)| reference(collection, id, *target, *on_delete);
    let puts = added.map(|entry| Operation::Put(key(entry), Bytes::new()));
    puts.chain(removed.map(|entry| Operation::Delete(key(entry)))).collect()
}

fn reference(collection: CollectionRef<'_>, id: ResourceId, target: ResourceId, on_delete: OnDelete) -> Key {
    key::reference(collection.segment(), target, on_delete, &collection.kind.name, id)
}
