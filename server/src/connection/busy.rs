//! Whether a connection has requests, and since when it has none.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

/// How long it takes at most until a changed limit counts.
const CHECK: Duration = Duration::from_secs(15);

/// The requests of a connection.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    running: usize,
    /// When the last request ended.
    last: Instant,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { running: 0, last: Instant::now() })))
    }

    /// Counts a request until what is returned is dropped.
    pub(super) fn begin(&self) -> Busy {
        self.state().running += 1;
        Busy(self.clone())
    }

    /// Waits until there was no request for as long as the limit is then.
    pub(super) async fn idle(&self, limit: impl Fn() -> Duration) {
        loop {
            let now = Instant::now();
            let wait = match *self.state() {
                State { running: 0, last } => (last + limit()).saturating_duration_since(now),
                // It begins to be idle when the request ends, and that is later than now.
                State { .. } => limit(),
            };
            if wait.is_zero() {
                return;
            }
            sleep_until(now + wait.min(CHECK)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request, until its answer is sent.
#[derive(Debug)]
pub(super) struct Busy(Activity);

impl Busy {
    /// Counts the request until its answer is sent or given up.
    pub(super) fn until_sent(self, response: Response<Body>) -> Response<Body> {
        response.map(|body| if body.is_end_stream() { body } else { Body::new(Sent { body, _busy: self }) })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running -= 1;
        state.last = Instant::now();
    }
}

struct Sent {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(40);

    #[tokio::test]
    async fn a_connection_is_idle_when_its_last_answer_was_sent_long_ago() {
        let (activity, begun) = (Activity::new(), Instant::now());
        activity.idle(|| LIMIT).await;
        assert!(begun.elapsed() >= LIMIT, "without a request");
        let (first, second) = (activity.begin(), activity.begin());
        drop(first);
        let response = second.until_sent(Response::new(Body::from("text")));
        let idle = activity.idle(|| LIMIT);
        assert!(tokio::time::timeout(LIMIT * 3, idle).await.is_err(), "an answer is on its way");
        response.into_body().collect().await.expect("it is there");
        let ended = Instant::now();
        activity.idle(|| LIMIT).await;
        assert!(ended.elapsed() >= LIMIT - Duration::from_millis(1), "from its end on");
    }
}
