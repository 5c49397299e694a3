//! A collection: the resources of a kind in a namespace.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::inner::Inner;
use super::write::Write;
use crate::engine::write::{Change, Patch, Request, WriteOptions};
use crate::kind::Kind;
use crate::manifest::Document;
use crate::object::Object;
use crate::rules::envelope::Caller;

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
    pub(super) inner: Arc<Inner>,
    pub(super) kind: Arc<Kind>,
    pub(super) namespace: Option<Arc<str>>,
    pub(super) caller: Caller,
    // As a function, so that a collection is Send and Sync whatever T is: it owns none.
    resource: PhantomData<fn() -> T>,
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
