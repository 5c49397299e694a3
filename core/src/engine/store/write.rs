//! A write of one resource, before and after it begins.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::Duration;

use crate::engine::write::{PendingWrite, Request, SingleWrite, WriteOptions, WriteOutcome, Writer};
use crate::error::{Error, Result};
use crate::rules::validate::FieldValidation;
use crate::rules::version::Expected;

/// A write of one resource, with the choices for it. Nothing begins before it is waited for, submitted, or polled for the
/// first time: dropping it before does nothing. Once it has begun, dropping it cancels nothing that is submitted; the steps of
/// a deletion with dependents, or of a namespace, that are still to come wait for the next opening or the next deletion.
///
/// ```
/// use serde_json::json;
/// # let store = kindstore::Store::in_memory()?;
/// let targets = store.kind("DeploymentTarget")?.namespace("default");
/// let outcome = targets.create(json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}})).wait()?;
/// let version = outcome.object.metadata.resource_version;
///
/// let labelled = json!({"metadata": {"labels": {"team": "web"}}, "spec": {"kubernetes": {}}});
/// targets.upsert("jobs", labelled.clone()).expect_version(version).wait()?;
/// let late = targets.upsert("jobs", labelled).expect_version(version).wait();
/// assert!(late.is_err_and(|error| error.is_conflict()));
/// # Ok::<(), kindstore::Error>(())
/// ```
#[must_use = "a write begins when it is waited for, awaited or submitted"]
pub struct Write {
    state: State,
}

/// The message for a write that is changed after its first poll.
const HAS_BEGUN: &str =
    "the write has begun already; choose its options, or add it to a transaction, before its first poll";

enum State {
    Requested { writer: Arc<Writer>, request: Box<Request> },
    Submitted(Box<PendingWrite<WriteOutcome>>),
    Refused(Error),
}

impl Write {
    pub(super) fn new(writer: Arc<Writer>, request: Request) -> Self {
        Self { state: State::Requested { writer, request: Box::new(request) } }
    }

    pub(super) fn refused(error: Error) -> Self {
        Self { state: State::Refused(error) }
    }

    /// Writes only if the resource has this version; otherwise the write is `PreconditionFailed`.
    pub fn expect_version(self, version: u64) -> Self {
        self.expected(Expected::version(version))
    }

    /// Writes only if the resource is in this state; otherwise the write is `PreconditionFailed`.
    pub fn expected(self, expected: impl Into<Option<Expected>>) -> Self {
        self.with(|options| options.expected = expected.into())
    }

    /// Runs every step but the last: the outcome is that of the real write, and nothing is stored.
    pub fn dry_run(self) -> Self {
        self.with(|options| options.dry_run = true)
    }

    /// Stores a replacing document as it is given, without filling in defaults.
    pub fn without_defaults(self) -> Self {
        self.with(|options| options.without_defaults = true)
    }

    /// Sets the treatment of members that the kind does not know.
    pub fn field_validation(self, field_validation: FieldValidation) -> Self {
        self.with(|options| options.field_validation = field_validation)
    }

    /// Sets all choices at once.
    pub fn options(self, options: WriteOptions) -> Self {
        self.with(|own| *own = options)
    }

    fn with(mut self, set: impl FnOnce(&mut WriteOptions)) -> Self {
        match &mut self.state {
            State::Requested { request, .. } => set(&mut request.options),
            // Not passed over: the caller would take a write for conditional that is not.
            State::Submitted(_) => return Self::refused(Error::bad_request(HAS_BEGUN)),
            State::Refused(_) => {}
        }
        self
    }

    /// Begins the write, and returns a handle to wait on later. Many writes that are submitted before any is waited for share
    /// one sync of the disk, so that a single thread writes as fast as many.
    ///
    /// ```
    /// use serde_json::json;
    /// # let store = kindstore::Store::in_memory()?;
    /// let targets = store.kind("DeploymentTarget")?.namespace("default");
    /// let target = |index: u32| json!({"metadata": {"name": format!("t{index}")}, "spec": {"kubernetes": {}}});
    /// let pending: Vec<_> = (0..100).map(|index| targets.create(target(index)).submit()).collect();
    /// for write in pending {
    ///     write.wait()?;
    /// }
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn submit(self) -> PendingWrite<WriteOutcome> {
        match self.state {
            // What no state of the store allows is refused before anything is read.
            State::Requested { writer, request } => match request.permit() {
                Ok(()) => PendingWrite::submit(Box::new(SingleWrite::new(writer, *request))),
                Err(error) => PendingWrite::refused(error),
            },
            State::Submitted(pending) => *pending,
            State::Refused(error) => PendingWrite::refused(error),
        }
    }

    /// Begins the write, and waits on this thread until it is durable or refused. Not for async tasks, which await instead.
    ///
    /// # Errors
    /// Those of the call that made the write; `Conflict` when others changed the resource too often meanwhile;
    /// `OutcomeUnknown` when the write may have happened or not.
    pub fn wait(self) -> Result<WriteOutcome> {
        self.submit().wait()
    }

    /// Begins the write, and waits at most this long.
    ///
    /// # Errors
    /// As [`Write::wait`]; `OutcomeUnknown` when the time is up, and the write may still happen.
    #[cfg(not(target_family = "wasm"))]
    pub fn wait_for(self, limit: Duration) -> Result<WriteOutcome> {
        self.submit().wait_for(limit)
    }

    /// Returns the request for a transaction of a store, or the reason why there is none.
    pub(super) fn into_request(self, store: &Arc<Writer>) -> Result<Request> {
        match self.state {
            State::Requested { writer, .. } if !Arc::ptr_eq(&writer, store) => {
                Err(Error::bad_request("the collection belongs to another store than the transaction"))
            }
            State::Requested { request, .. } => Ok(*request),
            State::Refused(error) => Err(error),
            State::Submitted(_) => Err(Error::bad_request(HAS_BEGUN)),
        }
    }
}

impl Future for Write {
    type Output = Result<WriteOutcome>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Nothing began before this first poll. While the state is out of its place, a panic would leave a write that says
        // honestly that nobody knows.
        if !matches!(self.state, State::Submitted(_)) {
            let state = std::mem::replace(&mut self.state, State::Refused(Error::OutcomeUnknown));
            self.state = State::Submitted(Box::new(Write { state }.submit()));
        }
        match &mut self.state {
            State::Submitted(pending) => Pin::new(&mut **pending).poll(context),
            State::Requested { .. } | State::Refused(_) => Poll::Ready(Err(Error::OutcomeUnknown)),
        }
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Requested { request, .. } => {
                let mut write = f.debug_struct("Write");
                write.field("kind", &request.kind.name).field("key", &request.key).field("options", &request.options);
                write.finish_non_exhaustive()
            }
            State::Submitted(pending) => pending.fmt(f),
            State::Refused(error) => f.debug_tuple("Write").field(error).finish(),
        }
    }
}
