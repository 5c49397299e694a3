//! The steps before every request of both bindings: its id and its line in the log, the check of the Host header, and the
//! catch for panics.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt;
use http::header::{HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, Uri};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::fault::Fault;
use crate::{rest, stall};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets pages of these origins call the API (the Fetch standard's CORS protocol).
fn cross_origin(origins: &[HeaderValue]) -> CorsLayer {
    // Browsers hide all other headers from scripts (the Fetch standard, CORS-safelisted response-header names).
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

/// The application with the steps before it.
// One service and no stack of layers: each layer of a router costs every request a box and a copy of the router.
#[derive(Clone)]
pub(crate) struct Admission {
    inside: Inside,
    is_loopback_only: bool,
}

type Inside = BoxCloneSyncService<Request, Response<Body>, Infallible>;

impl Admission {
    /// Admits requests to an application; pages of these origins may call it.
    pub(crate) fn new<S>(inside: S, is_loopback_only: bool, origins: &[HeaderValue]) -> Self
    where
        S: Service<Request, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let inside = match origins {
            [] => BoxCloneSyncService::new(inside),
            _ => BoxCloneSyncService::new(cross_origin(origins).layer(inside)),
        };
        Self { inside, is_loopback_only }
    }

    /// Answers a request under its id, catches a panic, and writes a line into the log.
    // The line of a success is below the usual level, because writing it takes longer than a read.
    pub(crate) async fn admit(self, request: Request) -> Response<Body> {
        let begun = Instant::now();
        let id = request_id(request.headers());
        let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
        let (method, path) = (request.method().clone(), request.uri().clone());
        async move {
            // A panic must not end the connection, which has other requests. A damaged store reports itself by
            // panicking in sled.
            let mut response = AssertUnwindSafe(self.pass(request)).catch_unwind().await.unwrap_or_else(|_| panicked());
            let (status, micros, path) = (response.status().as_u16(), begun.elapsed().as_micros(), path.path());
            match status {
                ..400 => tracing::debug!(%method, path, status, micros, "answered"),
                400..500 => tracing::info!(%method, path, status, micros, "refused"),
                _ => tracing::warn!(%method, path, status, micros, "failed"),
            }
            response.headers_mut().insert(REQUEST_ID, id);
            stall::answer(response)
        }
        .instrument(span)
        .await
    }

    async fn pass(self, request: Request) -> Response<Body> {
        // DNS rebinding: a page from elsewhere can make its own name point to this machine, and its browser then sees
        // one origin. The Host header still has that name.
        if self.is_loopback_only && !is_local(request.headers(), request.uri()) {
            return foreign_host();
        }
        match self.inside.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

fn panicked() -> Response<Body> {
    tracing::error!("a handler panicked");
    rest::plain_failure(&Fault::new("Internal", "internal error; the log of the server has the cause"))
}

/// Refuses hosts that are not this machine: a page from elsewhere whose name was made to point here cannot read.
fn foreign_host() -> Response<Body> {
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

/// The id that the client gave, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    static PROCESS: LazyLock<u32> = LazyLock::new(std::process::id);
    // The id goes into the log and back into a header, so one of a client counts only if it can break neither.
    let is_sane = |id: &&HeaderValue| {
        !id.is_empty() && id.len() <= 64 && id.as_bytes().iter().all(|byte| byte.is_ascii_graphic())
    };
    headers.get(REQUEST_ID).filter(is_sane).cloned().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        HeaderValue::from_str(&format!("{:x}-{number:x}", *PROCESS)).unwrap_or(HeaderValue::from_static("-"))
    })
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
