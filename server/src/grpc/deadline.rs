//! Deadlines of clients: after that time the client waits no longer, and the server stops working on the answer.

use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response};
use tonic::Status;

use super::call;

/// Keeps the deadline of a request.
pub(super) async fn honour(request: Request, next: Next) -> Response<Body> {
    let media = request.headers().get(CONTENT_TYPE).cloned();
    within(timeout(request.headers()), media.as_ref(), next.run(request)).await
}

/// Answers `DEADLINE_EXCEEDED` when the client's deadline passes before the answer begins.
// A write that was submitted by then may still happen, so the message must not say that nothing did.
pub(super) async fn within(
    limit: Option<Duration>,
    media: Option<&HeaderValue>,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Body> {
    let Some(limit) = limit else { return answer.await };
    // Dropping the answer drops its wait only: a write that was submitted goes on, as `shared` describes.
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) => {
            let message = "the deadline has passed; a write may have happened, read the resource before trying again";
            call::respond(Status::deadline_exceeded(message), media)
        }
    }
}

/// The header `grpc-timeout`: up to eight digits and a unit.
pub(super) fn timeout(headers: &HeaderMap) -> Option<Duration> {
    // The gRPC protocol over HTTP/2: a timeout is at most eight digits and a unit.
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let amount: u64 = digits.parse().ok().filter(|_| is_number)?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        for (text, expected) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("30S", Some(Duration::from_secs(30))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("100m", Some(Duration::from_millis(100))),
            ("100000000m", None),
            ("m", None),
            ("", None),
            ("5x", None),
            ("-5m", None),
        ] {
            let headers =
                HeaderMap::from_iter([("grpc-timeout".parse().expect("a name"), text.parse().expect("a value"))]);
            assert_eq!(timeout(&headers), expected, "{text:?}");
        }
    }
}
