//! Finds the problems of the documents of a text, and the origins of their values, without a store.

mod document;
mod kind;
mod order;

use std::fmt;
use std::sync::Arc;

pub use self::document::ManifestDocument;
use self::kind::find_kind;
pub use self::order::apply_order;
use crate::diagnostic::Diagnostic;
use crate::json::Json;
use crate::kind::{Kind, Scope};
use crate::registry::Registry;
use crate::rules::effective::{EffectiveValue, Origin, effective_values};
use crate::rules::validate::{FieldValidation, validate};

/// The namespace of documents that name none.
const DEFAULT_NAMESPACE: &str = "default";

/// Validates the documents of a text without a store.
#[derive(Clone, Copy, Debug)]
pub struct ManifestValidator<'a> {
    /// The known kinds.
    pub registry: &'a Registry,
    /// The namespace of all documents, in the place of their own.
    pub namespace: Option<&'a str>,
    /// How unknown members are treated.
    pub field_validation: FieldValidation,
}

/// The report on one document.
#[derive(Clone)]
pub struct ValidationReport {
    /// The `kind` of the document.
    pub kind: Option<String>,
    /// The name that it gives its resource.
    pub name: Option<String>,
    /// Every problem: all errors, then all warnings, each with its place in the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The value that would be stored: in form, with defaults, without server-owned members. `None` when the kind is unknown.
    pub value: Option<Json>,
}

impl fmt::Debug for ValidationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the value: some of its members may be secret.
        f.debug_struct("ValidationReport")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("diagnostics", &self.diagnostics)
            .finish_non_exhaustive()
    }
}

/// A value that a new resource would have, with its source.
#[derive(Clone, Debug, PartialEq)]
pub struct SourcedValue {
    /// Where it is, as a JSON pointer into the document.
    pub pointer: String,
    /// The value: a scalar, an array, or an object without members.
    pub value: Json,
    /// `document`, the name of the kind whose resource supplies it, or `built in`.
    pub from: String,
}

impl<'a> ManifestValidator<'a> {
    /// Of these documents those that supply defaults for others.
    pub fn suppliers<'d>(&self, documents: impl IntoIterator<Item = &'d Json>) -> Vec<&'d Json> {
        let kinds = || self.registry.kinds().iter();
        let supplies = |document: &&Json| {
            let name = document.get("kind").and_then(Json::as_str);
            name.is_some_and(|name| kinds().any(|kind| kind.defaults_from.iter().any(|supplier| **supplier == *name)))
        };
        documents.into_iter().filter(supplies).collect()
    }

    /// Validates one document; `given` are the documents with defaults, from [`ManifestValidator::suppliers`].
    ///
    /// ```
    /// use kindstore::{FieldValidation, Registry};
    /// use kindstore::manifest::{Limits, read_any};
    /// use kindstore::validation::{ManifestDocument, ManifestValidator};
    /// let registry = Registry::builtin()?;
    /// let validator = ManifestValidator { registry: &registry, namespace: None, field_validation: FieldValidation::Warn };
    /// let (documents, _) = read_any(b"kind: Deploymnt\n---\nkind: DeploymentTarget\n", None, &Limits::default())?;
    /// let parts = ManifestDocument::split(documents);
    /// let found: Vec<_> = parts.iter().flat_map(|part| validator.validate(part, &[]).diagnostics).collect();
    /// assert_eq!(found[0].advice(), "there is no kind \"Deploymnt\"; did you mean Deployment?");
    /// assert_eq!(found[1].attribute(), "metadata.name");
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn validate(&self, part: &ManifestDocument, given: &[&Json]) -> ValidationReport {
        let value = part.value();
        let word = |pointer: &str| value.at(pointer).and_then(Json::as_str).map(str::to_owned);
        let (mut diagnostics, stored) = match find_kind(value, self.registry) {
            Ok(kind) => {
                let layers = self.layers(kind, self.namespace_of(kind, value), given);
                let layers: Vec<_> = layers.into_iter().map(|(_, layer)| layer).collect();
                let mut document = part.alone();
                let found = validate(kind, &mut document, &layers, self.field_validation);
                (found, Some(document.value))
            }
            Err(problem) => (vec![*problem], None),
        };
        part.locate(&mut diagnostics);
        let name = word("/metadata/name").or_else(|| word("/name"));
        ValidationReport { kind: word("/kind"), name, diagnostics, value: stored }
    }

    /// The kind of a document.
    ///
    /// # Errors
    /// The kind is missing or unknown; the problem has its place.
    pub fn kind_of(&self, part: &ManifestDocument) -> Result<&'a Arc<Kind>, Box<Diagnostic>> {
        find_kind(part.value(), self.registry).map_err(|mut problem| {
            part.locate(std::slice::from_mut(&mut *problem));
            problem
        })
    }

    /// The namespace that a document goes to; none when its kind lives in none.
    pub fn namespace_of<'d>(&'d self, kind: &Kind, document: &'d Json) -> Option<&'d str> {
        let own = document.at("/metadata/namespace").and_then(Json::as_str);
        let namespace = self.namespace.or(own).unwrap_or(DEFAULT_NAMESPACE);
        (kind.scope == Scope::Namespaced).then_some(namespace)
    }

    /// The documents with defaults for a document of a kind, the strongest first, each with the kind that supplies it.
    /// `given` are all such documents; the later of two for the same place wins.
    pub fn layers<'d>(&self, kind: &Kind, namespace: Option<&str>, given: &[&'d Json]) -> Vec<(Arc<Kind>, &'d Json)> {
        let of_kind = |name: &Arc<str>| {
            let supplier = self.registry.find(name)?;
            let is_meant = |layer: &&&Json| {
                let is_kind = layer.get("kind").and_then(Json::as_str) == Some(&**name);
                is_kind && (supplier.scope == Scope::Global || self.namespace_of(supplier, layer) == namespace)
            };
            Some((Arc::clone(supplier), *given.iter().rev().find(is_meant)?))
        };
        kind.defaults_from.iter().rev().filter_map(of_kind).collect()
    }
}

