//! Keeps ids rising from one run of a store to the next, also when the machine's clock was set back in between: a time that
//! no id has reached is stored, at most once a minute, along with a create.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;

use super::key;
use crate::backend::{Backend, Operation};
use crate::error::Result;
use crate::object::Timestamp;

/// How far ahead the stored time is, in microseconds.
const AHEAD: i64 = 60_000_000;

/// The times of ids of a store.
pub(super) struct IdClockFloor {
    /// Ids of earlier runs are all before this.
    before: Timestamp,
    /// The stored time.
    mark: Arc<AtomicI64>,
}

impl IdClockFloor {
    /// The id_floor that earlier runs left.
    pub(super) fn read(backend: &dyn Backend) -> Result<Self> {
        let stored = backend.get(&key::id_mark())?;
        let micros = stored.and_then(|entry| <[u8; 8]>::try_from(entry.value.as_ref()).ok()).map(i64::from_be_bytes);
        let mark = micros.unwrap_or(i64::MIN);
        Ok(Self { before: Timestamp::from_micros(micros.unwrap_or(0)), mark: Arc::new(AtomicI64::new(mark)) })
    }

    /// The same id_floor, which remembers for itself what is stored from now on.
    pub(super) fn afresh(&self) -> Self {
        let mark = self.mark.load(Ordering::Relaxed);
        Self { before: self.before, mark: Arc::new(AtomicI64::new(mark)) }
    }

    /// What the other one remembers is stored by now.
    pub(super) fn catch_up(&self, other: &Self) {
        self.mark.fetch_max(other.mark.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The time that an id made now is made for.
    pub(super) fn id_time(&self, now: Timestamp) -> Timestamp {
        now.max(self.before)
    }

    /// What a create stores along with its record, when the stored time is not ahead any more, and what remembers that
    /// once it is stored.
    pub(super) fn advance(&self, now: Timestamp) -> Option<(Operation, impl FnOnce() + Send + use<>)> {
        let now = self.id_time(now).as_micros();
        if now < self.mark.load(Ordering::Relaxed) {
            return None;
        }
        let next = now.saturating_add(AHEAD);
        let mark = Arc::clone(&self.mark);
        let operation = Operation::Put(key::id_mark(), Bytes::copy_from_slice(&next.to_be_bytes()));
        let stored = move || {
            mark.fetch_max(next, Ordering::Relaxed);
        };
        Some((operation, stored))
    }
}
