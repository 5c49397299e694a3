//! The parts of a record: bytes behind their length.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The length of an optional part that is absent.
pub(super) const NOTHING: u32 = u32::MAX;

/// Appends an optional part.
pub(super) fn put_optional(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        None => out.put_u32(NOTHING),
        Some(bytes) => {
            // Cannot fail: the engine refuses records above 2 MiB before they are encoded for a commit.
            out.put_u32(u32::try_from(bytes.len()).expect("a document is smaller than 4 GiB"));
            out.put_slice(bytes);
        }
    }
}

/// Takes this many bytes, if there are as many.
pub(super) fn take(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (bytes.len() >= length).then(|| bytes.split_to(length))
}

/// Takes an optional part; the outer `None` says that the bytes end too early.
pub(super) fn take_optional(bytes: &mut Bytes) -> Option<Option<Bytes>> {
    match bytes.try_get_u32().ok()? {
        NOTHING => Some(None),
        length => take(bytes, length as usize).map(Some),
    }
}
