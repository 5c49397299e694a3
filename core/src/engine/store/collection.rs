//! A collection: the resources of a kind in a namespace.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::inner::Inner;
use super::resource::Resource;
use super::write::Write;
use crate::backend::Revision;
use crate::engine::read::{
    Comparison, History, HistoryOptions, HistoryPage, HistoryToken, List, ListOptions, Reader, Version, View,
};
use crate::engine::stored::CollectionRef;
use crate::engine::watch::{Watch, WatchOptions};
use crate::engine::write::{Change, Patch, Request, WriteOptions};
use crate::error::Result;
use crate::json::{Json, Members};
use crate::kind::{Kind, Verb};
use crate::manifest::Document;
use crate::object::{JsonText, Object};
use crate::rules::envelope::Caller;
use crate::rules::secret;

/// The resources of a kind in a namespace, read as `T`: as [`Object`], or by [`Collection::typed`] as a serde type.
///
/// ```
/// use serde_json::json;
///
/// let store = kindstore::Store::in_memory()?;
/// let targets = store.kind("DeploymentTarget")?.namespace("default");
/// targets.create(json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}})).wait()?;
/// let labelled = json!({"metadata": {"labels": {"team": "web"}}, "spec": {"kubernetes": {}}});
/// targets.upsert("jobs", labelled).wait()?;
/// assert_eq!(targets.get("jobs")?.metadata.resource_version, 2);
/// assert_eq!(targets.list().labels("team=web").read()?.items.len(), 1);
/// targets.delete("jobs").wait()?;
/// assert!(targets.get("jobs").is_err_and(|error| error.is_not_found()));
/// # Ok::<(), kindstore::Error>(())
/// ```
pub struct Collection<T = Object> {
    inner: Arc<Inner>,
    kind: Arc<Kind>,
    namespace: Option<Arc<str>>,
    caller: Caller,
    resource: PhantomData<fn() -> T>,
}

/// Choices for a read of one resource.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct GetOptions {
    /// Includes secret members.
    pub reveal: bool,
    /// Reads the resource as it was at this revision; as it is now, without one.
    pub revision: Option<Revision>,
}

impl GetOptions {
    /// Includes secret members, or not.
    #[must_use]
    pub fn reveal(mut self, reveal: bool) -> Self {
        self.reveal = reveal;
        self
    }

    /// Reads the resource as it was at a revision.
    #[must_use]
    pub fn revision(mut self, revision: impl Into<Option<Revision>>) -> Self {
        self.revision = revision.into();
        self
    }
}

impl Collection {
    pub(super) fn new(inner: Arc<Inner>, kind: Arc<Kind>, caller: Caller) -> Self {
        Self { inner, kind, namespace: None, caller, resource: PhantomData }
    }

    /// Reads the resources as a serde type that fits the whole document, such as one with `metadata` and `spec`.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// #[derive(Serialize, Deserialize)]
    /// struct Target {
    ///     metadata: Metadata,
    ///     spec: serde_json::Value,
    /// }
    /// #[derive(Serialize, Deserialize)]
    /// struct Metadata {
    ///     name: String,
    /// }
    ///
    /// let store = kindstore::Store::in_memory()?;
    /// let targets = store.kind("DeploymentTarget")?.namespace("default").typed::<Target>();
    /// let target = Target { metadata: Metadata { name: "jobs".into() }, spec: serde_json::json!({"kubernetes": {}}) };
    /// targets.create(&target).wait()?;
    /// assert_eq!(targets.get("jobs")?.metadata.name, "jobs");
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn typed<T: Serialize + DeserializeOwned>(self) -> Collection<T> {
        let Self { inner, kind, namespace, caller, .. } = self;
        Collection { inner, kind, namespace, caller, resource: PhantomData }
    }

    /// Creates a resource from a document.
    ///
    /// # Errors
    /// `Invalid` with every problem, `AlreadyExists`, `NotFound` for an unknown namespace, `Unsupported`.
    pub fn create(&self, document: impl Into<Document>) -> Write {
        self.write(None, Change::Create(document.into()))
    }

