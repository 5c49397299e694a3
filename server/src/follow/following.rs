//! A watch on behalf of a client: with a bookmark when nothing has happened for a while, and an end when the server stops.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use kindstore::{Cursor, Error, Watch, WatchEvent, WatchFrom};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::fault::Fault;

/// How long nothing happens before a client receives a bookmark.
const QUIET: Duration = Duration::from_secs(30);

/// How long a client that received events receives no more: the events of that time are sent together, which takes far less
/// than sending each by itself. An event after a longer pause is sent without delay.
const PAUSE: Duration = Duration::from_millis(20);

/// The longest that a client may ask for.
const LONGEST: u32 = 3600;

/// Notifies all watches that the server stops.
pub(crate) struct Closing(watch::Sender<bool>);

impl Closing {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(false)))
    }

    /// Ends all watches, also those that are yet to come.
    pub(crate) fn close(&self) {
        self.0.send_replace(true);
    }

    /// Resolves once the server stops.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.0.subscribe();
        async move {
            // The sender lives as long as the server.
            let _ = closing.wait_for(|is_closing| *is_closing).await;
        }
    }

    /// Follows a watch, with a bookmark after so many seconds without an event; 0 leaves that to the server.
    pub(crate) fn follow(&self, watch: Watch, seconds: u32) -> Following {
        let quiet = if seconds == 0 { QUIET } else { Duration::from_secs(seconds.min(LONGEST).into()) };
        let closed = Box::pin(self.closed());
        let now = Instant::now();
        let timer = |after| Box::pin(sleep_until(now + after));
        let (timer, pause) = (timer(quiet), timer(PAUSE));
        Following { watch, quiet, timer, last: now, pause, pace: Pace::Idle, closed, is_over: false }
    }
}

/// Returns where a watch begins, from the words of a request.
pub(crate) fn begin(cursor: &str, list: bool) -> Result<WatchFrom, Fault> {
    let bad = |message: String| Fault::new("BadRequest", message);
    match (cursor, list) {
        ("", false) => Ok(WatchFrom::Now),
        ("", true) => Ok(WatchFrom::List),
        (_, true) => Err(bad("a watch begins with a list or after a cursor, not with both".to_owned())),
        (text, false) => {
            let cursor: Cursor = text.parse().map_err(|error| bad(format!("the cursor {text:?} is {error}")))?;
            Ok(WatchFrom::After(cursor))
        }
    }
}

/// The events for one client. The stream ends without an error when the server stops.
pub(crate) struct Following {
    watch: Watch,
    quiet: Duration,
    timer: Pin<Box<Sleep>>,
    /// When the client received an event last.
    last: Instant,
    pause: Pin<Box<Sleep>>,
    pace: Pace,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_over: bool,
}

/// The phase of a stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// No event for a while.
    Idle,
    /// Events were sent, and there may be more.
    Sending,
    /// All events were sent just now.
    Resting,
}

impl Stream for Following {
    type Item = Result<WatchEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        // The stop is polled first and each time, so that a watch with many events ends too.
        if this.is_over || this.closed.as_mut().poll(context).is_ready() {
            this.is_over = true;
            return Poll::Ready(None);
        }
        if this.pace == Pace::Resting {
            std::task::ready!(this.pause.as_mut().poll(context));
            this.pace = Pace::Idle;
        }
        if let Poll::Ready(next) = Pin::new(&mut this.watch).poll_next(context) {
            this.pace = Pace::Sending;
            return Poll::Ready(next);
        }
        if this.pace == Pace::Sending {
            this.last = Instant::now();
            this.pace = Pace::Resting;
            this.watch.rest();
            this.pause.as_mut().reset(this.last + PAUSE);
            std::task::ready!(this.pause.as_mut().poll(context));
        }
        // The timer is set again only when it rings, because events may be many.
        while this.timer.as_mut().poll(context).is_ready() {
            let due = this.last + this.quiet;
            if due <= Instant::now() {
                this.last = Instant::now();
                this.timer.as_mut().reset(this.last + this.quiet);
                if let Some(bookmark) = this.watch.bookmark() {
                    return Poll::Ready(Some(Ok(bookmark)));
                }
            } else {
                this.timer.as_mut().reset(due);
            }
        }
        Poll::Pending
    }
}
