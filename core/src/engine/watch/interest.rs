//! The changes that concern a watcher, and their types for it.

use std::sync::Arc;

use super::event::{ChangeType, Event, ResourceChange, State};
use crate::engine::filter::Filter;
use crate::engine::stored::Record;
use crate::kind::{KeyScheme, Kind};
use crate::object::Metadata;

/// The resources that a watcher watches.
#[derive(Debug)]
pub(super) struct Interest {
    pub(super) kind: Arc<Kind>,
    pub(super) namespace: Option<String>,
    /// The id or name of the only one.
    pub(super) key: Option<String>,
    pub(super) filter: Filter,
}

impl Interest {
    /// Returns the change that an event is for the watcher; `None` when it does not concern it.
    pub(super) fn change(&self, event: &Event) -> Option<ResourceChange> {
        if !Arc::ptr_eq(&self.kind, &event.kind) || event.namespace != self.namespace.as_deref().unwrap_or_default() {
            return None;
        }
        let watched = |state: &&Arc<State>| self.is_watched(&state.record);
        let (old, new) = (event.old.as_ref(), event.new.as_ref());
        // The type follows from the selection, not from the commit: a change of labels can begin or end it.
        let (was, is) = (old.filter(watched), new.filter(watched));
        let (change_type, state) = match (was, is) {
            (None, None) => return None,
            (None, Some(new)) => (ChangeType::Added, new),
            (Some(_), Some(new)) => (ChangeType::Modified, new),
            (Some(old), None) => (ChangeType::Deleted, old),
        };
        Some(ResourceChange { change_type, cursor: event.cursor, state: Arc::clone(state) })
    }

    fn is_watched(&self, record: &Record) -> bool {
        self.is_named(&record.object.metadata) && (self.filter.is_empty() || self.filter.matches(&self.kind, record))
    }

    /// Whether a resource is the only one that is watched, if there is one.
    pub(super) fn is_named(&self, metadata: &Metadata) -> bool {
        let Some(key) = self.key.as_deref().filter(|_| self.kind.key != KeyScheme::Singleton) else { return true };
        metadata.name.as_deref() == Some(key) || key.parse().is_ok_and(|id| metadata.id == id)
    }
}
