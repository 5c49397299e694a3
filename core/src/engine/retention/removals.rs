//! The removals of a compaction, gathered into large commits.

use std::collections::VecDeque;

use crate::backend::{Completion, Key, Operation};
use crate::engine::stored::Tombstone;

/// A deleted resource of which nothing is to be left.
pub(super) struct Expired {
    pub(super) tombstone: Tombstone,
    /// The key of its last version.
    pub(super) version: Key,
}

/// Removals gathered into large commits, and the commits under way.
#[derive(Default)]
pub(super) struct Removals {
    pub(super) operations: Vec<Operation>,
    pub(super) expired: Vec<Expired>,
    pub(super) flight: VecDeque<Completion>,
}
