//! The validation of the documents of files.

use std::sync::Arc;

use kindstore::validation::{ManifestValidator, Severity, ValidationReport};
use kindstore::{Diagnostic, Json};
use serde_json::Value;

use super::failure::{Failure, Result};
use super::manifest::Manifest;
use super::source;

/// The forms of the answer.
pub(crate) const FORMS: [&str; 4] = ["text", "json", "github", "sarif"];

/// A text that was read, and the report on each of its documents.
pub(crate) struct Judged {
    /// The file as it was named.
    pub(crate) origin: Arc<str>,
    /// The whole text.
    pub(crate) text: String,
    pub(crate) documents: Vec<ValidationReport>,
}

/// One text with its documents, before they are validated.
struct Text {
    origin: Arc<str>,
    text: String,
    /// None when the text cannot be read, and then why.
    manifests: std::result::Result<Vec<Manifest>, Diagnostic>,
}

/// All problems, each with its text.
pub(crate) fn problems(judged: &[Judged]) -> impl Iterator<Item = (&Judged, &Diagnostic)> {
    let of = |text| Judged::diagnostics(text).map(move |problem| (text, problem));
    judged.iter().flat_map(of)
}

impl Judged {
    fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.documents.iter().flat_map(|verdict| &verdict.diagnostics)
    }
}

/// Validates texts, each with the defaults that all of them and the caller give.
pub(crate) fn judge(texts: Vec<(String, Vec<u8>)>, terms: &ManifestValidator<'_>, defaults: &[Json]) -> Vec<Judged> {
    let texts: Vec<Text> = texts.into_iter().map(|(origin, bytes)| read(origin, &bytes)).collect();
    let documents = texts.iter().filter_map(|text| text.manifests.as_ref().ok()).flatten().map(Manifest::value);
    let given = terms.suppliers(defaults.iter().chain(documents));
    let judged = |text: &Text| {
        let documents = match &text.manifests {
            Ok(manifests) => manifests.iter().map(|manifest| terms.validate(&manifest.part, &given)).collect(),
            // A text that cannot be read.
            Err(problem) => {
                vec![ValidationReport { kind: None, name: None, diagnostics: vec![problem.clone()], value: None }]
            }
        };
        Judged { origin: Arc::clone(&text.origin), text: text.text.clone(), documents }
    };
    texts.iter().map(judged).collect()
}

fn read(origin: String, bytes: &[u8]) -> Text {
    // Only for the places of problems: what is not UTF-8 is refused by the reader, with a problem of its own.
    let text = String::from_utf8_lossy(bytes).into_owned();
    let origin: Arc<str> = Arc::from(origin);
    let manifests = match kindstore::manifest::read_any(bytes, None, &kindstore::manifest::Limits::MANY) {
        Ok((documents, format)) => Ok(source::manifests_of(&origin, documents, format)),
        Err(error) => Err(error.to_diagnostic(&text)),
    };
    Text { origin, text, manifests }
}

/// The documents with defaults that a file holds.
pub(crate) fn defaults(path: &std::path::Path) -> Result<Vec<Json>> {
    let (origin, text) = source::text(path)?;
    Ok(source::read(&origin, &text)?.0.into_iter().map(|document| document.value).collect())
}

/// A value as text for files and people.
pub(crate) fn pretty(value: &Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(|error| Failure::refused(format!("the answer cannot be written: {error}")))
}

/// How many problems of a severity there are.
pub(crate) fn count(judged: &[Judged], severity: Severity) -> usize {
    problems(judged).filter(|(_, problem)| problem.severity == severity).count()
}

/// The problem in one line, with the fix.
pub(crate) fn advice(problem: &Diagnostic) -> String {
    match problem.pointer.as_str() {
        "" => problem.advice(),
        _ => problem.to_string(),
    }
}
