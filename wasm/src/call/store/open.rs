//! Opens a store, with a clock and ids that the caller may supply.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kindstore::backend::{Backend, MemoryBackend};
use kindstore::store::CheckReport;
use kindstore::validation::ManifestDocument;
use kindstore::{Json, Registry, ResourceId, Store, StoreBuilder, Timestamp};
use serde::Deserialize;

use super::super::options::{documents, id, options};
use super::super::{Outcome, failure};

/// Options of a store.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    plain_secrets: bool,
    /// The text of documents of the kinds that show global defaults.
    global_defaults: Option<String>,
    /// The time in microseconds since 1970, where the caller supplies it.
    now: Option<i64>,
    /// The first ids, where the caller supplies them.
    ids: Option<Vec<String>>,
}

/// An open store.
pub struct Opened {
    pub(super) store: Store,
    registry: Arc<Registry>,
    backend: Arc<MemoryBackend>,
    // Time and ids are set before a call, as values. A function of the caller could throw in the middle of a write, or
    // call back into the store.
    now: Arc<AtomicI64>,
    /// The ids of resources that will be created, where the caller supplies them.
    ids: Option<Arc<Mutex<VecDeque<ResourceId>>>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Opened {
    /// Opens an empty store, or one with this content.
    ///
    /// # Errors
    /// Options that cannot be read.
    pub fn new(registry: &Arc<Registry>, given: Option<&str>) -> Outcome<Self> {
        Self::with(registry, Arc::new(MemoryBackend::new()), given)
    }

    /// Opens a store with exported content.
    ///
    /// # Errors
    /// Options that cannot be read; content that is damaged, or was written by a newer version.
    pub fn import(registry: &Arc<Registry>, given: Option<&str>, content: &[u8]) -> Outcome<Self> {
        let backend = Arc::new(MemoryBackend::import(content).map_err(|error| failure::bad(error.to_string()))?);
        // The checksum of an export finds damage, not intent: the content may come from anywhere, so all of it is checked
        // before a store relies on it.
        let report = builder(registry, &backend).check().map_err(failure::told)?;
        if let Some(flaw) = report.flaws.first() {
            return Err(failure::bad(format!("the content does not fit together: {flaw}")));
        }
        Self::with(registry, backend, given)
    }

    /// Exports the whole content as bytes.
    pub fn export(&self) -> Vec<u8> {
        self.backend.export()
    }

    fn with(registry: &Arc<Registry>, backend: Arc<MemoryBackend>, given: Option<&str>) -> Outcome<Self> {
        let options: Options = options(given)?;
        let mut builder = builder(registry, &backend).plain_secrets(options.plain_secrets);
        for (kind, document) in global_defaults(options.global_defaults.as_deref())? {
            builder = builder.global_defaults(&kind, document);
        }
        let now = Arc::new(AtomicI64::new(options.now.unwrap_or_default()));
        if options.now.is_some() {
            let now = Arc::clone(&now);
            builder = builder.clock(Arc::new(move || Timestamp::from_micros(now.load(Ordering::Relaxed))));
        }
        let read = |texts: Vec<String>| texts.iter().map(|text| id(text)).collect::<Outcome<VecDeque<_>>>();
        let ids = options.ids.map(read).transpose()?.map(|ids| Arc::new(Mutex::new(ids)));
        if let Some(ids) = ids.clone() {
            builder = builder.ids(Arc::new(move |_| {
                let next = ids.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                // Cannot happen: `require_ids` comes before each write. A second zero id would be refused.
                next.unwrap_or(ResourceId::from_bytes([0; 16]))
            }));
        }
        let store = builder.open().map_err(failure::told)?;
        Ok(Self { store, registry: Arc::clone(registry), backend, now, ids })
    }

    /// Returns the newest revision.
    pub fn revision(&self) -> u64 {
        self.store.revision()
    }

    /// Sets the time of the calls that follow, in microseconds since 1970, for a store without a clock of its own.
    pub fn set_time(&self, micros: i64) {
        self.now.store(micros, Ordering::Relaxed);
    }

    /// Returns how many of the supplied ids are left.
    pub fn ids_left(&self) -> usize {
        self.ids.as_ref().map_or(0, |ids| ids.lock().unwrap_or_else(PoisonError::into_inner).len())
    }

    /// Supplies the id of a resource that will be created, for a store that makes none itself.
    ///
    /// # Errors
    /// The text is no id.
    pub fn give_id(&self, text: &str) -> Outcome<()> {
        let id = id(text)?;
        if let Some(ids) = &self.ids {
            ids.lock().unwrap_or_else(PoisonError::into_inner).push_back(id);
        }
        Ok(())
    }

    /// Checks that as many ids are left as a write can need.
    pub(super) fn require_ids(&self, count: usize) -> Outcome<()> {
        if self.ids.is_some() && self.ids_left() < count {
            return Err(failure::bad(format!("the write can need {count} ids; give them first")));
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Outcome<CheckReport> {
        builder(&self.registry, &self.backend).check().map_err(failure::told)
    }
}

fn builder(registry: &Registry, backend: &Arc<MemoryBackend>) -> StoreBuilder {
    // The same backend for the store and for a check, which reads it without opening it.
    let backend: Arc<dyn Backend> = Arc::clone(backend) as _;
    Store::builder().registry(registry.clone()).backend(backend)
}

/// Returns the documents of global defaults, each with its kind.
fn global_defaults(text: Option<&str>) -> Outcome<Vec<(String, Json)>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let (documents, _) = documents(text, None)?;
    let kind = |part: &ManifestDocument| {
        let kind = part.value().get("kind").and_then(Json::as_str);
        let kind = kind.ok_or_else(|| failure::bad("a document of globalDefaults says its kind"))?;
        Ok((kind.to_owned(), part.value().clone()))
    };
    ManifestDocument::split(documents).iter().map(kind).collect()
}
