//! Admission: a batch is judged against what is stored and what waits, and queued for the committer.

use std::sync::atomic::Ordering;

use super::super::completion::{CommitError, promise};
use super::super::ledger::Stamp;
use super::super::{Batch, Completion, Key, Operation, Precondition, Revision, fault};
use super::queue::{Purpose, Waiting};
use super::shared::Shared;
use super::space::{self, SpaceLeft};
use crate::error::Result;

/// How many keys of a batch are read ahead; beyond, looking them up again would take longer than the lock may be held.
const MAX_KEYS_AHEAD: usize = 16;

/// Longer values do not fit the frame.
const MAX_VALUE_LENGTH: usize = u32::MAX as usize;

/// Stamps of stored keys as of a durable revision.
struct Ahead {
    revision: Revision,
    stamps: Vec<(Key, Option<Stamp>)>,
}

impl Ahead {
    /// The stamp of a key, if it was read.
    fn stamp(&self, key: &[u8]) -> Option<Option<Stamp>> {
        self.stamps.iter().find(|(known, _)| known == key).map(|(_, stamp)| *stamp)
    }
}

impl Shared {
    /// Admits a batch and queues it.
    pub(super) fn commit(&self, batch: Batch, purpose: Purpose) -> Completion {
        self.enqueue(batch, purpose).unwrap_or_else(|error| Completion::ready(Err(error)))
    }

    fn enqueue(&self, batch: Batch, purpose: Purpose) -> std::result::Result<Completion, CommitError> {
        let bytes = size(&batch).map_err(CommitError::Failed)?;
        // Behind a batch that the committer refuses, all that wait are refused with it, also those that free space.
        let is_short = self.is_short.load(Ordering::Relaxed);
        if is_short && purpose == Purpose::Ordinary && !batch.operations.is_empty() {
            let is_enough = self.check_reserve(bytes);
            self.is_wanted.fetch_or(is_enough.is_err(), Ordering::Relaxed);
            is_enough.map_err(CommitError::Failed)?;
        }
        // Reading sled may wait for the disk, and the queue lock would make every other writer wait as well.
        let ahead = self.look_ahead(&batch);
        let mut queue = self.open_queue().map_err(CommitError::Failed)?;
        queue.check_capacity(batch.operations.len(), bytes).map_err(CommitError::Failed)?;
        let has_nothing_to_wait_for = batch.operations.is_empty() && queue.ledger.is_settled();
        let admitted = {
            let view = self.view();
            // The view lock is held, so that no commit becomes durable between this comparison and the checks.
            let ahead = ahead.filter(|ahead| ahead.revision == view.revision);
            let known = |key: &[u8]| ahead.as_ref().and_then(|ahead| ahead.stamp(key));
            queue.ledger.admit(batch, |key| known(key).map_or_else(|| view.stamp(key), Ok))
        };
        let completion = admitted.map(|admitted| {
            // A barrier on an idle store is over at once; the committer would sync for nothing.
            if has_nothing_to_wait_for {
                return Completion::ready(Ok(admitted.revision));
            }
            let (promise, completion) = promise();
            queue.push(Waiting { admitted, promise, bytes, purpose });
            completion
        });
        drop(queue);
        match &completion {
            Ok(_) => self.wake.notify_one(),
            Err(_) if self.view().suspect.load(Ordering::Relaxed) => self.ask(),
            Err(_) => {}
        }
        completion
    }

    /// Whether there is space for an ordinary write of so many bytes.
    pub(super) fn check_reserve(&self, bytes: usize) -> Result<()> {
        let view = self.view();
        let (Ok(file), Ok(db)) = (view.file(), view.db()) else { return Ok(()) };
        let left = SpaceLeft::of(&self.folder, &self.options, &file)?;
        left.check_ordinary(&self.options, &mut self.growth(), space::weight(bytes as u64, 0), db)?;
        self.is_short.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Fails unless a change of this weight that frees space leaves the last reserve free. Returns the space before it.
    pub(super) fn check_last_reserve(&self, weight: u64) -> Result<SpaceLeft> {
        let file = self.view().file()?;
        let left = SpaceLeft::of(&self.folder, &self.options, &file)?;
        left.check(self.growth().expected(weight), self.options.last_reserve())?;
        Ok(left)
    }

    /// Reads the stored keys of a batch before the queue's lock is taken, so that others need not wait for sled. The result is
    /// valid while the durable revision stays the same.
    fn look_ahead(&self, batch: &Batch) -> Option<Ahead> {
        let view = self.view();
        let asserted = batch.preconditions.iter().filter_map(Precondition::key);
        let put = batch.operations.iter().map(Operation::key);
        let mut stamps = Vec::with_capacity(4);
        for key in asserted.chain(put).take(MAX_KEYS_AHEAD) {
            if !stamps.iter().any(|(known, _): &(Key, _)| known == key) {
                // An error comes again when the batch is judged.
                stamps.push((key.clone(), view.stamp(key).ok()?));
            }
        }
        Some(Ahead { revision: view.revision, stamps })
    }
}

/// How many bytes a batch brings.
fn size(batch: &Batch) -> Result<usize> {
    let mut bytes = 0_usize;
    for operation in &batch.operations {
        bytes += operation.key().len();
        if let Operation::Put(key, value) = operation {
            if value.len() > MAX_VALUE_LENGTH {
                return Err(fault(format!("the value of {key:?} has {} bytes", value.len())));
            }
            bytes += value.len();
        }
    }
    Ok(bytes)
}
