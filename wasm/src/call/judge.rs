//! Validation of documents, and documents with their defaults.

use kindstore::manifest::Limits;
use kindstore::validation::{ManifestDocument, ManifestValidator, sourced_values};
use kindstore::{Json, Registry};
use serde::Deserialize;

use super::options::{Fields, FormatWord, documents, options};
use super::write::{array, diagnostic, diagnostics, object, quoted};
use super::{Outcome, failure};

/// Options of a validation.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
    namespace: Option<String>,
    field_validation: Fields,
    /// The text of documents with defaults.
    defaults: Option<String>,
}

impl Options {
    fn terms<'a>(&'a self, registry: &'a Registry) -> ManifestValidator<'a> {
        ManifestValidator {
            registry,
            namespace: self.namespace.as_deref(),
            field_validation: self.field_validation.into(),
        }
    }

    fn defaults(&self) -> Outcome<Vec<Json>> {
        let Some(text) = &self.defaults else { return Ok(Vec::new()) };
        let (documents, _) = documents(text, None)?;
        Ok(ManifestDocument::split(documents).iter().map(|part| part.value().clone()).collect())
    }
}

/// Returns the problems of all documents of a text, as an array: those of a document together, errors first. A text that
/// cannot be read has one problem.
///
/// # Errors
/// Options or a text of defaults that cannot be read.
pub fn validate(registry: &Registry, text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (terms, defaults) = (options.terms(registry), options.defaults()?);
    let read = kindstore::manifest::read_any(text.as_bytes(), options.format.map(Into::into), &Limits::MANY);
    let parts = match read {
        Ok((documents, _)) => ManifestDocument::split(documents),
        Err(error) => return Ok(array([diagnostic(&error.to_diagnostic(text), Some(0))])),
    };
    // Documents of the text itself count as well, as if they were stored before the others.
    let given = terms.suppliers(defaults.iter().chain(parts.iter().map(ManifestDocument::value)));
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let verdict = terms.validate(part, &given);
        found.extend(verdict.diagnostics.iter().map(|problem| diagnostic(problem, Some(index))));
    }
    Ok(array(found))
}

/// Returns the first document of a text as it would be stored, with the source of each value and the problems. The
/// documents behind it can supply defaults.
///
/// # Errors
/// A text without a document, or that cannot be read; a document that is of no kind.
pub fn with_defaults(registry: &Registry, text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (terms, defaults) = (options.terms(registry), options.defaults()?);
    let parts = ManifestDocument::split(documents(text, options.format)?.0);
    let Some(part) = parts.first() else { return Err(failure::bad("the text is empty; one document is expected")) };
    let given = terms.suppliers(defaults.iter().chain(parts.iter().map(ManifestDocument::value)));
    let kind = terms.kind_of(part).map_err(|problem| invalid(*problem))?;
    let verdict = terms.validate(part, &given);
    let layers = terms.layers(kind, terms.namespace_of(kind, part.value()), &given);
    let values = sourced_values(kind, part.value(), &layers);
    let value = |it: &kindstore::validation::SourcedValue| {
        object([("pointer", quoted(&it.pointer)), ("value", it.value.to_text()), ("from", quoted(&it.from))])
    };
    Ok(object([
        ("document", verdict.value.as_ref().map_or_else(|| "null".to_owned(), Json::to_text)),
        ("values", array(values.iter().map(value))),
        ("diagnostics", diagnostics(&verdict.diagnostics)),
    ]))
}

fn invalid(problem: kindstore::Diagnostic) -> String {
    failure::told(kindstore::Error::Invalid { kind: "document".to_owned(), problems: vec![problem] })
}
