//! Which protocol a request speaks, gRPC or REST, and so which binding answers it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response};
use tower::{Service, ServiceExt};

use crate::shared::Shared;
use crate::{compression, grpc, rest};

/// The application: both bindings over one store.
#[derive(Clone)]
pub(crate) struct Protocols {
    shared: Arc<Shared>,
    services: grpc::Services,
    /// REST for clients that take compressed answers.
    compressing: Router,
}

impl Protocols {
    /// The application over this store.
    pub(crate) async fn new(shared: Arc<Shared>) -> Self {
        let compressing = compression::compress(Router::new().fallback(rest::handle).with_state(Arc::clone(&shared)));
        Self { services: grpc::Services::new(Arc::clone(&shared)).await, shared, compressing }
    }

    async fn answer(self, mut request: Request) -> Response<Body> {
        // By path and not by Content-Type, because gRPC-web has other types.
        if grpc::Services::have(request.uri().path()) {
            return self.services.answer(request).await;
        }
        // A gRPC client that calls an unknown service reads the status from trailers, and would not show an error
        // resource.
        if is_grpc(request.headers()) {
            return grpc::unknown_method();
        }
        if !compression::takes_gzip(request.headers()) {
            return rest::handle(State(self.shared), request).await;
        }
        // The layer reads odd lists in its own way, and would refuse some of them in a form that is not ours.
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        match self.compressing.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Service<Request> for Protocols {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let protocols = self.clone();
        Box::pin(async move { Ok(protocols.answer(request).await) })
    }
}

/// Whether a request is gRPC's, whose clients read errors from trailers.
fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/grpc"))
}
