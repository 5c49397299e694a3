//! The layout of a value in sled: a head under its key, and chunks when it does not fit there.
//!
//! A head of format 1 has the value behind it, or names chunks by their number. One of format 2 lists its chunks: some are of
//! an earlier value of the key, which had the same bytes in them.

use std::collections::HashSet;

use bytes::Bytes;

use super::super::{Key, Revision, Versioned};
use super::chunk::{self, Chunk, MAX_CHUNK, MAX_VALUE};

/// The format of a head with the value behind it or with numbered chunks.
const NUMBERED: u8 = 1;

/// The format of a head that lists its chunks.
const LISTED: u8 = 2;

/// The format of the store from which on heads may list their chunks, and old versions may wait in bundles.
pub(super) const FORMAT: u32 = 2;

const HEAD: usize = 29;

/// The description of a value without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) created: Revision,
    pub(super) modified: Revision,
    length: u32,
    layout: Layout,
}

/// Where the bytes of a value are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    /// Behind the head, where `chunks` is 0. Else in chunks under `modified` and this index, the place of the put in its
    /// batch.
    Numbered {
        index: u32,
        chunks: u32,
    },
    Listed(Vec<Chunk>),
}

/// A value as it is stored.
pub(super) struct Encoded {
    /// The head, with the value if that fits.
    pub(super) head: Vec<u8>,
    /// The chunks that are not stored yet.
    pub(super) chunks: Vec<(Vec<u8>, Bytes)>,
    /// The keys of stored chunks that the value shares with the one before it.
    pub(super) shared: HashSet<Vec<u8>>,
}

/// The stored value that another one replaces, with its chunks.
pub(super) struct Stored<'a> {
    pub(super) chunks: &'a [Chunk],
    pub(super) value: &'a Bytes,
}

/// Returns the stored form of a value, which shares chunks with the one that it replaces where that saves enough.
pub(super) fn encode(key: &Key, state: &Versioned, index: u32, replaced: Option<Stored<'_>>) -> Encoded {
    let Versioned { value, created, modified } = state;
    let length = u32::try_from(value.len()).expect("the queue refuses values that are larger");
    let head = |layout| Head { created: *created, modified: *modified, length, layout };
    // The key counts too, because sled stores both in one leaf.
    if key.len() + HEAD + value.len() <= MAX_VALUE {
        let mut stored = head(Layout::Numbered { index, chunks: 0 }).to_bytes();
        stored.extend_from_slice(value);
        return Encoded { head: stored, chunks: Vec::new(), shared: HashSet::new() };
    }
    let shared =
        replaced.and_then(|Stored { chunks, value: old }| chunk::share(chunks, old, value, (*modified, index)));
    let Some(listed) = shared else {
        let count = u32::try_from(value.len().div_ceil(MAX_CHUNK)).expect("there are fewer chunks than bytes");
        let head = head(Layout::Numbered { index, chunks: count });
        let cut = |(place, chunk): (usize, Chunk)| {
            (chunk.key(), value.slice(place * MAX_CHUNK..value.len().min((place + 1) * MAX_CHUNK)))
        };
        let chunks = head.chunks().into_iter().enumerate().map(cut).collect();
        return Encoded { head: head.to_bytes(), chunks, shared: HashSet::new() };
    };
    let (mut chunks, mut shared, mut begin) = (Vec::new(), HashSet::new(), 0);
    for chunk in &listed {
        let bytes = value.slice(begin..begin + chunk.length());
        begin += chunk.length();
        match chunk.is_of(*modified, index) {
            true => chunks.push((chunk.key(), bytes)),
            false => drop(shared.insert(chunk.key())),
        }
    }
    Encoded { head: head(Layout::Listed(listed)).to_bytes(), chunks, shared }
}

