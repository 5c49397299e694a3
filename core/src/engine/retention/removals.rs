//! The removals of a compaction, gathered into large commits.

use std::collections::VecDeque;

use super::size::HistorySize;
use crate::backend::{Completion, Key, MAX_BATCH, Operation};
use crate::engine::stored::Tombstone;

/// A deleted resource of which nothing is to be left.
pub(super) struct Expired {
    pub(super) tombstone: Tombstone,
    /// The key of its last version.
    pub(super) version: Key,
    /// How many bytes that takes.
    pub(super) bytes: u64,
}

/// How much less than the limits in number and age is kept, because the history of the store takes too many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Squeeze(u32);

impl Squeeze {
    /// From here on there is nothing that could be removed.
    const LAST: u32 = 7;

    /// Returns the next, which keeps less; `None` behind the last.
    pub(super) fn next(self) -> Option<Self> {
        (self.0 < Self::LAST).then_some(Self(self.0 + 1))
    }

    /// Returns how many versions of a resource are kept where this is the limit.
    pub(super) fn versions(self, limit: usize) -> usize {
        match self.0 {
            0 => limit,
            // 16, 8, 4, 2, 1, 0.
            level => limit.min(32 >> level.min(6)),
        }
    }

    /// Whether the last version of a deleted resource is kept.
    pub(super) fn keeps_deleted(self) -> bool {
        self.0 < Self::LAST
    }
}

/// Removals gathered into large commits, and the commits under way.
pub(super) struct Removals<'a> {
    pub(super) size: &'a mut HistorySize,
    pub(super) squeeze: Squeeze,
    pub(super) operations: Vec<Operation>,
    /// How many bytes of values are gathered, removed and stored.
    pub(super) bytes: u64,
    pub(super) expired: Vec<Expired>,
    pub(super) flight: VecDeque<Completion>,
    /// Whether a commit under way stores versions anew. What they were made from is removed only when that has ended well.
    pub(super) stores: bool,
    /// Whether what is gathered is counted only.
    pub(super) is_rehearsal: bool,
    /// How many bytes of values were freed in all.
    pub(super) total: u64,
}

/// The most bytes of values that are removed or stored together. A backend writes for removals as well: steps are small, so
/// that they fit where space is short, and those that are under way stay within what it can keep in memory.
const MAX_BYTES: u64 = 1 << 20;

impl<'a> Removals<'a> {
    pub(super) fn new(size: &'a mut HistorySize, squeeze: Squeeze) -> Self {
        let (operations, expired, flight) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { size, squeeze, operations, bytes: 0, expired, flight, stores: false, is_rehearsal: false, total: 0 }
    }

    /// Returns removals that are counted only.
    pub(super) fn rehearsal(unused: &'a mut HistorySize) -> Self {
        Self { is_rehearsal: true, ..Self::new(unused, Squeeze::default()) }
    }

    /// Whether what is gathered should be committed. One more operation stores the size of history.
    pub(super) fn is_full(&self) -> bool {
        self.operations.len() + 1 >= MAX_BATCH || self.expired.len() >= MAX_BATCH || self.bytes >= MAX_BYTES
    }
}
