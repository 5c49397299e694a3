//! A service behind its bounds: each call is admitted before the service sees it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Body as HttpBody;
use tonic::server::NamedService;
use tower::{BoxError, Service};

use super::{arrival, conversation, limit, refusal};
use crate::budget;

/// A service behind its bounds.
#[derive(Clone)]
pub(super) struct Metered<S> {
    service: S,
    has_conversations: bool,
}

impl<S> Metered<S> {
    /// A service of methods that take one message.
    pub(super) fn new(service: S) -> Self {
        Self { service, has_conversations: false }
    }

    /// A service of methods that take many messages.
    pub(super) fn with_conversations(service: S) -> Self {
        Self { service, has_conversations: true }
    }
}

impl<S, B> Service<Request<B>> for Metered<S>
where
    S: Service<Request<Body>, Response = Response<tonic::body::Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut service = self.service.clone();
        let has_conversations = self.has_conversations;
        Box::pin(async move {
            let request = request.map(Body::new);
            let most = limit::of(request.uri().path());
            let admitted = match has_conversations {
                true => budget::reserve(most)
                    .await
                    .map(|()| request.map(|body| conversation::bounded(body, most)))
                    .map_err(refusal::of),
                false => arrival::admit(request, most).await,
            };
            match admitted {
                Ok(request) => service.call(request).await,
                Err(status) => Ok(status.into_http()),
            }
        })
    }
}

impl<S: NamedService> NamedService for Metered<S> {
    const NAME: &'static str = S::NAME;
}
