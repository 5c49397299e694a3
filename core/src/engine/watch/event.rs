//! One change of a resource as watchers see it. It is read once and written once in each form, however many there are.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::cursor::Cursor;
use crate::engine::stored::Record;
use crate::kind::Kind;
use crate::object::Object;

/// How many forms of a resource are kept beside it.
const FORMS: usize = 2;

/// One change of a resource, before anybody asked whom it concerns.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) cursor: Cursor,
    pub(crate) kind: Arc<Kind>,
    /// The namespace; empty for what lives in none.
    pub(crate) namespace: String,
    pub(crate) old: Option<Arc<State>>,
    pub(crate) new: Option<Arc<State>>,
}

/// A resource before or after a change, with the forms that it was written in.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) record: Record,
    forms: [OnceLock<Bytes>; FORMS],
}

/// What a change is for one watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeType {
    /// A resource was created, or begins to be one that is watched.
    Added,
    /// A resource that is watched was changed.
    Modified,
    /// A resource that is watched was deleted, or ceases to be one that is watched.
    Deleted,
}

/// What a watch tells.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// A change of a resource, or one of those that were there at first.
    Change(ResourceChange),
    /// Every change up to this cursor was returned; a watch that begins after it misses none.
    Bookmark(Cursor),
}

/// A change of a resource.
#[derive(Clone, Debug)]
pub struct ResourceChange {
    /// What happened.
    pub change_type: ChangeType,
    /// The place of the change in the history of the store. Of a resource that was there at first, the place that the whole
    /// first list is of: who begins anew after it has missed those that were not told yet.
    pub cursor: Cursor,
    pub(super) state: Arc<State>,
}

impl State {
    pub(crate) fn new(record: Record) -> Self {
        Self { record, forms: Default::default() }
    }
}

impl Event {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let states = self.old.iter().chain(&self.new);
        states.map(|state| 2 * state.record.object.size()).sum()
    }
}

impl ChangeType {
    /// The word that tells it: `ADDED`, `MODIFIED` or `DELETED`.
    pub fn word(self) -> &'static str {
        match self {
            ChangeType::Added => "ADDED",
            ChangeType::Modified => "MODIFIED",
            ChangeType::Deleted => "DELETED",
        }
    }
}

impl WatchEvent {
    /// The place in the history of the store up to which all was told, this included.
    pub fn cursor(&self) -> Cursor {
        match self {
            WatchEvent::Change(change) => change.cursor,
            WatchEvent::Bookmark(cursor) => *cursor,
        }
    }
}

impl ResourceChange {
    /// The resource as it is after the change; of `Deleted`, as it was last.
    pub fn object(&self) -> &Object {
        &self.state.record.object
    }

    /// The resource as JSON text, written once for all watchers.
    pub fn json(&self) -> Bytes {
        self.form(0, |object| object.to_json().into())
    }

    /// The resource in a form of the caller's own, written once for all watchers: a program has one such form.
    pub fn encoded(&self, write: impl FnOnce(&Object) -> Bytes) -> Bytes {
        self.form(1, write)
    }

    fn form(&self, form: usize, write: impl FnOnce(&Object) -> Bytes) -> Bytes {
        self.state.forms[form].get_or_init(|| write(self.object())).clone()
    }
}
