//! The flaws that a check found, in words that name the resource.

use std::fmt;

use crate::backend::Revision;
use crate::engine::stored::key::{self, Place};
use crate::error::Error;

/// The most flaws that a report names; the rest is counted.
const MAX_FLAWS: usize = 1_000;

/// What a check of a store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// The newest durable revision.
    pub revision: Revision,
    /// How many resources were read and are whole.
    pub resources: u64,
    /// How many names lead to their resources.
    pub names: u64,
    /// How many superseded versions were read and are whole.
    pub versions: u64,
    /// The flaws; the first thousand.
    pub flaws: Vec<Flaw>,
    /// How many flaws there are beyond.
    pub more: u64,
}

/// One thing that is wrong with what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The kind of the resource, where it is known.
    pub kind: Option<String>,
    /// The namespace of the resource, if it lives in one.
    pub namespace: Option<String>,
    /// The name of the resource, or its id, where one is known.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.flaws.is_empty() && self.more == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.flaws.len() >= MAX_FLAWS
    }

    pub(super) fn add(&mut self, flaw: Flaw) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.flaws.push(flaw);
        }
    }
}

impl Flaw {
    /// Something that is wrong at a key.
    pub(super) fn at(key: &[u8], message: impl Into<String>) -> Self {
        let message = message.into();
        let owned = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let flaw = |kind: &str, namespace: &str, key: String| Flaw {
            kind: owned(kind),
            namespace: owned(namespace),
            key: Some(key),
            message: message.clone(),
        };
        match key::place(key) {
            Some(Place::Record { kind, namespace, id }) => flaw(kind, namespace, id.to_string()),
            Some(Place::Name { kind, namespace, name } | Place::DeletedName { kind, namespace, name, .. }) => {
                flaw(kind, namespace, name.to_owned())
            }
            Some(Place::Reference { namespace, kind, id, .. }) => flaw(kind, namespace, id.to_string()),
            Some(Place::Version { kind, namespace, id, .. } | Place::Tombstone { kind, namespace, id }) => {
                flaw(kind, namespace, id.to_string())
            }
            Some(Place::Cascade { namespace, id }) => flaw("", namespace, id.to_string()),
            Some(Place::Work { namespace }) => flaw("", "", namespace.to_owned()),
            Some(
                Place::IdMark
                | Place::ReferenceMark
                | Place::PruningMark
                | Place::RetentionMark
                | Place::HistoryMark
                | Place::TombstoneMark,
            )
            | None => flaw("", "", key.escape_ascii().to_string()),
        }
    }

    /// Something that is wrong with the store as a whole.
    pub(super) fn of_all(error: &Error) -> Self {
        Flaw { kind: None, namespace: None, key: None, message: why(error) }
    }
}

/// The message of an error with its internal cause, which bindings only log: a check is for the operator of the store.
pub(super) fn why(error: &Error) -> String {
    match error {
        Error::Backend(source) => source.to_string(),
        other => other.to_string(),
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(key) = &self.key else { return f.write_str(&self.message) };
        write!(f, "{} {key:?}", self.kind.as_deref().unwrap_or("the entry under"))?;
        if let Some(namespace) = &self.namespace {
            write!(f, " in namespace {namespace:?}")?;
        }
        write!(f, ": {}", self.message)
    }
}
