//! The chunks of a large value, and which of them a later value can share.
//!
//! A value that differs little from the one before it keeps the chunks that are the same, so that a small change of a large
//! value writes little. Each chunk belongs to one key, and stays under the revision that wrote it.

use super::super::Revision;
use crate::delta;

/// The most bytes that one sled value has, its key counted. sled moves a leaf of more than 128 KiB to a file that it never
/// syncs. A leaf is split beyond 16 keys, and takes in a neighbour of up to 3: 20 values must fit. Earlier versions wrote
/// values of up to 7 KiB.
pub(super) const MAX_VALUE: usize = 6 * 1024;

/// The first byte of every chunk's key.
const CHUNKS: u8 = 2;
pub(super) const CHUNK_KEY: usize = 17;

/// The most bytes of a chunk.
pub(super) const MAX_CHUNK: usize = MAX_VALUE - CHUNK_KEY;

/// Values of more bytes share nothing: their lists of chunks would not fit a head.
const MAX_SHARING: usize = 4 << 20;

/// The most runs of chunks that a head lists. A value with more is stored anew.
const MAX_RUNS: usize = 100;

/// The length of a run in a head: revision, index, first number, count.
const RUN: usize = 8 + 4 + 4 + 2;

/// A part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// The commit that wrote it.
    revision: Revision,
    /// The place of the put in that commit's batch.
    index: u32,
    number: u32,
    length: u16,
}

impl Chunk {
    /// Returns the chunk with a number that a put writes, by its revision and its place in its batch.
    pub(super) fn new((revision, index): (Revision, u32), number: u32, length: usize) -> Self {
        // Never longer: pieces are cut so.
        Self { revision, index, number, length: u16::try_from(length).unwrap_or(u16::MAX) }
    }

    /// Returns the same chunk with a length.
    pub(super) fn with_length(self, length: usize) -> Self {
        Self { length: u16::try_from(length).unwrap_or(u16::MAX), ..self }
    }

    /// How many bytes it has; 0 where only the stored chunk tells.
    pub(super) fn length(&self) -> usize {
        self.length.into()
    }

    /// Whether a put wrote it.
    pub(super) fn is_of(&self, revision: Revision, index: u32) -> bool {
        (self.revision, self.index) == (revision, index)
    }

    /// The key of the chunk in sled.
    pub(super) fn key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(CHUNK_KEY);
        key.push(CHUNKS);
        // The revision keeps the chunks of two versions apart: one sled batch removes the old ones and adds the new
        // ones, and applies no key twice.
        key.extend_from_slice(&self.revision.to_be_bytes());
        key.extend_from_slice(&self.index.to_be_bytes());
        key.extend_from_slice(&self.number.to_be_bytes());
        key
    }

    fn is_followed_by(&self, next: &Self) -> bool {
        next.is_of(self.revision, self.index) && self.number.checked_add(1) == Some(next.number)
    }
}

/// Returns the chunks of a value of which some are those of an older one; `None` where too little is shared. New ones are of
/// the put that is given.
pub(super) fn share(old: &[Chunk], old_value: &[u8], value: &[u8], put: (Revision, u32)) -> Option<Vec<Chunk>> {
    if old.is_empty() || value.len() > MAX_SHARING {
        return None;
    }
    let (mut listed, mut number, mut covered, mut shared) = (Vec::new(), 0, 0, 0);
    let kept = kept(old, old_value, value);
    for (chunk, begin) in kept.into_iter().chain([(Chunk::new(put, 0, 0), value.len())]) {
        let gap = begin - covered;
        // A small piece takes its small neighbour in, or pieces would become more and more.
        let is_absorbed = gap > 0 && chunk.length() > 0 && gap + chunk.length() <= MAX_CHUNK / 2;
        let end = if is_absorbed { begin + chunk.length() } else { begin };
        for length in pieces(end - covered) {
            listed.push(Chunk::new(put, number, length));
            number += 1;
        }
        if !is_absorbed && chunk.length() > 0 {
            listed.push(chunk);
            shared += chunk.length();
        }
        covered = begin + chunk.length();
    }
    let is_worth_it = shared >= value.len() / 4 && listed.len() <= 2 * value.len().div_ceil(MAX_CHUNK) + 8;
    (is_worth_it && runs(&listed).count() <= MAX_RUNS).then_some(listed)
}

