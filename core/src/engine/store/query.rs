//! Reads of a collection with choices: lists, histories, watches.

use std::collections::VecDeque;
use std::fmt;

use super::collection::Collection;
use super::resource::Resource;
use crate::backend::Revision;
use crate::engine::read::{History, HistoryOptions, List, ListOptions, STEP};
use crate::engine::watch::{Cursor, Watch, WatchFrom, WatchOptions};
use crate::error::{Error, Result};
use crate::object::{Object, ResourceId};
use crate::rules::selector::{Selector, SelectorError};

impl<T> Collection<T> {
    /// Returns the kept versions of a resource, the newest first. A deleted resource is addressed by its former name, or by
    /// its id once another resource has the name.
    pub fn history(&self, key: &str) -> HistoryQuery<'_, T> {
        HistoryQuery::new(self, key)
    }

    /// Watches the resources.
    pub fn watch(&self) -> WatchQuery<'_, T> {
        WatchQuery::new(self)
    }
}

impl<T: Resource> Collection<T> {
    /// Lists the resources, in the order of their creation.
    pub fn list(&self) -> ListQuery<'_, T> {
        ListQuery::new(self)
    }

    /// Iterates over the resources, in the order of their creation, reading them as it goes.
    pub fn iter(&self) -> Items<'_, T> {
        self.list().iter()
    }
}

/// A list to read, or to iterate over.
#[derive(Debug)]
#[must_use = "nothing is read before `read` or `iter`"]
pub struct ListQuery<'c, T = Object> {
    collection: &'c Collection<T>,
    options: Result<ListOptions>,
}

impl<'c, T: Resource> ListQuery<'c, T> {
    pub(super) fn new(collection: &'c Collection<T>) -> Self {
        Self { collection, options: Ok(ListOptions::default()) }
    }

    /// Only resources whose labels match a selector such as `team=web,env in (a, b),!old`.
    pub fn labels(self, selector: &str) -> Self {
        self.select(Selector::labels(selector), |options, selector| options.labels = selector)
    }

    /// Only resources whose members match a selector such as `metadata.name=jobs`.
    pub fn fields(self, selector: &str) -> Self {
        let selector = Selector::fields(self.collection.kind(), selector);
        self.select(selector, |options, selector| options.fields = selector)
    }

    /// At most this many.
    pub fn limit(self, limit: usize) -> Self {
        self.with(|options| options.limit = Some(limit))
    }

    /// Only resources created after the one with this id: the `next` of an earlier part.
    pub fn after(self, id: ResourceId) -> Self {
        self.with(|options| options.after = Some(id))
    }

    /// Lists the resources as they were at a revision.
    pub fn at_revision(self, revision: Revision) -> Self {
        self.with(|options| options.revision = Some(revision))
    }

    /// Reads the list.
    ///
    /// # Errors
    /// `BadRequest` for a selector that cannot be read; otherwise as [`Collection::list_with`].
    pub fn read(self) -> Result<List<T>> {
        let List { items, next, revision } = self.collection.list_with(self.options?)?;
        let items = items.into_iter().map(T::from_object).collect::<Result<_>>()?;
        Ok(List { items, next, revision })
    }

    /// Iterates over the list, reading it as it goes. Without a revision, a resource that changes meanwhile appears as it is
    /// when its turn comes.
    pub fn iter(self) -> Items<'c, T> {
        let (options, error) = match self.options {
            Ok(options) => (options, None),
            Err(error) => (ListOptions::default(), Some(error)),
        };
        Items { collection: self.collection, options, read: VecDeque::new(), error, is_complete: false }
    }

    fn select(
        mut self,
        selector: std::result::Result<Selector, SelectorError>,
        set: fn(&mut ListOptions, Selector),
    ) -> Self {
        // The first error is kept and returned by the read, so that calls chain without `?`.
        if let Ok(options) = &mut self.options {
            match selector {
                Ok(selector) => set(options, selector),
                Err(error) => self.options = Err(Error::bad_request(error.to_string())),
            }
        }
        self
    }

    fn with(mut self, set: impl FnOnce(&mut ListOptions)) -> Self {
        if let Ok(options) = &mut self.options {
            set(options);
        }
        self
    }
}

/// The resources of a list, one by one; after an error it has ended.
pub struct Items<'c, T = Object> {
    collection: &'c Collection<T>,
    options: ListOptions,
    read: VecDeque<Object>,
    error: Option<Error>,
    is_complete: bool,
}

impl<T: Resource> Items<'_, T> {
    fn read(&mut self) -> Result<()> {
        // Small steps: what is read and not yet taken is all that an iterator holds.
        let limit = self.options.limit.map_or(STEP, |limit| limit.min(STEP));
        let list = self.collection.list_with(ListOptions { limit: Some(limit), ..self.options.clone() })?;
        self.options.limit = self.options.limit.map(|limit| limit - list.items.len());
        self.options.after = list.next;
        self.is_complete = list.next.is_none() || self.options.limit == Some(0);
        self.read.extend(list.items);
        Ok(())
    }
}

