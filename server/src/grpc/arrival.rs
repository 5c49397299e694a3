//! Messages that come in: each call's must be there within a while, so that a client cannot keep half of one for ever.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;

/// How long the messages of a call may take to arrive.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Bounds how long the messages of a call may take to arrive.
// It fits services whose clients send all that they have at once; a bidirectional stream would be cut off.
pub(super) fn bound(request: Request) -> Request {
    request.map(|body| arriving(body, MAX_WAIT))
}

fn arriving(body: Body, wait: Duration) -> Body {
    Body::new(Arriving { body, wait, timer: None })
}

struct Arriving {
    body: Body,
    wait: Duration,
    /// Only a body that has to be waited for needs one.
    timer: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_ready() {
            return frame;
        }
        let wait = self.wait;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(wait)));
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        let message = format!("the message did not arrive within {} seconds", wait.as_secs());
        Poll::Ready(Some(Err(axum::Error::new(Status::deadline_exceeded(message)))))
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
    use tokio_stream::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_body_that_stays_away_ends_in_an_error_and_one_that_comes_does_not() {
        let whole = arriving(Body::from("whole"), Duration::ZERO);
        assert_eq!(whole.collect().await.expect("it is there").to_bytes(), "whole");
        let half = tokio_stream::once(Ok::<_, axum::Error>("half")).chain(tokio_stream::pending());
        let error =
            arriving(Body::from_stream(half), Duration::from_millis(20)).collect().await.expect_err("it is not");
        assert!(format!("{error:?}").contains("did not arrive within 0 seconds"), "{error:?}");
    }
}
