//! kindstore in browsers and in Node. Every call is three moves: text in, one call of the core, text out.
//!
//! Arguments and results are JSON and the texts of users. The package around it, `wasm/npm`, makes values and typed errors of
//! them. [`call`] holds the calls as functions on strings, so that native programs can make the same ones; this file only
//! exports them to JavaScript. A failure is thrown as the text of a JSON object.

pub mod call;

use std::fmt;
use std::sync::Arc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use self::call::store::{Opened, Watching};

/// An answer, or a failure as text that JavaScript catches.
type Answer<T> = Result<T, JsValue>;

fn thrown<T>(outcome: call::Outcome<T>) -> Answer<T> {
    // Thrown as text: the package turns it into one of its error classes, and the module needs no code for errors of
    // JavaScript.
    outcome.map_err(|text| JsValue::from_str(&text))
}

/// A registry of kinds.
#[wasm_bindgen]
// Shared with every store that was opened with it: JavaScript owns the handle, and may free it while stores are open.
pub struct Kinds(Arc<kindstore::Registry>);

#[wasm_bindgen]
impl Kinds {
    /// Returns the built-in kinds, and those of definitions in YAML.
    #[wasm_bindgen(constructor)]
    pub fn new(definitions: Vec<String>) -> Answer<Self> {
        thrown(call::kinds::registry(&definitions)).map(|registry| Self(Arc::new(registry)))
    }

    /// Returns the properties of every kind.
    pub fn list(&self) -> String {
        call::kinds::list(&self.0)
    }

    /// Returns the JSON Schema of the documents of a kind.
    pub fn schema(&self, kind: &str) -> Answer<String> {
        thrown(call::kinds::schema(&self.0, kind))
    }

    /// Returns the problems of all documents of a text.
    pub fn validate(&self, text: &str, options: Option<String>) -> Answer<String> {
        thrown(call::judge::validate(&self.0, text, options.as_deref()))
    }

    /// Returns the documents of a text, each as a text of its own, in the order in which they are applied.
    pub fn manifests(&self, text: &str, options: Option<String>) -> Answer<String> {
        thrown(call::text::manifests(&self.0, text, options.as_deref()))
    }

    /// Returns a document with its defaults, and the source of each value.
    #[wasm_bindgen(js_name = withDefaults)]
    pub fn with_defaults(&self, text: &str, options: Option<String>) -> Answer<String> {
        thrown(call::judge::with_defaults(&self.0, text, options.as_deref()))
    }

    /// Returns the outcome that a server would report for a patch.
    #[wasm_bindgen(js_name = simulatePatch)]
    pub fn simulate_patch(&self, resource: &str, patch: &str, options: Option<String>) -> Answer<String> {
        thrown(call::simulate::simulate(&self.0, resource, patch, options.as_deref()))
    }

    /// Returns the completions at a place, counted in UTF-16 code units.
    pub fn complete(&self, text: &str, place: usize, options: Option<String>) -> Answer<String> {
        thrown(call::editor::complete(&self.0, text, place, options.as_deref()))
    }

    /// Returns the description of the word at a place.
    pub fn hover(&self, text: &str, place: usize, options: Option<String>) -> Answer<String> {
        thrown(call::editor::hover(&self.0, text, place, options.as_deref()))
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A count: the definitions themselves fill pages.
        f.debug_struct("Kinds").field("count", &self.0.kinds().len()).finish_non_exhaustive()
    }
}

/// Returns the values of all documents of a text.
#[wasm_bindgen]
pub fn parse(text: &str, options: Option<String>) -> Answer<String> {
    thrown(call::text::parse(text, options.as_deref()))
}

/// Returns the failure of a text with half of a surrogate pair at a place, counted in UTF-16 code units.
#[wasm_bindgen(js_name = loneSurrogate)]
pub fn lone_surrogate(text: &str, place: usize) -> String {
    call::text::lone_surrogate(text, place)
}

/// Returns a value, given as JSON, as text in a format.
#[wasm_bindgen]
pub fn stringify(value: &str, options: Option<String>) -> Answer<String> {
    thrown(call::text::stringify(value, options.as_deref()))
}

