//! The state that all handlers share: the store, and the wait for its writes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use kindstore::{Error, PendingWrite, Store, Watch};

use crate::app::App;
use crate::batch::Turns;
use crate::budget::{self, Held};
use crate::follow::{Closing, EventBody, Wakes};
use crate::settings::Settings;
use crate::workers::Workers;

/// The state that all handlers share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    /// The web app, if the server has one.
    pub(crate) app: Option<App>,
    /// Notifies watches that the server stops.
    pub(crate) closing: Arc<Closing>,
    /// Wakes watches.
    wakes: Wakes,
    /// The version that the system information names.
    pub(crate) build_version: String,
    /// How long a write may take before the answer is that its outcome is unknown.
    write_wait: Duration,
    /// The turns of large transactions.
    pub(crate) turns: Turns,
    /// The threads for the steps of lists.
    pub(crate) workers: Workers,
}

impl Shared {
    /// Begins the task that wakes watches, and so must be called within a runtime.
    pub(crate) fn new(store: Store, app: Option<App>, closing: Arc<Closing>, settings: &Settings) -> Self {
        let build_version = settings.build_version.clone().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
        let write_wait = settings.write_wait;
        let wakes = Wakes::begin(store.clone());
        Self { store, app, closing, wakes, build_version, write_wait, turns: Turns::new(), workers: Workers::new() }
    }

    /// Returns the body of a watch, with a bookmark after so many seconds without an event; 0 leaves that to the server.
    pub(crate) fn follow<F>(&self, watch: Watch, seconds: u32, form: F) -> EventBody<F> {
        let events = self.closing.follow(self.wakes.attach(watch), seconds);
        EventBody::new(events, self.wakes.sent(), form)
    }

    /// How long a write may take before the answer is that its outcome is unknown.
    pub(crate) fn write_wait(&self) -> Duration {
        self.write_wait
    }

    /// Waits for a write, at most as long as the settings allow.
    pub(crate) async fn finish<T: Send + 'static>(&self, write: PendingWrite<T>) -> kindstore::Result<T> {
        // After the timeout the write goes on, in the drop of `Waiting`: its outcome is unknown to the client, and
        // still there is one.
        let waiting = Waiting { write: Some(write), held: budget::hold() };
        tokio::time::timeout(self.write_wait, waiting).await.unwrap_or(Err(Error::OutcomeUnknown))
    }
}

/// A write that goes on when its caller has gone.
// It needs no task of its own until then.
// Some writes have several commits: to drop one between them would leave a deletion half done.
struct Waiting<T: Send + 'static> {
    write: Option<PendingWrite<T>>,
    /// What its request holds of the budget.
    held: Option<Arc<Held>>,
}

impl<T: Send + 'static> Future for Waiting<T> {
    type Output = kindstore::Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(write) = &mut self.write else { return Poll::Ready(Err(Error::OutcomeUnknown)) };
        let answer = std::task::ready!(Pin::new(write).poll(context));
        self.write = None;
        Poll::Ready(answer)
    }
}

impl<T: Send + 'static> Drop for Waiting<T> {
    fn drop(&mut self) {
        if let (Some(write), Ok(runtime)) = (self.write.take(), tokio::runtime::Handle::try_current()) {
            let held = self.held.take();
            // The caller has gone; the write must still end, and its outcome goes nowhere.
            drop(runtime.spawn(async move {
                let _ = write.await;
                drop(held);
            }));
        }
    }
}
