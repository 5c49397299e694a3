//! The removals of a compaction, gathered into large commits.

use std::collections::VecDeque;

use crate::backend::{Completion, Key, MAX_BATCH, Operation, Revision};

/// A deleted resource of which nothing is to be left.
pub(super) struct Expired {
    pub(super) tombstone: Key,
    /// The commit that deleted it.
    pub(super) ended: Revision,
    /// The key of its last version.
    pub(super) version: Key,
}

/// Removals gathered into large commits, and the commits under way.
#[derive(Default)]
pub(super) struct Removals {
    pub(super) operations: Vec<Operation>,
    pub(super) expired: Vec<Expired>,
    pub(super) flight: VecDeque<Completion>,
    /// How many bytes of values are gathered.
    pub(super) bytes: usize,
    /// Whether what is gathered is counted only.
    pub(super) is_rehearsal: bool,
    /// How many bytes of values were gathered in all.
    pub(super) total: u64,
}

/// The most bytes of values that are removed together. A backend writes for removals as well: steps are small, so that they
/// fit where space is short, and those that are under way stay within what it can keep in memory.
const MAX_BYTES: usize = 1 << 20;

impl Removals {
    /// Whether what is gathered should be committed.
    pub(super) fn is_full(&self) -> bool {
        self.operations.len() >= MAX_BATCH || self.expired.len() >= MAX_BATCH || self.bytes >= MAX_BYTES
    }
}
