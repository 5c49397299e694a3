//! What stands before the store: probes are answered at any time, everything else once the store is open.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use http::header::{HeaderValue, RETRY_AFTER};
use http::{Response, Version};
use kindstore::Store;
use tower::Service;

use crate::fault::Fault;
use crate::probe::{self, Probe};
use crate::protocol::{Asker, Protocols};
use crate::shared::Shared;
use crate::{grpc, unread};

/// The application, which has its store sooner or later.
#[derive(Clone)]
pub(crate) struct Gate {
    inside: Arc<OnceLock<Inside>>,
    health: grpc::Health,
    /// The health service alone, as long as there is no store.
    waiting: grpc::Waiting,
}

/// What there is once the store is open.
struct Inside {
    protocols: Protocols,
    store: Arc<Store>,
    _following: grpc::Following,
}

impl Gate {
    /// The application without its store.
    pub(crate) async fn closed() -> Self {
        let health = grpc::Health::begin().await;
        Self { inside: Arc::default(), waiting: grpc::Waiting::new(&health), health }
    }

    /// Lets requests through, once.
    pub(crate) async fn open(&self, shared: Arc<Shared>) {
        let (store, following) = self.health.follow(shared.store.clone(), Arc::clone(&shared.closing)).await;
        let protocols = Protocols::new(shared, &self.health);
        // A second store would be a mistake in this crate, and the first one goes on.
        let _ = self.inside.set(Inside { protocols, store, _following: following });
    }

    async fn answer(self, request: Request) -> Response<Body> {
        let inside = self.inside.get();
        if let Some(asked) = Probe::of(request.uri().path()) {
            let answered = probe::answer(&request, asked, inside.map(|inside| &*inside.store));
            return answered.unwrap_or_else(|fault| Asker::of(&request).refuse(&fault));
        }
        match inside {
            Some(inside) => inside.protocols.clone().answer(request).await,
            None if grpc::Waiting::has(request.uri().path()) => match self.waiting.check(&request) {
                Ok(()) => self.waiting.answer(request).await,
                Err(fault) => Asker::of(&request).refuse(&fault),
            },
            None => not_yet(request).await,
        }
    }
}

/// The response to a request that comes too early.
async fn not_yet(request: Request) -> Response<Body> {
    let fault = Fault::new("Unavailable", "the store is being opened; try again");
    let mut response = Asker::of(&request).refuse(&fault);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    // A client that is still sending sees the answer only when its body is read; over HTTP/2 it sees it anyway.
    if request.version() < Version::HTTP_2 {
        unread::drain(request).await;
    }
    response
}

impl Service<Request> for Gate {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move { Ok(gate.answer(request).await) })
    }
}
