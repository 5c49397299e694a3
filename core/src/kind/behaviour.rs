//! What a kind says of how its resources behave: what they begin with, what they refer to, and what their state allows.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::json::Json;

/// What the system adds to a new resource.
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

/// How long the past of each resource of a kind is kept.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryLimits {
    /// How many versions are kept that another one took the place of and that changed more than the status.
    pub versions: Option<u32>,
    /// How many hours a version is kept after another one took its place, and a deleted resource after its deletion.
    pub hours: Option<u32>,
}

/// A member that names another resource of the same namespace, which must be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// The member, as a JSON pointer into the document.
    pub pointer: String,
    /// The kind of what it names.
    pub kind: Arc<str>,
    /// By what it names it.
    pub by: ReferenceKey,
    /// What the reference does when its target is deleted.
    pub on_delete: OnDelete,
    /// What must hold of the target when the reference is made.
    #[serde(default)]
    pub target_when: Vec<Guard>,
}

/// By what a reference names its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReferenceKey {
    /// By its id.
    Id,
    /// By its name.
    Name,
}

/// What a reference does when its target is to be deleted.
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
    /// What takes no defaults then, as JSON pointers.
    pub pointers: Vec<String>,
}

/// When users may change a resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Changeable {
    /// What must hold of the resource as it was.
    pub conditions: Vec<Guard>,
    /// JSON pointers of members of `spec` that can always be changed.
    #[serde(default)]
    pub except: Vec<String>,
}

/// A condition on a resource, with what to tell whoever fails it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guard {
    /// Asks nothing when the document that is judged has something at this JSON pointer.
    pub unless_present: Option<String>,
    /// The member that is looked at, as a JSON pointer into the document.
    pub pointer: String,
    /// The member is one of these.
    #[serde(rename = "in", default)]
    pub one_of: Vec<Json>,
    /// The member is none of these.
    #[serde(rename = "notIn", default)]
    pub none_of: Vec<Json>,
    /// The end of a sentence that begins with the resource: why not, and the way out.
    pub otherwise: String,
}
