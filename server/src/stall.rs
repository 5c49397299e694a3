//! Slow consumers: an answer that its client does not read is dropped after a while, so that it keeps no memory and no
//! place.
//!
//! Over HTTP/1 a connection has one answer, and the socket says whether it goes on ([`Stream`]). Over HTTP/2 a client may
//! take one answer and leave another, without the socket knowing: there each answer is watched ([`answer`]), and the
//! task that sends it ends when it stalls ([`Watching`]), which resets its stream.

mod body;
mod stream;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use hyper::rt::Executor;
use tokio::time::{Instant, Sleep, sleep_until};

pub(crate) use self::body::answer;
pub(crate) use self::stream::{HasWatch, Stream};

tokio::task_local! {
    /// The state of the answer that the task of an HTTP/2 stream sends.
    static WATCH: Arc<Watch>;
}

/// Since when a part of an answer waits for the client, if one does.
#[derive(Default)]
struct Watch(Mutex<Option<Instant>>);

impl Watch {
    fn hand_out(&self) {
        *self.lock() = Some(Instant::now());
    }

    fn come_back(&self) {
        *self.lock() = None;
    }

    fn since(&self) -> Option<Instant> {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the tasks of HTTP/2 streams, each no longer than its client takes what it is sent.
#[derive(Clone)]
pub(crate) struct Watching {
    /// How long a client may take nothing.
    pub(crate) limit: Duration,
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Watching {
    fn execute(&self, future: F) {
        tokio::spawn(watched(future, self.limit));
    }
}

async fn watched(future: impl Future<Output = ()>, limit: Duration) {
    let watch = Arc::new(Watch::default());
    let mut future = pin!(WATCH.scope(Arc::clone(&watch), future));
    // Most answers are taken at once and need no timer.
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|context| {
        if future.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        // Nothing was handed out, so the task waits for the store and not for the client.
        let Some(since) = watch.since() else { return Poll::Pending };
        let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(since + limit)));
        if timer.deadline() != since + limit {
            timer.as_mut().reset(since + limit);
        }
        let stalled = timer.as_mut().poll(context);
        if stalled.is_ready() {
            tracing::debug!("an answer was dropped, because its client did not take it");
        }
        stalled
    })
    .await;
}
