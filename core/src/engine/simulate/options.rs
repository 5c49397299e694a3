//! The choices for a simulated patch.

use crate::engine::write::WriteOptions;
use crate::json::Json;
use crate::object::{ResourceId, Timestamp};

/// Values that a simulated patch takes from its caller instead of from a store.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
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

impl SimulateOptions {
    /// Sets the time of the patch.
    #[must_use]
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Sets the choices of the write.
    #[must_use]
    pub fn write(mut self, write: WriteOptions) -> Self {
        self.write = write;
        self
    }

    /// Takes secrets as a store that keeps them in clear does, or refuses them.
    #[must_use]
    pub fn plain_secrets(mut self, plain_secrets: bool) -> Self {
        self.plain_secrets = plain_secrets;
        self
    }

    /// Sets the id of a resource that has none.
    #[must_use]
    pub fn id(mut self, id: impl Into<Option<ResourceId>>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the namespace of a resource that has none.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<Option<String>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets the documents with defaults, the strongest first.
    #[must_use]
    pub fn defaults(mut self, defaults: Vec<Json>) -> Self {
        self.defaults = defaults;
        self
    }
}
