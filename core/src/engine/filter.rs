//! Which resources a list, a watch or an index look-up selects.

use super::stored::Record;
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::rules::selector::{self, Field, Selector};

/// Selects resources by labels and by members.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) labels: Selector,
    pub(crate) fields: Selector,
}

impl Filter {
    /// Returns the filter of these selectors.
    ///
    /// # Errors
    /// `BadRequest` for a member that the kind does not make selectable.
    pub(crate) fn new(kind: &Kind, labels: Selector, fields: Selector) -> Result<Self> {
        // A member that is not selectable has no stored value, and would silently match nothing.
        if let Some(path) = fields.keys().find(|path| selector::field(kind, path).is_none()) {
            return Err(Error::bad_request(format!("{path:?} of a {} cannot be selected by", kind.name)));
        }
        Ok(Self { labels, fields })
    }

    /// Whether every resource is selected.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether a record is selected.
    pub(crate) fn matches(&self, kind: &Kind, record: &Record) -> bool {
        let metadata = &record.object.metadata;
        let label = |name: &str| metadata.labels.as_ref().and_then(|labels| labels.get(name));
        let member = |path: &str| match selector::field(kind, path)? {
            Field::Name => metadata.name.as_deref(),
            Field::Selectable(index) => record.selected.get(index),
        };
        self.labels.matches(label) && self.fields.matches(member)
    }
}
