//! The state that all handles of a store share.

use std::sync::Arc;

#[cfg(not(target_family = "wasm"))]
use crate::engine::background::Worker;
use crate::engine::retention::Compactor;
use crate::engine::watch::Feed;
use crate::engine::write::Writer;

/// The parts of an open store.
pub(crate) struct Inner {
    /// Declared first and so dropped first: its thread uses the backend.
    #[cfg(not(target_family = "wasm"))]
    pub(super) worker: Option<Worker>,
    pub(super) compactor: Arc<Compactor>,
    pub(super) writer: Arc<Writer>,
    pub(super) feed: Arc<Feed>,
}

impl Inner {
    /// Whether a background worker runs.
    pub(super) fn has_worker(&self) -> bool {
        #[cfg(not(target_family = "wasm"))]
        return self.worker.is_some();
        #[cfg(target_family = "wasm")]
        return false;
    }
}
