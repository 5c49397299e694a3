//! One change of a resource as watchers see it. It is read once and written once in each form, however many there are.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::cursor::Cursor;
use crate::engine::stored::Record;
use crate::kind::Kind;
use crate::object::Object;

/// How many forms of a resource are kept beside it.
const FORMS: usize = 3;

/// One change of a resource, for all watchers.
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

/// The type of a change for one watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeType {
    /// A resource was created, or begins to be one that is watched.
    Added,
    /// A resource that is watched was changed.
    Modified,
    /// A resource that is watched was deleted, or ceases to be one that is watched.
    Deleted,
}

/// An event of a watch.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// A change of a resource, or a resource of the first list.
    Change(ResourceChange),
    /// Every change up to this cursor was returned; a watch that begins after it misses none.
    Bookmark(Cursor),
}

/// A change of a resource.
#[derive(Clone)]
pub struct ResourceChange {
    /// What happened.
    pub change_type: ChangeType,
    /// The cursor of the change. All resources of the first list have the cursor of the whole list: a watch that begins
    /// after it misses those that were not returned yet.
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
        // Twice: the record, and about as much for the forms that are written of it, which are mostly those of the new state.
        states.map(|state| 2 * state.record.object.size()).sum()
    }
}

impl ChangeType {
    /// Returns its word: `ADDED`, `MODIFIED` or `DELETED`.
    pub fn word(self) -> &'static str {
        match self {
            ChangeType::Added => "ADDED",
            ChangeType::Modified => "MODIFIED",
            ChangeType::Deleted => "DELETED",
        }
    }
}

impl WatchEvent {
    /// Returns the cursor up to which every change was returned, this one included.
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

    /// The resource as a document in the shape of its kind, written once for all watchers: a kind has one such shape.
    pub fn document(&self, write: impl FnOnce(&Object) -> Bytes) -> Bytes {
        self.form(2, write)
    }

    fn form(&self, form: usize, write: impl FnOnce(&Object) -> Bytes) -> Bytes {
        self.state.forms[form].get_or_init(|| write(self.object())).clone()
    }
}

impl fmt::Debug for ResourceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceChange")
            .field("change_type", &self.change_type)
            .field("cursor", &self.cursor)
            .field("object", self.object())
            .finish()
    }
}
