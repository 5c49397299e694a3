//! Simulates a patch of a resource, without a store.

mod given;
mod options;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::given::given;
pub use self::options::SimulateOptions;
use super::stored::document::is_same;
use super::stored::{Record, record};
use super::write::{Change, Patch, Request, Successor, WriteOutcome, amended, check_size, validated_alone};
use crate::backend::{Batch, Key, Operation};
use crate::error::{Error, Result};
use crate::kind::{KeyScheme, Kind, Verb};
use crate::manifest::Document;
use crate::registry::Registry;
use crate::rules::envelope::Caller;

/// Why a simulated patch was refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SimulateError {
    /// The resource itself is not valid. The places of problems are those in its text.
    #[error("the resource to be patched: {0}")]
    Resource(Error),
    /// The error with which a store would answer. The places of problems are those in the text of the patch.
    #[error(transparent)]
    Patch(Error),
}

/// Returns the outcome that a store would report for a patch of this resource: the same object, warnings and errors, with
/// places in the text of the patch. Checks that need a store are left out: whether the targets of references exist, and
/// allow to be referred to.
///
/// The resource has the form in which reads return it, in the envelope or in the flat form of its kind, with its id,
/// version, times, labels and status. Secret members, which reads leave out, count as present, and as different from any
/// value in the patch. A resource without id, version and time of creation is a plain manifest: it counts as created at
/// [`SimulateOptions::now`] with its defaults, as version 1; its status is kept.
///
/// ```
/// use kindstore::{Json, Registry};
/// use kindstore::patch::{SimulateOptions, simulate_patch};
/// use serde_json::json;
/// let resource = Json::from(json!({"metadata": {"resourceVersion": 4}, "spec": {"deploymentTargetName": "jobs"}}));
/// let patch = Json::from(json!({"spec": {"deploymentTargetName": "other"}}));
/// let options = SimulateOptions::default();
/// let written = simulate_patch(&Registry::builtin()?, "DeploymentDefaults", resource, patch, &options).expect("it is valid");
/// assert_eq!(written.object.metadata.resource_version, 5);
/// assert_eq!(written.object.spec_value().to_text(), r#"{"deploymentTargetName":"other"}"#);
/// # Ok::<(), kindstore::Error>(())
/// ```
///
/// # Errors
/// `Resource` when the resource is not valid; `Patch` for all else.
pub fn simulate_patch(
    registry: &Registry,
    kind: &str,
    resource: impl Into<Document>,
    patch: impl Into<Patch>,
    options: &SimulateOptions,
) -> std::result::Result<WriteOutcome, SimulateError> {
    let kind = registry.require(kind).map_err(SimulateError::Patch)?;
    kind.require(Verb::Patch).map_err(SimulateError::Patch)?;
    let namespace = registry.namespace().from_the_start.first().map(String::as_str);
    let current = given(kind, resource.into(), namespace, options).map_err(SimulateError::Resource)?;
    patched(kind, &current, patch.into(), options).map_err(SimulateError::Patch)
}

/// The steps of a patch as the pipeline takes them.
fn patched(kind: &Arc<Kind>, current: &Record, patch: Patch, options: &SimulateOptions) -> Result<WriteOutcome> {
    let (change, text) = match patch {
        Patch::Merge(document) => (Change::Patch(document.without_value()), document),
        Patch::Json(document) => (Change::JsonPatch(document.without_value()), document),
    };
    let metadata = &current.object.metadata;
    let key = match kind.key {
        KeyScheme::Name => metadata.name.clone(),
        KeyScheme::Id => Some(metadata.id.to_string()),
        KeyScheme::Singleton => None,
    };
    let request = Request {
        kind: Arc::clone(kind),
        namespace: metadata.namespace.clone(),
        key: Some(key.unwrap_or_default()),
        change,
        caller: Caller::User,
        options: options.write.clone(),
    };
    request.check_version(Some(metadata))?;
    let document = match request.change {
        Change::JsonPatch(_) => amended(&request.kind, &text, current)?,
        _ => text,
    };
    let candidate = validated_alone(&request, options.plain_secrets, &document, current)?;
    let Successor { record, warnings, .. } = candidate.into_successor(&request, current, options.now);
    if is_same(&record, current) {
        return Ok(WriteOutcome::unchanged(current.object.clone(), warnings));
    }
    let operations = vec![Operation::Put(Key::new(), record::encode(&record))];
    check_size(&request, &Batch { operations, ..Batch::default() })?;
    Ok(WriteOutcome { warnings, ..WriteOutcome::changed(record.object) })
}
