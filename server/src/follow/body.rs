//! The body of a watch, in a form that a protocol gives it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http::HeaderMap;
use hyper::body::{Body, Frame};
use kindstore::{Error, WatchEvent};

use super::following::Following;
use super::pieces::Pieces;
use super::wakes::Sent;

/// How a protocol writes a watch.
pub(crate) trait Form {
    /// Writes an event.
    fn event(&mut self, event: &WatchEvent, pieces: &mut Pieces);

    /// Writes the end: of the watch by an error, or of the server. What can only follow the body is returned.
    fn end(&mut self, error: Option<Error>, pieces: &mut Pieces) -> Option<HeaderMap>;
}

/// The body of a watch, in pieces. Events are written as the client takes them.
pub(crate) struct EventBody<F> {
    events: Following,
    sent: Sent,
    form: F,
    pieces: Pieces,
    trailers: Option<HeaderMap>,
    has_ended: bool,
}

impl<F> EventBody<F> {
    /// A body of these events, which adds to the count what it passes on.
    pub(crate) fn new(events: Following, sent: Sent, form: F) -> Self {
        Self { events, sent, form, pieces: Pieces::default(), trailers: None, has_ended: false }
    }
}

impl<F: Form + Unpin> Body for EventBody<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        loop {
            // The next event is read only when nothing complete is left, so that no more than that is kept for a client.
            if let Some(piece) = this.pieces.next() {
                this.sent.add(piece.len());
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if this.has_ended {
                break;
            }
            match Pin::new(&mut this.events).poll_next(context) {
                Poll::Ready(Some(Ok(event))) => this.form.event(&event, &mut this.pieces),
                Poll::Ready(end) => {
                    this.has_ended = true;
                    this.trailers = this.form.end(end.and_then(Result::err), &mut this.pieces);
                }
                Poll::Pending => {
                    let Some(piece) = this.pieces.rest() else { return Poll::Pending };
                    this.sent.add(piece.len());
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
            }
        }
        let last = this.pieces.rest().map(Frame::data);
        Poll::Ready(last.or_else(|| this.trailers.take().map(Frame::trailers)).map(Ok))
    }
}
