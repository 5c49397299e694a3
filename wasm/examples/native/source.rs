//! Where documents come from: all that the shared cases send, and the definitions of the kinds.

use std::fs;
use std::path::{Path, PathBuf};

use kindstore::manifest::{Format, Limits, read, read_any};
use kindstore::{Json, Registry};
use kindstore_wasm::call::judge;

use crate::chance::Chance;
use crate::shape::{Shape, odd};
use crate::spelling::{damage, json, written};

pub(crate) struct Sources {
    /// Documents with their kind, also such that are refused.
    pub(crate) documents: Vec<Shape>,
    /// What was sent as text, for the sake of how it is written.
    texts: Vec<String>,
    definitions: Vec<Shape>,
    /// Those of the documents that have nothing wrong with them.
    sound: Vec<Shape>,
}

impl Sources {
    pub(crate) fn load(registry: &Registry) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the workspace");
        let mut found = Self { documents: Vec::new(), texts: Vec::new(), definitions: Vec::new(), sound: Vec::new() };
        for path in files(&root.join("tests/cases")) {
            let case = parsed(&path);
            let steps = case.get("steps").and_then(Json::as_array).unwrap_or_default();
            steps.iter().for_each(|step| found.step(step));
        }
        let definitions = files(&root.join("core/kinds"));
        let definitions = definitions.iter().map(|path| Shape::from(&parsed(path)));
        // What several kinds share is none itself.
        found.definitions = definitions.filter(|shape| shape.get("kind").is_some()).collect();
        let is_sound = |shape: &&Shape| judge::validate(registry, &json(shape), None).is_ok_and(|found| found == "[]");
        found.sound = found.documents.iter().filter(is_sound).cloned().collect();
        found
    }

    /// The body or the text of a step, and those of its operations.
    fn step(&mut self, step: &Json) {
        let operations = step.get("operations").and_then(Json::as_array).unwrap_or_default();
        operations.iter().for_each(|operation| self.step(operation));
        let mut words = ["create", "upsert", "system-create"].iter().filter_map(|verb| step.get(verb)?.as_str());
        let kind = words.next();
        if let Some(body @ Json::Object(_)) = step.get("body") {
            self.documents.push(with_kind(body, kind));
        }
        if let Some(text) = step.get("text").and_then(Json::as_str) {
            self.texts.push(text.to_owned());
            if let Ok((documents, _)) = read_any(text.as_bytes(), None, &Limits::default()) {
                let objects = documents.iter().filter(|document| document.value.as_object().is_some());
                self.documents.extend(objects.map(|document| with_kind(&document.value, kind)));
            }
        }
    }

    /// A document, mostly with something done to it, from one that is right or whatever it is.
    pub(crate) fn shape(&self, chance: &mut Chance) -> Shape {
        let from = if chance.one_in(2) { &self.sound } else { &self.documents };
        let mut shape = chance.one_of(from).clone();
        for _ in 0..chance.pick(&[0, 0, 1, 1, 2, 3, 10]) {
            let other = chance.one_of(&self.documents);
            shape.change(chance, other);
        }
        shape
    }

    /// A document of a kind that has nothing wrong with it, if there is one.
    pub(crate) fn sound(&self, kind: &str, chance: &mut Chance) -> Shape {
        let fits = |shape: &&Shape| matches!(shape.get("kind"), Some(Shape::Text(known)) if known == kind);
        let of_kind: Vec<&Shape> = self.sound.iter().filter(fits).collect();
        if of_kind.is_empty() { self.shape(chance) } else { (*chance.one_of(&of_kind)).clone() }
    }

    /// The text of a manifest.
    pub(crate) fn manifest(&self, chance: &mut Chance) -> String {
        let mut text = match chance.below(8) {
            0 => chance.one_of(&self.texts).clone(),
            1 => {
                let documents: Vec<String> =
                    (0..2 + chance.below(3)).map(|_| written(&self.shape(chance), chance)).collect();
                documents.join("---\n")
            }
            _ => written(&self.shape(chance), chance),
        };
        if chance.one_in(4) {
            let other = chance.one_of(&self.texts).clone();
            damage(&mut text, chance, &other);
        }
        text
    }

    /// The definition of a new kind that is like a built-in one, more or less.
    pub(crate) fn definition(&self, chance: &mut Chance) -> String {
        let mut shape = chance.one_of(&self.definitions).clone();
        for name in ["kind", "plural", "singular"] {
            if let Some(Shape::Text(word)) = shape.get(name) {
                let other = format!("{word}x");
                shape.set(name, Shape::Text(other));
            }
        }
        shape.set("shortNames", Shape::Items(Vec::new()));
        if chance.one_in(2) {
            *shape.anywhere(chance).1 = odd(chance);
        }
        written(&shape, chance)
    }
}

fn with_kind(body: &Json, kind: Option<&str>) -> Shape {
    let mut shape = Shape::from(body);
    if let (Some(kind), None) = (kind, shape.get("kind")) {
        shape.set("kind", Shape::text(kind));
    }
    shape
}

fn parsed(path: &Path) -> Json {
    let text = fs::read(path).expect("the file can be read");
    read(&text, Format::Yaml, &Limits::default()).expect("the file is YAML").value
}

/// All YAML files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    let within = |path: PathBuf| match path.extension() {
        Some(extension) if extension == "yaml" => vec![path],
        _ if path.is_dir() => files(&path),
        _ => Vec::new(),
    };
    entries.into_iter().flat_map(within).collect()
}
