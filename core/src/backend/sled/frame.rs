//! The layout of a value in sled: a head under its key, and chunks when it does not fit there.
//!
//! sled moves leaves of more than 128 KiB to files that it never syncs. A leaf splits by the number of
//! its keys, so that only small values keep it small.

use bytes::Bytes;

use super::super::{Key, Revision, Versioned};

/// The most bytes that one sled value has, its key counted.
pub(super) const MAX_VALUE: usize = 7 * 1024;

/// The first byte of every chunk's key.
const CHUNKS: u8 = 2;
pub(super) const CHUNK_KEY: usize = 17;
const FORMAT: u8 = 1;
const HEAD: usize = 29;

/// The description of a value without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) created: Revision,
    pub(super) modified: Revision,
    /// The place of the put in its batch; with `modified` it names the chunks.
    index: u32,
    length: u32,
    chunks: u32,
}

/// The head as stored, with the value if that fits, and the chunks if not.
pub(super) fn encode(key: &Key, state: &Versioned, index: u32) -> (Vec<u8>, Vec<(Vec<u8>, Bytes)>) {
    let value = &state.value;
    // The key counts too, because sled stores both in one leaf.
    let is_inline = key.len() + HEAD + value.len() <= MAX_VALUE;
    let parts = if is_inline { 0 } else { value.len().div_ceil(MAX_VALUE - CHUNK_KEY) };
    let length = u32::try_from(value.len()).expect("the queue refuses values that are larger");
    let chunks = u32::try_from(parts).expect("there are fewer chunks than bytes");
    let head = Head { created: state.created, modified: state.modified, index, length, chunks };
    let mut stored = head.to_bytes();
    if is_inline {
        stored.extend_from_slice(value);
    }
    let cut = |part: usize| {
        value.slice(part * (MAX_VALUE - CHUNK_KEY)..value.len().min((part + 1) * (MAX_VALUE - CHUNK_KEY)))
    };
    (stored, head.chunk_keys().zip((0..parts).map(cut)).collect())
}

/// A stored head and the bytes behind it. `None` when it is not one.
pub(super) fn decode(stored: &[u8]) -> Option<(Head, &[u8])> {
    let (format, rest) = stored.split_first()?;
    let (created, rest) = rest.split_first_chunk::<8>()?;
    let (modified, rest) = rest.split_first_chunk::<8>()?;
    let (index, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (chunks, rest) = rest.split_first_chunk::<4>()?;
    let head = Head {
        created: u64::from_be_bytes(*created),
        modified: u64::from_be_bytes(*modified),
        index: u32::from_be_bytes(*index),
        length: u32::from_be_bytes(*length),
        chunks: u32::from_be_bytes(*chunks),
    };
    let inline = if head.chunks == 0 { head.length() } else { 0 };
    (*format == FORMAT && rest.len() == inline).then_some((head, rest))
}

impl Head {
    /// How many bytes the value has.
    pub(super) fn length(&self) -> usize {
        self.length as usize
    }

    /// The keys of the chunks in order; none when the value is behind the head.
    pub(super) fn chunk_keys(self) -> impl Iterator<Item = Vec<u8>> {
        (0..self.chunks).map(move |chunk| {
            let mut key = Vec::with_capacity(CHUNK_KEY);
            key.push(CHUNKS);
            // The revision keeps the chunks of two versions apart: one sled batch removes the old ones and adds the new
            // ones, and applies no key twice.
            key.extend_from_slice(&self.modified.to_be_bytes());
            key.extend_from_slice(&self.index.to_be_bytes());
            key.extend_from_slice(&chunk.to_be_bytes());
            key
        })
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut stored = Vec::with_capacity(HEAD);
        stored.push(FORMAT);
        stored.extend_from_slice(&self.created.to_be_bytes());
        stored.extend_from_slice(&self.modified.to_be_bytes());
        stored.extend_from_slice(&self.index.to_be_bytes());
        stored.extend_from_slice(&self.length.to_be_bytes());
        stored.extend_from_slice(&self.chunks.to_be_bytes());
        stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: usize, length: usize, chunks: usize) {
        let key = Key::from(vec![b'k'; key]);
        let value: Bytes = (0..length).map(|place| place as u8).collect();
        let state = Versioned { value: value.clone(), created: 3, modified: 5 };
        let (stored, cut) = encode(&key, &state, 9);
        assert!(key.len() + stored.len() <= MAX_VALUE);
        assert!(cut.iter().all(|(key, chunk)| key.len() + chunk.len() <= MAX_VALUE && key[0] < 0x20));
        let (head, inline) = decode(&stored).expect("it was encoded");
        assert_eq!((head.created, head.modified, head.length(), cut.len()), (3, 5, length, chunks));
        assert!(head.chunk_keys().eq(cut.iter().map(|(key, _)| key.clone())));
        assert!(cut.iter().map(|(key, _)| key).is_sorted());
        let whole: Vec<u8> = inline.iter().copied().chain(cut.iter().flat_map(|(_, chunk)| chunk.to_vec())).collect();
        assert!(whole == value, "{length} bytes changed");
    }

    #[test]
    fn every_piece_is_small_and_nothing_is_lost() {
        let inline = MAX_VALUE - HEAD;
        let cases = [
            (1, 0, 0),
            (1, inline - 1, 0),
            (1, inline, 1),
            (1024, inline - 1024, 0),
            (1024, inline - 1023, 1),
            (1, MAX_VALUE - CHUNK_KEY + 1, 2),
            (1, 2 * (MAX_VALUE - CHUNK_KEY), 2),
            (1, 300_000, 42),
        ];
        for (key, length, chunks) in cases {
            check(key, length, chunks);
        }
    }

    #[test]
    fn what_is_no_head_is_not_read_as_one() {
        let state = Versioned { value: Bytes::from_static(b"value"), created: 3, modified: 5 };
        let (stored, _) = encode(&Key::from_static(b"k"), &state, 0);
        let mut newer = stored.clone();
        newer[0] = 2;
        for broken in [&stored[..0], &stored[..HEAD - 1], &stored[..HEAD], &[&stored[..], b"x"].concat(), &newer] {
            assert_eq!(decode(broken), None);
        }
    }
}
