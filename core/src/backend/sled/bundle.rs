//! The layout of bundles: what waits to be written under its own key, as one group brought it, in as few parts as the limit of
//! a value allows. Of a value that changed a little, only the difference is in it.

use std::ops::RangeInclusive;

use bytes::Bytes;

use super::super::{Key, Revision, Versioned, fault};
use super::chunk::MAX_VALUE;
use crate::delta;
use crate::error::Result;

/// The first bytes of every part's key.
const BUNDLES: [u8; 2] = [0, b'd'];
const PART_KEY: usize = 14;

/// The most that a change takes beside its key and its value.
const CHANGE: usize = 31;

const PUT: u8 = 1;
const PATCH: u8 = 2;
const DROP: u8 = 3;

/// A value that waits differs from the one before it by at most this share of its length.
const SHARE: usize = 4;

/// A change of what waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A value waits.
    Put(Key, Versioned),
    /// A value waits that differs little from the one before it.
    Patch(Key, Patch),
    /// The key does not wait any more: it is as sled has it.
    Drop(Key),
}

/// How a value came from the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    /// When the one before it was written.
    base: Revision,
    created: Revision,
    modified: Revision,
    difference: Bytes,
}

impl Patch {
    /// Returns the patch that makes a value from the one before it, if it is small.
    pub(super) fn between(old: &Versioned, new: &Versioned) -> Option<Self> {
        let difference = delta::encode(&old.value, &new.value);
        let Versioned { created, modified, .. } = *new;
        let is_small = difference.len() <= new.value.len() / SHARE;
        is_small.then(|| Self { base: old.modified, created, modified, difference: difference.into() })
    }

    /// Makes the value. `None` where a later one is there already, or none.
    ///
    /// # Errors
    /// `Backend` when the value before it is another one.
    pub(super) fn apply(&self, old: Option<&Versioned>) -> Result<Option<Versioned>> {
        let Some(old) = old.filter(|old| old.modified < self.modified) else { return Ok(None) };
        let Self { base, created, modified, ref difference } = *self;
        let made = (old.modified == base).then(|| delta::apply(&old.value, difference, MAX_VALUE)).flatten();
        let value = made.ok_or_else(|| fault(format!("a change of revision {modified} does not fit its value")))?;
        Ok(Some(Versioned { value: value.into(), created, modified }))
    }
}

/// Whether a value fits a part.
pub(super) fn fits(key: &Key, state: &Versioned) -> bool {
    PART_KEY + CHANGE + key.len() + state.value.len() <= MAX_VALUE
}

/// The keys of all parts.
pub(super) fn all() -> RangeInclusive<Vec<u8>> {
    through(Revision::MAX)
}

/// The keys of the parts up to a revision.
pub(super) fn through(revision: Revision) -> RangeInclusive<Vec<u8>> {
    part_key(0, 0)..=part_key(revision, u32::MAX)
}

fn part_key(revision: Revision, part: u32) -> Vec<u8> {
    [&BUNDLES[..], &revision.to_be_bytes(), &part.to_be_bytes()].concat()
}

/// Whether a key is that of a part.
pub(super) fn is_part(key: &[u8]) -> bool {
    key.len() == PART_KEY && key.starts_with(&BUNDLES)
}

/// The parts for these changes of the group that ends with a revision. Each of them fits a part.
pub(super) fn encode(changes: &[Change], revision: Revision) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for change in changes {
        let length = CHANGE + change.key().len() + change.bytes().len();
        if parts.last().is_none_or(|part| PART_KEY + part.len() + length > MAX_VALUE) {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            change.append(part);
        }
    }
    (0..).zip(parts).map(|(number, part)| (part_key(revision, number), part)).collect()
}

impl Change {
    fn key(&self) -> &Key {
        match self {
            Self::Put(key, _) | Self::Patch(key, _) | Self::Drop(key) => key,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Put(_, state) => &state.value,
            Self::Patch(_, patch) => &patch.difference,
            Self::Drop(_) => &[],
        }
    }

