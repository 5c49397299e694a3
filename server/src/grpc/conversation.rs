//! A call with many messages, as reflection has: each of them small and there within a while, and not too long between two.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;

use super::head::{HEAD, Head};
use super::{limit, refusal};
use crate::budget::{self, Held};

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
struct Waits {
    /// For a message, from its first byte on.
    message: Duration,
    /// For the next message.
    silence: Duration,
}

const WAITS: Waits = Waits { message: Duration::from_secs(30), silence: Duration::from_secs(300) };

/// The body of a call whose messages have this limit.
pub(super) fn bounded(body: Body, most: usize) -> Body {
    Body::new(Bounded::new(body, most, WAITS))
}

struct Bounded {
    body: Body,
    most: usize,
    waits: Waits,
    place: Place,
    timer: Pin<Box<Sleep>>,
    /// The answer begins with the call, and what the call holds of the budget is held to its end.
    _held: Option<Arc<Held>>,
}

impl Bounded {
    fn new(body: Body, most: usize, waits: Waits) -> Self {
        let timer = Box::pin(sleep_until(Instant::now() + waits.silence));
        Self { body, most, waits, place: Place::default(), timer, _held: budget::hold() }
    }
}

/// Where in the messages the body is.
#[derive(Default)]
struct Place {
    head: [u8; HEAD],
    /// How many bytes of a head are there.
    have: usize,
    /// How many bytes of the message are to come.
    left: usize,
}

impl Place {
    /// Goes on by some bytes; `Err` at a message that is too large.
    fn pass(&mut self, mut data: &[u8], most: usize) -> Result<(), ()> {
        loop {
            let length = self.left.min(data.len());
            self.left -= length;
            data = &data[length..];
            if data.is_empty() {
                return Ok(());
            }
            let (begin, rest) = data.split_at((HEAD - self.have).min(data.len()));
            self.head[self.have..self.have + begin.len()].copy_from_slice(begin);
            (self.have, data) = (self.have + begin.len(), rest);
            if self.have == HEAD {
                self.have = 0;
                self.left = Head::read(&self.head).map_or(0, |head| head.length);
                if self.left > most {
                    return Err(());
                }
            }
        }
    }

    fn is_within_a_message(&self) -> bool {
        self.have > 0 || self.left > 0
    }
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) else {
            ready!(this.timer.as_mut().poll(context));
            let late = Status::deadline_exceeded("the next message did not arrive in time");
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        };
        let Some(Ok(frame)) = frame else { return Poll::Ready(frame) };
        let Some(data) = frame.data_ref() else { return Poll::Ready(Some(Ok(frame))) };
        let was_within = this.place.is_within_a_message();
        if this.place.pass(data, this.most).is_err() {
            let refused = refusal::of(limit::exceeded(this.most));
            return Poll::Ready(Some(Err(axum::Error::new(refused))));
        }
        // A client that sends one byte after the other must not move the end of its time.
        match (was_within, this.place.is_within_a_message()) {
            (true, true) => {}
            (_, true) => this.timer.as_mut().reset(Instant::now() + this.waits.message),
            (_, false) => this.timer.as_mut().reset(Instant::now() + this.waits.silence),
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio_stream::StreamExt;

    use super::*;

    #[tokio::test]
    async fn messages_of_any_number_come_through_in_any_parts() {
        let message = [&Head::of_plain(3)[..], b"abc"].concat();
        let all = [message.clone(), Head::of_plain(0).to_vec(), message.clone(), message].concat();
        for length in 1..all.len() {
            let parts: Vec<_> =
                all.chunks(length).map(|part| Ok::<_, axum::Error>(Bytes::copy_from_slice(part))).collect();
            let body = bounded(Body::from_stream(tokio_stream::iter(parts)), 3);
            assert_eq!(body.collect().await.expect("they fit").to_bytes(), all);
        }
        let body = bounded(Body::from(all), 2);
        assert!(format!("{:?}", body.collect().await.expect_err("too large")).contains("limit of 2 bytes"));
    }

    #[tokio::test]
    async fn half_a_message_and_silence_end() {
        let [short, long] = [Duration::from_millis(20), Duration::from_secs(60)];
        for begin in ["", "\0\0", "\0\0\0\0\u{9}half", "\0\0\0\0\0"] {
            let is_within = !begin.is_empty() && begin.len() != HEAD;
            let (message, silence) = if is_within { (short, long) } else { (long, short) };
            let half = tokio_stream::once(Ok::<_, axum::Error>(begin)).chain(tokio_stream::pending());
            let body = Body::new(Bounded::new(Body::from_stream(half), 100, Waits { message, silence }));
            body.collect().await.expect_err("it stays away");
        }
    }
}