    /// Creates a resource under a name, or replaces the user's part of an existing one.
    ///
    /// # Errors
    /// As [`Collection::create`]; a name in the document other than the resource's is `Invalid`.
    pub fn upsert(&self, key: &str, document: impl Into<Document>) -> Write {
        self.write(Some(key), Change::Upsert(document.into()))
    }
}

impl<T: Serialize + DeserializeOwned> Collection<T> {
    /// Creates a resource.
    ///
    /// # Errors
    /// `Invalid` with every problem, `AlreadyExists`, `NotFound` for an unknown namespace, `Unsupported`; `BadRequest` for a
    /// value that is not a JSON document.
    pub fn create(&self, resource: &T) -> Write {
        match Document::from_serialize(resource) {
            Ok(document) => self.write(None, Change::Create(document)),
            Err(error) => Write::refused(error),
        }
    }

    /// Creates a resource under a name, or replaces the user's part of an existing one.
    ///
    /// # Errors
    /// As [`Collection::create`]; a name in the document other than the resource's is `Invalid`.
    pub fn upsert(&self, key: &str, resource: &T) -> Write {
        match Document::from_serialize(resource) {
            Ok(document) => self.write(Some(key), Change::Upsert(document)),
            Err(error) => Write::refused(error),
        }
    }
}

impl<T> Collection<T> {
    /// Returns the same kind in a namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Returns the definition of the kind.
    pub fn kind(&self) -> &Arc<Kind> {
        &self.kind
    }

    /// Changes the user's part of a resource by a merge patch (RFC 7386), or by a [`Patch::Json`]. Never creates.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` with every problem of the result or of a JSON Patch, `BadRequest` for a merge patch that is not
    /// an object and for a JSON Patch that is not an array.
    pub fn patch(&self, key: &str, patch: impl Into<Patch>) -> Write {
        let change = match patch.into() {
            Patch::Merge(document) => Change::Patch(document),
            Patch::Json(document) => Change::JsonPatch(document),
        };
        self.write(Some(key), change)
    }

    /// Deletes a resource; the outcome has its last state. Dependents, and the content of a namespace, are deleted in steps
    /// before the write ends: wait for it, since a write that is dropped leaves the rest to the next deletion or opening.
    ///
    /// # Errors
    /// `NotFound`; `Blocked` when its state does not allow it, or others refer to it.
    pub fn delete(&self, key: &str) -> Write {
        self.write(Some(key), Change::Delete)
    }

    /// Changes the user's part of a resource back to that of an older version, as its next version, validated like any other
    /// document. The status stays.
    ///
    /// # Errors
    /// `NotFound`, `NoVersion`; `Invalid` when the kind's rules no longer allow the older version.
    pub fn rollback(&self, key: &str, version: u64) -> Write {
        self.write(Some(key), Change::Rollback(version))
    }

    /// Restores a deleted resource to its last state, under its id and as its next version.
    ///
    /// # Errors
    /// `NotFound` when no such resource is remembered; `AlreadyExists` when it is not deleted or its name is taken;
    /// `Invalid` when a resource that it refers to is gone.
    pub fn undelete(&self, key: &str) -> Write {
        self.write(Some(key), Change::Undelete)
    }

    /// Returns one version of a resource, which may be deleted.
    ///
    /// # Errors
    /// `NotFound`; `NoVersion` when it is not kept, or never was; `Unsupported`.
    pub fn version(&self, key: &str, version: u64) -> Result<Version> {
        self.readable(Verb::Get)?.version(self.at(), key, version)
    }

    /// Compares two versions of a resource, secrets left out; without a second one, the first with the newest.
    ///
    /// # Errors
    /// As [`Collection::version`].
    pub fn compare(&self, key: &str, from: u64, to: impl Into<Option<u64>>) -> Result<Comparison> {
        self.readable(Verb::Get)?.compare(self.at(), key, from, to.into())
    }

    /// Reads the kept versions of a resource, with choices.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` for a kind whose resources cannot be read one by one.
    pub fn history_with(&self, key: &str, options: HistoryOptions) -> Result<History> {
        self.readable(Verb::Get)?.history(self.at(), key, options)
    }

