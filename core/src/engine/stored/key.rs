//! The keys of records, names, versions and work items. Numbers and ids are big-endian, so that keys sort by creation.

use bytes::{BufMut, Bytes, BytesMut};

use crate::backend::{ARCHIVE_KEY_BYTE, Revision};
use crate::kind::OnDelete;
use crate::object::ResourceId;

/// The longest segment of a key. Names are shorter, so a longer text names nothing.
const MAX_SEGMENT: usize = 255;

/// Whether a text from outside can be a segment of a key. One that cannot names nothing.
pub(crate) fn is_segment(text: &str) -> bool {
    // A zero byte ends a segment: with one inside, a name would lead into another collection.
    !text.is_empty() && text.len() <= MAX_SEGMENT && !text.contains('\0')
}

/// Returns the key of a record: `r 0 kind 0 namespace 0 id`.
pub(crate) fn record(kind: &str, namespace: &str, id: ResourceId) -> Bytes {
    build(b'r', &[kind, namespace], id.as_bytes())
}

/// Returns the prefix of all records of a kind in a namespace, which sort by creation.
pub(crate) fn records(kind: &str, namespace: &str) -> Bytes {
    build(b'r', &[kind, namespace], &[])
}

/// Returns the prefix of all records of all kinds and namespaces.
pub(crate) fn all_records() -> Bytes {
    build(b'r', &[], &[])
}

/// Returns the key under which the id of a name is stored: `n 0 kind 0 namespace 0 name`.
pub(crate) fn name(kind: &str, namespace: &str, name: &str) -> Bytes {
    build(b'n', &[kind, namespace], name.as_bytes())
}

/// Returns the key of a reference, with the behaviour when its target is deleted:
/// `f 0 namespace 0 target behaviour kind 0 id`.
pub(crate) fn reference(namespace: &str, target: ResourceId, on_delete: OnDelete, kind: &str, id: ResourceId) -> Bytes {
    let mut key = BytesMut::from(&referrers(namespace, target, on_delete)[..]);
    key.put_slice(kind.as_bytes());
    key.put_u8(0);
    key.put_slice(id.as_bytes());
    key.freeze()
}

/// Returns the prefix of all references to a resource with the same behaviour.
pub(crate) fn referrers(namespace: &str, target: ResourceId, on_delete: OnDelete) -> Bytes {
    let mut last = [0; 17];
    last[..16].copy_from_slice(target.as_bytes());
    last[16] = behaviour(on_delete);
    build(b'f', &[namespace], &last)
}

/// Returns the byte that stands for the behaviour of a reference when its target is deleted.
pub(crate) fn behaviour(on_delete: OnDelete) -> u8 {
    match on_delete {
        OnDelete::Block => b'b',
        OnDelete::Cascade => b'c',
    }
}

/// Returns the behaviour that a byte of [`behaviour`] stands for.
pub(crate) fn on_delete(behaviour: u8) -> Option<OnDelete> {
    [OnDelete::Block, OnDelete::Cascade].into_iter().find(|on_delete| self::behaviour(*on_delete) == behaviour)
}

/// Returns the key of a deleted resource whose dependents are not deleted yet: `c 0 namespace 0 id`.
pub(crate) fn cascade(namespace: &str, id: ResourceId) -> Bytes {
    build(b'c', &[namespace], id.as_bytes())
}

/// Returns the prefix of all deleted resources whose dependents are not deleted yet.
pub(crate) fn all_cascades() -> Bytes {
    build(b'c', &[], &[])
}

/// Returns the key of a superseded version: `h 0 kind 0 namespace 0 id version`.
pub(crate) fn version(kind: &str, namespace: &str, id: ResourceId, version: u64) -> Bytes {
    let mut last = [0; 24];
    last[..16].copy_from_slice(id.as_bytes());
    // Inverted, since scans only go forward and readers begin with the newest version.
    last[16..].copy_from_slice(&(!version).to_be_bytes());
    build(ARCHIVE_KEY_BYTE, &[kind, namespace], &last)
}

