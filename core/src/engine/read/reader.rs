//! What every read of a store needs.

use std::sync::Arc;

use super::defaults::Defaults;
use crate::backend::{Backend, Batch, Revision, settled};
use crate::error::{Error, Result};
use crate::registry::Registry;

/// The part of a store that reads: it knows the kinds, the backend, and the defaults that it shows.
pub(crate) struct Reader {
    pub(crate) registry: Arc<Registry>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) defaults: Defaults,
}

impl Reader {
    /// Returns a reader of the same kinds over another backend, which shares nothing that was read before.
    pub(crate) fn over(&self, backend: Arc<dyn Backend>) -> Self {
        Self { registry: Arc::clone(&self.registry), backend, defaults: self.defaults.unread() }
    }

    /// Checks that the state at a revision can still be read.
    ///
    /// # Errors
    /// `Expired` for a revision below the compaction floor, `BadRequest` for one that is not reached yet.
    pub(crate) fn require_kept(&self, revision: Revision) -> Result<()> {
        // Callers check before they read, to fail early, and again after it: the floor rises before anything below it is
        // removed, so a read that ends with the floor still below its revision has missed nothing.
        let (oldest, mut newest) = (self.backend.floor(), self.backend.revision());
        if revision > newest && self.backend.lags() {
            // Another one was told of it: a barrier ends when it is here.
            settled(self.backend.commit(Batch::barrier()))?;
            newest = self.backend.revision();
        }
        if revision > newest {
            let message = format!("revision {revision} is not reached yet; the newest is {newest}");
            return Err(Error::bad_request(message));
        }
        if revision < oldest { Err(Error::Expired { asked: revision, oldest }) } else { Ok(()) }
    }
}
