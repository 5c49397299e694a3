//! A message that comes in: within a while, no larger than its method needs, and within the budget, before anything is made
//! of it.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};
use tonic::Status;

use super::head::{HEAD, Head};
use super::{inflate, limit, refusal};
use crate::budget::Growth;

/// How long the message of a call may take to arrive.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Returns a call whose one message may be read: a compressed one is inflated.
///
/// # Errors
/// The message is too large, too late or broken, or the budget is used up.
pub(super) async fn admit(request: Request, most: usize) -> Result<Request, Status> {
    admit_until(request, most, Instant::now() + MAX_WAIT).await
}

async fn admit_until(request: Request, most: usize, until: Instant) -> Result<Request, Status> {
    let (parts, mut body) = request.into_parts();
    let arriving = collect(&mut body, most);
    let (head, frames) = timeout_at(until, arriving).await.map_err(|_| late())??;
    if !head.is_compressed || !inflate::is_gzip(&parts.headers) {
        return Ok(Request::from_parts(parts, replayed(frames)));
    }
    let compressed = Bytes::from(frames.concat()).split_off(HEAD);
    drop(frames);
    let plain = inflate::message(compressed, most).await?;
    Ok(Request::from_parts(parts, replayed(plain)))
}

/// Reads the one message of a body, as it came.
async fn collect(body: &mut Body, most: usize) -> Result<(Head, Vec<Bytes>), Status> {
    let (mut begin, mut frames, mut length) = (BytesMut::new(), Vec::new(), 0);
    let mut growth = Growth::begin(HEAD + most).await.map_err(refusal::of)?;
    let mut head = None;
    while let Some(frame) = body.frame().await {
        // The error has the reason where it has one.
        let Ok(data) = frame.map_err(|error| Status::from_error(Box::new(error)))?.into_data() else { continue };
        length += data.len();
        growth.cover(length).await.map_err(refusal::of)?;
        if head.is_none() {
            begin.extend_from_slice(&data[..data.len().min(HEAD - begin.len())]);
            head = Head::read(&begin);
        }
        match head {
            Some(head) if head.length > most => return Err(refusal::of(limit::exceeded(most))),
            // A service for one message would read all others too, and drop them.
            Some(head) if length > HEAD + head.length => {
                return Err(Status::invalid_argument("the call has more than one message"));
            }
            _ => frames.push(data),
        }
    }
    // What is less than a message is for the service to refuse.
    let head = head.filter(|head| length == HEAD + head.length).unwrap_or(Head { is_compressed: false, length: 0 });
    Ok((head, frames))
}

/// A body of parts that are there. Each is given away, so that the message is not in memory twice.
fn replayed(frames: Vec<Bytes>) -> Body {
    Body::from_stream(tokio_stream::iter(frames.into_iter().map(Ok::<_, Status>)))
}

fn late() -> Status {
    Status::deadline_exceeded(format!("the message did not arrive within {} seconds", MAX_WAIT.as_secs()))
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt;

    use super::*;

    fn message(text: &str) -> Bytes {
        [&Head::of_plain(text.len())[..], text.as_bytes()].concat().into()
    }

    async fn read(body: Body, most: usize) -> Result<Bytes, Status> {
        let until = Instant::now() + Duration::from_millis(20);
        let body = admit_until(Request::new(body), most, until).await?.into_body();
        body.collect().await.map(|all| all.to_bytes()).map_err(|error| Status::from_error(Box::new(error)))
    }

    fn parts(parts: Vec<Bytes>) -> Body {
        Body::from_stream(tokio_stream::iter(parts.into_iter().map(Ok::<_, axum::Error>)))
    }

    #[tokio::test]
    async fn a_message_comes_through_as_it_is_in_whatever_parts() {
        let whole = message("hello");
        assert_eq!(read(Body::from(whole.clone()), 5).await.expect("it fits"), whole);
        for length in 1..4 {
            let bytes = whole.chunks(length).map(Bytes::copy_from_slice).collect();
            assert_eq!(read(parts(bytes), 5).await.expect("it fits"), whole);
        }
        assert_eq!(read(Body::empty(), 5).await.expect("the service refuses it"), "");
        assert_eq!(read(Body::from("abc"), 5).await.expect("the service refuses it"), "abc");
    }

    #[tokio::test]
    async fn what_is_too_large_and_what_follows_is_refused() {
        let refused = read(Body::from(message("hello")), 4).await.expect_err("too large");
        assert!(refused.message().contains("larger than the limit of 4 bytes"), "{refused}");
        for bodies in [vec![message("a"), message("b")], vec![[message("a"), message("b")].concat().into()]] {
            let refused = read(parts(bodies), 5).await.expect_err("two");
            assert!(refused.message().contains("more than one message"), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_body_that_stays_away_ends_in_an_error() {
        for begin in ["", "\0\0", "\0\0\0\0\u{9}half"] {
            let half = tokio_stream::once(Ok::<_, axum::Error>(begin)).chain(tokio_stream::pending());
            let refused = read(Body::from_stream(half), 100).await.expect_err("it stays away");
            assert!(refused.message().contains("did not arrive within 30 seconds"), "{refused}");
        }
    }
}