/// A stored head and the bytes behind it. `None` when it is not one.
pub(super) fn decode(stored: &[u8]) -> Option<(Head, &[u8])> {
    let (format, rest) = stored.split_first()?;
    let (created, rest) = rest.split_first_chunk::<8>()?;
    let (modified, rest) = rest.split_first_chunk::<8>()?;
    let (index, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (chunks, rest) = rest.split_first_chunk::<4>()?;
    let (index, length, chunks) =
        (u32::from_be_bytes(*index), u32::from_be_bytes(*length), u32::from_be_bytes(*chunks));
    let (created, modified) = (u64::from_be_bytes(*created), u64::from_be_bytes(*modified));
    let head = |layout| Head { created, modified, length, layout };
    match *format {
        NUMBERED => {
            let inline = if chunks == 0 { length as usize } else { 0 };
            // No chunk is empty.
            let is_whole = rest.len() == inline && chunks <= length;
            is_whole.then(|| (head(Layout::Numbered { index, chunks }), rest))
        }
        LISTED if index == 0 => {
            let listed = chunk::decode(chunks, rest)?;
            let is_whole = listed.iter().map(Chunk::length).sum::<usize>() == length as usize;
            is_whole.then(|| (head(Layout::Listed(listed)), &[][..]))
        }
        _ => None,
    }
}

/// Returns the revisions in a stored head, when the key was created and when it was changed last.
pub(super) fn revisions(stored: &[u8]) -> Option<(Revision, Revision)> {
    let (format, rest) = stored.split_first()?;
    let (created, rest) = rest.split_first_chunk::<8>()?;
    let (modified, _) = rest.split_first_chunk::<8>()?;
    (1..=LISTED).contains(format).then(|| (u64::from_be_bytes(*created), u64::from_be_bytes(*modified)))
}

impl Head {
    /// How many bytes the value has.
    pub(super) fn length(&self) -> usize {
        self.length as usize
    }

    /// Whether the value is behind the head.
    pub(super) fn is_inline(&self) -> bool {
        matches!(self.layout, Layout::Numbered { chunks: 0, .. })
    }

    /// Whether it is of a format that older programs do not read.
    pub(super) fn lists_chunks(stored: &[u8]) -> bool {
        stored.first() == Some(&LISTED)
    }

    /// The chunks in order; none when the value is behind the head. Those of a head of format 1 have no lengths.
    pub(super) fn chunks(&self) -> Vec<Chunk> {
        match &self.layout {
            Layout::Listed(chunks) => chunks.clone(),
            Layout::Numbered { index, chunks } => {
                (0..*chunks).map(|number| Chunk::new((self.modified, *index), number, 0)).collect()
            }
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (format, index, chunks) = match &self.layout {
            Layout::Numbered { index, chunks } => (NUMBERED, *index, *chunks),
            Layout::Listed(chunks) => (LISTED, 0, chunks.len() as u32),
        };
        let mut stored = Vec::with_capacity(HEAD);
        stored.push(format);
        stored.extend_from_slice(&self.created.to_be_bytes());
        stored.extend_from_slice(&self.modified.to_be_bytes());
        stored.extend_from_slice(&index.to_be_bytes());
        stored.extend_from_slice(&self.length.to_be_bytes());
        stored.extend_from_slice(&chunks.to_be_bytes());
        if let Layout::Listed(chunks) = &self.layout {
            chunk::encode(chunks, &mut stored);
        }
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
        let Encoded { head: stored, chunks: cut, .. } = encode(&key, &state, 9, None);
        assert!(key.len() + stored.len() <= MAX_VALUE);
        assert!(cut.iter().all(|(key, chunk)| key.len() + chunk.len() <= MAX_VALUE && key[0] < 0x20));
        let (head, inline) = decode(&stored).expect("it was encoded");
        assert_eq!((head.created, head.modified, head.length(), cut.len()), (3, 5, length, chunks));
        assert!(head.chunks().iter().map(Chunk::key).eq(cut.iter().map(|(key, _)| key.clone())));
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
            (1, MAX_CHUNK + 1, 2),
            (1, 2 * MAX_CHUNK, 2),
            (1, 300_000, 49),
        ];
        for (key, length, chunks) in cases {
            check(key, length, chunks);
        }
    }

    #[test]
    fn what_is_no_head_is_not_read_as_one() {
        let state = Versioned { value: Bytes::from_static(b"value"), created: 3, modified: 5 };
        let stored = encode(&Key::from_static(b"k"), &state, 0, None).head;
        let mut newer = stored.clone();
        newer[0] = 3;
        for broken in [&stored[..0], &stored[..HEAD - 1], &stored[..HEAD], &[&stored[..], b"x"].concat(), &newer] {
            assert_eq!(decode(broken), None);
        }
    }
}