impl<T: Resource> Iterator for Items<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.error.take() {
            self.is_complete = true;
            return Some(Err(error));
        }
        while self.read.is_empty() && !self.is_complete {
            if let Err(error) = self.read() {
                self.is_complete = true;
                return Some(Err(error));
            }
        }
        let item = T::from_object(self.read.pop_front()?);
        // A list with a hole would pass for a whole one, so an error ends it.
        if item.is_err() {
            self.read.clear();
            self.is_complete = true;
        }
        Some(item)
    }
}

impl<T> fmt::Debug for Items<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("collection", &self.collection).finish_non_exhaustive()
    }
}

/// A history to read.
#[derive(Debug)]
#[must_use = "nothing is read before `read`"]
pub struct HistoryQuery<'c, T = Object> {
    collection: &'c Collection<T>,
    key: String,
    options: HistoryOptions,
}

impl<'c, T> HistoryQuery<'c, T> {
    pub(super) fn new(collection: &'c Collection<T>, key: &str) -> Self {
        Self { collection, key: key.to_owned(), options: HistoryOptions::default() }
    }

    /// Only versions older than this one.
    pub fn before(mut self, version: u64) -> Self {
        self.options.before = Some(version);
        self
    }

    /// At most this many.
    pub fn limit(mut self, limit: usize) -> Self {
        self.options.limit = Some(limit);
        self
    }

    /// Leaves out versions that changed the status only.
    pub fn only_authored(mut self) -> Self {
        self.options.only_authored = true;
        self
    }

    /// Reads the history.
    ///
    /// # Errors
    /// As [`Collection::history_with`].
    pub fn read(self) -> Result<History> {
        self.collection.history_with(&self.key, self.options)
    }
}

/// A watch to start.
///
/// ```
/// use kindstore::WatchEvent;
/// use serde_json::json;
/// # let store = kindstore::Store::in_memory()?;
/// let targets = store.kind("DeploymentTarget")?.namespace("default");
/// let mut watch = targets.watch().start()?;
/// let cursor = watch.cursor();
/// targets.create(json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}})).wait()?;
///
/// // Later, or in another process: resume where the first watch stood.
/// let mut resumed = targets.watch().after(cursor).start()?;
/// let Some(WatchEvent::Change(change)) = resumed.try_next()? else { panic!("a change") };
/// assert_eq!(change.object().metadata.name.as_deref(), Some("jobs"));
/// # let _ = &mut watch;
/// # Ok::<(), kindstore::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is watched before `start`"]
pub struct WatchQuery<'c, T = Object> {
    collection: &'c Collection<T>,
    options: Result<WatchOptions>,
}

impl<'c, T> WatchQuery<'c, T> {
    pub(super) fn new(collection: &'c Collection<T>) -> Self {
        Self { collection, options: Ok(WatchOptions::default()) }
    }

    /// Begins with the current resources, as `Added`, and a bookmark.
    pub fn with_list(self) -> Self {
        self.with(|options| options.from = WatchFrom::List)
    }

    /// Begins behind a cursor.
    pub fn after(self, cursor: Cursor) -> Self {
        self.with(|options| options.from = WatchFrom::After(cursor))
    }

    /// Only the resource with this id or name.
    pub fn key(self, key: &str) -> Self {
        self.with(|options| options.key = Some(key.to_owned()))
    }

    /// Only resources whose labels match a selector. One that begins to match is `Added`, one that ceases to is `Deleted`.
    pub fn labels(self, selector: &str) -> Self {
        self.select(Selector::labels(selector), |options, selector| options.labels = selector)
    }

    /// Only resources whose members match a selector.
    pub fn fields(self, selector: &str) -> Self {
        let selector = Selector::fields(self.collection.kind(), selector);
        self.select(selector, |options, selector| options.fields = selector)
    }

    /// Starts the watch.
    ///
    /// # Errors
    /// `BadRequest` for a selector that cannot be read; otherwise as [`Collection::watch_with`].
    pub fn start(self) -> Result<Watch> {
        self.collection.watch_with(self.options?)
    }

    fn select(
        mut self,
        selector: std::result::Result<Selector, SelectorError>,
        set: fn(&mut WatchOptions, Selector),
    ) -> Self {
        if let Ok(options) = &mut self.options {
            match selector {
                Ok(selector) => set(options, selector),
                Err(error) => self.options = Err(Error::bad_request(error.to_string())),
            }
        }
        self
    }

    fn with(mut self, set: impl FnOnce(&mut WatchOptions)) -> Self {
        if let Ok(options) = &mut self.options {
            set(options);
        }
        self
    }
}
