//! Simulates a patch without a store.

use kindstore::patch::simulate_patch;
use kindstore::patch::{SimulateError, SimulateOptions};
use kindstore::validation::{ManifestDocument, ManifestValidator};
use kindstore::{Document, Error, Json, Patch, Registry};
use kindstore::{Timestamp, WriteOutcome};
use serde::Deserialize;

use super::options::{Fields, FormatWord, document, expected, options};
use super::write::{diagnostics, sparse};
use super::{Outcome, failure};

/// Options of a simulation.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    #[serde(rename = "type")]
    patch_type: Option<PatchType>,
    /// The language of both texts.
    format: Option<FormatWord>,
    kind: Option<String>,
    namespace: Option<String>,
    /// In microseconds since 1970.
    now: i64,
    plain_secrets: bool,
    expected_version: Option<u64>,
    expected_id: Option<String>,
    field_validation: Fields,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum PatchType {
    Merge,
    Json,
}

/// Returns the outcome that a server would report: whether the patch is valid, the resource or the error with its
/// subject, and the warnings.
///
/// # Errors
/// Options or texts that cannot be read, and a resource that is of no kind.
pub fn simulate(registry: &Registry, resource: &str, patch: &str, given: Option<&str>) -> Outcome<String> {
    let options: Options = options(given)?;
    let resource = document(resource, options.format)?.0;
    let patch = read_patch(document(patch, options.format)?.0, options.patch_type.as_ref());
    let kind = match &options.kind {
        Some(kind) => kind.clone(),
        None => kind_of(registry, &resource)?,
    };
    let mut chosen = SimulateOptions::default()
        .now(Timestamp::from_micros(options.now))
        .plain_secrets(options.plain_secrets)
        .namespace(options.namespace);
    chosen.write.expected = expected(options.expected_version, options.expected_id.as_deref())?;
    chosen.write.field_validation = options.field_validation.into();
    // A refusal is the result that was asked for, so only the texts themselves can make the call fail.
    Ok(match simulate_patch(registry, &kind, resource, patch, &chosen) {
        Ok(written) => taken(&written),
        Err(SimulateError::Resource(error)) => refused("resource", error),
        Err(SimulateError::Patch(error)) => refused("patch", error),
    })
}

/// Returns the patch of a document, by its type or its form.
fn read_patch(patch: Document, patch_type: Option<&PatchType>) -> Patch {
    match patch_type {
        Some(PatchType::Json) => Patch::Json(patch),
        // A merge patch that is an array would replace the resource by it: nobody asks for that.
        _ if patch.value.as_array().is_some() => Patch::Json(patch),
        _ => Patch::Merge(patch),
    }
}

fn kind_of(registry: &Registry, resource: &Document) -> Outcome<String> {
    let terms = ManifestValidator { registry, namespace: None, field_validation: Default::default() };
    let part = ManifestDocument { document: resource.clone().into(), root: String::new() };
    match terms.kind_of(&part) {
        Ok(kind) => Ok(kind.name.to_string()),
        Err(problem) => Err(failure::told(Error::Invalid { kind: "resource".to_owned(), problems: vec![*problem] })),
    }
}

fn taken(written: &WriteOutcome) -> String {
    let flag = |flag: bool| Some(Json::from(flag).to_text());
    sparse([
        ("valid", flag(true)),
        ("changed", flag(written.changed)),
        ("resource", Some(written.object.to_json())),
        ("warnings", Some(diagnostics(&written.warnings))),
    ])
}

fn refused(subject: &str, error: Error) -> String {
    sparse([
        ("valid", Some("false".to_owned())),
        ("changed", Some("false".to_owned())),
        ("subject", Some(format!("\"{subject}\""))),
        ("error", Some(failure::told(error))),
        ("warnings", Some("[]".to_owned())),
    ])
}