/// Returns the prefix of all superseded versions of a resource, the newest first.
pub(crate) fn versions(kind: &str, namespace: &str, id: ResourceId) -> Bytes {
    build(ARCHIVE_KEY_BYTE, &[kind, namespace], id.as_bytes())
}

/// Returns the prefix that the versions of one resource share, from the key of one of them.
pub(crate) fn of_resource(key: &Bytes) -> Option<Bytes> {
    let Some(Place::Version { .. }) = place(key) else { return None };
    Some(key.slice(..key.len() - 8))
}

/// Returns the key of the first version of a resource, from the prefix that its versions share.
pub(crate) fn first_version(versions: &[u8]) -> Bytes {
    [versions, &(!1_u64).to_be_bytes()].concat().into()
}

/// Returns a key behind all versions of a resource, from the prefix that they share.
pub(crate) fn behind_versions(versions: &[u8]) -> Bytes {
    [versions, &[0xff; 8]].concat().into()
}

/// Returns the key of the mark that versions are being pruned: `m 0 pruning`.
pub(crate) fn pruning_mark() -> Bytes {
    build(b'm', &[], b"pruning")
}

/// Returns the key of the limits of history that the store's keeper set: `m 0 retention`.
pub(crate) fn retention_mark() -> Bytes {
    build(b'm', &[], b"retention")
}

/// Returns the key of the size of history: `m 0 history`.
pub(crate) fn history_mark() -> Bytes {
    build(b'm', &[], b"history")
}

/// Returns the prefix of all superseded versions of all resources.
pub(crate) fn all_versions() -> Bytes {
    build(ARCHIVE_KEY_BYTE, &[], &[])
}

/// Returns the key of a tombstone: `t 0 kind 0 namespace 0 id`.
pub(crate) fn tombstone(kind: &str, namespace: &str, id: ResourceId) -> Bytes {
    build(b't', &[kind, namespace], id.as_bytes())
}

/// Returns the prefix of all tombstones of a kind in a namespace, which sort by the creation of their resources.
pub(crate) fn tombstones(kind: &str, namespace: &str) -> Bytes {
    build(b't', &[kind, namespace], &[])
}

/// Returns the key under which a tombstone is found by the name that its resource had, and by its stamp (see
/// [`super::Tombstone`]): `d 0 kind 0 namespace 0 name 0 stamp id`.
pub(crate) fn deleted_name(kind: &str, namespace: &str, name: &str, stamp: Revision, id: ResourceId) -> Bytes {
    let mut last = [0; 24];
    // Inverted, since scans only go forward and readers begin with the newest deletion.
    last[..8].copy_from_slice(&(!stamp).to_be_bytes());
    last[8..].copy_from_slice(id.as_bytes());
    build(b'd', &[kind, namespace, name], &last)
}

/// Returns the prefix of all tombstones of resources that had a name, the newest deletion first.
pub(crate) fn deleted_names(kind: &str, namespace: &str, name: &str) -> Bytes {
    build(b'd', &[kind, namespace, name], &[])
}

/// Returns the prefix of all tombstones of all kinds and namespaces.
pub(crate) fn all_tombstones() -> Bytes {
    build(b't', &[], &[])
}

/// Returns the key of the mark that every tombstone is found by its name: `m 0 tombstones`.
pub(crate) fn tombstone_mark() -> Bytes {
    build(b'm', &[], b"tombstones")
}

/// Returns the key of the definitions that the stored references were made by: `m 0 references`.
pub(crate) fn reference_mark() -> Bytes {
    build(b'm', &[], b"references")
}

/// Returns the key of a work item, a namespace whose content is being deleted: `w 0 namespace`.
pub(crate) fn work(namespace: &str) -> Bytes {
    build(b'w', &[], namespace.as_bytes())
}

