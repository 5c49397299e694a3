//! The removals of a compaction, gathered into large commits.

use std::collections::VecDeque;

use crate::backend::{Completion, Key, Operation, Revision};

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
    /// How many bytes the operations store.
    pub(super) bytes: usize,
    pub(super) expired: Vec<Expired>,
    pub(super) flight: VecDeque<Completion>,
    /// Whether a commit under way stores versions anew. What they were made from is removed only when that has ended well.
    pub(super) stores: bool,
}
