//! A transaction, before and after it begins.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::Duration;

use super::Store;
use super::collection::Collection;
use super::operation::Operation;
use super::write::Write;
use crate::engine::transaction::{Requested, TransactionWrite, requests};
use crate::engine::write::{Patch, PendingWrite, WriteOutcome};
use crate::error::{Error, Result};
use crate::manifest::Document;

/// Several writes in one namespace that are stored under one revision, or not at all. They run in their order, and each
/// sees the results of those before it, so that a resource can be created together with one that refers to it. Everything
/// that they read must still be unchanged when all is stored. The outcomes are in the order of the operations.
///
/// As with [`Write`], nothing begins before the transaction is waited for, submitted, or polled for the first time.
///
/// # Errors
/// `Invalid` with every problem of every operation, at `/operations/INDEX/document/...`;
/// [`Error::InTransaction`] with the first operation that is refused for another reason; `BadRequest` for more than
/// [`MAX_COMMIT`](crate::store::MAX_COMMIT) operations, for a resource that two of them are about, and for more than fits one
/// commit.
#[must_use = "a transaction begins when it is waited for, awaited or submitted"]
pub struct Transaction {
    state: State,
}

/// The message for a transaction that is changed after its first poll.
const HAS_BEGUN: &str = "the transaction has begun already; change it before its first poll";

enum State {
    Requested(Contents),
    Submitted(PendingWrite<Vec<WriteOutcome>>),
}

/// The contents of a transaction that has not begun.
struct Contents {
    store: Store,
    namespace: String,
    operations: Vec<Requested>,
    is_dry_run: bool,
}

impl Store {
    /// Begins a transaction: several writes in one namespace that are stored together, under one revision, or not at all.
    ///
    /// ```
    /// use serde_json::json;
    /// # let store = kindstore::Store::in_memory()?;
    /// let targets = store.kind("DeploymentTarget")?.namespace("default");
    /// let target = |name: &str| json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
    /// let outcomes =
    ///     store.transaction("default").create(&targets, target("one")).create(&targets, target("two")).wait()?;
    /// assert_eq!(outcomes[0].revision, outcomes[1].revision);
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn transaction(&self, namespace: &str) -> Transaction {
        Transaction::new(self.clone(), namespace)
    }
}

impl Transaction {
    pub(super) fn new(store: Store, namespace: &str) -> Self {
        let namespace = namespace.to_owned();
        Self { state: State::Requested(Contents { store, namespace, operations: Vec::new(), is_dry_run: false }) }
    }

    /// Adds a write, with the choices made for it. A dry run is chosen for the whole transaction.
    pub fn with(self, write: Write) -> Self {
        self.change(|contents| {
            let request = write.into_request(&contents.store.inner.writer);
            contents.operations.push(request.map_or_else(Requested::refused, Requested::new));
        })
    }

    /// Adds writes that name their kinds.
    pub fn operations(self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.change(|Contents { store, namespace, operations: requested, .. }| {
            // An operation that cannot be requested stays in its place: the error names its index.
            requested.extend(operations.into_iter().map(|operation| {
                let (kind, key) = (operation.kind.clone(), operation.key.clone());
                let collection = store.collection(&kind, Some(namespace));
                let request =
                    collection.and_then(|collection| operation.write(&collection).into_request(&store.inner.writer));
                Requested { request, kind, key }
            }));
        })
    }

    /// Adds the creation of a resource.
    pub fn create(self, collection: &Collection, document: impl Into<Document>) -> Self {
        self.with(collection.create(document))
    }

    /// Adds the creation or the replacement of a resource.
    pub fn upsert(self, collection: &Collection, key: &str, document: impl Into<Document>) -> Self {
        self.with(collection.upsert(key, document))
    }

    /// Adds a change of a resource.
    pub fn patch<T>(self, collection: &Collection<T>, key: &str, patch: impl Into<Patch>) -> Self {
        self.with(collection.patch(key, patch))
    }

    /// Adds the deletion of a resource; its dependents are deleted in the same transaction.
    pub fn delete<T>(self, collection: &Collection<T>, key: &str) -> Self {
        self.with(collection.delete(key))
    }

    /// Runs every step but the last: the outcomes are those of the real transaction, and nothing is stored.
    pub fn dry_run(self, dry_run: bool) -> Self {
        self.change(|contents| contents.is_dry_run = dry_run)
    }

    /// Changes a transaction that has not begun; one that has is refused from now on, so that nobody misses what was added.
    fn change(mut self, change: impl FnOnce(&mut Contents)) -> Self {
        match &mut self.state {
            State::Requested(contents) => change(contents),
            State::Submitted(pending) => *pending = PendingWrite::refused(Error::bad_request(HAS_BEGUN)),
        }
        self
    }

    /// Begins the transaction, and returns a handle to wait on later.
    pub fn submit(self) -> PendingWrite<Vec<WriteOutcome>> {
        match self.state {
            State::Submitted(pending) => pending,
            State::Requested(Contents { store, namespace, operations, is_dry_run }) => {
                match requests(&namespace, operations) {
                    Err(error) => PendingWrite::refused(error),
                    Ok(requests) => {
                        let writer = Arc::clone(&store.inner.writer);
                        PendingWrite::submit(Box::new(TransactionWrite { writer, namespace, requests, is_dry_run }))
                    }
                }
            }
        }
    }

    /// Begins the transaction, and waits on this thread until it is durable or refused.
    ///
    /// # Errors
    /// Those of [`Transaction`]; `OutcomeUnknown` when it may have happened or not.
    pub fn wait(self) -> Result<Vec<WriteOutcome>> {
        self.submit().wait()
    }

    /// Begins the transaction, and waits at most this long.
    ///
    /// # Errors
    /// As [`Transaction::wait`]; `OutcomeUnknown` when the time is up, and the transaction may still happen.
    #[cfg(not(target_family = "wasm"))]
    pub fn wait_for(self, limit: Duration) -> Result<Vec<WriteOutcome>> {
        self.submit().wait_for(limit)
    }
}

impl Future for Transaction {
    type Output = Result<Vec<WriteOutcome>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Requested(_) = &self.state {
            let refused = State::Submitted(PendingWrite::refused(Error::OutcomeUnknown));
            let state = std::mem::replace(&mut self.state, refused);
            self.state = State::Submitted(Transaction { state }.submit());
        }
        match &mut self.state {
            State::Submitted(pending) => Pin::new(pending).poll(context),
            State::Requested(_) => Poll::Ready(Err(Error::OutcomeUnknown)),
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Requested(Contents { namespace, operations, .. }) => {
                let mut transaction = f.debug_struct("Transaction");
                transaction.field("namespace", namespace).field("operations", &operations.len());
                transaction.finish_non_exhaustive()
            }
            State::Submitted(pending) => pending.fmt(f),
        }
    }
}
