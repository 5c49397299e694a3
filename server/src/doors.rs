//! By which door a request goes in: gRPC or REST.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use http::Response;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use tower::{Service, ServiceExt};

use crate::shared::Shared;
use crate::{access, grpc, rest};

/// The application: both bindings over one store.
#[derive(Clone)]
pub(crate) struct Doors {
    shared: Arc<Shared>,
    services: grpc::Services,
    /// REST for clients that take compressed answers.
    compressing: Router,
}

impl Doors {
    /// The application over this store.
    pub(crate) async fn new(shared: Arc<Shared>) -> Self {
        let compressing = access::compress(Router::new().fallback(rest::handle).with_state(Arc::clone(&shared)));
        Self { services: grpc::Services::new(Arc::clone(&shared)).await, shared, compressing }
    }

    async fn open(self, mut request: Request) -> Response<Body> {
        if grpc::Services::have(request.uri().path()) {
            return self.services.answer(request).await;
        }
        if !access::takes_gzip(request.headers()) {
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

impl Service<Request> for Doors {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let doors = self.clone();
        Box::pin(async move { Ok(doors.open(request).await) })
    }
}
