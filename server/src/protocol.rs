//! Which protocol a request speaks, gRPC or REST, and so which binding answers it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, Uri};
use tower::ServiceExt;

use crate::fault::Fault;
use crate::shared::Shared;
use crate::{compression, grpc, rest, unread};

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
    pub(crate) fn new(shared: Arc<Shared>, health: &grpc::Health) -> Self {
        let compressing = compression::compress(Router::new().fallback(rest::handle).with_state(Arc::clone(&shared)));
        Self { services: grpc::Services::new(Arc::clone(&shared), health), shared, compressing }
    }

    /// Answers a request by the binding of its protocol.
    pub(crate) async fn answer(self, mut request: Request) -> Response<Body> {
        // By path and not by Content-Type, because gRPC-web has other types.
        if grpc::Services::have(request.uri().path()) {
            return unread::answered(request, |request| self.call(request)).await;
        }
        // A gRPC client that calls an unknown service reads the status from trailers, and would not show an error
        // resource.
        if grpc::is_call(request.headers()) {
            let refuse = async |request| Asker::of(&request).refuse(&grpc::unknown_service());
            return unread::answered(request, refuse).await;
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

    /// Answers a request to the path of a service.
    async fn call(self, request: Request) -> Response<Body> {
        match self.services.check(&request) {
            Ok(()) => self.services.answer(request).await,
            Err(fault) => Asker::of(&request).refuse(&fault),
        }
    }
}

/// Who sent a request, as far as a refusal has to know it: the protocol, and the form in which errors are read there.
pub(crate) struct Asker {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    content_type: Option<HeaderValue>,
    accept: Vec<HeaderValue>,
}

impl Asker {
    pub(crate) fn of<B>(request: &http::Request<B>) -> Self {
        let headers = request.headers();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            content_type: headers.get(CONTENT_TYPE).cloned(),
            accept: headers.get_all(ACCEPT).iter().cloned().collect(),
        }
    }

    /// The response to a request that goes no further: a status for clients of gRPC, and an error resource for all others.
    pub(crate) fn refuse(&self, fault: &Fault) -> Response<Body> {
        match self.content_type.as_ref().filter(|value| grpc::is_media(value)) {
            Some(media) => grpc::refuse(fault, media),
            None => rest::refuse(fault, &self.method, self.uri.path(), &self.accept),
        }
    }
}
