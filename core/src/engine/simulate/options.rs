//! The choices for a simulated patch.

use crate::engine::write::WriteOptions;
use crate::json::Json;
use crate::object::{ResourceId, Timestamp};

/// Values that a simulated patch takes from its caller instead of from a store.
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
