//! Admitted batches that wait for the committer.

use std::collections::VecDeque;

use super::super::Revision;
use super::super::completion::{CommitError, Promise};
use super::super::ledger::{Admitted, Ledger};
use crate::error::{Error, Result};

/// The most operations and bytes that wait; beyond, the store refuses batches as busy. The largest batch fits beside others.
const MAX_OPERATIONS: usize = 32_768;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The most that is written together. A batch that is larger goes alone. Readers go through the old values of a group
/// while it is written, and a smaller group shares a sync between fewer writers.
const GROUP_OPERATIONS: usize = 192;
const GROUP_BYTES: usize = 512 * 1024;

/// An admitted batch with the promise of its caller.
pub(super) struct Waiting {
    pub(super) admitted: Admitted,
    pub(super) promise: Promise,
    pub(super) bytes: usize,
    pub(super) purpose: Purpose,
}

impl Waiting {
    /// Whether the reserve for ordinary writes must stay free: a barrier writes nothing.
    pub(super) fn needs_reserve(&self) -> bool {
        self.purpose == Purpose::Ordinary && !self.admitted.changes.is_empty()
    }
}

/// What a batch is for, which decides how much space must be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Ordinary,
    /// It frees space, or lets later commits free some.
    FreeSpace,
}

/// Whether batches are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// sled is closed after a failure.
    Closed,
    /// The store is being dropped; waiting batches are still written.
    Ending,
}

pub(super) struct Queue {
    pub(super) ledger: Ledger,
    pub(super) phase: Phase,
    waiting: VecDeque<Waiting>,
    operations: usize,
    bytes: usize,
}

impl Queue {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self { ledger, phase: Phase::Open, waiting: VecDeque::new(), operations: 0, bytes: 0 }
    }

    /// Checks the capacity for a batch. A batch beyond the whole capacity gets in when nothing waits.
    pub(super) fn check_capacity(&self, operations: usize, bytes: usize) -> Result<()> {
        let fits = self.operations + operations <= MAX_OPERATIONS && self.bytes + bytes <= MAX_BYTES;
        // Otherwise a batch beyond the capacity could never be written.
        if fits || self.waiting.is_empty() {
            return Ok(());
        }
        Err(Error::Unavailable { why: "too many writes are waiting; try again".to_owned() })
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.operations += waiting.admitted.changes.len();
        self.bytes += waiting.bytes;
        self.waiting.push_back(waiting);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The batches that are written together next: whole ones, in order, at least one if any waits. While space is short,
    /// those that free some are not written together with others, which are refused.
    pub(super) fn next_group(&mut self, is_short: bool) -> Vec<Waiting> {
        let (mut group, mut operations, mut bytes) = (Vec::<Waiting>::new(), 0, 0);
        while let Some(next) = self.waiting.front() {
            operations += next.admitted.changes.len();
            bytes += next.bytes;
            // Whole batches only: a batch is visible at once or not at all.
            let is_other = |first: &Waiting| first.needs_reserve() != next.needs_reserve();
            if !group.is_empty()
                && (operations > GROUP_OPERATIONS
                    || bytes > GROUP_BYTES
                    || is_short && group.first().is_some_and(is_other))
            {
                break;
            }
            group.extend(self.take());
        }
        group
    }

    /// Takes back all that waits: the store stays at `durable`.
    pub(super) fn fail(&mut self, durable: Revision) -> Vec<Waiting> {
        self.ledger.fail(durable);
        std::iter::from_fn(|| self.take()).collect()
    }

    fn take(&mut self) -> Option<Waiting> {
        let next = self.waiting.pop_front()?;
        self.operations -= next.admitted.changes.len();
        self.bytes -= next.bytes;
        Some(next)
    }
}

/// Ends waiting batches with an error.
pub(super) fn refuse(waiting: Vec<Waiting>, error: &Error) {
    for Waiting { promise, .. } in waiting {
        promise.resolve(Err(CommitError::Failed(error.clone())));
    }
}
