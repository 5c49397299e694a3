//! The door for users: read and write resources of every kind.

use std::sync::Arc;

use super::pipeline::{self, Change, Passes, Request};
use super::read::View;
use super::write::Write;
use super::{GetOptions, Inner, Patch, StoreBuilder, WriteOptions, WriteOutcome};
use crate::backend::{Batch, Revision};
use crate::error::{Error, Result};
use crate::json::{Json, Members};
use crate::kind::{Kind, Scope, Verb};
use crate::manifest::Document;
use crate::object::{JsonText, Object};
use crate::registry::Registry;
use crate::rules::envelope::Caller;
use crate::rules::secret;

/// A store of resources. Clones are handles of the same store; all of them can be used from many threads at once.
///
/// Reads return at once. Writes answer a [`Write`], which a thread can wait on and a task can await; an answer says that
/// the write is on disk.
#[derive(Clone)]
pub struct Store {
    pub(super) inner: Arc<Inner>,
}

impl Store {
    /// A store in memory, with all built-in kinds and the namespace `default`.
    pub fn in_memory() -> Result<Self> {
        StoreBuilder::default().open()
    }

    /// The store in this folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`Error::Open`] when the folder is in use, foreign, damaged or of a newer format.
    #[cfg(feature = "sled")]
    pub fn open(folder: impl AsRef<std::path::Path>) -> Result<Self> {
        StoreBuilder::default().open_folder(folder)
    }

    /// Puts a store together from its parts.
    pub fn builder() -> StoreBuilder {
        StoreBuilder::default()
    }

    /// The kinds of this store.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The newest revision that is durable.
    pub fn revision(&self) -> Revision {
        self.inner.backend.revision()
    }

    /// Whether the index for lists with selectors is built; until then such lists look at all resources.
    pub fn is_indexed(&self) -> bool {
        self.inner.index.is_built()
    }

    /// One resource, by id or by name, as it is or as it was at a revision.
    ///
    /// # Errors
    /// `NotFound`, also for an unknown namespace; `Unsupported` when the kind has no single resources to get; `Expired` for
    /// a revision that is not kept any more.
    pub fn get(&self, kind: &str, namespace: Option<&str>, key: &str, options: GetOptions) -> Result<Object> {
        let kind = self.inner.registry.require(kind)?;
        kind.require(Verb::Get)?;
        check_scope(kind, namespace)?;
        let found = match options.revision {
            None => self.inner.find(kind, namespace, key, View::Durable)?,
            Some(revision) => self.inner.find_at(kind, namespace, key, revision)?,
        };
        let Some(stored) = found else {
            return Err(self.inner.not_found(kind, namespace, key, View::Durable)?);
        };
        let mut object = stored.record.object;
        if options.reveal && !stored.record.secrets.is_empty() {
            let mut document = Json::Object(Members::from([("spec".to_owned(), object.spec_value())]));
            secret::reveal(&mut document, &stored.record.secrets);
            object.spec = document.get("spec").map(JsonText::from_value);
        }
        Ok(object)
    }

    /// Creates a resource from a document.
    ///
    /// # Errors
    /// `Invalid` with every problem, `AlreadyExists`, `NotFound` for an unknown namespace, `Unsupported`.
    pub fn create(
        &self,
        kind: &str,
        namespace: Option<&str>,
        document: impl Into<Document>,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        self.write(Caller::User, Verb::Create, kind, namespace, None, Change::Create(document.into()), options)
    }

    /// Creates a resource under a name, or replaces the user's part of the one that is there.
    ///
    /// # Errors
    /// As [`Store::create`]; a name in the document other than the resource's is `Invalid`.
    pub fn upsert(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        document: impl Into<Document>,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        self.write(Caller::User, Verb::Upsert, kind, namespace, Some(key), Change::Upsert(document.into()), options)
    }

    /// Changes the user's part of a resource by a merge patch (RFC 7386), or by a [`Patch::Json`]. Never creates.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` with every problem of the result or of a JSON Patch, `BadRequest` for a merge patch that is not
    /// an object and for a JSON Patch that is not an array.
    pub fn patch(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        patch: impl Into<Patch>,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        let change = match patch.into() {
            Patch::Merge(document) => Change::Patch(document),
            Patch::Json(document) => Change::JsonPatch(document),
        };
        self.write(Caller::User, Verb::Patch, kind, namespace, Some(key), change, options)
    }

    /// Deletes a resource and answers what it was last. A namespace is closed by the first commit and then emptied in
    /// steps: wait for the write, for one that is dropped leaves the rest to the next deletion or the next opening.
    ///
    /// # Errors
    /// `NotFound`, `Blocked` when its state does not allow it.
    pub fn delete(&self, kind: &str, namespace: Option<&str>, key: &str, options: WriteOptions) -> Write<WriteOutcome> {
        self.write(Caller::User, Verb::Delete, kind, namespace, Some(key), Change::Delete, options)
    }

    /// The door for whatever manages the resources: the only one by which status and system kinds are written.
    pub fn system(&self) -> super::System<'_> {
        super::System { store: self }
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where a request is put together from its parts")]
    pub(super) fn write(
        &self,
        caller: Caller,
        verb: Verb,
        kind: &str,
        namespace: Option<&str>,
        key: Option<&str>,
        change: Change,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        let kind = match self.inner.registry.require(kind) {
            Ok(kind) => Arc::clone(kind),
            Err(error) => return Write::refused(error),
        };
        if let Err(error) = permit(&kind, caller, verb, namespace) {
            return Write::refused(error);
        }
        let conflict = Error::Conflict { kind: kind.name.to_string(), key: key.unwrap_or_default().to_owned() };
        let (namespace, key) = (namespace.map(str::to_owned), key.map(str::to_owned));
        let mut request = Request { kind, namespace, key, change, caller, options };
        let (inner, backend) = (Arc::clone(&self.inner), Arc::clone(&self.inner.backend));
        let barrier = Box::new(move || backend.commit(Batch::barrier()));
        let mut passes = Passes::default();
        Write::begin(Box::new(move || pipeline::pass(&inner, &mut request, &mut passes)), barrier, conflict)
    }
}

/// Whether this door lets this verb through, and whether the namespace fits the kind.
pub(super) fn permit(kind: &Kind, caller: Caller, verb: Verb, namespace: Option<&str>) -> Result<()> {
    if caller == Caller::User {
        kind.require(verb)?;
    }
    check_scope(kind, namespace)
}

/// Whether the namespace fits the kind.
pub(super) fn check_scope(kind: &Kind, namespace: Option<&str>) -> Result<()> {
    match (kind.scope, namespace) {
        (Scope::Namespaced, None) => Err(Error::bad_request(format!("{} lives in a namespace; name one", kind.name))),
        (Scope::Global, Some(_)) => Err(Error::bad_request(format!("{} does not live in a namespace", kind.name))),
        _ => Ok(()),
    }
}

impl Inner {
    /// Why a resource was not found: the namespace is not there, or nothing in it has that id or name.
    pub(super) fn not_found(&self, kind: &Kind, namespace: Option<&str>, key: &str, view: View) -> Result<Error> {
        if let Some(name) = namespace {
            self.open_namespace(name, view)?;
        }
        let (kind, namespace) = (kind.name.to_string(), namespace.map(str::to_owned));
        Ok(Error::NotFound { kind, namespace, key: key.to_owned() })
    }
}