/// Returns the values of a text in another format.
#[wasm_bindgen]
pub fn convert(text: &str, options: Option<String>) -> Answer<String> {
    thrown(call::text::convert(text, options.as_deref()))
}

/// Returns the differences between two documents.
#[wasm_bindgen]
pub fn diff(from: &str, to: &str) -> Answer<String> {
    thrown(call::patch::diff(from, to))
}

/// Applies a merge patch to a document.
#[wasm_bindgen(js_name = mergePatch)]
pub fn merge_patch(target: &str, patch: &str, options: Option<String>) -> Answer<String> {
    thrown(call::patch::merge(target, patch, options.as_deref()))
}

/// Applies a JSON Patch to a document.
#[wasm_bindgen(js_name = jsonPatch)]
pub fn json_patch(target: &str, patch: &str, options: Option<String>) -> Answer<String> {
    thrown(call::patch::json(target, patch, options.as_deref()))
}

/// A store in memory.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Store(Opened);

#[wasm_bindgen]
impl Store {
    /// Opens an empty store.
    #[wasm_bindgen(constructor)]
    pub fn new(kinds: &Kinds, options: Option<String>) -> Answer<Self> {
        thrown(Opened::new(&kinds.0, options.as_deref())).map(Self)
    }

    /// Opens a store with exported content.
    pub fn import(kinds: &Kinds, options: Option<String>, content: &[u8]) -> Answer<Self> {
        thrown(Opened::import(&kinds.0, options.as_deref(), content)).map(Self)
    }

    /// Exports the whole content as bytes.
    pub fn export(&self) -> Vec<u8> {
        self.0.export()
    }

    /// The newest revision.
    #[expect(clippy::cast_precision_loss, reason = "a counter never comes to 2^53")]
    // A number like every revision in the JSON of results: a bigint would not mix with them in arithmetic.
    pub fn revision(&self) -> f64 {
        self.0.revision() as f64
    }

    /// Sets the time of the calls that follow, in microseconds since 1970.
    #[wasm_bindgen(js_name = setTime)]
    #[expect(clippy::cast_possible_truncation, reason = "a time beyond what fits is the last one that does")]
    pub fn set_time(&self, micros: f64) {
        self.0.set_time(micros as i64);
    }

    /// Returns how many of the supplied ids are left.
    #[wasm_bindgen(js_name = idsLeft)]
    pub fn ids_left(&self) -> usize {
        self.0.ids_left()
    }

    /// Supplies the id of a resource that will be created.
    #[wasm_bindgen(js_name = giveId)]
    pub fn give_id(&self, id: &str) -> Answer<()> {
        thrown(self.0.give_id(id))
    }

    /// Reads: one resource, a list, a history, a version or a comparison.
    pub fn read(&self, request: &str) -> Answer<String> {
        thrown(call::store::read(&self.0, request))
    }

    /// Writes one resource.
    pub fn write(&self, request: &str, document: Option<String>) -> Answer<String> {
        thrown(call::store::write(&self.0, request, document.as_deref()))
    }

    /// Writes several resources as one.
    pub fn commit(&self, request: &str) -> Answer<String> {
        thrown(call::store::commit(&self.0, request))
    }

    /// Begins to watch.
    pub fn watch(&self, request: &str) -> Answer<Watch> {
        thrown(call::store::watch(&self.0, request)).map(Watch)
    }

    /// Compacts the history, except that of this number of the newest commits.
    pub fn compact(&self, revisions: f64) -> Answer<String> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked to be a count")]
        let revisions = revisions as u64;
        thrown(call::store::compact(&self.0, revisions))
    }

    /// Checks all that is stored, and returns the flaws.
    pub fn check(&self) -> Answer<String> {
        thrown(call::store::check(&self.0))
    }
}

/// A watch under way.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Watch(Watching);

#[wasm_bindgen]
impl Watch {
    /// The next event, if there is one now.
    pub fn event(&mut self) -> Answer<Option<String>> {
        thrown(self.0.event())
    }

    /// Returns the cursor up to which every event was returned.
    pub fn cursor(&self) -> String {
        self.0.cursor()
    }
}
