//! What callers may choose, and what a write answers.

use std::sync::Arc;

use super::default::Defaults;
use super::id_floor::IdClockFloor;
use super::index::Index;
#[cfg(not(target_family = "wasm"))]
use super::retention::Worker;
use super::retention::{Compactor, Retention};
use super::source::{Clock, IdSource, system_clock, time_ordered_ids};
use super::{CheckReport, Inner, Store, check};
use crate::backend::{Backend, MemoryBackend, Revision};
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use crate::json::Json;
use crate::manifest::Document;
use crate::object::Object;
use crate::registry::Registry;
use crate::rules::validate::FieldValidation;
use crate::rules::version::Expected;

/// What a caller may choose for a write.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// What must be there for the write to happen; nothing is demanded by default.
    pub expected: Option<Expected>,
    /// Runs every step but the last: the answer is that of the real write, and nothing is stored.
    pub dry_run: bool,
    /// Stores a replacing document as it is given, without filling in defaults.
    pub without_defaults: bool,
    /// What becomes of members that the kind does not know.
    pub field_validation: FieldValidation,
}

/// How a resource is to be changed. A document is a merge patch unless it says otherwise.
#[derive(Clone, Debug)]
pub enum Patch {
    /// A merge patch (RFC 7386): an object whose members replace those of the resource; `null` removes.
    Merge(Document),
    /// A JSON Patch (RFC 6902): an array of operations on the resource as it is shown. What belongs to the server can be
    /// tested and not written.
    Json(Document),
}

impl<D: Into<Document>> From<D> for Patch {
    fn from(document: D) -> Self {
        Patch::Merge(document.into())
    }
}

/// What a caller may choose for a read of one resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct GetOptions {
    /// Includes secret members in the answer.
    pub reveal: bool,
    /// Reads the resource as it was at this revision; as it is now, without one.
    pub revision: Option<Revision>,
}

/// What a write did.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteOutcome {
    /// The resource as it is now; after a delete, as it was last.
    pub object: Object,
    /// Whether there was none before.
    pub created: bool,
    /// Whether anything differs from before. A change that changes nothing stores nothing and keeps the version.
    pub changed: bool,
    /// What was remarked about the document without refusing it.
    pub warnings: Vec<Diagnostic>,
    /// The commit; none when nothing was stored.
    pub revision: Option<Revision>,
}

impl WriteOutcome {
    pub(super) fn unchanged(object: Object, warnings: Vec<Diagnostic>) -> Self {
        Self { object, created: false, changed: false, warnings, revision: None }
    }

    /// Makes the answer of a deletion from the revision of its last commit.
    pub(super) fn deleted(object: Object) -> Box<dyn FnOnce(Revision) -> Self + Send> {
        Box::new(move |revision| Self { revision: Some(revision), ..Self::changed(object) })
    }

    pub(super) fn changed(object: Object) -> Self {
        Self { object, created: false, changed: true, warnings: Vec::new(), revision: None }
    }
}

/// How a store is put together. A clone puts together another one of the same parts: the same backend can be checked and
/// then opened.
#[derive(Clone)]
pub struct StoreBuilder {
    backend: Option<Arc<dyn Backend>>,
    clock: Clock,
    ids: IdSource,
    plain_secrets: bool,
    registry: Option<Registry>,
    defaults: Vec<(String, Json)>,
    retention: Retention,
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
            retention: Retention::default(),
            background: true,
        }
    }
}

impl StoreBuilder {
    /// Keeps the store's bytes in this backend; without one the store lives in memory.
    #[must_use]
    pub fn backend(mut self, backend: Arc<dyn Backend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Tells the time by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Takes ids from here.
    #[must_use]
    pub fn ids(mut self, ids: IdSource) -> Self {
        self.ids = ids;
        self
    }

    /// Lets secret members be kept in clear, for tests and demonstrations. Without it their writes are `NotConfigured`.
    #[must_use]
    pub fn plain_secrets(mut self, plain_secrets: bool) -> Self {
        self.plain_secrets = plain_secrets;
        self
    }

    /// Keeps resources of these kinds; without them of the built-in ones.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// What the only resource of a global kind says, such as `GlobalDeploymentDefaults`: a document with `spec`. A later
    /// one for the same kind takes the place of an earlier one.
    #[must_use]
    pub fn global_defaults(mut self, kind: &str, document: Json) -> Self {
        self.defaults.push((kind.to_owned(), document));
        self
    }

    /// Keeps the past as long as this.
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Whether a thread works beside the writers, which forgets the past and keeps an index for lists with selectors; it does
    /// by default. Without it the past is forgotten by [`Store::compact`] only, and such lists look at all resources. In
    /// wasm, where there are no threads, the index is built at once and the past is forgotten by [`Store::compact`] only.
    #[must_use]
    pub fn background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// Opens the store: makes what exists from the start and finishes what a crash interrupted.
    pub fn open(self) -> Result<Store> {
        let backend = self.backend.unwrap_or_else(|| Arc::new(MemoryBackend::new()));
        let registry = Arc::new(self.registry.map_or_else(Registry::builtin, Ok)?);
        let (clock, retention) = (self.clock, self.retention);
        let compactor = Compactor::new(Arc::clone(&backend), Arc::clone(&registry), Arc::clone(&clock), retention);
        let (compactor, index) = (Arc::new(compactor), Arc::<Index>::default());
        let inner = Inner {
            #[cfg(not(target_family = "wasm"))]
            _worker: if self.background { Some(Worker::start(&compactor, &index)?) } else { None },
            compactor,
            index,
            defaults: Defaults::new(&registry, self.defaults)?,
            registry,
            id_floor: IdClockFloor::read(&*backend)?,
            rooms: Default::default(),
            targets: Default::default(),
            turns: Default::default(),
            feed: Default::default(),
            backend,
            clock,
            ids: self.ids,
            plain_secrets: self.plain_secrets,
        };
        let store = Store { inner: Arc::new(inner) };
        store.prepare()?;
        // Where there are no threads, a store is in memory, and all of it is looked at in no time.
        #[cfg(target_family = "wasm")]
        if self.background && store.inner.index.is_due() {
            store.inner.index.build(&*store.inner.backend, &store.inner.registry, || false)?;
        }
        Ok(store)
    }

    /// Reads all that is stored and says what is wrong with it. Nothing is written; a store that cannot be opened any more
    /// can still be checked, if its backend can be opened.
    ///
    /// # Errors
    /// `Open` when a definition makes no sense. What cannot be read is part of the report.
    pub fn check(self) -> Result<CheckReport> {
        let backend = self.backend.unwrap_or_else(|| Arc::new(MemoryBackend::new()));
        Ok(check::check(&self.registry.map_or_else(Registry::builtin, Ok)?, &*backend))
    }

    /// Opens the store in this folder, which is made if it is not there.
    #[cfg(feature = "sled")]
    pub fn open_folder(self, folder: impl AsRef<std::path::Path>) -> Result<Store> {
        let backend = crate::backend::SledBackend::open(folder.as_ref(), Default::default())?;
        self.backend(Arc::new(backend)).open()
    }
}
