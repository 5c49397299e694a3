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

/// What a key is the place of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Record { kind: &'a str, namespace: &'a str, id: ResourceId },
    Name { kind: &'a str, namespace: &'a str, name: &'a str },
    Work { namespace: &'a str },
    IdMark,
}

/// What a key is the place of; `None` when it is none that is made here.
pub(super) fn place(key: &[u8]) -> Option<Place<'_>> {
    let (area, rest) = key.split_first_chunk::<2>()?;
    let mut segments = rest.splitn(3, |byte| *byte == 0);
    let mut segment = || segments.next();
    Some(match area {
        b"r\0" => {
            let (kind, namespace) = (text(segment()?)?, text(segment()?)?);
            Place::Record { kind, namespace, id: ResourceId::from_bytes(segment()?.try_into().ok()?) }
        }
        b"n\0" => Place::Name { kind: text(segment()?)?, namespace: text(segment()?)?, name: text(segment()?)? },
        b"w\0" => Place::Work { namespace: text(rest)? },
        b"m\0" if *key == id_mark() => Place::IdMark,
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The beginning that a key shares with all of its area, kind and namespace.
pub(super) fn group(key: &[u8]) -> &[u8] {
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
        assert_eq!(place(&work("room")), Some(Place::Work { namespace: "room" }));
        assert_eq!(place(&id_mark()), Some(Place::IdMark));
        for strange in [&b""[..], b"r", b"r\0", b"r\0Deployment\0default\0short", b"m\0other", b"x\0y"] {
            assert_eq!(place(strange), None);
        }
    }

    #[test]
    fn a_group_is_all_that_is_before_the_last_segment() {
        let id = ResourceId::from_bytes([0; 16]);
        assert_eq!(group(&record("Deployment", "default", id)), b"r\0Deployment\0default\0");
        assert_eq!(group(&work("room")), b"w\0");
        assert_eq!(group(b"strange"), b"");
    }
}
