//! One document of a text, or one item of a list in it.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::json::{Json, below};
use crate::manifest::Document;

/// One document of a text, or one item of a list in it.
#[derive(Clone, Debug)]
pub struct ManifestDocument {
    /// The document.
    pub document: Arc<Document>,
    /// Where in the document it is, as a JSON pointer; empty unless it is an item of a list.
    pub root: String,
}

impl ManifestDocument {
    /// All parts of documents: the items of lists, such as `get -o yaml` prints, and all other documents as they are.
    pub fn split(documents: Vec<Document>) -> Vec<Self> {
        let mut parts = Vec::new();
        for document in documents {
            let document = Arc::new(document);
            let part = |root: String| Self { document: Arc::clone(&document), root };
            match list_length(&document.value) {
                Some(length) => parts.extend((0..length).map(|index| part(format!("/items/{index}")))),
                None => parts.push(part(String::new())),
            }
        }
        parts
    }

    /// Its value.
    pub fn value(&self) -> &Json {
        self.document.value.at(&self.root).unwrap_or(&Json::Null)
    }

    /// The part as a document of its own; an item has no places then.
    pub(super) fn alone(&self) -> Document {
        if self.root.is_empty() {
            return Document::clone(&self.document);
        }
        let mut document = Document::from(self.value().clone());
        let inner = |problem: &Diagnostic| {
            let pointer = below(&problem.pointer, &self.root).filter(|rest| !rest.is_empty())?.to_owned();
            Some(Diagnostic { pointer, ..problem.clone() })
        };
        document.problems = self.document.problems.iter().filter_map(inner).collect();
        document
    }

    /// Gives problems that have no place yet theirs in the text.
    pub(super) fn locate(&self, diagnostics: &mut [Diagnostic]) {
        if diagnostics.iter().all(|problem| problem.span.is_some()) {
            return;
        }
        let whole = |problem: &Diagnostic| {
            let pointer = format!("{}{}", self.root, problem.pointer);
            Diagnostic { pointer, ..problem.clone() }
        };
        let mut moved: Vec<Diagnostic> = diagnostics.iter().map(whole).collect();
        self.document.locate(&mut moved);
        diagnostics.iter_mut().zip(moved).for_each(|(problem, moved)| problem.span = moved.span);
    }
}

/// How many items a list has; none for other documents.
fn list_length(value: &Json) -> Option<usize> {
    let is_list = value.get("kind").and_then(Json::as_str).is_some_and(|kind| kind.ends_with("List"));
    value.get("items").and_then(Json::as_array).filter(|_| is_list).map(<[Json]>::len)
}
