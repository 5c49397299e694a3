//! What is left of a body that nobody reads: over HTTP/1 a client that is still sending sees its answer only when its body is
//! read.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::header::EXPECT;
use http::{HeaderMap, Response, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::oneshot;

/// How much more of a body that is too large is read and dropped.
pub(crate) const MAX_DRAIN: usize = 8 << 20;

/// How long an answer waits for the rest of a body that is not used.
const MAX_DRAIN_WAIT: Duration = Duration::from_secs(2);

/// Reads and drops the body of a request that goes no further.
pub(crate) async fn drain(request: Request) {
    let (parts, body) = request.into_parts();
    drain_body(&parts.headers, body).await;
}

/// Reads and drops a body for a short while, as far as that makes sense.
pub(crate) async fn drain_body(headers: &HeaderMap, mut body: Body) {
    if !waits(headers) {
        // A client that takes longer loses the answer.
        let _ = tokio::time::timeout(MAX_DRAIN_WAIT, discard(&mut body, MAX_DRAIN)).await;
    }
}

/// Whether a client sends its body only when it is asked for it: an answer is all that it wants until then (RFC 9110, section
/// 10.1.1).
pub(crate) fn waits(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads and drops a body, up to so many bytes.
pub(crate) async fn discard(body: &mut Body, most: usize) {
    let mut length = 0;
    while let Some(Ok(frame)) = body.frame().await {
        length += frame.data_ref().map_or(0, Bytes::len);
        if length > most {
            break;
        }
    }
}

/// Answers a request, and reads what its answer left of the body before the answer is sent. Over HTTP/2 a client sees the
/// answer also while it sends.
pub(crate) async fn answered<F>(request: Request, answer: impl FnOnce(Request) -> F) -> Response<Body>
where
    F: Future<Output = Response<Body>>,
{
    if request.version() >= Version::HTTP_2 || waits(request.headers()) {
        return answer(request).await;
    }
    let (back, mut unread) = oneshot::channel();
    let response = answer(request.map(|body| Body::new(Lent { body, back: Some(back) }))).await;
    if let Ok(body) = unread.try_recv() {
        drain_body(&HeaderMap::new(), body).await;
    }
    response
}

/// A body that goes back to its owner when its reader drops it before its end.
struct Lent {
    body: Body,
    /// There until the body ends.
    back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.back = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(back) = self.back.take().filter(|_| !self.body.is_end_stream()) {
            // Nobody takes it if the answer was given up.
            let _ = back.send(std::mem::take(&mut self.body));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio_stream::StreamExt;

    use super::*;

    /// A request of ten parts, and how many of them were read.
    fn request(version: Version) -> (Request, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&read);
        let parts = tokio_stream::iter(0..10).map(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok::<_, axum::Error>("part")
        });
        let mut request = Request::new(Body::from_stream(parts));
        *request.version_mut() = version;
        (request, read)
    }

    /// Reads so many parts, and answers.
    async fn read(request: Request, parts: usize) -> Response<Body> {
        let mut body = request.into_body();
        for _ in 0..parts {
            body.frame().await;
        }
        Response::default()
    }

    #[tokio::test]
    async fn what_an_answer_leaves_of_a_body_is_read_over_http_1() {
        for parts in [0, 3, 10, 11] {
            let (request, count) = request(Version::HTTP_11);
            answered(request, |request| read(request, parts)).await;
            assert_eq!(count.load(Ordering::Relaxed), 10, "{parts} parts");
        }
    }

    #[tokio::test]
    async fn nothing_is_read_over_http_2_or_before_a_client_is_asked_for_it() {
        let (request_of_2, count) = request(Version::HTTP_2);
        answered(request_of_2, |request| read(request, 3)).await;
        assert_eq!(count.load(Ordering::Relaxed), 3);
        let (mut waiting, count) = request(Version::HTTP_11);
        waiting.headers_mut().insert(EXPECT, "100-continue".parse().expect("a header"));
        answered(waiting, |request| read(request, 0)).await;
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }
}
