//! Patches and differences.

use kindstore::{Error, json_patch, merge_patch};
use serde::Deserialize;

use super::options::{FormatWord, document, options};
use super::text::written;
use super::{Outcome, failure};

/// In which language the answer shall be; that of the document unless told.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
}

/// What a merge patch (RFC 7386) makes of a document.
///
/// # Errors
/// Options or a text that cannot be read.
pub fn merge(target: &str, patch: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (mut target, format) = document(target, None)?;
    let (patch, _) = document(patch, None)?;
    merge_patch(&mut target.value, &patch.value);
    Ok(written(&target.value, options.format.map_or(format, Into::into)))
}

/// What a JSON Patch (RFC 6902) makes of a document: all its operations, or none.
///
/// # Errors
/// As [`merge`]; `Invalid` with every problem of an operation that cannot be applied.
pub fn json(target: &str, patch: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (mut target, format) = document(target, None)?;
    let (patch, _) = document(patch, None)?;
    json_patch(&mut target.value, &patch.value).map_err(|mut problems| {
        patch.locate(&mut problems);
        failure::told(Error::Invalid { kind: "JSON Patch".to_owned(), problems })
    })?;
    Ok(written(&target.value, options.format.map_or(format, Into::into)))
}
