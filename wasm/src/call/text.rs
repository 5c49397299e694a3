//! Parses texts, writes values, and converts between formats.

use kindstore::manifest::{Format, Tree, to_yaml, write_json, write_yaml};
use kindstore::{Document, Json};
use serde::Deserialize;

use super::Outcome;
use super::options::{FormatWord, document, documents, options};
use super::write::array;

/// The format of a text, and that of the result.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
    to: Option<FormatWord>,
}

/// Returns the values of all documents of a text, as an array.
///
/// # Errors
/// Options or a text that cannot be read.
pub fn parse(text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (documents, _) = documents(text, options.format)?;
    Ok(array(documents.iter().map(|document| document.value.to_text())))
}

/// Returns a value, given as JSON, as text in a format, by default YAML. Members keep their order.
///
/// # Errors
/// Options or a value that cannot be read.
pub fn stringify(value: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (document, _) = document(value, Some(FormatWord::Json))?;
    Ok(match options.format.map_or(Format::Yaml, Into::into) {
        // From the tree, since a value keeps its members in the order of their names.
        Format::Yaml => write_yaml(&document.tree()),
        Format::Json => write_json(&document.tree()),
    })
}

/// Converts the documents of a text to the requested format, by default the other one. Members keep their order. Several
/// documents become an array in JSON.
///
/// # Errors
/// Options or a text that cannot be read.
pub fn convert(text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (documents, format) = documents(text, options.format)?;
    let to = match (options.to, format) {
        (Some(to), _) => to.into(),
        (None, Format::Json) => Format::Yaml,
        (None, Format::Yaml) => Format::Json,
    };
    let mut trees: Vec<Tree<'_>> = documents.iter().map(Document::tree).collect();
    Ok(match to {
        Format::Json if trees.len() == 1 => write_json(&trees.remove(0)),
        Format::Json => write_json(&Tree::Items(trees)),
        Format::Yaml => trees.iter().map(write_yaml).collect::<Vec<_>>().join("---\n"),
    })
}

/// Returns a value as text.
pub(super) fn written(value: &Json, format: Format) -> String {
    match format {
        Format::Yaml => to_yaml(value),
        Format::Json => value.to_text(),
    }
}
