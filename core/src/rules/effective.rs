//! Where each value of a resource comes from: its document, one of the layers of defaults, or the definition of its kind.

use super::defaults;
use super::diagnostics::Diagnostics;
use super::structure::{self, ValidationMode};
use crate::json::{Json, join};
use crate::kind::Kind;

/// A value that a new resource would have, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveValue {
    /// Where it is, as a JSON pointer into the document.
    pub pointer: String,
    /// The value: a scalar, an array, or an object without members.
    pub value: Json,
    /// Its origin.
    pub origin: Origin,
}

/// The origin of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The document itself.
    Document,
    /// The layer of defaults with this index.
    Layer(usize),
    /// The definition of the kind.
    BuiltIn,
}

/// The values of `spec` that a new resource of this document would have, in the order of their places. `layers` are
/// documents with defaults, the strongest first.
///
/// ```
/// use kindstore::{Json, Registry};
/// use kindstore::validation::{Origin, effective_values};
/// let registry = Registry::builtin()?;
/// let kind = registry.require("Deployment")?;
/// let document = Json::from(serde_json::json!({"spec": {"state": "running"}}));
/// let values = effective_values(kind, &document, &[]);
/// let at = |pointer: &str| values.iter().find(|value| value.pointer == pointer).expect("it is there");
/// assert_eq!((at("/spec/state").value.as_str(), at("/spec/state").origin), (Some("RUNNING"), Origin::Document));
/// assert_eq!(at("/spec/template/spec/parallelism").origin, Origin::BuiltIn);
/// # Ok::<(), kindstore::Error>(())
/// ```
pub fn effective_values(kind: &Kind, document: &Json, layers: &[&Json]) -> Vec<EffectiveValue> {
    let in_form = |mut document: Json, mode: ValidationMode<'_>| {
        structure::validate(&kind.schema, &mut document, mode, &mut Diagnostics::default());
        document
    };
    let mut filled = document.clone();
    let excluded = defaults::fill(kind, &mut filled, layers);
    let filled = in_form(filled, ValidationMode { fills: true, excluded: &excluded, ..ValidationMode::default() });
    // In form as well, so that a null or a differently spelled word does not count as the document's value.
    let document = in_form(document.clone(), ValidationMode::default());
    let origin = |pointer: &str| {
        if document.at(pointer).is_some() {
            return Origin::Document;
        }
        let layer = layers.iter().position(|layer| layer.at(pointer).is_some_and(|value| !value.is_null()));
        layer.map_or(Origin::BuiltIn, Origin::Layer)
    };
    let mut leaves = Vec::new();
    if let Some(spec) = filled.get("spec") {
        collect("/spec".to_owned(), spec, &mut leaves);
    }
    leaves
        .into_iter()
        .map(|(pointer, value)| EffectiveValue { origin: origin(&pointer), value: value.clone(), pointer })
        .collect()
}

fn collect<'v>(pointer: String, value: &'v Json, leaves: &mut Vec<(String, &'v Json)>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| collect(join(&pointer, name), value, leaves));
        }
        _ => leaves.push((pointer, value)),
    }
}
