//! What every handler has at hand: the store, and how its writes are waited for.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use kindstore::{Error, PendingWrite, Store};
use tokio::sync::Semaphore;

/// How many bodies of batches that are larger than other bodies are held at once.
const LARGE_BODIES: usize = 4;

use crate::app::App;
use crate::follow::Closing;

/// What every handler has at hand.
pub(crate) struct Shared {
    pub(crate) store: Store,
    /// The web app, where the server was told of one.
    pub(crate) app: Option<App>,
    /// Tells watches that the server stops.
    pub(crate) closing: Arc<Closing>,
    /// How long a write may take before its outcome is called unknown.
    write_wait: Duration,
    /// The room for large bodies.
    pub(crate) large_bodies: Semaphore,
}

impl Shared {
    pub(crate) fn new(store: Store, app: Option<App>, write_wait: Duration) -> Self {
        Self { store, app, closing: Closing::new(), write_wait, large_bodies: Semaphore::new(LARGE_BODIES) }
    }

    /// How long a write may take before its outcome is called unknown.
    pub(crate) fn write_wait(&self) -> Duration {
        self.write_wait
    }

    /// Waits for a write, at the longest as long as the settings say.
    pub(crate) async fn finish<T: Send + 'static>(&self, write: PendingWrite<T>) -> kindstore::Result<T> {
        let waiting = Waiting(Some(write));
        tokio::time::timeout(self.write_wait, waiting).await.unwrap_or(Err(Error::OutcomeUnknown))
    }
}

/// A write that goes on when nobody waits for it any more, for some have several commits. It needs no task of its own
/// until then.
struct Waiting<T: Send + 'static>(Option<PendingWrite<T>>);

impl<T: Send + 'static> Future for Waiting<T> {
    type Output = kindstore::Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(write) = &mut self.0 else { return Poll::Ready(Err(Error::OutcomeUnknown)) };
        let answer = std::task::ready!(Pin::new(write).poll(context));
        self.0 = None;
        Poll::Ready(answer)
    }
}

impl<T: Send + 'static> Drop for Waiting<T> {
    fn drop(&mut self) {
        if let (Some(write), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            // Nobody is left to be told.
            drop(runtime.spawn(write));
        }
    }
}
