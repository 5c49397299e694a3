//! What a watch watches, and when something changed there last: a watch of what is quiet skips what happens elsewhere.

use std::sync::Arc;

use foldhash::HashMap;

use super::event::Event;
use crate::backend::Revision;

/// How many scopes are remembered.
const MAX_SCOPES: usize = 16_384;

/// The resources of a kind in a namespace, or of a kind that has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WatchScope {
    kind: Arc<str>,
    /// Empty for what lives in no namespace.
    namespace: String,
}

impl WatchScope {
    pub(super) fn new(kind: &Arc<str>, namespace: Option<&str>) -> Self {
        Self { kind: Arc::clone(kind), namespace: namespace.unwrap_or_default().to_owned() }
    }
}

impl Event {
    /// Where it happened.
    pub(super) fn scope(&self) -> WatchScope {
        WatchScope::new(&self.kind.name, Some(&self.namespace))
    }
}

/// When something changed last in each scope.
#[derive(Default)]
pub(super) struct Activity {
    /// Nothing is known of what happened up to here.
    since: Revision,
    last: HashMap<WatchScope, Revision>,
}

impl Activity {
    pub(super) fn since(revision: Revision) -> Self {
        Self { since: revision, ..Self::default() }
    }

    /// Adds the next events, which are all up to a revision.
    pub(super) fn add(&mut self, events: &[Arc<Event>], upto: Revision) {
        self.last.extend(events.iter().map(|event| (event.scope(), event.cursor.revision)));
        if self.last.len() > MAX_SCOPES {
            *self = Self::since(upto);
        }
    }

    /// Whether it is known that nothing changed in a scope after a revision.
    pub(super) fn is_quiet(&self, scope: &WatchScope, after: Revision) -> bool {
        after >= self.since && self.last.get(scope).is_none_or(|last| *last <= after)
    }
}

/// Where resources changed after a revision.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Each scope once; `None` when it may be any.
    pub scopes: Option<Vec<WatchScope>>,
    /// Up to this revision nothing is missing.
    pub upto: Revision,
}
