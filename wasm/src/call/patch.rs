//! Patches and differences.

use kindstore::manifest::{Format, Tree, write_compact_json, write_yaml};
use kindstore::patch::{Difference, difference, json_patch, json_patch_between, merge_patch, merge_patch_between};
use kindstore::{Document, Error, Json};
use serde::Deserialize;

use super::options::{FormatWord, kept, options};
use super::spelling::Spellings;
use super::write::{array, quoted, sparse};
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
    let (mut target, format) = kept(target, None)?;
    let (patch, _) = kept(patch, None)?;
    merge_patch(&mut target.value, &patch.value);
    Ok(result(&target, options.format.map_or(format, Into::into)))
}

/// Applies a JSON Patch (RFC 6902) to a document: all its operations, or none.
///
/// # Errors
/// As [`merge`]; `Invalid` with every problem of an operation that cannot be applied.
pub fn json(target: &str, patch: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let (mut target, format) = kept(target, None)?;
    let (patch, _) = kept(patch, None)?;
    json_patch(&mut target.value, &patch.value).map_err(|mut problems| {
        patch.locate(&mut problems);
        failure::told(Error::Invalid { kind: "JSON Patch".to_owned(), problems })
    })?;
    Ok(result(&target, options.format.map_or(format, Into::into)))
}

/// Returns the result of a patch as text: JSON without spaces, as programs write it.
fn result(document: &Document, format: Format) -> String {
    let tree = Tree::spelled(&document.value);
    match format {
        Format::Yaml => write_yaml(&tree),
        Format::Json => write_compact_json(&tree),
    }
}

/// Returns the differences between two documents: as a merge patch, where one can express them, as a JSON Patch, and
/// place by place. Numbers that are written differently differ.
///
/// # Errors
/// A text that cannot be read.
pub fn diff(from: &str, to: &str) -> Outcome<String> {
    let (mut from, mut to) = (kept(from, None)?.0.value, kept(to, None)?.0.value);
    let mut spellings = Spellings::default();
    spellings.take(&mut from);
    spellings.take(&mut to);
    let place = |it: &Difference| {
        let value = |value: &Option<Json>| value.as_ref().map(|value| spellings.text(value));
        sparse([("path", Some(quoted(&it.pointer))), ("old", value(&it.old)), ("new", value(&it.new))])
    };
    Ok(sparse([
        // Absent where the new document has a null, which in a merge patch would remove the member.
        ("mergePatch", merge_patch_between(&from, &to).map(|patch| spellings.text(&patch))),
        ("jsonPatch", Some(spellings.text(&json_patch_between(&from, &to)))),
        ("changes", Some(array(difference(&from, &to).iter().map(place)))),
    ]))
}
