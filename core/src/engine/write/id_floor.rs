//! Keeps ids rising from one run of a store to the next, also when the machine's clock was set back in between. A time ahead
//! of every id is stored along with a create, at most twice a minute; ids of the next run begin behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;

use crate::backend::{Backend, Operation};
use crate::engine::stored::key;
use crate::error::Result;
use crate::object::Timestamp;

/// How far ahead the stored time is, in microseconds.
const AHEAD: i64 = 60_000_000;

/// How long before ids reach the stored time it is moved. Of creates that move it at once, the one with the smaller time may be
/// stored last: what is stored can be behind what is remembered here, by as much as they are apart, and never by this much.
const EARLY: i64 = AHEAD / 2;

/// The lower bound of new ids.
pub(crate) struct IdClockFloor {
    /// Ids of earlier runs are all before this.
    before: Timestamp,
    /// The stored time.
    mark: Arc<AtomicI64>,
}

impl IdClockFloor {
    /// Reads the bound that earlier runs stored.
    pub(crate) fn read(backend: &dyn Backend) -> Result<Self> {
        let stored = backend.get(&key::id_mark())?;
        let micros = stored.and_then(|entry| <[u8; 8]>::try_from(entry.value.as_ref()).ok()).map(i64::from_be_bytes);
        let mark = micros.unwrap_or(i64::MIN);
        Ok(Self { before: Timestamp::from_micros(micros.unwrap_or(0)), mark: Arc::new(AtomicI64::new(mark)) })
    }

    /// Returns a copy for a transaction, which learns for itself of what it stages.
    pub(crate) fn copied(&self) -> Self {
        let mark = self.mark.load(Ordering::Relaxed);
        Self { before: self.before, mark: Arc::new(AtomicI64::new(mark)) }
    }

    /// Takes over from a copy whose transaction is committed.
    pub(crate) fn catch_up(&self, other: &Self) {
        self.mark.fetch_max(other.mark.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Returns the time for an id that is made now.
    pub(crate) fn id_time(&self, now: Timestamp) -> Timestamp {
        now.max(self.before)
    }

    /// Returns the operation that moves the stored time ahead again, when ids have reached it, and the function to call once
    /// that is committed.
    pub(crate) fn advance(&self, now: Timestamp) -> Option<(Operation, impl FnOnce() + Send + use<>)> {
        // The time that ids are made with, not the clock: after that was set back, ids go on from the bound.
        let now = self.id_time(now).as_micros();
        if now.saturating_add(EARLY) < self.mark.load(Ordering::Relaxed) {
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
