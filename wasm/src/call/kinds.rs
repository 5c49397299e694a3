//! The kinds of a registry.

use kindstore::Registry;
use kindstore::kind::{Kind, Manager, Scope};
use serde_json::json;

use super::write::array;
use super::{Outcome, failure};

/// Returns the built-in kinds, and those of definitions in YAML.
///
/// # Errors
/// A definition is not valid; the message names the kind and the place.
pub fn registry(definitions: &[String]) -> Outcome<Registry> {
    let texts: Vec<&str> = definitions.iter().map(String::as_str).collect();
    Registry::with(&texts).map_err(|error| match error {
        // To core a bad definition keeps a store from opening, which is the reason `Internal`. Here it is an argument
        // of the call.
        kindstore::Error::Open(why) => failure::bad(why.to_string()),
        other => failure::told(other),
    })
}

/// Returns the properties of every kind, in the order of their names.
pub fn list(registry: &Registry) -> String {
    array(registry.kinds().iter().map(|kind| one(kind)))
}

fn one(kind: &Kind) -> String {
    let verbs: Vec<String> = kind.verbs.iter().map(ToString::to_string).collect();
    json!({
        "kind": *kind.name, "apiVersion": *kind.api_version, "description": kind.description, "group": kind.group,
        "plural": kind.plural, "singular": kind.singular, "shortNames": kind.short_names,
        "namespaced": kind.scope == Scope::Namespaced, "systemManaged": kind.managed_by == Manager::System,
        "keyScheme": kind.key, "verbs": verbs,
    })
    .to_string()
}

/// Returns the JSON Schema of the documents of a kind, by any of its names.
///
/// # Errors
/// There is no such kind.
pub fn schema(registry: &Registry, word: &str) -> Outcome<String> {
    match registry.find_word(word) {
        Some(kind) => Ok(kind.document_schema().to_string()),
        None => Err(failure::told(registry.unknown(word))),
    }
}