    /// Reads a page of the versions of a resource, and the token of the next page.
    ///
    /// # Errors
    /// As [`Collection::history_with`]; `BadRequest` for an invalid token, or one of another resource.
    pub fn history_page(&self, key: &str, page: HistoryPage<'_>) -> Result<(History, Option<HistoryToken>)> {
        self.readable(Verb::Get)?.history_page(self.at(), key, page)
    }

    /// Watches the resources, with choices.
    ///
    /// # Errors
    /// `NotFound` for an unknown namespace, `Unsupported` for a kind that has no lists, `Expired` when the changes after the
    /// given cursor are not kept any more, `BadRequest` when it is not reached yet.
    pub fn watch_with(&self, options: WatchOptions) -> Result<Watch> {
        let reader = self.readable(Verb::List);
        let reader = reader.or_else(|error| self.readable(Verb::Get).map_err(|_| error))?;
        let (reader, feed) = (Arc::clone(reader), Arc::clone(&self.inner.feed));
        Watch::begin(reader, feed, Arc::clone(&self.kind), self.namespace.as_deref().map(str::to_owned), options)
    }

    /// Reads a list of objects, with choices.
    ///
    /// # Errors
    /// `NotFound` for an unknown namespace, `Unsupported` for a kind that has no lists, `Expired` for a revision that is not
    /// kept any more.
    pub fn list_with(&self, options: ListOptions) -> Result<List> {
        self.readable(Verb::List)?.list(self.at(), &self.inner.writer.index, options)
    }

    /// Returns the reader, if the kind allows the caller to read like this.
    fn readable(&self, verb: Verb) -> Result<&Arc<Reader>> {
        if self.caller == Caller::User {
            self.kind.require(verb)?;
        }
        self.kind.check_scope(self.namespace.as_deref())?;
        Ok(&self.inner.writer.reader)
    }

    fn at(&self) -> CollectionRef<'_> {
        CollectionRef::new(&self.kind, self.namespace.as_deref())
    }

    fn write(&self, key: Option<&str>, change: Change) -> Write {
        let request = Request {
            kind: Arc::clone(&self.kind),
            namespace: self.namespace.as_deref().map(str::to_owned),
            key: key.map(str::to_owned),
            change,
            caller: self.caller,
            options: WriteOptions::default(),
        };
        Write::new(Arc::clone(&self.inner.writer), request)
    }
}

impl<T: Resource> Collection<T> {
    /// Reads one resource, by id or by name.
    ///
    /// # Errors
    /// `NotFound`, also for an unknown namespace; `Unsupported` for a kind whose resources cannot be read one by one.
    pub fn get(&self, key: &str) -> Result<T> {
        self.get_with(key, GetOptions::default())
    }

    /// Reads one resource, with choices.
    ///
    /// # Errors
    /// As [`Collection::get`]; `Expired` for a revision that is not kept any more.
    pub fn get_with(&self, key: &str, options: GetOptions) -> Result<T> {
        let reader = self.readable(Verb::Get)?;
        let found = match options.revision {
            None => reader.find(self.at(), key, View::Durable)?,
            Some(revision) => reader.find_at(self.at(), key, revision)?,
        };
        let Some(stored) = found else { return Err(reader.not_found(self.at(), key, View::Durable)) };
        let mut object = stored.record.object;
        if options.reveal && !stored.record.secrets.is_empty() {
            let mut document = Json::Object(Members::from([("spec".to_owned(), object.spec_value())]));
            secret::reveal(&mut document, &stored.record.secrets);
            object.spec = document.get("spec").map(JsonText::from_value);
        }
        T::from_object(object)
    }

    /// Reads one resource, by id or by name; `None` when it does not exist.
    ///
    /// # Errors
    /// As [`Collection::get`], without `NotFound`.
    pub fn find(&self, key: &str) -> Result<Option<T>> {
        match self.get(key) {
            Ok(resource) => Ok(Some(resource)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<T> Clone for Collection<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            kind: Arc::clone(&self.kind),
            namespace: self.namespace.clone(),
            caller: self.caller,
            resource: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Collection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection")
            .field("kind", &self.kind.name)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
