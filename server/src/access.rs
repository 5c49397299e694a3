//! The steps before every request of both bindings: its id and its line in the log, the checks of its host and of the page
//! that sends it, and the catch for panics.

mod host;
mod origin;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt;
use http::header::{CONNECTION, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, Version};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::fault::Fault;
use crate::probe::Probe;
use crate::protocol::Asker;
use crate::{stall, unread};

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
    /// The origins whose pages may change something.
    origins: Arc<[HeaderValue]>,
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
        Self { inside, is_loopback_only, origins: origins.into() }
    }

    /// Answers a request under its id, catches a panic, and writes a line into the log.
    // The line of a success is below the usual level, because writing it takes longer than a read.
    pub(crate) async fn admit(self, request: Request) -> Response<Body> {
        let begun = Instant::now();
        let id = request_id(request.headers());
        let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
        let asker = Asker::of(&request);
        async move {
            // A panic must not end the connection, which has other requests. A damaged store reports itself by
            // panicking in sled.
            let passed = AssertUnwindSafe(self.pass(request, &asker)).catch_unwind().await;
            let mut response = passed.unwrap_or_else(|_| asker.refuse(&panicked()));
            let (status, micros) = (response.status().as_u16(), begun.elapsed().as_micros());
            let (method, path) = (&asker.method, asker.uri.path());
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

    async fn pass(self, request: Request, asker: &Asker) -> Response<Body> {
        let Err(fault) = self.check(&request) else {
            return self.inside.oneshot(request).await.unwrap_or_else(|never| match never {});
        };
        // Two readers may disagree where a malformed request ends, so nothing behind it is read.
        refuse_and_close(request, asker, &fault).await
    }

    /// Checks what a request is for and where it is from.
    fn check(&self, request: &Request) -> Result<(), Fault> {
        let authority = host::authority(request)?;
        host::check_coding(request.headers())?;
        // DNS rebinding: a page from elsewhere can make its own name point to this machine, and its browser then sees
        // one origin. The name of the host is still that one. Only HTTP/1.0 has none, and no browser speaks it.
        let is_nameless = authority.is_none() && request.version() < Version::HTTP_11;
        let is_local = is_nameless || authority.as_ref().is_some_and(host::is_local);
        if self.is_loopback_only && !is_local {
            return Err(foreign_host());
        }
        origin::check(request.method(), request.headers(), authority.as_ref(), &self.origins)
    }
}

/// Whether a path is one that asks for the health of the server.
pub(crate) fn is_probe(path: &str) -> bool {
    path == "/api/v1/status" || Probe::of(path).is_some() || path.starts_with("/grpc.health.v1.Health/")
}

/// Answers a request for which the server has too many connections.
pub(crate) async fn turn_away(request: Request) -> Response<Body> {
    let message = "the server has too many connections; close those that are idle, or try again in a second";
    let fault = Fault::exhausted(message, Duration::from_secs(1));
    let asker = Asker::of(&request);
    refuse_and_close(request, &asker, &fault).await
}

/// Refuses a request, and over HTTP/1 closes its connection.
async fn refuse_and_close(request: Request, asker: &Asker, fault: &Fault) -> Response<Body> {
    let mut response = asker.refuse(fault);
    // Over HTTP/2 a client sees the answer also while it sends.
    if request.version() < Version::HTTP_2 {
        unread::drain(request).await;
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn panicked() -> Fault {
    tracing::error!("a handler panicked");
    Fault::new("Internal", "internal error; the log of the server has the cause")
}

/// Refuses hosts that are not this machine: a page from elsewhere whose name was made to point here cannot read.
fn foreign_host() -> Fault {
    let message = "without access control only requests to localhost are answered; the Host header names another host";
    Fault::new("Forbidden", message)
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
