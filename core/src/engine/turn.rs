//! ContentionLocks of writers who keep getting in each other's way: of two that change one resource at the same time, one has to
//! begin anew, and the larger the resource, the more often.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a write is overtaken before it takes turns with others.
pub(super) const LOCK_AFTER_CONFLICTS: u32 = 4;

/// How many turns are taken at once. Resources that share one wait for each other, which is all that goes wrong.
const STRIPES: usize = 64;

/// A turn for each resource, or nearly.
pub(super) struct ContentionLocks([Mutex<()>; STRIPES]);

impl Default for ContentionLocks {
    fn default() -> Self {
        Self([const { Mutex::new(()) }; STRIPES])
    }
}

impl ContentionLocks {
    /// Waits until no other write that takes turns is changing the resource of this address. What was overtaken by then
    /// meets first attempts only.
    pub(super) fn take(&self, address: impl Hash) -> MutexGuard<'_, ()> {
        let stripe = stripe(address);
        self.lock(stripe)
    }

    /// The same for all resources of these addresses. Whoever takes several turns takes them in one order, so that nobody
    /// waits in a circle.
    pub(super) fn take_all(&self, addresses: impl Iterator<Item: Hash>) -> Vec<MutexGuard<'_, ()>> {
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
