//! The defaults for new resources: global ones from the configuration, and those of each namespace, which are read once
//! and kept until a commit changes some.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::diagnostic::{Severity, listed};
use crate::error::{Error, OpenError, Result};
use crate::json::{Json, Members};
use crate::kind::{KeyScheme, Scope};
use crate::registry::Registry;
use crate::rules::diagnostics::Diagnostics;
use crate::rules::structure::{self, ValidationMode};

/// The most namespaces whose defaults are kept.
const MAX_NAMESPACES: usize = 1024;

/// The defaults of one namespace for one kind; `None` when there are none.
pub(crate) type DefaultLayer = Option<Arc<Json>>;

/// The defaults of a store.
pub(crate) struct Defaults {
    /// By kind, as documents with `spec`.
    global: Arc<HashMap<String, Arc<Json>>>,
    namespaces: RwLock<Namespaces>,
}

#[derive(Default)]
struct Namespaces {
    /// By kind and namespace.
    layers: HashMap<(Arc<str>, String), DefaultLayer>,
    /// Rises with every `forget`. A layer that was read under an older generation is not kept: it may be out of date.
    generation: u64,
}

impl Defaults {
    /// Returns the defaults that these documents configure.
    ///
    /// # Errors
    /// `Open` with every problem of the first document that is not valid; an unknown member is a problem.
    pub(crate) fn new(registry: &Registry, documents: Vec<(String, Json)>) -> Result<Self> {
        let mut global = HashMap::new();
        for (name, document) in documents {
            let layer = validated(registry, &name, document).map_err(|why| Error::Open(OpenError::Settings(why)))?;
            global.insert(name, Arc::new(layer));
        }
        Ok(Self { global: Arc::new(global), namespaces: RwLock::default() })
    }

    /// Returns the same global defaults, with those of namespaces not read yet.
    pub(crate) fn unread(&self) -> Self {
        Self { global: Arc::clone(&self.global), namespaces: RwLock::default() }
    }

    /// Returns the global defaults of a kind.
    pub(crate) fn global(&self, kind: &str) -> DefaultLayer {
        self.global.get(kind).cloned()
    }

    /// Forgets the defaults of all namespaces. Called when a change of some is submitted: later reads include it.
    pub(crate) fn forget(&self) {
        let mut namespaces = self.namespaces.write().unwrap_or_else(PoisonError::into_inner);
        namespaces.layers.clear();
        namespaces.generation += 1;
    }

    /// Returns the defaults of a namespace for a kind, by `read` where they are not kept.
    pub(crate) fn of_namespace(
        &self,
        kind: &Arc<str>,
        namespace: &str,
        read: impl FnOnce() -> Result<DefaultLayer>,
    ) -> Result<DefaultLayer> {
        let key = (Arc::clone(kind), namespace.to_owned());
        let generation = {
            let namespaces = self.namespaces.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(layer) = namespaces.layers.get(&key) {
                return Ok(layer.clone());
            }
            namespaces.generation
        };
        // Read without a lock, so that a slow backend holds up nobody. The generation tells whether defaults were
        // changed meanwhile.
        let layer = read()?;
        let mut namespaces = self.namespaces.write().unwrap_or_else(PoisonError::into_inner);
        if namespaces.generation == generation {
            if namespaces.layers.len() >= MAX_NAMESPACES {
                // All at once: each costs one read to have again, and an order of use would cost a write lock for every
                // look-up.
                namespaces.layers.clear();
            }
            namespaces.layers.insert(key, layer.clone());
        }
        Ok(layer)
    }
}

/// Returns the part of a document that supplies global defaults, in form.
fn validated(registry: &Registry, name: &str, document: Json) -> std::result::Result<Json, String> {
    let kind = registry.find(name).filter(|kind| kind.key == KeyScheme::Singleton && kind.scope == Scope::Global);
    let kind = kind.ok_or_else(|| format!("there is no kind {name:?} of global defaults"))?;
    let spec = document.get("spec").filter(|spec| !spec.is_null()).cloned().unwrap_or_else(Json::object);
    let mut layer = Json::Object(Members::from([("spec".to_owned(), spec)]));
    let mut diagnostics = Diagnostics::default();
    // Nobody reads a warning at start, so a misspelt default would go unnoticed: an unknown member is an error here.
    let mode = ValidationMode { unknown: Some(Severity::Error), ..ValidationMode::default() };
    if let Some(schema) = kind.part_schema("spec") {
        let spec = layer.get_mut("spec").ok_or("there is no spec")?;
        structure::validate(schema, spec, mode, &mut diagnostics);
    }
    match listed(diagnostics.problems).as_slice() {
        [] => Ok(layer),
        problems => {
            let all: Vec<_> = problems.iter().map(|problem| format!("spec.{problem}")).collect();
            Err(format!("the defaults of {name} are not valid: {}", all.join("; ")))
        }
    }
}
