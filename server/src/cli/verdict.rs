//! What is wrong with the documents of files, told without any store.

use std::sync::Arc;

use kindstore::{Code, Diagnostic, Document, FieldValidation, Json, Kind, Registry, Scope, Verb, suggestion};

use super::failure::Result;
use super::manifest::Manifest;
use super::source;

/// A text that was read, and what is said of each of its documents.
pub(crate) struct Judged {
    /// The file as it was named.
    pub(crate) origin: Arc<str>,
    /// The whole text.
    pub(crate) text: String,
    pub(crate) documents: Vec<Verdict>,
}

/// What is said of one document, or of a text that cannot be read.
pub(crate) struct Verdict {
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One text with its documents, before they are judged.
struct Text {
    origin: Arc<str>,
    text: String,
    /// None when the text cannot be read, and then why.
    manifests: std::result::Result<Vec<Manifest>, Diagnostic>,
}

/// What all documents are held against.
pub(crate) struct Terms<'a> {
    pub(crate) registry: &'a Registry,
    /// The namespace of documents, where the caller says so.
    pub(crate) namespace: Option<&'a str>,
    /// What becomes of members that a kind does not know.
    pub(crate) fields: FieldValidation,
    /// Documents with defaults beside those of the input.
    pub(crate) defaults: &'a [Json],
}

impl Terms<'_> {
    fn namespace<'d>(&'d self, kind: &Kind, document: &'d Json) -> Option<&'d str> {
        let own = document.at("/metadata/namespace").and_then(Json::as_str);
        let namespace = self.namespace.or(own).unwrap_or("default");
        (kind.scope == Scope::Namespaced).then_some(namespace)
    }

    /// The documents with defaults for a document of a kind, the strongest first. `given` are all that there are.
    pub(crate) fn layers<'d>(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        given: &[&'d Json],
    ) -> Vec<(Arc<Kind>, &'d Json)> {
        let of_kind = |name: &Arc<str>| {
            let supplier = self.registry.find(name)?;
            let is_meant = |layer: &&&Json| {
                let is_kind = layer.get("kind").and_then(Json::as_str) == Some(&**name);
                is_kind && (supplier.scope == Scope::Global || self.namespace(supplier, layer) == namespace)
            };
            Some((Arc::clone(supplier), *given.iter().rev().find(is_meant)?))
        };
        kind.defaults_from.iter().rev().filter_map(of_kind).collect()
    }
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

/// Judges texts, each with the defaults that all of them and the caller give.
pub(crate) fn judge(texts: Vec<(String, Vec<u8>)>, terms: &Terms<'_>) -> Vec<Judged> {
    let texts: Vec<Text> = texts.into_iter().map(|(origin, bytes)| read(origin, &bytes)).collect();
    let documents = texts.iter().filter_map(|text| text.manifests.as_ref().ok()).flatten().map(Manifest::value);
    let given: Vec<&Json> = terms.defaults.iter().chain(documents).collect();
    let judged = |text: &Text| {
        let documents = match &text.manifests {
            Ok(manifests) => manifests.iter().map(|manifest| verdict(manifest, terms, &given)).collect(),
            Err(problem) => vec![Verdict { kind: None, name: None, diagnostics: vec![problem.clone()] }],
        };
        Judged { origin: Arc::clone(&text.origin), text: text.text.clone(), documents }
    };
    texts.iter().map(judged).collect()
}

fn read(origin: String, bytes: &[u8]) -> Text {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let origin: Arc<str> = Arc::from(origin);
    let manifests = match source::parse(bytes) {
        Ok((documents, format)) => Ok(source::manifests_of(&origin, documents, format)),
        Err(error) => Err(error.to_diagnostic(&text)),
    };
    Text { origin, text, manifests }
}

