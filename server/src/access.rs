//! What stands before every request, whichever binding it goes to: its id and its line in the log, the check of the
//! Host header, and the catch for what must never happen.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{self, Next};
use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Extensions, HeaderMap, Method, Response, Uri};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::fault::Fault;
use crate::{rest, stall};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Marks an answer that must not be compressed, since its length would tell about what is in it.
#[derive(Clone, Copy)]
pub(crate) struct Uncompressed;

/// Compresses what the REST API answers, for clients that ask for it.
pub(crate) fn compress(router: Router) -> Router {
    let is_free = |_, _, _: &HeaderMap, marks: &Extensions| marks.get::<Uncompressed>().is_none();
    let predicate = SizeAbove::new(1024).and(is_free);
    router.layer(CompressionLayer::new().gzip(true).compress_when(predicate))
}

/// Lets pages of these origins call the API (the Fetch standard's CORS protocol).
fn cross_origin(origins: &[HeaderValue]) -> CorsLayer {
    let exposed = [
        "etag",
        "warning",
        "location",
        "allow",
        "x-request-id",
        "kindstore-dry-run",
        "grpc-status",
        "grpc-message",
        "grpc-status-details-bin",
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(Duration::from_secs(3600))
}

/// Puts the layers around the application. The outermost comes last.
pub(crate) fn layers(app: Router, is_loopback_only: bool, origins: &[HeaderValue]) -> Router {
    let app = if origins.is_empty() { app } else { app.layer(cross_origin(origins)) };
    let app = app.layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
        tracing::error!("a handler panicked");
        rest::plain_failure(&Fault::new("Internal", "the server failed inside; the log says why"))
    }));
    let app = if is_loopback_only { app.layer(middleware::from_fn(check_host)) } else { app };
    app.layer(middleware::from_fn(log))
}

/// Refuses hosts that are not this machine: a page from elsewhere whose name was made to point here cannot read.
async fn check_host(request: Request, next: Next) -> Response<Body> {
    if is_local(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    let message = "without access control only requests to localhost are answered; the Host header names another host";
    rest::plain_failure(&Fault::new("Forbidden", message))
}

fn is_local(headers: &HeaderMap, uri: &Uri) -> bool {
    let header = headers.get(HOST).map(|host| host.to_str().unwrap_or_default());
    let Some(authority) = header.or(uri.authority().map(|authority| authority.as_str())) else {
        // Only HTTP/1.0 has no Host, and no browser speaks it.
        return true;
    };
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

/// One line for each request, under the id that the client gave or that it gets.
async fn log(request: Request, next: Next) -> Response<Body> {
    let begun = Instant::now();
    let id = request_id(request.headers());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    async move {
        let mut response = next.run(request).await;
        let (status, micros) = (response.status().as_u16(), begun.elapsed().as_micros());
        tracing::info!(%method, path, status, micros, "answered");
        response.headers_mut().insert(REQUEST_ID, id);
        stall::answer(response)
    }
    .instrument(span)
    .await
}

fn request_id(headers: &HeaderMap) -> HeaderValue {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let is_sane = |id: &&HeaderValue| {
        !id.is_empty() && id.len() <= 64 && id.as_bytes().iter().all(|byte| byte.is_ascii_graphic())
    };
    headers.get(REQUEST_ID).filter(is_sane).cloned().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        HeaderValue::from_str(&format!("{:x}-{number:x}", std::process::id())).unwrap_or(HeaderValue::from_static("-"))
    })
}

/// Whether a request is gRPC's, whose clients read errors from trailers.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/grpc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_this_machine_are_local() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:8080", true),
            ("127.9.9.9", true),
            ("[::1]:8080", true),
            ("app.localhost:1", true),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("192.168.0.1:8080", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().expect("a header"));
            assert_eq!(is_local(&headers, &Uri::default()), expected, "{host:?}");
        }
    }
}
