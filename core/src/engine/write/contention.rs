//! Locks for writers that keep conflicting. Of two writes that change one resource at the same time, one begins again; the
//! larger the resource, the longer a pass takes and the more often it is overtaken. After a few conflicts a write therefore
//! takes a lock, so that it competes with first attempts only and is sure to get through.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many conflicts a write has before it takes a lock.
pub(crate) const LOCK_AFTER_CONFLICTS: u32 = 4;

/// The number of locks. Resources that share one wait for each other, and no more goes wrong.
const STRIPES: usize = 64;

/// The locks, by a hash of the resource's address.
pub(crate) struct ContentionLocks([Mutex<()>; STRIPES]);

impl Default for ContentionLocks {
    fn default() -> Self {
        Self([const { Mutex::new(()) }; STRIPES])
    }
}

impl ContentionLocks {
    /// Takes the lock of one address.
    pub(crate) fn take(&self, address: impl Hash) -> MutexGuard<'_, ()> {
        let stripe = stripe(address);
        self.lock(stripe)
    }

    /// Takes the locks of several addresses, always in the same order, so that no two transactions wait for each other.
    pub(crate) fn take_all(&self, addresses: impl Iterator<Item: Hash>) -> Vec<MutexGuard<'_, ()>> {
        // A set, since two addresses can share a lock, which must not be taken twice.
        let stripes: BTreeSet<usize> = addresses.map(stripe).collect();
        stripes.into_iter().map(|stripe| self.lock(stripe)).collect()
    }

    fn lock(&self, stripe: usize) -> MutexGuard<'_, ()> {
        self.0[stripe].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stripe(address: impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish() as usize % STRIPES
}
