//! The change log in sled: the changes of a group of commits, in as few parts as the limit of a value allows.

use super::super::{Change, Key, Revision};
use super::chunk::MAX_VALUE;

/// The first byte of every part's key.
const LOG: u8 = 1;
const PART_KEY: usize = 13;
const ENTRY: usize = 15;

/// More revisions than one group ever has: the part with a revision begins at most this far before it.
pub(super) const MAX_GROUP_REVISIONS: u64 = 256;

/// The key of the part that begins with this change. Parts lie in the order of their changes.
pub(super) fn part_key(revision: Revision, index: u32) -> Vec<u8> {
    [&[LOG][..], &revision.to_be_bytes(), &index.to_be_bytes()].concat()
}

/// Behind the keys of all parts.
pub(super) fn end() -> Vec<u8> {
    vec![LOG + 1]
}

/// The parts for these changes, which are in order.
pub(super) fn encode(changes: &[Change]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut parts: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for change in changes {
        // A part is bounded like any value, or sled would move its leaf to a file that is never synced.
        if parts.last().is_none_or(|(_, part)| PART_KEY + part.len() + ENTRY + change.key.len() > MAX_VALUE) {
            parts.push((part_key(change.revision, change.index), Vec::new()));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.extend_from_slice(&change.revision.to_be_bytes());
            part.extend_from_slice(&change.index.to_be_bytes());
            part.push(u8::from(change.deleted));
            let length = u16::try_from(change.key.len()).expect("the ledger refuses longer keys");
            part.extend_from_slice(&length.to_be_bytes());
            part.extend_from_slice(&change.key);
        }
    }
    parts
}

/// The changes of a part. `None` when it is not one.
pub(super) fn decode(mut part: &[u8]) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    while !part.is_empty() {
        let (revision, rest) = part.split_first_chunk::<8>()?;
        let (index, rest) = rest.split_first_chunk::<4>()?;
        let (deleted, rest) = rest.split_first()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (key, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        changes.push(Change {
            revision: u64::from_be_bytes(*revision),
            index: u32::from_be_bytes(*index),
            key: Key::copy_from_slice(key),
            deleted: *deleted != 0,
        });
        part = rest;
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_small_in_order_and_lose_nothing() {
        let long = Key::from(vec![b'k'; 1024]);
        let changes: Vec<Change> = (0..120)
            .map(|index| Change {
                revision: 7,
                index,
                key: long.slice(..8 * index as usize + 1),
                deleted: index % 3 == 0,
            })
            .collect();
        let parts = encode(&changes);
        assert!(parts.len() > 1 && parts.iter().all(|(key, part)| key.len() + part.len() <= MAX_VALUE));
        assert!(parts.iter().map(|(key, _)| key).is_sorted() && parts.iter().all(|(key, _)| *key < end()));
        let decoded: Vec<Change> = parts.iter().flat_map(|(_, part)| decode(part).expect("it was encoded")).collect();
        assert_eq!(decoded, changes);
        assert_eq!(decode(&parts[0].1[..20]), None);
    }
}
