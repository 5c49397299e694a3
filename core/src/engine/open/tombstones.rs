//! Makes the tombstones of older stores known by the names of their resources. The mark that all are says that readers
//! need not scan them; a new store has it from the start.
//!
//! As long as older programs open the store, they delete without making the names known. So nothing is made known before the
//! format of the store is raised, and until then a mark counts only while nothing is deleted.

#[cfg(not(target_family = "wasm"))]
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use crate::backend::{Backend, Batch, CommitError, Key, Operation, Precondition, Scan};
use crate::engine::stored::{Tombstone, format, key};
use crate::error::{Error, Result};

/// The work on a store that has too many such tombstones for its opening, which waits until the store is open.
#[cfg(not(target_family = "wasm"))]
#[derive(Default)]
pub(crate) struct TombstoneNaming {
    is_due: AtomicBool,
}

/// The batch for the next tombstones, which ends with the mark when no more are left.
struct Step {
    batch: Batch,
    last: Option<Key>,
    more: bool,
}

#[cfg(not(target_family = "wasm"))]
impl TombstoneNaming {
    /// Lets the work begin, when the opening has left any.
    pub(crate) fn begin(&self) {
        self.is_due.store(true, Ordering::Relaxed);
    }

    /// Does the work, if it is due, in bounded steps; `is_over` is asked between them and ends it early.
    pub(crate) fn run(&self, backend: &dyn Backend, is_over: impl FnMut() -> bool) -> Result<()> {
        if self.is_due.load(Ordering::Relaxed) && format::is_raised(backend) {
            name_all(backend, is_over)?;
            self.is_due.store(!is_done(backend)?, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Returns the batch for a store with so few such tombstones that they fit in one; an empty one for all other stores.
pub(crate) fn few(backend: &dyn Backend) -> Result<Batch> {
    let (is_done, mark) = (is_done(backend)?, key::tombstone_mark());
    if !format::is_raised(backend) {
        let is_any_deleted =
            !backend.scan(&Scan { prefix: key::all_tombstones(), after: None, limit: 1 })?.entries.is_empty();
        let operation = match (is_done, is_any_deleted) {
            (true, true) => Some(Operation::Delete(mark)),
            (false, false) => Some(Operation::Put(mark, Bytes::new())),
            _ => None,
        };
        return Ok(Batch { preconditions: Vec::new(), operations: operation.into_iter().collect() });
    }
    if is_done {
        return Ok(Batch::default());
    }
    let step = step(backend, None)?;
    Ok(if step.more { Batch::default() } else { step.batch })
}

/// Makes all tombstones known by their names.
pub(crate) fn name_all(backend: &dyn Backend, mut is_over: impl FnMut() -> bool) -> Result<()> {
    let mut after = None;
    while format::is_raised(backend) && !is_done(backend)? && !is_over() {
        let Step { batch, last, .. } = step(backend, after.clone())?;
        let committed = if batch.operations.is_empty() { Some(Ok(0)) } else { backend.commit(batch).wait(None) };
        match committed {
            Some(Ok(_)) => after = last.or(after),
            // One was restored or forgotten meanwhile: the same step again, without it.
            Some(Err(CommitError::Conflict(_))) => {}
            Some(Err(CommitError::Failed(error))) => return Err(error),
            None => return Err(Error::OutcomeUnknown),
        }
    }
    Ok(())
}

fn is_done(backend: &dyn Backend) -> Result<bool> {
    Ok(backend.get(&key::tombstone_mark())?.is_some())
}

fn step(backend: &dyn Backend, after: Option<Key>) -> Result<Step> {
    let page = backend.scan(&Scan { prefix: key::all_tombstones(), after, limit: 0 })?;
    let mut batch = Batch::default();
    for (key, entry) in &page.entries {
        // One that is damaged has no name to be found by, and a check reports it.
        let Some(by_name) = Tombstone::read(key, entry).ok().and_then(|tombstone| tombstone.by_name) else { continue };
        // Those that were deleted since, and those of an interrupted run, have it already.
        if backend.get(&by_name)?.is_none() {
            batch.preconditions.push(Precondition::At(key.clone(), entry.modified));
            batch.operations.push(Operation::Put(by_name, Bytes::new()));
        }
    }
    if !page.more {
        batch.operations.push(Operation::Put(key::tombstone_mark(), Bytes::new()));
    }
    Ok(Step { batch, last: page.entries.last().map(|(key, _)| key.clone()), more: page.more })
}