/// Returns the older chunks whose bytes are in the value, in the order of the value, each with its place there.
fn kept(old: &[Chunk], old_value: &[u8], value: &[u8]) -> Vec<(Chunk, usize)> {
    let mut begin = 0;
    let places: Vec<(usize, Chunk)> = old
        .iter()
        .map(|chunk| {
            let place = (begin, *chunk);
            begin += chunk.length();
            place
        })
        .collect();
    let mut kept = Vec::new();
    for found in delta::matches(old_value, value) {
        let first = places.partition_point(|(begin, _)| *begin < found.base);
        let end = found.base + found.length;
        let inside = places[first..].iter().take_while(|(begin, chunk)| begin + chunk.length() <= end);
        kept.extend(inside.map(|(begin, chunk)| (*chunk, begin - found.base + found.target)));
    }
    kept
}

/// Cuts a length into equal ones that fit a chunk.
fn pieces(length: usize) -> impl Iterator<Item = usize> {
    let count = length.div_ceil(MAX_CHUNK);
    (0..count).map(move |piece| length * (piece + 1) / count - length * piece / count)
}

/// Returns the chunks as runs of which each is written by one put, one behind the other.
fn runs(chunks: &[Chunk]) -> impl Iterator<Item = &[Chunk]> {
    chunks.chunk_by(Chunk::is_followed_by)
}

/// Appends a list of chunks: the number of runs, the runs, and the length of each chunk.
pub(super) fn encode(chunks: &[Chunk], out: &mut Vec<u8>) {
    out.extend_from_slice(&(runs(chunks).count() as u16).to_be_bytes());
    for run in runs(chunks) {
        out.extend_from_slice(&run[0].revision.to_be_bytes());
        out.extend_from_slice(&run[0].index.to_be_bytes());
        out.extend_from_slice(&run[0].number.to_be_bytes());
        out.extend_from_slice(&(run.len() as u16).to_be_bytes());
    }
    chunks.iter().for_each(|chunk| out.extend_from_slice(&chunk.length.to_be_bytes()));
}

