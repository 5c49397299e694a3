//! A clock and ids that repeat themselves, so that all bindings answer the same to the last character.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use kindstore::store::{Clock, IdSource};
use kindstore::{ResourceId, StoreBuilder, Timestamp};

/// A store's parts that begin anew for each player: a second passes with each look at the clock.
pub(crate) fn builder(plain_secrets: bool) -> StoreBuilder {
    kindstore::Store::builder().plain_secrets(plain_secrets).clock(clock()).ids(ids())
}

fn clock() -> Clock {
    let seconds = AtomicI64::new(1_714_550_400);
    Arc::new(move || Timestamp::from_micros(seconds.fetch_add(1, Ordering::Relaxed) * 1_000_000 + 123_456))
}

fn ids() -> IdSource {
    let next = AtomicU64::new(1);
    Arc::new(move |now| {
        let millis = now.as_micros().unsigned_abs() / 1000;
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6] = 0x70;
        bytes[8..].copy_from_slice(&(0x8000_0000_0000_0000 | next.fetch_add(1, Ordering::Relaxed)).to_be_bytes());
        ResourceId::from_bytes(bytes)
    })
}
