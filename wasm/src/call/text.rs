//! Parses texts, writes values, and converts between formats.

use kindstore::manifest::{Format, ReadError, Tree, is_json_number, write_compact_json, write_json, write_yaml};
use kindstore::validation::{ManifestDocument, apply_order};
use kindstore::{Diagnostic, Document, Json, Registry};
use serde::Deserialize;

use super::editor::byte_at;
use super::options::{FormatWord, documents, kept, options};
use super::write::{array, quoted, sparse};
use super::{Outcome, failure};

/// The format of a text, and that of the result.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
    to: Option<FormatWord>,
}

/// Returns the values of all documents of a text, as an array. Numbers stay as they were written.
///
/// # Errors
/// Options or a text that cannot be read.
pub fn parse(text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (documents, _) = documents(text, options.format)?;
    Ok(array(documents.iter().map(|document| write_compact_json(&value_of(document)))))
}

/// Returns the failure of a text with half of a surrogate pair at a place, counted in UTF-16 code units. No text of this language can
/// have it: another character stands there.
pub fn lone_surrogate(text: &str, place: usize) -> String {
    let message = "half of a surrogate pair, which is no character; remove it, or write the character itself";
    failure::unreadable(&ReadError::new(text, byte_at(text, place), message), text)
}

/// Returns the tree of a document that becomes a value.
fn value_of(document: &Document) -> Tree<'_> {
    // A number that no value keeps stays a string, as in every document. JavaScript would make another number of it.
    if document.problems.is_empty() { document.tree() } else { Tree::spelled(&document.value) }
}

/// Returns a value, given as JSON, as text in a format, by default YAML. Members keep their order, numbers their spelling.
///
/// # Errors
/// Options or a value that cannot be read; `Invalid` for a number that cannot be kept.
pub fn stringify(value: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (document, _) = kept(value, Some(FormatWord::Json))?;
    Ok(written(&document.tree(), options.format.map_or(Format::Yaml, Into::into)))
}

/// Converts the documents of a text to the requested format, by default the other one. Members keep their order, numbers their
/// spelling. Several documents become a list in JSON, and such a list becomes several documents in YAML.
///
/// # Errors
/// Options or a text that cannot be read; `Invalid` for a number that JSON does not have.
pub fn convert(text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (documents, format) = documents(text, options.format)?;
    let to = match (options.to, format) {
        (Some(to), _) => to.into(),
        (None, Format::Json) => Format::Yaml,
        (None, Format::Yaml) => Format::Json,
    };
    if to == Format::Json {
        documents.iter().try_for_each(is_json)?;
    }
    let mut trees: Vec<Tree<'_>> = match documents.as_slice() {
        [list] if to == Format::Yaml && is_plain_list(&list.value) => items(list),
        _ => documents.iter().map(Document::tree).collect(),
    };
    Ok(match to {
        Format::Json if trees.len() == 1 => write_json(&trees.remove(0)),
        Format::Json => write_json(&Tree::Members(vec![("kind", Tree::Text("List")), ("items", Tree::Items(trees))])),
        Format::Yaml => trees.iter().map(write_yaml).collect::<Vec<_>>().join("---\n"),
    })
}

/// Refuses the numbers that JSON does not have, such as `.inf`.
fn is_json(document: &Document) -> Outcome<()> {
    let is_none = |problem: &&Diagnostic| {
        let text = document.value.at(&problem.pointer).and_then(Json::as_str);
        !text.is_some_and(is_json_number)
    };
    match document.problems.iter().filter(is_none).cloned().collect::<Vec<_>>() {
        problems if problems.is_empty() => Ok(()),
        problems => Err(failure::unkept(document, problems)),
    }
}

/// Whether a value is a list that says nothing but its items, as several documents become one.
fn is_plain_list(value: &Json) -> bool {
    let members = value.as_object().filter(|members| members.keys().all(|name| LIST.contains(&name.as_str())));
    let is_list = members.and_then(|members| members.get("kind")).and_then(Json::as_str) == Some("List");
    is_list && value.get("items").and_then(Json::as_array).is_some_and(|items| !items.is_empty())
}

/// The members of such a list.
const LIST: [&str; 3] = ["kind", "apiVersion", "items"];

fn items(list: &Document) -> Vec<Tree<'_>> {
    let count = list.value.get("items").and_then(Json::as_array).map_or(0, <[Json]>::len);
    (0..count).map(|index| list.tree_at(&format!("/items/{index}"))).collect()
}

/// Returns the documents of a text and the items of its lists, each as a text of its own, in the order in which they are applied.
///
/// # Errors
/// Options or a text that cannot be read.
pub fn manifests(registry: &Registry, text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (documents, format) = documents(text, options.format)?;
    let to = options.to.map_or(format, Into::into);
    let parts = ManifestDocument::split(documents);
    let order = apply_order(registry, parts.iter().map(ManifestDocument::value));
    let found = order.into_iter().filter_map(|index| parts.get(index).map(|part| manifest(part, index, to)));
    Ok(array(found))
}

fn manifest(part: &ManifestDocument, index: usize, to: Format) -> String {
    let word = |pointer: &str| part.value().at(pointer).and_then(Json::as_str).map(quoted);
    sparse([
        ("document", Some(index.to_string())),
        ("kind", word("/kind")),
        ("namespace", word("/metadata/namespace")),
        ("name", word("/metadata/name")),
        ("text", Some(quoted(&written(&part.document.tree_at(&part.root), to)))),
    ])
}

/// Returns a tree as text.
fn written(tree: &Tree<'_>, format: Format) -> String {
    match format {
        Format::Yaml => write_yaml(tree),
        Format::Json => write_json(tree),
    }
}
