//! One document of the input: what it is about, where it is written, and its own text.

use std::sync::Arc;

use kindstore::Json;
use kindstore::kind::KeyScheme;
use kindstore::manifest::{Format, Limits, Number};
use kindstore::validation::ManifestDocument;

use super::access::{Reference, Text};
use super::failure::{Failure, Problem, Result};
use super::kind::{Kind, Kinds};
use super::words;

/// One document of a file, or one item of a list in it.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    /// The file as it was named.
    pub(crate) origin: Arc<str>,
    pub(crate) part: ManifestDocument,
    pub(crate) format: Format,
    /// Whether the text holds nothing else.
    pub(crate) is_alone: bool,
}

/// A document with the resource that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) manifest: Manifest,
    /// The key is empty when the document has no name, or an id that the kind is addressed by.
    pub(crate) reference: Reference,
}

impl Manifest {
    pub(crate) fn value(&self) -> &Json {
        self.part.value()
    }

    fn text_at(&self, pointer: &str) -> Option<&str> {
        self.value().at(pointer).and_then(Json::as_str)
    }

    /// The line, from 1, of what a pointer into this document leads to.
    fn line(&self, pointer: &str) -> usize {
        self.line_and_column(pointer).0
    }

    /// The line and the column of it.
    pub(crate) fn line_and_column(&self, pointer: &str) -> (usize, usize) {
        self.part.document.line_and_column(&format!("{}{pointer}", self.part.root))
    }

    /// `shop.yaml:12`, as editors understand it.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.origin, self.line(""))
    }

    /// The place of a problem in this document.
    pub(crate) fn place_of(&self, problem: &Problem) -> String {
        format!("{}:{}", self.origin, self.line(problem.pointer.as_deref().unwrap_or_default()))
    }

    /// A failure with the file and the lines that it is about.
    pub(crate) fn locate(&self, mut failure: Failure) -> Failure {
        for problem in &mut failure.problems {
            problem.line = problem.pointer.as_deref().map(|pointer| self.line(pointer));
        }
        failure.message = format!("{}: {}", self.place(), failure.message);
        failure
    }

    fn refuse(&self, message: impl Into<String>) -> Failure {
        self.locate(Failure::refused(message))
    }

    /// The resource that the document is about. `namespace` is where it goes when the caller says so, and must be
    /// that of the document; `fallback` when nobody does; `kind` is that of a document that names none.
    pub(crate) fn identify(
        self,
        kinds: &Kinds,
        kind: Option<&Arc<Kind>>,
        namespace: Option<&str>,
        fallback: &str,
    ) -> Result<Item> {
        if self.value().as_object().is_none() {
            return Err(self.refuse(format!("a resource is an object, this is {}", self.value().type_name())));
        }
        let named = self.value().at("/kind").filter(|kind| !kind.is_null());
        let found = match (self.text_at("/kind"), kind) {
            (Some(name), _) => kinds.iter().find(|kind| kind.name == name),
            (None, Some(kind)) if named.is_none() => Some(kind),
            (None, _) if named.is_some() => return Err(self.refuse("the kind of the document is not a string")),
            (None, _) => {
                let hint = "add kind: at its beginning, or say it with --kind";
                return Err(self.refuse("the document has no kind").hint(hint));
            }
        };
        let Some(kind) = found else {
            let names: Vec<_> = kinds.iter().map(|kind| kind.name.as_str()).collect();
            let name = self.text_at("/kind").unwrap_or_default();
            let failure = self.refuse(format!("unknown kind {name:?}"));
            return Err(failure.hint(format!("the kinds are {}", names.join(", "))));
        };
        // An empty namespace in a document, which programs write for one that they leave out, is none.
        let own = self.text_at("/metadata/namespace").filter(|namespace| !namespace.is_empty());
        // Whichever of the two was followed, the other one may have been meant, and a deletion would hit the wrong one.
        if let (Some(option), Some(own), true) = (namespace, own, kind.is_namespaced)
            && option != own
        {
            let message = format!("the document is in the namespace {own:?}, and -n says {option:?}");
            let failure = self.locate(Failure::usage(message));
            return Err(failure.hint("leave out -n, or the namespace of the document"));
        }
        let namespace = namespace.or(own).unwrap_or(fallback);
        let reference = words::reference(kind, namespace, self.key(kind));
        Ok(Item { manifest: self, reference })
    }

    fn key(&self, kind: &Kind) -> &str {
        let found = match kind.key {
            KeyScheme::Singleton => None,
            KeyScheme::Id => self.text_at("/metadata/id"),
            // The flat form of a document has its name outside, behind the name of its collection.
            KeyScheme::Name => self.text_at("/metadata/name").or_else(|| self.text_at("/name")?.rsplit('/').next()),
        };
        found.unwrap_or_default()
    }

    /// The text of this document alone, as it was written: numbers keep their spelling.
    pub(crate) fn text(&self) -> Text {
        if self.is_alone {
            return Text { text: self.part.document.text().to_owned(), format: self.format };
        }
        self.cut().unwrap_or_else(|| spelled_out(self.value()))
    }

    /// The piece of the text that has this document, if it means the same outside of it; an alias would not.
    fn cut(&self) -> Option<Text> {
        let text = self.part.document.text();
        let range = self.part.document.position(&self.part.root)?.value;
        let start = text.get(..range.start)?.rfind('\n').map_or(0, |at| at + 1);
        // A block that begins within a line, as in a list, keeps its column, or its first line would stand out from the
        // others.
        let indent = " ".repeat(text.get(start..range.start)?.chars().count());
        let piece = format!("{indent}{}\n", text.get(range)?);
        let again = kindstore::manifest::read(piece.as_bytes(), self.format, &Limits::default()).ok()?;
        let is_same = again.value == *self.value() && again.problems.len() <= self.part.document.problems.len();
        is_same.then_some(Text { text: piece, format: self.format })
    }
}