    fn append(&self, part: &mut Vec<u8>) {
        let (tag, numbers) = match self {
            Self::Put(_, Versioned { created, modified, .. }) => (PUT, vec![*created, *modified]),
            Self::Patch(_, Patch { base, created, modified, .. }) => (PATCH, vec![*base, *created, *modified]),
            Self::Drop(_) => (DROP, Vec::new()),
        };
        part.push(tag);
        let length = u16::try_from(self.key().len()).expect("the ledger refuses longer keys");
        part.extend_from_slice(&length.to_be_bytes());
        part.extend_from_slice(self.key());
        numbers.iter().for_each(|number| part.extend_from_slice(&number.to_be_bytes()));
        if tag != DROP {
            part.extend_from_slice(&u32::try_from(self.bytes().len()).expect("it fits a part").to_be_bytes());
            part.extend_from_slice(self.bytes());
        }
    }
}

/// The changes of a part. `None` when it is not one.
pub(super) fn decode(mut part: &[u8]) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    while let Some((tag, rest)) = part.split_first() {
        part = rest;
        let length = take(&mut part)?;
        let key = Key::copy_from_slice(bytes(&mut part, u16::from_be_bytes(length).into())?);
        changes.push(match *tag {
            PUT => {
                let (created, modified) = (number(&mut part)?, number(&mut part)?);
                Change::Put(key, Versioned { value: value(&mut part)?, created, modified })
            }
            PATCH => {
                let (base, created, modified) = (number(&mut part)?, number(&mut part)?, number(&mut part)?);
                Change::Patch(key, Patch { base, created, modified, difference: value(&mut part)? })
            }
            DROP => Change::Drop(key),
            _ => return None,
        });
    }
    Some(changes)
}

fn take<const LENGTH: usize>(part: &mut &[u8]) -> Option<[u8; LENGTH]> {
    part.split_off(..LENGTH)?.try_into().ok()
}

fn bytes<'a>(part: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    part.split_off(..length)
}

fn number(part: &mut &[u8]) -> Option<u64> {
    take(part).map(u64::from_be_bytes)
}

fn value(part: &mut &[u8]) -> Option<Bytes> {
    let length = u32::from_be_bytes(take(part)?);
    bytes(part, length.try_into().ok()?).map(Bytes::copy_from_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_small_in_order_and_lose_nothing() {
        let change = |number: u64| {
            let key = Key::from(vec![b'h'; 1 + 8 * number as usize]);
            let value = vec![7; (number as usize * 97) % 4_000].into();
            let patch =
                || Patch { base: number, created: 1, modified: number + 1, difference: Bytes::from_static(b"d") };
            match number % 5 {
                0 => Change::Drop(key),
                1 => Change::Patch(key, patch()),
                _ => Change::Put(key, Versioned { value, created: number, modified: number + 1 }),
            }
        };
        let changes: Vec<Change> = (0..120).map(change).collect();
        let parts = encode(&changes, 7);
        assert!(parts.len() > 1 && parts.iter().all(|(key, part)| key.len() + part.len() <= MAX_VALUE));
        assert!(parts.iter().map(|(key, _)| key).is_sorted());
        assert!(parts.iter().all(|(key, _)| is_part(key) && through(7).contains(key) && !through(6).contains(key)));
        let decoded: Vec<Change> = parts.iter().flat_map(|(_, part)| decode(part).expect("it was encoded")).collect();
        assert_eq!(decoded, changes);
        assert_eq!(decode(&parts[0].1[..20]), None);
    }

    #[test]
    fn a_patch_is_applied_to_the_value_that_it_is_of_and_to_no_later_one() {
        let state = |value: &str, modified| Versioned { value: value.to_owned().into(), created: 1, modified };
        let (old, new) = (state(&"x".repeat(500), 3), state(&format!("{}y", "x".repeat(500)), 5));
        let patch = Patch::between(&old, &new).expect("it is small");
        assert!(Patch::between(&old, &state("another", 5)).is_none());
        assert_eq!(patch.apply(Some(&old)).expect("it fits"), Some(new.clone()));
        assert_eq!(patch.apply(Some(&new)).expect("it is there"), None);
        assert_eq!(patch.apply(None).expect("it is gone"), None);
        patch.apply(Some(&state(&"x".repeat(500), 2))).expect_err("another one");
    }
}
