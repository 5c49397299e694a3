//! Where the defaults of new resources come from: global ones from the configuration, those of a namespace from the only
//! resource of a kind. They are read once and kept until somebody changes them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::read::{Stored, View};
use super::record::Record;
use super::{Inner, document};
use crate::diagnostic::{Severity, listed};
use crate::error::{Error, OpenError, Result};
use crate::json::{Json, Members};
use crate::kind::{KeyScheme, Kind, Scope};
use crate::object::JsonText;
use crate::registry::Registry;
use crate::rules::diagnostics::Diagnostics;
use crate::rules::structure::{self, ValidationMode};

/// The most namespaces whose defaults are kept.
const MAX_ROOMS: usize = 1024;

/// The defaults of one namespace for one kind, none when there are none.
type Layer = Option<Arc<Json>>;

/// The defaults of a store.
pub(super) struct Defaults {
    /// By kind, as documents with `spec`.
    global: Arc<HashMap<String, Arc<Json>>>,
    rooms: RwLock<Rooms>,
}

#[derive(Default)]
struct Rooms {
    /// By kind and namespace.
    layers: HashMap<(Arc<str>, String), Layer>,
    /// How often something was forgotten. What was read before that is not kept.
    generation: u64,
}

impl Defaults {
    /// The global defaults of these documents.
    ///
    /// # Errors
    /// `Open` with every problem of the first document that is wrong; an unknown member is one.
    pub(super) fn new(registry: &Registry, documents: Vec<(String, Json)>) -> Result<Self> {
        let mut global = HashMap::new();
        for (name, document) in documents {
            let layer = judged(registry, &name, document).map_err(|why| Error::Open(OpenError::Settings(why)))?;
            global.insert(name, Arc::new(layer));
        }
        Ok(Self { global: Arc::new(global), rooms: RwLock::default() })
    }

    /// The same global defaults, and those of namespaces to be read anew.
    pub(super) fn afresh(&self) -> Self {
        Self { global: Arc::clone(&self.global), rooms: RwLock::default() }
    }

    /// Forgets the defaults of all namespaces. Called when a change of some was committed, before it is answered.
    pub(super) fn forget(&self) {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms.layers.clear();
        rooms.generation += 1;
    }
}

/// The part of a document with global defaults that counts.
fn judged(registry: &Registry, name: &str, document: Json) -> std::result::Result<Json, String> {
    let kind = registry.find(name).filter(|kind| kind.key == KeyScheme::Singleton && kind.scope == Scope::Global);
    let kind = kind.ok_or_else(|| format!("there is no kind {name:?} of global defaults"))?;
    let spec = document.get("spec").filter(|spec| !spec.is_null()).cloned().unwrap_or_else(Json::object);
    let mut layer = Json::Object(Members::from([("spec".to_owned(), spec)]));
    let mut remarks = Diagnostics::default();
    // Nobody would see a warning, and a misspelt default would go unnoticed for long.
    let mode = ValidationMode { unknown: Some(Severity::Error), ..ValidationMode::default() };
    if let Some(schema) = kind.part_schema("spec") {
        let spec = layer.get_mut("spec").ok_or("there is no spec")?;
        structure::validate(schema, spec, mode, &mut remarks);
    }
    match listed(remarks.problems).as_slice() {
        [] => Ok(layer),
        problems => {
            let all: Vec<_> = problems.iter().map(|problem| format!("spec.{problem}")).collect();
            Err(format!("the defaults of {name} are not valid: {}", all.join("; ")))
        }
    }
}

impl Inner {
    /// The documents that supply defaults for a new resource, the strongest first.
    pub(super) fn default_layers(&self, kind: &Kind, namespace: Option<&str>) -> Result<Vec<Arc<Json>>> {
        let mut layers = Vec::with_capacity(kind.defaults_from.len());
        for name in kind.defaults_from.iter().rev() {
            let supplier = self.registry.require(name)?;
            layers.extend(match (supplier.scope, namespace) {
                (Scope::Global, _) => self.defaults.global.get(&**name).cloned(),
                (Scope::Namespaced, Some(namespace)) => self.room_layer(supplier, namespace)?,
                (Scope::Namespaced, None) => None,
            });
        }
        Ok(layers)
    }

    fn room_layer(&self, supplier: &Kind, namespace: &str) -> Result<Layer> {
        let key = (supplier.name.clone(), namespace.to_owned());
        let generation = {
            let rooms = self.defaults.rooms.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(layer) = rooms.layers.get(&key) {
                return Ok(layer.clone());
            }
            rooms.generation
        };
        let stored = self.find(supplier, Some(namespace), "", View::Pending)?;
        let spec = stored.filter(|stored| stored.modified != 0).and_then(|stored| stored.record.object.spec);
        let spec =
            spec.map(|spec| spec.to_value()).filter(|spec| spec.as_object().is_some_and(|spec| !spec.is_empty()));
        let layer = spec.map(|spec| Arc::new(Json::Object(Members::from([("spec".to_owned(), spec)]))));
        let mut rooms = self.defaults.rooms.write().unwrap_or_else(PoisonError::into_inner);
        if rooms.generation == generation {
            if rooms.layers.len() >= MAX_ROOMS {
                rooms.layers.clear();
            }
            rooms.layers.insert(key, layer.clone());
        }
        Ok(layer)
    }

    /// The only resource of a kind that shows defaults: what the configuration says, over what the schema of the kind
    /// says that they are for. It is as old as the store.
    pub(super) fn find_shown_defaults(&self, kind: &Kind, view: View) -> Result<Option<Stored>> {
        let Some(target) = kind.defaults_of.as_ref().and_then(|name| self.registry.find(name)) else { return Ok(None) };
        let namespaces = self.registry.namespace();
        let Some(first) = namespaces.from_the_start.first() else { return Ok(None) };
        let Some(owner) = self.find_name(namespaces, None, first, view)? else { return Ok(None) };
        let mut object = document::unwritten(kind, None, &owner.record.object.metadata);
        let configured = self.defaults.global.get(&*kind.name);
        let mut shown = configured.map_or_else(Json::object, |layer| Json::clone(layer));
        if let Json::Object(members) = &mut shown {
            members.entry("spec".to_owned()).or_insert_with(Json::object);
        }
        // What is required of a resource is not required of its defaults.
        let mode = ValidationMode { fills: true, unknown: None, ..ValidationMode::default() };
        structure::validate(&target.schema, &mut shown, mode, &mut Diagnostics::default());
        object.spec = shown.get("spec").map(JsonText::from_value);
        Ok(Some(Stored {
            key: Default::default(),
            record: Record::bare(object),
            bytes: Default::default(),
            created: 0,
            modified: 0,
        }))
    }
}