/// The values of `spec` that a new resource of this document would have, in the order of their places, each with its
/// source. `layers` are documents with defaults, the strongest first, with the kinds that supply them.
pub fn sourced_values(kind: &Kind, document: &Json, layers: &[(Arc<Kind>, &Json)]) -> Vec<SourcedValue> {
    let documents: Vec<&Json> = layers.iter().map(|(_, layer)| *layer).collect();
    let values = effective_values(kind, document, &documents);
    // The built-in value of each place: a store shows them within its global defaults.
    let bare = effective_values(kind, document, &[]);
    let sourced = |value: EffectiveValue| {
        let from = source(&value, &bare, layers);
        SourcedValue { pointer: value.pointer, value: value.value, from }
    };
    values.into_iter().map(sourced).collect()
}

fn source(value: &EffectiveValue, bare: &[EffectiveValue], layers: &[(Arc<Kind>, &Json)]) -> String {
    const BUILT_IN: &str = "built in";
    let is_built_in = |layer: &(Arc<Kind>, &Json)| {
        let same = |other: &EffectiveValue| other.pointer == value.pointer && other.value == value.value;
        layer.0.scope == Scope::Global && bare.iter().any(|other| other.origin == Origin::BuiltIn && same(other))
    };
    match value.origin {
        Origin::Document => "document".to_owned(),
        Origin::BuiltIn => BUILT_IN.to_owned(),
        Origin::Layer(index) => match layers.get(index).filter(|layer| !is_built_in(layer)) {
            Some((kind, _)) => kind.name.to_string(),
            None => BUILT_IN.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Limits, read_any};

    #[test]
    fn documents_with_defaults_give_others_their_spec_and_nothing_else() {
        let registry = Registry::builtin().expect("the built-in kinds load");
        let text = "kind: DeploymentDefaults\napiVersion: v1\nmetadata: {labels: {a: b}}\n\
            spec: {template: {spec: {parallelism: 7}}}\n---\nkind: Deployment\nmetadata: {}\n\
            spec: {deploymentTargetName: x, template: {spec: {artifact: {kind: JAR, jarUri: 's3://x/y.jar'}}}}\n";
        let (documents, _) = read_any(text.as_bytes(), None, &Limits::default()).expect("readable");
        let parts = ManifestDocument::split(documents);
        let validator =
            ManifestValidator { registry: &registry, namespace: None, field_validation: FieldValidation::Warn };
        let given: Vec<&Json> = parts.iter().map(ManifestDocument::value).collect();
        let report = validator.validate(&parts[1], &given);
        let told: Vec<String> = report.diagnostics.iter().map(Diagnostic::attribute).collect();
        assert_eq!(told, ["metadata.name"]);
        let value = report.value.expect("its kind is known");
        assert_eq!(value.at("/spec/template/spec/parallelism").map(Json::to_text).as_deref(), Some("7"));
        assert_eq!(value.at("/metadata/labels"), None);
    }
}