/// Reads a list of so many chunks. `None` when the bytes are not one.
pub(super) fn decode(count: u32, bytes: &[u8]) -> Option<Vec<Chunk>> {
    let (number_of_runs, rest) = bytes.split_first_chunk::<2>()?;
    let (runs, lengths) = rest.split_at_checked(RUN * usize::from(u16::from_be_bytes(*number_of_runs)))?;
    let lengths = lengths.chunks_exact(2);
    if lengths.len() != count as usize || !lengths.remainder().is_empty() {
        return None;
    }
    let mut lengths = lengths.map(|length| u16::from_be_bytes([length[0], length[1]]));
    let mut chunks: Vec<Chunk> = Vec::with_capacity(count as usize);
    for run in runs.chunks_exact(RUN) {
        let (revision, rest) = run.split_first_chunk::<8>()?;
        let (index, rest) = rest.split_first_chunk::<4>()?;
        let (first, rest) = rest.split_first_chunk::<4>()?;
        let (revision, index) = (u64::from_be_bytes(*revision), u32::from_be_bytes(*index));
        let (first, count) = (u32::from_be_bytes(*first), u16::from_be_bytes(rest.try_into().ok()?));
        let put = Chunk { revision, index, number: first, length: 0 };
        // One list has one form, with runs as long as can be.
        if count == 0 || chunks.last().is_some_and(|last| last.is_followed_by(&put)) {
            return None;
        }
        for place in 0..u32::from(count) {
            chunks.push(Chunk { number: first.checked_add(place)?, length: lengths.next()?, ..put });
        }
    }
    lengths.next().is_none().then_some(chunks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn equal(value: &[u8]) -> Vec<Chunk> {
        let count = value.len().div_ceil(MAX_CHUNK);
        let length = |number: usize| (value.len() - number * MAX_CHUNK).min(MAX_CHUNK);
        (0..count).map(|number| Chunk::new((5, 0), number as u32, length(number))).collect()
    }

    fn text(length: usize) -> Vec<u8> {
        (0_u32..).flat_map(|number| number.to_string().into_bytes()).take(length).collect()
    }

    fn written(chunks: &[Chunk], revision: Revision) -> usize {
        chunks.iter().filter(|chunk| chunk.is_of(revision, 3)).map(Chunk::length).sum()
    }

    #[test]
    fn a_small_change_writes_little_however_often_it_is_made() {
        let mut value = text(1 << 20);
        let mut chunks = equal(&value);
        for revision in 6..600 {
            let mut next = value.clone();
            // As a label that is patched and a status at the end: something near the beginning grows and shrinks.
            let label = "x".repeat(revision % 97);
            next.splice(100..100 + (revision - 1) % 97, label.into_bytes());
            next[7] = revision as u8;
            let last = next.len() - 3;
            next[last] = revision as u8;
            let shared = share(&chunks, &value, &next, (revision as u64, 3)).expect("most is shared");
            assert!(written(&shared, revision as u64) <= 4 * MAX_CHUNK, "at revision {revision}");
            assert_eq!(shared.iter().map(Chunk::length).sum::<usize>(), next.len());
            assert!(shared.iter().all(|chunk| (1..=MAX_CHUNK).contains(&chunk.length())));
            let mut stored = Vec::new();
            encode(&shared, &mut stored);
            assert!(stored.len() < 4096, "{} bytes in a head", stored.len());
            assert_eq!(decode(shared.len() as u32, &stored).as_ref(), Some(&shared));
            (value, chunks) = (next, shared);
        }
    }

    #[test]
    fn another_value_shares_nothing() {
        let value = text(100_000);
        assert_eq!(share(&equal(&value), &value, &vec![0; 100_000], (6, 3)), None);
        assert_eq!(share(&[], &value, &value, (6, 3)), None);
    }

    #[test]
    fn a_value_that_was_changed_everywhere_is_stored_anew() {
        let (mut value, mut anew) = (text(2 << 20), 0);
        let mut chunks = equal(&value);
        for revision in 6..200_u64 {
            let mut next = value.clone();
            let place = revision as usize * 9_973 % next.len();
            next[place] ^= 1;
            chunks = share(&chunks, &value, &next, (revision, 3)).unwrap_or_else(|| {
                anew += 1;
                equal(&next)
            });
            value = next;
        }
        assert!((1..8).contains(&anew), "stored anew {anew} times");
    }

    proptest! {
        #[test]
        fn what_is_kept_has_its_bytes_in_the_value(
            places in prop::collection::vec((0..60_000_usize, 0..9_000_usize, 0..9_000_usize), 1..6),
        ) {
            let old = text(60_000);
            let mut value = old.clone();
            for (place, removed, added) in places {
                let place = place.min(value.len());
                let end = (place + removed).min(value.len());
                value.splice(place..end, vec![b'x'; added]);
            }
            let chunks = equal(&old);
            let mut covered = 0;
            for (chunk, begin) in kept(&chunks, &old, &value) {
                let from = chunk.number as usize * MAX_CHUNK;
                prop_assert!(begin >= covered);
                prop_assert_eq!(&old[from..from + chunk.length()], &value[begin..begin + chunk.length()]);
                covered = begin + chunk.length();
            }
        }

        #[test]
        fn strange_bytes_are_no_list_or_one_that_is_written_the_same(
            count in 0..4_u32,
            bytes in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            if let Some(chunks) = decode(count, &bytes) {
                let mut again = Vec::new();
                encode(&chunks, &mut again);
                prop_assert_eq!(again, bytes);
            }
        }
    }
}
