//! The body of an answer that is watched: it comes in small parts, and each that is asked for proves that the one before
//! was taken.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::{WATCH, Watch};

/// The most that is handed out at once.
// What was handed to hyper cannot be taken back, so a part is all that a stalled client keeps in memory.
const MAX_PART: usize = 64 << 10;

/// The same answer, watched if it is the answer of an HTTP/2 stream.
pub(crate) fn answer(response: Response<Body>) -> Response<Body> {
    let Ok(watch) = WATCH.try_with(Arc::clone) else { return response };
    response.map(|body| Body::new(Watched { body, rest: Bytes::new(), watch }))
}

struct Watched {
    body: Body,
    /// The frame that came from the body and was not taken yet.
    rest: Bytes,
    watch: Arc<Watch>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.watch.come_back();
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    // Trailers are small and end the stream: there is nothing to wait for behind them.
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        self.watch.hand_out();
        let length = self.rest.len().min(MAX_PART);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.come_back();
    }
}
