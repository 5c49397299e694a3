//! Options and requests, read from JSON.

use kindstore::manifest::{Format, Limits, ReadError, read, read_any};
use kindstore::{ETag, Expected, FieldValidation, ResourceId};
use serde::Deserialize;
use serde::de::Deserializer;

use super::{Outcome, failure};

/// Reads options, or returns the defaults without a text. An unknown member, or one of another type, is an error that
/// names it.
pub(super) fn options<T: Default + for<'de> Deserialize<'de>>(text: Option<&str>) -> Outcome<T> {
    text.map_or_else(|| Ok(T::default()), request)
}

/// Reads a request.
pub(super) fn request<T: for<'de> Deserialize<'de>>(text: &str) -> Outcome<T> {
    let wrong = |why: String| failure::bad(format!("the options are not as expected: {why}"));
    // By the reader of documents, with its limits: the request of a transaction holds whole documents, and reading values
    // recurses as deep as they are.
    let read = read(text.as_bytes(), Format::Json, &Limits::MANY).map_err(|error| wrong(error.message))?;
    let value = serde_json::Value::from(read.value);
    serde_json::from_value(value.clone()).map_err(|error| wrong(named::<T>(value, &error.to_string())))
}

/// The error with the name of the member that causes it: the first one that alone causes the same. A crate that follows the path
/// would make the module a fiftieth larger.
fn named<T: for<'de> Deserialize<'de>>(value: serde_json::Value, error: &str) -> String {
    let serde_json::Value::Object(members) = value else { return error.to_owned() };
    for (name, member) in members {
        let alone = serde_json::Map::from_iter([(name.clone(), member)]);
        let found = serde_json::from_value::<T>(serde_json::Value::Object(alone)).err();
        // The name of an unknown member is in the error itself.
        if found.is_some_and(|found| found.to_string() == error) && !error.starts_with("unknown field") {
            return format!("{name}: {error}");
        }
    }
    error.to_owned()
}

/// Reads a member that is present, even if it is null.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    // Called only for a member that is present, so that null and a missing member stay apart.
    T::deserialize(deserializer).map(Some)
}

/// The format of a text, in the words of options.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormatWord {
    Json,
    Yaml,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Json => Format::Json,
            FormatWord::Yaml => Format::Yaml,
        }
    }
}

/// The treatment of members that a kind does not know, in the words of options.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fields {
    #[default]
    Warn,
    Strict,
    Ignore,
}

impl From<Fields> for FieldValidation {
    fn from(word: Fields) -> Self {
        match word {
            Fields::Warn => FieldValidation::Warn,
            Fields::Strict => FieldValidation::Strict,
            Fields::Ignore => FieldValidation::Ignore,
        }
    }
}

/// Returns the precondition of a write.
pub(super) fn expected(version: Option<u64>, id: Option<&str>) -> Outcome<Option<Expected>> {
    let id = id.map(self::id).transpose()?;
    match (version, id) {
        (Some(version), id) => Ok(Some(Expected::OneOf(vec![ETag { id, version }]))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(failure::bad("expectedId goes with expectedVersion; name the version too")),
    }
}

/// Parses the id of a resource.
pub(super) fn id(text: &str) -> Outcome<ResourceId> {
    text.parse().map_err(|_| failure::bad(format!("{text:?} is no id; an id is a UUID")))
}

/// Reads all documents of a text.
pub(super) fn documents(text: &str, format: Option<FormatWord>) -> Outcome<(Vec<kindstore::Document>, Format)> {
    read_any(text.as_bytes(), format.map(Format::from), &Limits::MANY)
        .map_err(|error| failure::unreadable(&error, text))
}

/// Reads the only document of a text, within the limits of every store.
pub(super) fn document(text: &str, format: Option<FormatWord>) -> Outcome<(kindstore::Document, Format)> {
    let (bytes, limits) = (text.as_bytes(), Limits::default());
    let unreadable = |error: ReadError| failure::unreadable(&error, text);
    let format = match format {
        Some(format) => format.into(),
        None => {
            let (mut documents, format) = read_any(bytes, None, &limits).map_err(unreadable)?;
            if let (Some(document), true) = (documents.pop(), documents.is_empty()) {
                return Ok((document, format));
            }
            // Read once more below, whose error says how many documents there are instead of one.
            format
        }
    };
    read(bytes, format, &limits).map(|document| (document, format)).map_err(unreadable)
}

/// As [`document`], with a failure for numbers that no value keeps: an answer would have strings in their place.
pub(super) fn kept(text: &str, format: Option<FormatWord>) -> Outcome<(kindstore::Document, Format)> {
    let (document, format) = document(text, format)?;
    match document.problems.is_empty() {
        true => Ok((document, format)),
        false => Err(failure::unkept(&document, document.problems.clone())),
    }
}