/// A value as text that keeps the spelling of its numbers.
pub(crate) fn spelled_out(value: &Json) -> Text {
    let mut text = String::new();
    flow(&mut text, value);
    Text { text, format: Format::Yaml }
}

/// A value in YAML's flow style, which is JSON but for the spelling of numbers.
fn flow(out: &mut String, value: &Json) {
    match value {
        Json::Number(number) => out.push_str(&Number::text(number)),
        Json::Array(items) => {
            out.push('[');
            for item in items {
                flow(out, item);
                out.push_str(", ");
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (name, member) in members {
                out.push_str(&Json::from(name.as_str()).to_text());
                out.push_str(": ");
                flow(out, member);
                out.push_str(", ");
            }
            out.push('}');
        }
        other => out.push_str(&other.to_text()),
    }
}

#[cfg(test)]
mod tests {
    use kindstore::Document;

    use super::*;

    /// The documents of a text, each as it would be sent.
    fn sent(text: &str) -> Vec<Text> {
        let documents =
            kindstore::manifest::read_all(text.as_bytes(), Format::Yaml, &Limits::default()).expect("readable");
        let manifest = |document: Document| Manifest {
            origin: Arc::from("shop.yaml"),
            part: ManifestDocument { document: Arc::new(document), root: String::new() },
            format: Format::Yaml,
            is_alone: false,
        };
        documents.into_iter().map(manifest).map(|manifest| manifest.text()).collect()
    }

    #[test]
    fn each_document_of_a_stream_is_sent_with_the_spelling_of_its_numbers() {
        let stream = "a: 1.10\nb: |+\n  x\n\n---\n# second\nc: [1.20, &x {d: .5}, *x]\n--- {e: 1.0}\n";
        let values = [
            "{\"a\":\"1.10\",\"b\":\"x\\n\\n\"}",
            "{\"c\":[\"1.20\",{\"d\":\".5\"},{\"d\":\".5\"}]}",
            "{\"e\":\"1.0\"}",
        ];
        let sent = sent(stream);
        assert_eq!(sent.len(), 3);
        for (text, expected) in sent.iter().zip(values) {
            let again =
                kindstore::manifest::read(text.text.as_bytes(), text.format, &Limits::default()).expect("readable");
            assert_eq!(spelled(&again.value).to_text(), expected, "{}", text.text);
        }
    }

    #[test]
    fn what_cannot_be_cut_out_is_written_anew_with_the_spelling_of_its_numbers() {
        let mut text = String::new();
        let value = kindstore::manifest::read(
            b"{a: 1.10, b: [yes, null, {}], 'c: d': \"e\\n\"}",
            Format::Yaml,
            &Limits::default(),
        );
        flow(&mut text, &value.expect("readable").value);
        let again = kindstore::manifest::read(text.as_bytes(), Format::Yaml, &Limits::default()).expect("readable");
        assert_eq!(spelled(&again.value).to_text(), r#"{"a":"1.10","b":["yes",null,{}],"c: d":"e\n"}"#);
    }

    /// The value with its numbers as the strings that they were written as.
    fn spelled(value: &Json) -> Json {
        match value {
            Json::Number(number) => Json::String(number.text()),
            Json::Array(items) => Json::Array(items.iter().map(spelled).collect()),
            Json::Object(members) => {
                Json::Object(members.iter().map(|(name, value)| (name.clone(), spelled(value))).collect())
            }
            other => other.clone(),
        }
    }
}
