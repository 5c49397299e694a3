//! The validation of the documents of files.

use std::collections::HashMap;
use std::sync::Arc;

use kindstore::kind::KeyScheme;
use kindstore::validation::{Code, ManifestValidator, Severity, ValidationReport};
use kindstore::{Diagnostic, Json};
use serde_json::Value;

use super::failure::{Failure, Result};
use super::guard::{Guard, unquoted};
use super::manifest::Manifest;
use super::{folder, safe, source};

/// A text that was read, and the report on each of its documents.
pub(crate) struct Judged {
    /// The file as it was named.
    pub(crate) origin: Arc<str>,
    /// The whole text.
    pub(crate) text: String,
    /// Its secrets, which are not shown.
    pub(crate) guard: Guard,
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
/// `kind` is that of documents that name none.
pub(crate) fn judge(
    texts: Vec<(String, Vec<u8>)>,
    kind: Option<&str>,
    terms: &ManifestValidator<'_>,
    defaults: &[Json],
) -> Vec<Judged> {
    let texts: Vec<Text> = texts.into_iter().map(|(origin, bytes)| read(origin, &bytes, kind)).collect();
    let documents = texts.iter().filter_map(|text| text.manifests.as_ref().ok()).flatten().map(Manifest::value);
    let given = terms.suppliers(defaults.iter().chain(documents));
    let mut places = HashMap::new();
    let mut one = |manifest: &Manifest| {
        let mut report = terms.validate(&manifest.part, &given);
        report.diagnostics.extend(again(terms, manifest, &mut places));
        report
    };
    let judged = |text: &Text| {
        let documents = match &text.manifests {
            Ok(manifests) => manifests.iter().map(&mut one).collect(),
            // A text that cannot be read.
            Err(problem) => {
                vec![ValidationReport { kind: None, name: None, diagnostics: vec![problem.clone()], value: None }]
            }
        };
        let guard = match &text.manifests {
            Ok(manifests) => Guard::of(terms.registry, manifests),
            Err(_) => Guard::unread(&text.text),
        };
        Judged { origin: Arc::clone(&text.origin), text: text.text.clone(), guard, documents }
    };
    texts.iter().map(judged).collect()
}

/// A warning where a document before is about the same resource. `places` has the resources so far.
fn again(
    terms: &ManifestValidator<'_>,
    manifest: &Manifest,
    places: &mut HashMap<(String, Option<String>, String), String>,
) -> Option<Diagnostic> {
    const NAME: &str = "/metadata/name";
    let document = manifest.value();
    let kind = terms.kind_of(&manifest.part).ok().filter(|kind| kind.key == KeyScheme::Name)?;
    let name = document.at(NAME).and_then(Json::as_str)?.to_owned();
    let namespace = terms.namespace_of(kind, document).map(str::to_owned);
    let other = places.insert((kind.name.to_string(), namespace, name), manifest.place())?;
    let message = format!("is also that of the {} in {other}; the later document counts", kind.name);
    let root = &manifest.part.root;
    let mut problem = [Diagnostic::warning(format!("{root}{NAME}"), Code::IsDuplicate, message)];
    manifest.part.document.locate(&mut problem);
    let [problem] = problem;
    Some(Diagnostic { pointer: NAME.to_owned(), ..problem })
}

fn read(origin: String, bytes: &[u8], kind: Option<&str>) -> Text {
    // Only for the places of problems: what is not UTF-8 is refused by the reader, with a problem of its own.
    let text = String::from_utf8_lossy(bytes).into_owned();
    let origin: Arc<str> = Arc::from(origin);
    let manifests =
        match kindstore::manifest::read_any(bytes, folder::format(&origin), &kindstore::manifest::Limits::MANY) {
            Ok((mut documents, format)) => {
                if let Some(kind) = kind {
                    documents.iter_mut().for_each(|document| name_kind(&mut document.value, kind));
                }
                Ok(source::manifests_of(&origin, documents, format))
            }
            Err(error) => Err(unquoted(&text, error).to_diagnostic(&text)),
        };
    Text { origin, text, manifests }
}

/// Gives a document, and the items of a list, a kind where they name none.
fn name_kind(document: &mut Json, kind: &str) {
    let is_list = document.get("kind").and_then(Json::as_str).is_some_and(|kind| kind.ends_with("List"));
    let Json::Object(members) = document else { return };
    if let Some(Json::Array(items)) = members.get_mut("items").filter(|_| is_list) {
        // Lists are not within each other.
        items.iter_mut().filter(|item| item.get("kind").is_none()).for_each(|item| name_kind(item, kind));
    } else if members.get("kind").is_none_or(Json::is_null) {
        members.insert("kind".to_owned(), Json::from(kind));
    }
}

/// The documents with defaults that a file holds.
pub(crate) fn defaults(path: &std::path::Path) -> Result<Vec<Json>> {
    let (origin, text) = source::text(path)?;
    Ok(source::read(&origin, &text)?.0.into_iter().map(|document| document.value).collect())
}

/// A value as text for files and people.
pub(crate) fn pretty(value: &Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| safe::json(&text) + "\n")
        .map_err(|error| Failure::refused(format!("the answer cannot be written: {error}")))
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
