//! The passes that a write consists of: which one is due, and with what.

use crate::backend::Key;
use crate::object::{Object, ResourceId};

/// Whether look-ups of an earlier write may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookups {
    /// Namespaces and targets may come from memory, and names are taken to be free: the preconditions of the commit find out
    /// if that is not so.
    Remembered,
    /// Everything is read: after a conflict nothing may be taken for granted.
    Fresh,
}

/// The pass that is due next.
#[derive(Clone)]
pub(crate) enum Stage {
    /// Apply the change to the current state.
    Apply(Lookups),
    /// Wait until all earlier commits are durable, then apply with fresh look-ups. A deletion that lost a race needs this:
    /// the reference that stands in its way may be committed and not visible to a scan yet.
    Settle,
    /// Delete the next resources of a terminating namespace, and finally the namespace.
    EmptyNamespace(TerminatingNamespace),
    /// Delete the next dependents of a deleted resource.
    DeleteDependents { cascade: Cascade, deleted: Box<Object> },
}

impl Stage {
    /// Whether the deletion that this stage is of has committed something already.
    pub(super) fn is_of_a_begun_deletion(&self) -> bool {
        matches!(self, Stage::EmptyNamespace(_) | Stage::DeleteDependents { .. })
    }
}

/// A deletion that goes on to dependents, and to theirs.
#[derive(Clone)]
pub(crate) struct Cascade {
    pub(super) namespace: String,
    /// Those whose dependents are still to be deleted; the last one is next.
    pub(super) owners: Vec<ResourceId>,
}

impl Cascade {
    /// Returns the cascade from one deleted resource.
    pub(super) fn of(namespace: &str, id: ResourceId) -> Self {
        Self { namespace: namespace.to_owned(), owners: vec![id] }
    }
}

/// A namespace that a write made terminating.
#[derive(Clone)]
pub(crate) struct TerminatingNamespace {
    pub(super) key: Key,
    pub(super) name: String,
    /// The object of the outcome.
    pub(super) object: Box<Object>,
    /// Whether the last step was overtaken by another write.
    pub(super) is_overtaken: bool,
}
