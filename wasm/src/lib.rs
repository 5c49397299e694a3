//! kindstore in browsers and in Node. Every call is three moves: text in, one call of the core, text out.
//!
//! What goes in and out is JSON and the texts of users. The package around it, `wasm/npm`, makes values and typed errors of
//! that. [`call`] holds the calls as functions on strings, so that the same can be asked natively; this file only hands them
//! to JavaScript. A failure is thrown as the text of a JSON object.

pub mod call;

use std::fmt;
use std::sync::Arc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use self::call::store::{Opened, Watching};

/// An answer, or a failure as text that JavaScript catches.
type Answer<T> = Result<T, JsValue>;

fn thrown<T>(outcome: call::Outcome<T>) -> Answer<T> {
    outcome.map_err(|text| JsValue::from_str(&text))
}

/// The kinds that calls know.
#[wasm_bindgen]
pub struct Kinds(Arc<kindstore::Registry>);

#[wasm_bindgen]
impl Kinds {
    /// The built-in kinds, and those of definitions in YAML.
    #[wasm_bindgen(constructor)]
    pub fn new(definitions: Vec<String>) -> Answer<Self> {
        thrown(call::kinds::registry(&definitions)).map(|registry| Self(Arc::new(registry)))
    }

    /// What there is to know of every kind.
    pub fn list(&self) -> String {
        call::kinds::list(&self.0)
    }

    /// The JSON Schema of the documents of a kind.
    pub fn schema(&self, kind: &str) -> Answer<String> {
        thrown(call::kinds::schema(&self.0, kind))
    }

    /// The problems of all documents of a text.
    pub fn validate(&self, text: &str, options: Option<String>) -> Answer<String> {
        thrown(call::judge::validate(&self.0, text, options.as_deref()))
    }

    /// A document with its defaults, and where each value comes from.
    #[wasm_bindgen(js_name = withDefaults)]
    pub fn with_defaults(&self, text: &str, options: Option<String>) -> Answer<String> {
        thrown(call::judge::with_defaults(&self.0, text, options.as_deref()))
    }

    /// What a server would answer to a patch.
    #[wasm_bindgen(js_name = simulatePatch)]
    pub fn simulate_patch(&self, resource: &str, patch: &str, options: Option<String>) -> Answer<String> {
        thrown(call::simulate::simulate(&self.0, resource, patch, options.as_deref()))
    }

    /// What can be typed at a place, counted in UTF-16 code units.
    pub fn complete(&self, text: &str, place: usize, options: Option<String>) -> Answer<String> {
        thrown(call::editor::complete(&self.0, text, place, options.as_deref()))
    }

    /// What is known of the word at a place.
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

/// The values of all documents of a text.
#[wasm_bindgen]
pub fn parse(text: &str, options: Option<String>) -> Answer<String> {
    thrown(call::text::parse(text, options.as_deref()))
}

/// A value, given as JSON, as text in a format.
#[wasm_bindgen]
pub fn stringify(value: &str, options: Option<String>) -> Answer<String> {
    thrown(call::text::stringify(value, options.as_deref()))
}

/// A text with its values in another format.
#[wasm_bindgen]
pub fn convert(text: &str, options: Option<String>) -> Answer<String> {
    thrown(call::text::convert(text, options.as_deref()))
}

/// What differs between two documents.
#[wasm_bindgen]
pub fn diff(from: &str, to: &str) -> Answer<String> {
    thrown(call::patch::diff(from, to))
}

/// What a merge patch makes of a document.
#[wasm_bindgen(js_name = mergePatch)]
pub fn merge_patch(target: &str, patch: &str, options: Option<String>) -> Answer<String> {
    thrown(call::patch::merge(target, patch, options.as_deref()))
}

/// What a JSON Patch makes of a document.
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

    /// Opens a store with content that was exported.
    pub fn import(kinds: &Kinds, options: Option<String>, content: &[u8]) -> Answer<Self> {
        thrown(Opened::import(&kinds.0, options.as_deref(), content)).map(Self)
    }

    /// All of the content, as bytes.
    pub fn export(&self) -> Vec<u8> {
        self.0.export()
    }

    /// The newest revision.
    #[expect(clippy::cast_precision_loss, reason = "a counter never comes to 2^53")]
    pub fn revision(&self) -> f64 {
        self.0.revision() as f64
    }

    /// Sets the time, in microseconds since 1970, at which what follows happens.
    #[wasm_bindgen(js_name = setTime)]
    #[expect(clippy::cast_possible_truncation, reason = "a time beyond what fits is the last one that does")]
    pub fn set_time(&self, micros: f64) {
        self.0.set_time(micros as i64);
    }

    /// How many ids that were given are not used yet.
    #[wasm_bindgen(js_name = idsLeft)]
    pub fn ids_left(&self) -> usize {
        self.0.ids_left()
    }

    /// Gives the id of a resource that will be created.
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

    /// Forgets the past but for the newest commits.
    pub fn compact(&self, revisions: f64) -> Answer<String> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked to be a count")]
        let revisions = revisions as u64;
        thrown(call::store::compact(&self.0, revisions))
    }

    /// Reads all and says what is wrong with it.
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

    /// All up to here was told.
    pub fn cursor(&self) -> String {
        self.0.cursor()
    }
}
