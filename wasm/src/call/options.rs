//! Options and requests, read from JSON.

use kindstore::manifest::{Format, Limits, ReadError, read, read_any};
use kindstore::{ETag, Expected, FieldValidation, ResourceId};
use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::{Map, Value};

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
    let value = Value::from(read.value);
    serde_json::from_value(value.clone()).map_err(|error| {
        let error = error.to_string();
        // The name of an unknown or missing member is in the error itself.
        let is_same = |value: Value| serde_json::from_value::<T>(value).is_err_and(|found| found.to_string() == error);
        let place = if error.contains(" field `") { String::new() } else { place(value, &is_same) };
        wrong(if place.is_empty() { error } else { format!("{}: {error}", place.trim_start_matches('.')) })
    })
}

/// The place of the value that causes an error: the innermost one that causes it alone. A crate that follows the way of the reader would
/// make the module a fiftieth larger. The depth limit of the parser bounds the recursion.
fn place(value: Value, is_cause: &dyn Fn(Value) -> bool) -> String {
    let parts: Vec<(String, Value, Option<String>)> = match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (format!(".{name}"), member, Some(name))).collect()
        }
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(index, item)| (format!("[{index}]"), item, None)).collect()
        }
        _ => return String::new(),
    };
    for (step, part, name) in parts {
        let alone = |part: Value| match &name {
            Some(name) => Value::Object(Map::from_iter([(name.clone(), part)])),
            None => Value::Array(vec![part]),
        };
        if is_cause(alone(part.clone())) {
            return step + &place(part, &|part| is_cause(alone(part)));
        }
    }
    String::new()
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