/// Returns the prefix of all work items.
pub(crate) fn all_work() -> Bytes {
    build(b'w', &[], &[])
}

/// Returns the key of a time that no id has reached, in microseconds: `m 0 ids`.
pub(crate) fn id_mark() -> Bytes {
    build(b'm', &[], b"ids")
}

/// Returns the namespace of a work item.
pub(crate) fn work_namespace(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key.get(2..)?).ok()
}

/// The meaning of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Record { kind: &'a str, namespace: &'a str, id: ResourceId },
    Name { kind: &'a str, namespace: &'a str, name: &'a str },
    Reference { namespace: &'a str, target: ResourceId, kind: &'a str, id: ResourceId },
    Cascade { namespace: &'a str, id: ResourceId },
    Work { namespace: &'a str },
    Version { kind: &'a str, namespace: &'a str, id: ResourceId, version: u64 },
    Tombstone { kind: &'a str, namespace: &'a str, id: ResourceId },
    DeletedName { kind: &'a str, namespace: &'a str, name: &'a str, stamp: Revision, id: ResourceId },
    ReferenceMark,
    PruningMark,
    RetentionMark,
    HistoryMark,
    IdMark,
    TombstoneMark,
}

/// Returns the meaning of a key; `None` for a key that no function here makes.
pub(crate) fn place(key: &[u8]) -> Option<Place<'_>> {
    let (area, rest) = key.split_first_chunk::<2>()?;
    // The last segment is not split: an id may hold any byte, zero included.
    let mut segments = rest.splitn(3, |byte| *byte == 0);
    let mut segment = || segments.next();
    Some(match area {
        b"r\0" => {
            let (kind, namespace) = (text(segment()?)?, text(segment()?)?);
            Place::Record { kind, namespace, id: ResourceId::from_bytes(segment()?.try_into().ok()?) }
        }
        b"t\0" => {
            let (kind, namespace) = (text(segment()?)?, text(segment()?)?);
            Place::Tombstone { kind, namespace, id: ResourceId::from_bytes(segment()?.try_into().ok()?) }
        }
        b"d\0" => {
            let (kind, namespace) = (text(segment()?)?, text(segment()?)?);
            let (rest, id) = segment()?.split_last_chunk::<16>()?;
            let (rest, stamp) = rest.split_last_chunk::<8>()?;
            let (name, id) = (text(rest.strip_suffix(b"\0")?)?, ResourceId::from_bytes(*id));
            Place::DeletedName { kind, namespace, name, stamp: !u64::from_be_bytes(*stamp), id }
        }
        b"h\0" => {
            let (kind, namespace) = (text(segment()?)?, text(segment()?)?);
            let (id, version) = segment()?.split_first_chunk::<16>()?;
            let version = !u64::from_be_bytes(version.try_into().ok()?);
            Place::Version { kind, namespace, id: ResourceId::from_bytes(*id), version }
        }
        b"n\0" => Place::Name { kind: text(segment()?)?, namespace: text(segment()?)?, name: text(segment()?)? },
        b"f\0" => {
            let namespace = text(segment()?)?;
            // Behind the namespace an id may hold zeros.
            let (target, rest) = rest.get(namespace.len() + 1..)?.split_first_chunk::<16>()?;
            let (kind, id) = rest.get(1..)?.split_at_checked(rest.len().checked_sub(18)?)?;
            let (target, id) = (ResourceId::from_bytes(*target), ResourceId::from_bytes(id.get(1..)?.try_into().ok()?));
            on_delete(*rest.first()?)?;
            Place::Reference { namespace, target, kind: text(kind)?, id }
        }
        b"c\0" => {
            let namespace = text(segment()?)?;
            let id = rest.get(namespace.len() + 1..)?.try_into().ok()?;
            Place::Cascade { namespace, id: ResourceId::from_bytes(id) }
        }
        b"w\0" => Place::Work { namespace: text(rest)? },
        b"m\0" if *key == id_mark() => Place::IdMark,
        b"m\0" if *key == reference_mark() => Place::ReferenceMark,
        b"m\0" if *key == pruning_mark() => Place::PruningMark,
        b"m\0" if *key == retention_mark() => Place::RetentionMark,
        b"m\0" if *key == history_mark() => Place::HistoryMark,
        b"m\0" if *key == tombstone_mark() => Place::TombstoneMark,
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Returns the prefix that a key shares with all keys of its area, kind and namespace.
pub(crate) fn group(key: &[u8]) -> &[u8] {
    let ends = key.iter().enumerate().filter(|(_, byte)| **byte == 0).map(|(place, _)| place + 1);
    let end = ends.take(3).last().unwrap_or(0);
    &key[..end]
}

fn build(area: u8, segments: &[&str], last: &[u8]) -> Bytes {
    let length = 2 + segments.iter().map(|segment| segment.len() + 1).sum::<usize>() + last.len();
    let mut key = BytesMut::with_capacity(length);
    key.put_u8(area);
    key.put_u8(0);
    for segment in segments {
        key.put_slice(segment.as_bytes());
        key.put_u8(0);
    }
    key.put_slice(last);
    key.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_what_it_is_the_place_of() {
        // An id may hold any byte, also the one that ends a segment.
        let id = ResourceId::from_bytes([0; 16]);
        let (kind, namespace) = ("Deployment", "default");
        assert_eq!(place(&record(kind, namespace, id)), Some(Place::Record { kind, namespace, id }));
        assert_eq!(place(&record(kind, "", id)), Some(Place::Record { kind, namespace: "", id }));
        let named = Place::Name { kind, namespace, name: "clicks" };
        assert_eq!(place(&name(kind, namespace, "clicks")), Some(named));
        let referring = Place::Reference { namespace: "team", target: id, kind, id: ResourceId::from_bytes([7; 16]) };
        let key = reference("team", id, OnDelete::Cascade, kind, ResourceId::from_bytes([7; 16]));
        assert_eq!(place(&key), Some(referring));
        assert_eq!(place(&key[..key.len() - 17]), None);
        assert_eq!(place(&cascade("team", id)), Some(Place::Cascade { namespace: "team", id }));
        assert_eq!(place(&work("team")), Some(Place::Work { namespace: "team" }));
        let third = Place::Version { kind, namespace: "", id, version: 3 };
        assert_eq!(place(&version(kind, "", id, 3)), Some(third));
        assert_eq!(place(&tombstone(kind, "team", id)), Some(Place::Tombstone { kind, namespace: "team", id }));
        let deleted = Place::DeletedName { kind, namespace, name: "clicks", stamp: 7, id };
        assert_eq!(place(&deleted_name(kind, namespace, "clicks", 7, id)), Some(deleted));
        assert!(deleted_name(kind, "", "a", 256, id) < deleted_name(kind, "", "a", 255, id), "the newest comes first");
        assert!(!deleted_name(kind, "", "a-b", 1, id).starts_with(&deleted_names(kind, "", "a")));
        assert_eq!(place(&tombstone_mark()), Some(Place::TombstoneMark));
        assert!(version(kind, "", id, 256) < version(kind, "", id, 255), "the newest comes first");
        assert_eq!(place(&id_mark()), Some(Place::IdMark));
        for strange in
            [&b""[..], b"r", b"r\0", b"r\0Deployment\0default\0short", b"m\0other", b"x\0y", b"d\0a\0b\0short"]
        {
            assert_eq!(place(strange), None);
        }
    }

    #[test]
    fn a_group_is_all_that_is_before_the_last_segment() {
        let id = ResourceId::from_bytes([0; 16]);
        assert_eq!(group(&record("Deployment", "default", id)), b"r\0Deployment\0default\0");
        assert_eq!(group(&work("team")), b"w\0");
        assert_eq!(group(b"strange"), b"");
    }
}
