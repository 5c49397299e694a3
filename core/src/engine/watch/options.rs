//! Where a watch begins, and what it watches.

use super::cursor::Cursor;
use crate::rules::selector::Selector;

/// The beginning of a watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchFrom {
    /// A bookmark, then the changes after it.
    #[default]
    Now,
    /// The current resources as `Added`, then a bookmark, then the changes after it.
    List,
    /// The changes after this cursor.
    After(Cursor),
}

/// Choices for a watch.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WatchOptions {
    /// Where it begins.
    pub from: WatchFrom,
    /// Only the resource with this id or name.
    pub key: Option<String>,
    /// Only resources whose labels match. A resource that begins to match is `Added`, one that ceases to is `Deleted`.
    pub labels: Selector,
    /// Only resources whose members match; see [`Selector::fields`].
    pub fields: Selector,
}

impl WatchOptions {
    /// Sets where the watch begins.
    #[must_use]
    pub fn from(mut self, from: WatchFrom) -> Self {
        self.from = from;
        self
    }

    /// Watches one resource, by its id or name.
    #[must_use]
    pub fn key(mut self, key: impl Into<Option<String>>) -> Self {
        self.key = key.into();
        self
    }

    /// Selects by labels.
    #[must_use]
    pub fn labels(mut self, labels: Selector) -> Self {
        self.labels = labels;
        self
    }

    /// Selects by members.
    #[must_use]
    pub fn fields(mut self, fields: Selector) -> Self {
        self.fields = fields;
        self
    }
}
