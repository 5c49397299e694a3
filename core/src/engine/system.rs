//! The door for the system: status, system-managed kinds, and the metadata that users only read.

use super::pipeline::Change;
use super::store::Store;
use super::write::Write;
use super::{WriteOptions, WriteOutcome};
use crate::kind::Verb;
use crate::manifest::Document;
use crate::rules::envelope::Caller;

/// Writes that users cannot make. What names, ids, times and versions are is still the store's to say.
#[derive(Clone, Copy)]
pub struct System<'a> {
    pub(super) store: &'a Store,
}

impl System<'_> {
    /// Creates a resource of any kind, with its status and with the metadata that belongs to the system.
    ///
    /// # Errors
    /// As [`Store::create`], but no kind refuses.
    pub fn create(
        &self,
        kind: &str,
        namespace: Option<&str>,
        document: impl Into<Document>,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        let change = Change::Create(document.into());
        self.store.write(Caller::System, Verb::Create, kind, namespace, None, change, options)
    }

    /// Changes any part of a resource, its status above all, by a merge patch.
    ///
    /// # Errors
    /// As [`Store::patch`], but no kind refuses.
    pub fn patch(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        patch: impl Into<Document>,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        let change = Change::Patch(patch.into());
        self.store.write(Caller::System, Verb::Patch, kind, namespace, Some(key), change, options)
    }

    /// Deletes a resource of any kind, in whatever state it is.
    ///
    /// # Errors
    /// `NotFound`; `Blocked` for what exists from the start.
    pub fn delete(&self, kind: &str, namespace: Option<&str>, key: &str, options: WriteOptions) -> Write<WriteOutcome> {
        self.store.write(Caller::System, Verb::Delete, kind, namespace, Some(key), Change::Delete, options)
    }
}
