//! Putting a store together, and opening it.

use std::fmt;
use std::sync::Arc;

use super::Store;
use super::inner::Inner;
use crate::backend::{Backend, MemoryBackend, Observer};
#[cfg(not(target_family = "wasm"))]
use crate::engine::background::Worker;
use crate::engine::check::{self, CheckReport};
use crate::engine::clock::{Clock, IdSource, system_clock, time_ordered_ids};
use crate::engine::index::Index;
#[cfg(not(target_family = "wasm"))]
use crate::engine::open::TombstoneNaming;
use crate::engine::open::prepare;
use crate::engine::read::{Defaults, Reader};
use crate::engine::retention::{Compactor, Retention, remember, remembered};
use crate::engine::write::Writer;
use crate::error::Result;
use crate::json::Json;
use crate::registry::Registry;

impl Store {
    /// Opens a store in memory, with all built-in kinds and the namespace `default`.
    ///
    /// # Errors
    /// Only those of the built-in definitions, which a test keeps valid.
    pub fn in_memory() -> Result<Self> {
        StoreBuilder::default().open()
    }

    /// Opens the store in a folder, which is created if it does not exist.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let folder = folder.path().join("store");
    /// let store = kindstore::Store::open(&folder)?;
    /// assert!(store.kind("Namespace")?.find("default")?.is_some());
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open) when the folder is in use, foreign, damaged or of a newer format.
    #[cfg(feature = "sled")]
    pub fn open(folder: impl AsRef<std::path::Path>) -> Result<Self> {
        StoreBuilder::default().open_folder(folder)
    }

    /// Returns a builder, for a store with choices of its own.
    pub fn builder() -> StoreBuilder {
        StoreBuilder::default()
    }
}

/// The parts of a store. A clone has the same parts, so that one backend can be checked and then opened.
#[derive(Clone)]
pub struct StoreBuilder {
    backend: Option<Arc<dyn Backend>>,
    clock: Clock,
    ids: IdSource,
    plain_secrets: bool,
    registry: Option<Registry>,
    defaults: Vec<(String, Json)>,
    retention: Option<Retention>,
    background: bool,
}

impl Default for StoreBuilder {
    fn default() -> Self {
        Self {
            backend: None,
            clock: system_clock(),
            ids: time_ordered_ids(),
            plain_secrets: false,
            registry: None,
            defaults: Vec::new(),
            retention: None,
            background: true,
        }
    }
}

impl fmt::Debug for StoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreBuilder")
            .field("plain_secrets", &self.plain_secrets)
            .field("retention", &self.retention)
            .field("background", &self.background)
            .finish_non_exhaustive()
    }
}

impl StoreBuilder {
    /// Keeps the store in this backend; by default, in memory.
    #[must_use]
    pub fn backend(mut self, backend: Arc<dyn Backend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Takes the time from this clock; by default, the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Takes ids from this source; by default, UUIDs of version 7 (RFC 9562).
    #[must_use]
    pub fn ids(mut self, ids: IdSource) -> Self {
        self.ids = ids;
        self
    }

    /// Stores secret members unencrypted, for tests and demonstrations. Without it, writes of kinds that have some are
    /// `NotConfigured`.
    #[must_use]
    pub fn plain_secrets(mut self, plain_secrets: bool) -> Self {
        self.plain_secrets = plain_secrets;
        self
    }

    /// Keeps resources of these kinds; by default, of the built-in ones.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Sets the singleton of a global kind that supplies defaults, such as `GlobalDeploymentDefaults`: a document with
    /// `spec`. Of several documents for one kind the last counts.
    #[must_use]
    pub fn global_defaults(mut self, kind: &str, document: Json) -> Self {
        self.defaults.push((kind.to_owned(), document));
        self
    }

    /// Keeps history within these limits; by default within those that the store remembers. A store that is opened with a
    /// background worker remembers the limits that it is given.
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = Some(retention);
        self
    }

    /// Returns the limits of history that the store remembers; without any, the default ones. Nothing is written.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn remembered_retention(&self) -> Result<Retention> {
        let stored = self.backend.as_ref().map(|backend| remembered(&**backend)).transpose()?;
        Ok(stored.flatten().unwrap_or_default())
    }

    /// Runs a background worker, which compacts history and builds the index for lists with selectors; it does by default.
    /// Without it only [`Store::compact`] removes history, and such lists scan all resources. In wasm, which has no threads,
    /// the index is built when the store opens, and only [`Store::compact`] removes history.
    #[must_use]
    pub fn background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// Opens the store: creates the resources that exist from the start, and finishes work that a crash interrupted.
    ///
    /// # Errors
    /// `Open` when a definition or a document with defaults is not valid; those of the backend.
    pub fn open(self) -> Result<Store> {
        let backend = self.backend.unwrap_or_else(|| Arc::new(MemoryBackend::new()));
        let registry = Arc::new(self.registry.map_or_else(Registry::builtin, Ok)?);
        let defaults = Defaults::new(&registry, self.defaults)?;
        let (clock, index) = (self.clock, Arc::new(Index::new(Arc::clone(&registry))));
        backend.follow(Arc::clone(&index) as Arc<dyn Observer>);
        let retention = match self.retention {
            Some(limits) => limits,
            None => remembered(&*backend)?.unwrap_or_default(),
        };
        let compactor = Compactor::new(Arc::clone(&backend), Arc::clone(&registry), Arc::clone(&clock), retention);
        let compactor = Arc::new(compactor);
        #[cfg(not(target_family = "wasm"))]
        let naming = Arc::<TombstoneNaming>::default();
        let reader = Arc::new(Reader { registry, backend, defaults });
        let mut writer = Writer::new(reader, clock, self.ids, index)?;
        writer.plain_secrets = self.plain_secrets;
        let writer = Arc::new(writer);
        #[cfg(not(target_family = "wasm"))]
        let worker = if self.background { Some(Worker::start(&compactor, &writer, &naming)?) } else { None };
        prepare(&writer)?;
        #[cfg(not(target_family = "wasm"))]
        naming.begin();
        // A store that takes no writes now must still open for reading.
        if let Some(limits) = self.retention.filter(|_| self.background)
            && let Err(error) = remember(writer.backend(), &limits)
        {
            tracing::warn!(%error, "the limits of history could not be remembered");
        }
        // Without threads the index is built here: such a store is in memory, and small.
        #[cfg(target_family = "wasm")]
        if self.background && writer.index.is_due() {
            writer.index.build(writer.backend(), || false)?;
        }
        Ok(Store::new(Inner {
            #[cfg(not(target_family = "wasm"))]
            worker,
            compactor,
            writer,
            feed: Arc::default(),
        }))
    }

    /// Reads the whole store and reports every flaw. Nothing is written. A store that no longer opens can be checked as long
    /// as its backend opens.
    ///
    /// # Errors
    /// `Open` when a definition is not valid. Entries that cannot be read are part of the report.
    pub fn check(self) -> Result<CheckReport> {
        let backend = self.backend.unwrap_or_else(|| Arc::new(MemoryBackend::new()));
        Ok(check::check(&self.registry.map_or_else(Registry::builtin, Ok)?, &*backend))
    }

    /// Opens the store in a folder, which is created if it does not exist.
    ///
    /// # Errors
    /// As [`Store::open`].
    #[cfg(feature = "sled")]
    pub fn open_folder(self, folder: impl AsRef<std::path::Path>) -> Result<Store> {
        let backend = crate::backend::SledBackend::open(folder.as_ref(), Default::default())?;
        self.backend(Arc::new(backend)).open()
    }
}