fn verdict(manifest: &Manifest, terms: &Terms<'_>, given: &[&Json]) -> Verdict {
    let value = manifest.value();
    let word = |pointer: &str| value.at(pointer).and_then(Json::as_str).map(str::to_owned);
    let mut diagnostics = match find_kind(value, terms.registry) {
        Ok(kind) => {
            let namespace = terms.namespace(kind, value);
            let layers: Vec<_> = terms.layers(kind, namespace, given).into_iter().map(|(_, layer)| layer).collect();
            kindstore::validate(kind, &mut alone(manifest), &layers, terms.fields)
        }
        Err(problem) => vec![*problem],
    };
    if diagnostics.iter().any(|problem| problem.span.is_none()) {
        locate(manifest, &mut diagnostics);
    }
    Verdict { kind: word("/kind"), name: word("/metadata/name").or_else(|| word("/name")), diagnostics }
}

/// The document of a manifest: its own, or one for an item of a list.
fn alone(manifest: &Manifest) -> Document {
    if manifest.root.is_empty() {
        return Document::clone(&manifest.document);
    }
    let mut document = Document::from(manifest.value().clone());
    let inner = |problem: &Diagnostic| {
        let pointer = problem.pointer.strip_prefix(&manifest.root).filter(|rest| rest.starts_with('/'))?;
        Some(Diagnostic { pointer: pointer.to_owned(), ..problem.clone() })
    };
    document.problems = manifest.document.problems.iter().filter_map(inner).collect();
    document
}

/// Gives problems of an item of a list their places.
fn locate(manifest: &Manifest, diagnostics: &mut [Diagnostic]) {
    let below = |problem: &Diagnostic| Diagnostic {
        pointer: format!("{}{}", manifest.root, problem.pointer),
        ..problem.clone()
    };
    let mut moved: Vec<Diagnostic> = diagnostics.iter().map(below).collect();
    manifest.document.locate(&mut moved);
    diagnostics.iter_mut().zip(moved).for_each(|(problem, moved)| problem.span = moved.span);
}

/// The kind that a document says it is of.
fn find_kind<'r>(value: &Json, registry: &'r Registry) -> std::result::Result<&'r Arc<Kind>, Box<Diagnostic>> {
    let names: Vec<&str> = registry.kinds().iter().map(|kind| &*kind.name).collect();
    let kinds = || format!("the kinds are {}", names.join(", "));
    if value.as_object().is_none() {
        let message = format!("a resource is an object, this is {}", value.type_name());
        return Err(Diagnostic::error("", Code::HasWrongType, message).into());
    }
    let name = match value.get("kind") {
        None | Some(Json::Null) => {
            return Err(Diagnostic::error("/kind", Code::IsMissing, "is required").with_hint(kinds()).into());
        }
        Some(Json::String(name)) => name,
        Some(other) => {
            let message = format!("must be a string, not {}", other.type_name());
            return Err(Diagnostic::error("/kind", Code::HasWrongType, message).into());
        }
    };
    let Some(kind) = registry.find(name) else {
        let problem = Diagnostic::error("/kind", Code::IsNotAllowed, format!("there is no kind {name:?}"));
        let meant =
            registry.find_word(name).map(|kind| &*kind.name).or_else(|| suggestion(name, names.iter().copied()));
        return Err(match meant {
            Some(word) => problem.with_hint(format!("did you mean {word}?")).into(),
            None => problem.with_hint(kinds()).into(),
        });
    };
    if ![Verb::Create, Verb::Upsert, Verb::Patch].iter().any(|verb| kind.verbs.contains(verb)) {
        let message = format!("a {name} is written by the system and cannot be applied");
        return Err(Diagnostic::error("/kind", Code::IsNotAllowed, message).into());
    }
    Ok(kind)
}

/// The documents with defaults that a file holds.
pub(crate) fn defaults(path: &std::path::Path) -> Result<Vec<Json>> {
    let (origin, text) = source::text(path)?;
    Ok(source::read(&origin, &text)?.0.into_iter().map(|document| document.value).collect())
}
