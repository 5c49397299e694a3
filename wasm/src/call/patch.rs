//! Patches and differences.

use kindstore::patch::{difference, json_patch, json_patch_between, merge_patch, merge_patch_between};
use kindstore::{Error, Json};
use serde::Deserialize;

use super::options::{FormatWord, document, options};
use super::store::told_difference;
use super::text::written;
use super::write::{array, sparse};
use super::{Outcome, failure};

/// The format of the result; by default, that of the document.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
}

/// Applies a merge patch (RFC 7386) to a document.
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

/// Applies a JSON Patch (RFC 6902) to a document: all its operations, or none.
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

/// Returns the differences between two documents: as a merge patch, where one can express them, as a JSON Patch, and
/// place by place.
///
/// # Errors
/// A text that cannot be read.
pub fn diff(from: &str, to: &str) -> Outcome<String> {
    let (from, to) = (document(from, None)?.0.value, document(to, None)?.0.value);
    Ok(sparse([
        // Absent where the new document has a null, which in a merge patch would remove the member.
        ("mergePatch", merge_patch_between(&from, &to).as_ref().map(Json::to_text)),
        ("jsonPatch", Some(json_patch_between(&from, &to).to_text())),
        ("changes", Some(array(difference(&from, &to).iter().map(told_difference)))),
    ]))
}
