//! Reads of a collection, each with its choices as one value.

use std::sync::Arc;

use super::collection::Collection;
use super::resource::Resource;
use crate::backend::Revision;
use crate::engine::read::{
    Comparison, ContinueToken, History, HistoryOptions, HistoryPage, HistoryToken, List, ListOptions, Reader, Version,
    View,
};
use crate::engine::stored::CollectionRef;
use crate::engine::watch::{Watch, WatchOptions};
use crate::error::Result;
use crate::json::{Json, Members};
use crate::kind::{Verb, check_length};
use crate::object::{JsonText, ResourceId};
use crate::rules::envelope::Caller;
use crate::rules::secret;

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
        // Without a revision, what is durable now: pending state may be taken back by a crash and is never returned.
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

impl<T> Collection<T> {
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
        check_length("the key", options.key.as_deref().unwrap_or_default())?;
        // A kind without lists, such as a singleton, can still be watched by those who can read its resource.
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

    /// Returns the options of one page of a list: the first page is at `revision`, or at the newest without one; each later
    /// page is behind its `token`, at the revision of the first. So all pages show the same revision.
    ///
    /// # Errors
    /// `BadRequest` for an invalid token, one of a list of another kind, namespace or selector, and for a revision other
    /// than that of the list.
    pub fn page(&self, selected: ListOptions, revision: Option<Revision>, token: Option<&str>) -> Result<ListOptions> {
        selected.page(self.at(), self.inner.writer.backend().revision(), revision, token)
    }

    /// Returns the token of the page behind a resource, in a list with these options at a revision.
    ///
    /// ```
    /// # use kindstore::{ListOptions, Store};
    /// # let store = Store::in_memory()?;
    /// let targets = store.kind("DeploymentTarget")?.namespace("default");
    /// # for name in ["a", "b"] {
    /// #     targets.upsert(name, serde_json::json!({"spec": {"kubernetes": {}}})).wait()?;
    /// # }
    /// let first = targets.page(ListOptions::default(), None, None)?.limit(1);
    /// let list = targets.list_with(first.clone())?;
    /// let token = list.next.map(|after| targets.token(&first, list.revision, after).to_string());
    /// let second = targets.list_with(targets.page(ListOptions::default(), None, token.as_deref())?.limit(1))?;
    /// assert_eq!(second.items[0].metadata.name.as_deref(), Some("b"));
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn token(&self, selected: &ListOptions, revision: Revision, after: ResourceId) -> ContinueToken {
        ContinueToken::new(self.at(), selected, revision, after)
    }

    /// Returns the reader, if the kind allows the caller to read like this.
    fn readable(&self, verb: Verb) -> Result<&Arc<Reader>> {
        // The verbs of a kind bind users; a controller reads whatever it drives.
        if self.caller == Caller::User {
            self.kind.require(verb)?;
        }
        self.kind.check_scope(self.namespace.as_deref())?;
        Ok(&self.inner.writer.reader)
    }

    fn at(&self) -> CollectionRef<'_> {
        CollectionRef::new(&self.kind, self.namespace.as_deref())
    }
}
