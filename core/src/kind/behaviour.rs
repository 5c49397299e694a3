//! The behaviour of a kind's resources: initial members, references, and guards on their state.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::json::Json;

/// Members that the system adds to a new resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Initial {
    /// Applies only when the document has something at this JSON pointer.
    pub when_present: Option<String>,
    /// Members of metadata that belong to the system.
    #[serde(default)]
    pub metadata: BTreeMap<String, Json>,
    /// The first status.
    pub status: Option<Json>,
}

/// Limits of the history of each resource of a kind.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryLimits {
    /// How many superseded versions are kept. Versions that changed the status only do not count.
    pub versions: Option<u32>,
    /// How many hours a version is kept after it was superseded, and a tombstone after the deletion.
    pub hours: Option<u32>,
}

/// A member that refers to another resource of the same namespace, which must exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// The member, as a JSON pointer into the document.
    pub pointer: String,
    /// The kind of the target.
    pub kind: Arc<str>,
    /// Whether the member holds the target's id or its name.
    pub by: ReferenceKey,
    /// The effect of the reference when its target is deleted.
    pub on_delete: OnDelete,
    /// Conditions on the target when the reference is made.
    #[serde(default)]
    pub target_when: Vec<Guard>,
}

/// How a reference identifies its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReferenceKey {
    /// By its id.
    Id,
    /// By its name.
    Name,
}

/// The effect of a reference when its target is to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDelete {
    /// The target cannot be deleted.
    Block,
    /// The resource that refers is deleted with it.
    Cascade,
}

/// Members that take no defaults when a document has a certain member.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DefaultExclusion {
    /// The member, as a JSON pointer into the document.
    pub when_present: String,
    /// JSON pointers of the members that take no defaults then.
    pub pointers: Vec<String>,
}

/// When users may change a resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Changeable {
    /// Conditions on the resource before the change.
    pub conditions: Vec<Guard>,
    /// JSON pointers of members of `spec` that can always be changed.
    #[serde(default)]
    pub except: Vec<String>,
}

/// A condition on a resource, with the message for callers that fail it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guard {
    /// Skips the condition when the candidate has a value at this JSON pointer.
    pub unless_present: Option<String>,
    /// The member that is compared, as a JSON pointer into the document.
    pub pointer: String,
    /// The member is one of these.
    #[serde(rename = "in", default)]
    pub one_of: Vec<Json>,
    /// The member is none of these.
    #[serde(rename = "notIn", default)]
    pub none_of: Vec<Json>,
    /// The reason and the fix, as the end of a sentence that begins with the resource.
    pub otherwise: String,
}
