//! Calls that take kind and namespace with each call, for bindings that get both from a request. A write begins at the call.
#![allow(clippy::too_many_arguments, reason = "each call takes kind and namespace beside its own arguments")]

use super::collection::{Collection, GetOptions};
use super::write::Write;
use super::{Store, Transaction};
use crate::engine::read::{Comparison, History, HistoryOptions, HistoryPage, HistoryToken, List, ListOptions, Version};
use crate::engine::watch::{Watch, WatchOptions};
use crate::engine::write::{Patch, PendingWrite, WriteOptions, WriteOutcome};
use crate::error::Result;
use crate::manifest::Document;
use crate::object::Object;

impl Store {
    /// Reads one resource; see [`Collection::get_with`].
    ///
    /// # Errors
    /// As [`Collection::get_with`].
    pub fn get(&self, kind: &str, namespace: Option<&str>, key: &str, options: GetOptions) -> Result<Object> {
        self.collection(kind, namespace)?.get_with(key, options)
    }

    /// Lists resources; see [`Collection::list_with`].
    ///
    /// # Errors
    /// As [`Collection::list_with`].
    pub fn list(&self, kind: &str, namespace: Option<&str>, options: ListOptions) -> Result<List> {
        self.collection(kind, namespace)?.list_with(options)
    }

    /// Watches resources; see [`Collection::watch_with`].
    ///
    /// # Errors
    /// As [`Collection::watch_with`].
    pub fn watch(&self, kind: &str, namespace: Option<&str>, options: WatchOptions) -> Result<Watch> {
        self.collection(kind, namespace)?.watch_with(options)
    }

    /// Reads the versions of a resource; see [`Collection::history_with`].
    ///
    /// # Errors
    /// As [`Collection::history_with`].
    pub fn history(&self, kind: &str, namespace: Option<&str>, key: &str, options: HistoryOptions) -> Result<History> {
        self.collection(kind, namespace)?.history_with(key, options)
    }

    /// Reads a page of the versions of a resource; see [`Collection::history_page`].
    ///
    /// # Errors
    /// As [`Collection::history_page`].
    pub fn history_page(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        asked: HistoryPage<'_>,
    ) -> Result<(History, Option<HistoryToken>)> {
        self.collection(kind, namespace)?.history_page(key, asked)
    }

    /// Reads one version of a resource; see [`Collection::version`].
    ///
    /// # Errors
    /// As [`Collection::version`].
    pub fn version(&self, kind: &str, namespace: Option<&str>, key: &str, version: u64) -> Result<Version> {
        self.collection(kind, namespace)?.version(key, version)
    }

    /// Compares two versions of a resource; see [`Collection::compare`].
    ///
    /// # Errors
    /// As [`Collection::compare`].
    pub fn compare(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        from: u64,
        to: Option<u64>,
    ) -> Result<Comparison> {
        self.collection(kind, namespace)?.compare(key, from, to)
    }

    /// Creates a resource; see [`Collection::create`].
    pub fn create(
        &self,
        kind: &str,
        namespace: Option<&str>,
        document: impl Into<Document>,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.begin(kind, namespace, |collection| collection.create(document), options)
    }

    /// Creates or replaces a resource; see [`Collection::upsert`].
    pub fn upsert(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        document: impl Into<Document>,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.begin(kind, namespace, |collection| collection.upsert(key, document), options)
    }

    /// Changes a resource; see [`Collection::patch`].
    pub fn patch(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        patch: impl Into<Patch>,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.begin(kind, namespace, |collection| collection.patch(key, patch), options)
    }

    /// Deletes a resource; see [`Collection::delete`].
    pub fn delete(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.begin(kind, namespace, |collection| collection.delete(key), options)
    }

    /// Changes a resource back to an older version; see [`Collection::rollback`].
    pub fn rollback(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        version: u64,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.begin(kind, namespace, |collection| collection.rollback(key, version), options)
    }

    /// Restores a deleted resource; see [`Collection::undelete`].
    pub fn undelete(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.begin(kind, namespace, |collection| collection.undelete(key), options)
    }

