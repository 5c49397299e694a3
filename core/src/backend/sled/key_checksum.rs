//! A running checksum of all live keys: their number, and a sum over key and revision.

use super::super::{Key, Revision};

/// The checksum. Order does not matter, so that each commit adds and removes only its own keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyChecksum {
    pub(super) count: u64,
    pub(super) sum: u64,
}

impl KeyChecksum {
    pub(super) fn add(&mut self, key: &[u8], modified: Revision) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(hash(key, modified));
    }

    pub(super) fn take(&mut self, key: &[u8], modified: Revision) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(hash(key, modified));
    }

    /// Replaces the contribution of a key; `None` is a key that is not there.
    pub(super) fn replace(&mut self, key: &[u8], old: Option<Revision>, new: Option<Revision>) {
        if let Some(old) = old {
            self.take(key, old);
        }
        if let Some(new) = new {
            self.add(key, new);
        }
    }
}

/// A count under way: of the keys up to the last one passed.
#[derive(Debug, Default)]
pub(super) struct Recount {
    passed: Key,
    checksum: KeyChecksum,
}

impl Recount {
    /// The last key that was counted.
    pub(super) fn passed(&self) -> &Key {
        &self.passed
    }

    /// The checksum of the keys that were counted.
    pub(super) fn counted(&self) -> KeyChecksum {
        self.checksum
    }

    /// Counts the next key.
    pub(super) fn pass(&mut self, key: Key, modified: Revision) {
        self.checksum.add(&key, modified);
        self.passed = key;
    }

    /// Applies a commit that became visible. Keys ahead of the count are counted when it reaches them.
    pub(super) fn replace(&mut self, key: &Key, old: Option<Revision>, new: Option<Revision>) {
        if *key <= self.passed {
            self.checksum.replace(key, old, new);
        }
    }
}

/// FNV-1a with a last mixing: it is stored, so that it must never change. std's hashers may.
fn hash(key: &[u8], modified: Revision) -> u64 {
    let bytes = key.iter().copied().chain(modified.to_be_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_and_taken_leaves_nothing_in_any_order() {
        let mut checksum = KeyChecksum::default();
        checksum.replace(b"a", None, Some(1));
        checksum.replace(b"b", None, Some(2));
        let two = checksum;
        checksum.replace(b"a", Some(1), Some(3));
        assert!(checksum.count == 2 && checksum != two);
        checksum.replace(b"b", Some(2), None);
        checksum.replace(b"a", Some(3), None);
        assert_eq!(checksum, KeyChecksum::default());
    }

    #[test]
    fn the_stored_hash_stays_as_it_is() {
        assert_eq!(hash(b"key", 7), 6_192_145_855_169_405_665);
    }
}
