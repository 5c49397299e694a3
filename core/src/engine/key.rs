//! Where the engine keeps what: the keys of records, names and work items. Numbers and ids are big-endian, so that keys
//! sort as they were created.

use bytes::{BufMut, Bytes, BytesMut};

use crate::object::ResourceId;

/// The longest segment that a key takes. Names are shorter; what is longer names nothing.
const MAX_SEGMENT: usize = 255;

/// Whether a segment from outside can be part of a key. What cannot is the name of nothing.
pub(super) fn is_segment(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_SEGMENT && !text.contains('\0')
}

/// The record of a resource: `r 0 kind 0 namespace 0 id`.
pub(super) fn record(kind: &str, namespace: &str, id: ResourceId) -> Bytes {
    build(b'r', &[kind, namespace], id.as_bytes())
}

/// All records of a kind in a namespace, in the order of their creation.
pub(super) fn records(kind: &str, namespace: &str) -> Bytes {
    build(b'r', &[kind, namespace], &[])
}

/// The id that belongs to a name: `n 0 kind 0 namespace 0 name`.
pub(super) fn name(kind: &str, namespace: &str, name: &str) -> Bytes {
    build(b'n', &[kind, namespace], name.as_bytes())
}

/// Work that is begun and must be finished: `w 0 namespace`, the namespace whose content is being deleted.
pub(super) fn work(namespace: &str) -> Bytes {
    build(b'w', &[], namespace.as_bytes())
}

/// All work that is begun.
pub(super) fn all_work() -> Bytes {
    build(b'w', &[], &[])
}

/// A time that no id has reached, in microseconds: `m 0 ids`.
pub(super) fn id_mark() -> Bytes {
    build(b'm', &[], b"ids")
}

/// The namespace of a work item.
pub(super) fn work_namespace(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key.get(2..)?).ok()
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
