//! The store's own records, under keys that no caller can use.

use super::super::Revision;
use super::key_checksum::KeyChecksum;

/// The key of the one [`Meta`].
pub(super) const META: &[u8] = &[0, b'm'];

/// The key of the floor of the change log.
pub(super) const FLOOR: &[u8] = &[0, b'f'];

const FORMAT: u8 = 1;

/// Where the store stands; written with every group, so that it always fits the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) revision: Revision,
    pub(super) checksum: KeyChecksum,
}

impl Meta {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let numbers = [self.revision, self.checksum.count, self.checksum.sum];
        [FORMAT].into_iter().chain(numbers.into_iter().flat_map(u64::to_be_bytes)).collect()
    }

    /// `None` when the bytes are of another format.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&FORMAT, numbers) = bytes.split_first()? else { return None };
        let ([revision, count, sum], []) = numbers.as_chunks::<8>() else { return None };
        let number = |bytes: &[u8; 8]| u64::from_be_bytes(*bytes);
        Some(Self { revision: number(revision), checksum: KeyChecksum { count: number(count), sum: number(sum) } })
    }
}
