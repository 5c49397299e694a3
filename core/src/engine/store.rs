//! A store as its users see it: handles of the store, of its collections, and of transactions.

mod builder;
mod collection;
mod health;
mod inner;
mod operation;
mod query;
mod read;
mod resource;
mod transaction;
mod write;

use std::fmt;
use std::sync::Arc;

pub use self::builder::StoreBuilder;
pub use self::collection::Collection;
pub use self::health::{Health, HistoryLag, IndexState};
use self::inner::Inner;
pub use self::operation::Operation;
pub use self::query::{HistoryQuery, Items, ListQuery, WatchQuery};
pub use self::read::GetOptions;
pub use self::resource::Resource;
pub use self::transaction::Transaction;
pub use self::write::Write;
use super::retention::Compaction;
use super::watch::Changed;
use crate::backend::{Revision, RevisionListener};
use crate::error::Result;
use crate::registry::Registry;
use crate::rules::envelope::Caller;

/// A store of resources. Clones are handles of the same store, and all of them can be used from many threads at once.
///
/// Reads return at once. A [`Write`] begins when it is waited for, awaited or submitted; when it has ended well, it is on
/// disk.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    caller: Caller,
}

impl Store {
    pub(super) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner), caller: Caller::User }
    }

    /// Returns the collection of a kind, by its name such as `Deployment`. A kind that lives in namespaces needs one more
    /// step, [`Collection::namespace`].
    ///
    /// ```
    /// # let store = kindstore::Store::in_memory()?;
    /// let targets = store.kind("DeploymentTarget")?.namespace("default");
    /// assert_eq!(targets.find("jobs")?, None);
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    ///
    /// # Errors
    /// `BadRequest` with the kinds that there are.
    pub fn kind(&self, name: &str) -> Result<Collection> {
        let kind = Arc::clone(self.registry().require(name)?);
        Ok(Collection::new(Arc::clone(&self.inner), kind, self.caller))
    }

    /// Returns the collection of a kind in a namespace, or in none: [`Store::kind`] for callers that take both from a
    /// request.
    ///
    /// # Errors
    /// As [`Store::kind`]. Whether the kind lives in namespaces is checked by each call on the collection.
    pub fn collection(&self, kind: &str, namespace: Option<&str>) -> Result<Collection> {
        let collection = self.kind(kind)?;
        Ok(match namespace {
            Some(namespace) => collection.namespace(namespace),
            None => collection,
        })
    }

    /// Returns a handle for a controller: the same store, whose collections also write status, system-managed kinds and the
    /// metadata that users only read. Ids, times and versions remain the store's.
    #[must_use]
    pub fn as_system(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), caller: Caller::System }
    }

    /// Returns the kinds of this store.
    pub fn registry(&self) -> &Registry {
        &self.inner.writer.reader.registry
    }

    /// Returns the newest durable revision.
    pub fn revision(&self) -> Revision {
        self.inner.writer.backend().revision()
    }

    /// Returns a listener that ends when the durable revision exceeds the one at this call.
    pub fn revision_changed(&self) -> RevisionListener {
        self.inner.writer.backend().revision_changed()
    }

    /// Returns where resources changed after a revision, for those who wake watches. It may end before the newest revision,
    /// and says up to which it is complete.
    ///
    /// # Errors
    /// `Expired` when the changes after the revision are not kept any more; `Unavailable` and `Backend` as with reads.
    pub fn changed_since(&self, after: Revision) -> Result<Changed> {
        self.inner.feed.changed(&self.inner.writer.reader, after)
    }

    /// Returns the backend.
    #[cfg(test)]
    pub(crate) fn backend(&self) -> &dyn crate::backend::Backend {
        self.inner.writer.backend()
    }

    /// Returns the index.
    #[cfg(test)]
    pub(crate) fn index(&self) -> &super::index::Index {
        &self.inner.writer.index
    }

    /// Whether the index for lists with selectors is built; until then such lists scan all resources.
    pub fn is_indexed(&self) -> bool {
        self.inner.writer.index.is_built()
    }

    /// Removes all history beyond the limits now: the compaction floor rises to the newest revision but `revisions`, and
    /// every version is looked at. The background worker does the same little by little. Takes as long as reading all
    /// superseded versions.
    ///
    /// # Errors
    /// `Unavailable` while the store takes no writes.
    pub fn compact(&self, revisions: u64) -> Result<Compaction> {
        self.inner.compactor.compact(revisions)
    }

    /// Returns how many bytes of values [`Store::compact`] would remove. Takes as long as reading all superseded versions.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn removable_bytes(&self, revisions: u64) -> Result<u64> {
        self.inner.compactor.removable(revisions)
    }

    /// Returns the state of the compaction of history.
    pub fn compaction(&self) -> Compaction {
        self.inner.compactor.state()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("revision", &self.revision())
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}
