//! Texts to values, values to texts, and texts to texts.

use kindstore::{Format, Json, to_yaml};
use serde::Deserialize;

use super::Outcome;
use super::options::{FormatWord, document, documents, options};
use super::write::array;

/// In which language a text is, and in which one the answer shall be.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
    to: Option<FormatWord>,
}

/// The values of all documents of a text, as an array.
///
/// # Errors
/// Options or a text that cannot be read.
pub fn parse(text: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (documents, _) = documents(text, options.format)?;
    Ok(array(documents.iter().map(|document| document.value.to_text())))
}

/// A value, given as JSON, as text in a format: YAML unless told.
///
/// # Errors
/// Options or a value that cannot be read.
pub fn stringify(value: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (document, _) = document(value, Some(FormatWord::Json))?;
    Ok(written(&document.value, options.format.map_or(Format::Yaml, Into::into)))
}

/// The documents of a text in the other format, or in the one that is asked for. A list of documents that is to be JSON
/// becomes an array.
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
    let mut values = documents.into_iter().map(|document| document.value);
    Ok(match (to, values.len()) {
        (Format::Json, 1) => written(&values.next().unwrap_or_default(), to),
        (Format::Json, _) => written(&Json::Array(values.collect()), to),
        (Format::Yaml, _) => values.map(|value| to_yaml(&value)).collect::<Vec<_>>().join("---\n"),
    })
}

/// A value as text.
pub(super) fn written(value: &Json, format: Format) -> String {
    match format {
        Format::Yaml => to_yaml(value),
        Format::Json => value.to_text(),
    }
}
