//! What a store would answer to a patch of a resource that is given, without a store.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::amend::amended;
use super::document::is_same;
use super::draft::{Successor, draft_alone};
use super::given::given;
use super::pipeline::{Change, Request, check_size, check_version};
use super::record::{self, Record};
use super::{Patch, WriteOptions, WriteOutcome};
use crate::backend::{Batch, Key, Operation};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::{KeyScheme, Kind, Verb};
use crate::manifest::Document;
use crate::object::{ResourceId, Timestamp};
use crate::registry::Registry;
use crate::rules::envelope::Caller;

/// What a simulated patch takes from its caller instead of from a store.
#[derive(Clone, Debug, Default)]
pub struct SimulateOptions {
    /// When the patch comes.
    pub now: Timestamp,
    /// As for a write: what is expected, and what becomes of members that the kind does not know. A dry run is one in any case.
    pub write: WriteOptions,
    /// Whether the store keeps secret members in clear. Without it writes of kinds that have some are `NotConfigured`.
    pub plain_secrets: bool,
    /// The id of a resource that says none; without one it is zero.
    pub id: Option<ResourceId>,
    /// The namespace of a resource that says none; without one it is the one that is there from the start.
    pub namespace: Option<String>,
    /// Documents with defaults for a resource that is a plain manifest, the strongest first.
    pub defaults: Vec<Json>,
}

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

/// What a store would answer to a patch of this resource, if it had it just so: the same resource, warnings and errors, with
/// places in the text of the patch. What only a store can say is not asked: whether what the patch refers to is there, and
/// lets itself be referred to.
///
/// The resource is one as it is shown, in the envelope or in the flat form of its kind, with its id, version, times, labels
/// and status. Secret members, which are not shown, count as given, and as others than what a patch says. One
/// without id, version and time of creation is a plain manifest: it is taken as it would be created, with its defaults, as
/// version 1 at [`SimulateOptions::now`]; a status that it has stays.
///
/// ```
/// use kindstore::{Json, Registry, SimulateOptions, simulate_patch};
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
    let room = registry.namespace().from_the_start.first().map(String::as_str);
    let current = given(kind, resource.into(), room, options).map_err(SimulateError::Resource)?;
    answer(kind, &current, patch.into(), options).map_err(SimulateError::Patch)
}

/// The steps of a patch as the pipeline takes them.
fn answer(kind: &Arc<Kind>, current: &Record, patch: Patch, options: &SimulateOptions) -> Result<WriteOutcome> {
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
    check_version(&request, Some(metadata))?;
    let document = match request.change {
        Change::JsonPatch(_) => amended(&request.kind, &text, current)?,
        _ => text,
    };
    let draft = draft_alone(&request, options.plain_secrets, &document, current)?;
    let Successor { record, warnings, .. } = draft.into_successor(&request, current, options.now);
    if is_same(&record, current) {
        return Ok(WriteOutcome::unchanged(current.object.clone(), warnings));
    }
    let operations = vec![Operation::Put(Key::new(), record::encode(&record))];
    check_size(&request, &Batch { operations, ..Batch::default() })?;
    Ok(WriteOutcome { warnings, ..WriteOutcome::changed(record.object) })
}
