//! The engine: the only place where rules and backend meet. It contains order, not opinions.

mod amend;
mod cascade;
mod check;
mod create;
mod default;
mod delete;
mod document;
mod draft;
mod given;
mod history;
mod id_floor;
mod index;
mod key;
mod list;
mod moment;
mod namespace;
mod options;
mod overlay;
mod page;
mod past;
mod pipeline;
mod read;
mod record;
mod reference;
mod reindex;
mod restore;
mod retention;
mod simulate;
mod source;
mod store;
mod system;
#[cfg(test)]
mod tests;
mod token;
mod transaction;
mod turn;
mod watch;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

pub use self::check::{CheckReport, Flaw};
use self::default::Defaults;
pub use self::history::{Comparison, History, HistoryOptions, Version};
use self::id_floor::IdClockFloor;
use self::index::Index;
pub use self::list::{List, ListOptions};
pub use self::options::{GetOptions, Patch, StoreBuilder, WriteOptions, WriteOutcome};
pub use self::page::HistoryPage;
#[cfg(feature = "fuzzing")]
pub use self::record::fuzz_record;
use self::retention::Compactor;
#[cfg(not(target_family = "wasm"))]
use self::retention::Worker;
pub use self::retention::{Compaction, Retention};
pub use self::simulate::{SimulateError, SimulateOptions, simulate_patch};
pub use self::source::{Clock, IdSource};
pub use self::store::Store;
pub use self::system::System;
pub use self::token::{ContinueToken, HistoryToken};
pub use self::transaction::{CommitOperation, CommitOptions, MAX_COMMIT};
use self::turn::ContentionLocks;
use self::watch::feed::Feed;
pub use self::watch::{
    ChangeType, Cursor, ParseCursorError, ResourceChange, Watch, WatchEvent, WatchFrom, WatchOptions,
};
pub use self::write::Write;
use crate::backend::{Backend, Key, Revision};
use crate::object::ResourceId;
use crate::registry::Registry;

/// What all handles of a store share.
struct Inner {
    /// Ended before the backend is left: its thread uses it.
    #[cfg(not(target_family = "wasm"))]
    _worker: Option<Worker>,
    compactor: Arc<Compactor>,
    registry: Arc<Registry>,
    backend: Arc<dyn Backend>,
    clock: Clock,
    ids: IdSource,
    id_floor: IdClockFloor,
    /// Namespaces that were entered, with where and when they were stored.
    rooms: RwLock<HashMap<String, (Key, Revision)>>,
    /// The ids of names that were referred to, under the keys of the names.
    targets: RwLock<HashMap<Key, ResourceId>>,
    turns: ContentionLocks,
    feed: Feed,
    index: Arc<Index>,
    /// Whether secret members may be kept in clear.
    plain_secrets: bool,
    defaults: Defaults,
}

impl Inner {
    /// The same store over another backend, which remembers nothing of what it read before.
    fn over(&self, backend: Arc<dyn Backend>) -> Self {
        Self {
            #[cfg(not(target_family = "wasm"))]
            _worker: None,
            compactor: Arc::clone(&self.compactor),
            registry: Arc::clone(&self.registry),
            backend,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            id_floor: self.id_floor.afresh(),
            rooms: Default::default(),
            targets: Default::default(),
            turns: Default::default(),
            feed: Default::default(),
            index: Arc::new(self.index.afresh()),
            plain_secrets: self.plain_secrets,
            defaults: self.defaults.afresh(),
        }
    }
}
