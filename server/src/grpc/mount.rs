//! Where the gRPC services are: each by its path, so that all other paths stay REST's.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use kindstore_proto::FILE_DESCRIPTOR_SET;
use kindstore_proto::v1::resource_service_server::ResourceServiceServer;
use tonic::codec::CompressionEncoding::Gzip;
use tonic_reflection::server::Builder;
use tonic_web::GrpcWebLayer;
use tower::util::MapResponse;
use tower::{Layer, Service as _, ServiceExt};

use super::health::Health;
use super::limit::{self, MAX_MESSAGE, RESOURCES};
use super::metered::Metered;
use super::{Service, arrival, call, deadline, watch};
use crate::fault::Fault;
use crate::shared::Shared;

/// The services, each under its path.
#[derive(Clone)]
pub(crate) struct Services {
    resources: ResourceServiceServer<Service>,
    /// Health, reflection, and everything as gRPC-web.
    all: Router,
    /// The paths of all methods.
    methods: Arc<HashSet<String>>,
}

const HEALTH: &str = "/grpc.health.v1.Health/";
const OTHERS: [&str; 3] =
    [HEALTH, "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

impl Services {
    /// The services over a store.
    pub(crate) fn new(shared: Arc<Shared>, health: &Health) -> Self {
        let resources = ResourceServiceServer::new(Service { shared })
            .max_decoding_message_size(MAX_MESSAGE)
            .accept_compressed(Gzip)
            .send_compressed(Gzip);
        Self { all: mount(resources.clone(), health), resources, methods: call::methods().into() }
    }

    /// Whether a path is that of a service.
    pub(crate) fn have(path: &str) -> bool {
        path.starts_with(RESOURCES) || OTHERS.iter().any(|service| path.starts_with(service))
    }

    /// Checks that a request is a call of a method that there is.
    ///
    /// # Errors
    /// What the path is, and how it is called.
    pub(crate) fn check<B>(&self, request: &Request<B>) -> Result<(), Fault> {
        call::check(request, &self.methods)
    }

    /// Answers a call.
    // Calls of resources in plain gRPC, which are nearly all, skip the router: it costs a box and a copy for every
    // call.
    pub(crate) async fn answer(mut self, request: Request<Body>) -> Response<Body> {
        if !request.uri().path().starts_with(RESOURCES) || request.headers().get(CONTENT_TYPE).is_some_and(call::is_web)
        {
            let response = self.all.oneshot(request).await.unwrap_or_else(|never| match never {});
            return call::reworded(response, MAX_MESSAGE);
        }
        let limit = deadline::timeout(request.headers());
        let answer = async move {
            let most = limit::of(request.uri().path());
            let request = match arrival::admit(request, most).await {
                Ok(request) => request,
                Err(status) => return call::respond(status, None),
            };
            let response = self.resources.call(request).await.unwrap_or_else(|never| match never {});
            call::reworded(watch::with_own_body(response).map(Body::new), MAX_MESSAGE)
        };
        deadline::within(limit, None, answer).await
    }
}

/// The health service alone, for the time before there is a store.
#[derive(Clone)]
pub(crate) struct Waiting {
    router: Router,
    methods: Arc<HashSet<String>>,
}

impl Waiting {
    pub(crate) fn new(health: &Health) -> Self {
        let router = healthy(Router::new(), health).layer(axum::middleware::from_fn(deadline::honour));
        Self { router, methods: call::methods().into() }
    }

    /// Whether a path is one of the health service.
    pub(crate) fn has(path: &str) -> bool {
        path.starts_with(HEALTH)
    }

    /// Checks a call as [`Services::check`] does.
    pub(crate) fn check<B>(&self, request: &Request<B>) -> Result<(), Fault> {
        call::check(request, &self.methods)
    }

    /// Answers a call.
    pub(crate) async fn answer(self, request: Request<Body>) -> Response<Body> {
        self.router.oneshot(request).await.unwrap_or_else(|never| match never {})
    }
}

fn healthy(router: Router, health: &Health) -> Router {
    router.route_service(&format!("{HEALTH}{{*method}}"), GrpcWebLayer::new().layer(Metered::new(health.service())))
}

fn mount(resources: ResourceServiceServer<Service>, health: &Health) -> Router {
    let web = GrpcWebLayer::new();
    let mut router = Router::new().route_service(
        &format!("{RESOURCES}{{*method}}"),
        web.layer(MapResponse::new(Metered::new(resources), watch::with_own_body)),
    );
    router = healthy(router, health);
    // Older tools ask for the alpha version of reflection.
    let describe = || {
        Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    match (describe().build_v1(), describe().build_v1alpha()) {
        (Ok(v1), Ok(alpha)) => {
            router = router
                .route_service(
                    "/grpc.reflection.v1.ServerReflection/{*method}",
                    web.layer(Metered::with_conversations(v1)),
                )
                .route_service(
                    "/grpc.reflection.v1alpha.ServerReflection/{*method}",
                    web.layer(Metered::with_conversations(alpha)),
                );
        }
        (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "reflection is not served"),
    }
    router.layer(axum::middleware::from_fn(deadline::honour))
}