    /// Runs a transaction of operations that name their kinds; see [`Transaction`].
    pub fn commit(
        &self,
        namespace: &str,
        operations: Vec<CommitOperation>,
        options: CommitOptions,
    ) -> PendingWrite<Vec<WriteOutcome>> {
        let transaction = self.transaction(namespace).dry_run(options.dry_run);
        operations.into_iter().fold(transaction, CommitOperation::add_to).submit()
    }

    /// Returns the calls of the system; see [`Store::as_system`].
    pub fn system(&self) -> System {
        System { store: self.as_system() }
    }

    fn begin(
        &self,
        kind: &str,
        namespace: Option<&str>,
        write: impl FnOnce(&Collection) -> Write,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        match self.collection(kind, namespace) {
            Ok(collection) => write(&collection).options(options).submit(),
            Err(error) => PendingWrite::refused(error),
        }
    }
}

/// The writes of the system, with kind and namespace in each call.
#[derive(Clone, Debug)]
pub struct System {
    store: Store,
}

impl System {
    /// Creates a resource of any kind, with its status and the metadata that belongs to the system.
    pub fn create(
        &self,
        kind: &str,
        namespace: Option<&str>,
        document: impl Into<Document>,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.store.create(kind, namespace, document, options)
    }

    /// Changes any part of a resource by a merge patch.
    pub fn patch(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        patch: impl Into<Document>,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.store.patch(kind, namespace, key, Patch::Merge(patch.into()), options)
    }

    /// Deletes a resource of any kind, in any state.
    pub fn delete(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        options: WriteOptions,
    ) -> PendingWrite<WriteOutcome> {
        self.store.delete(kind, namespace, key, options)
    }
}

/// Choices for a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommitOptions {
    /// Runs every step but the last: the outcomes are those of the real transaction, and nothing is stored.
    pub dry_run: bool,
}

/// One write of a transaction, which names its kind.
#[derive(Clone, Debug)]
pub struct CommitOperation {
    kind: String,
    key: Option<String>,
    change: Change,
    options: WriteOptions,
}

#[derive(Clone, Debug)]
enum Change {
    Create(Document),
    Upsert(Document),
    Patch(Patch),
    Delete,
}

impl CommitOperation {
    /// Creates a resource.
    pub fn create(kind: &str, document: impl Into<Document>) -> Self {
        Self::new(kind, None, Change::Create(document.into()))
    }

    /// Creates or replaces a resource.
    pub fn upsert(kind: &str, key: &str, document: impl Into<Document>) -> Self {
        Self::new(kind, Some(key), Change::Upsert(document.into()))
    }

    /// Changes a resource.
    pub fn patch(kind: &str, key: &str, patch: impl Into<Patch>) -> Self {
        Self::new(kind, Some(key), Change::Patch(patch.into()))
    }

    /// Deletes a resource with its dependents.
    pub fn delete(kind: &str, key: &str) -> Self {
        Self::new(kind, Some(key), Change::Delete)
    }

    /// Sets the choices for this write. A dry run is chosen for the whole transaction, by [`CommitOptions`].
    #[must_use]
    pub fn with(self, options: WriteOptions) -> Self {
        Self { options, ..self }
    }

    fn new(kind: &str, key: Option<&str>, change: Change) -> Self {
        Self { kind: kind.to_owned(), key: key.map(str::to_owned), change, options: WriteOptions::default() }
    }

    fn add_to(transaction: Transaction, Self { kind, key, change, options }: Self) -> Transaction {
        let addressed = key.as_deref().unwrap_or_default();
        transaction.add_to(&kind, key.as_deref(), |collection| {
            let write = match change {
                Change::Create(document) => collection.create(document),
                Change::Upsert(document) => collection.upsert(addressed, document),
                Change::Patch(patch) => collection.patch(addressed, patch),
                Change::Delete => collection.delete(addressed),
            };
            write.options(options)
        })
    }
}
