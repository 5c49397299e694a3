//! Where the gRPC services are: each by its path, so that all other paths stay REST's.

use std::sync::Arc;

use axum::Router;
use kindstore_proto::FILE_DESCRIPTOR_SET;
use kindstore_proto::v1::resource_service_server::{ResourceServiceServer, SERVICE_NAME};
use tonic::codec::CompressionEncoding::Gzip;
use tonic_health::ServingStatus;
use tonic_reflection::server::Builder;
use tonic_web::GrpcWebLayer;
use tower::Layer;

use super::{Service, arrival, deadline};
use crate::serve::Shared;

/// The largest message that comes in. Documents are bounded by 1 MiB, and one that is larger is told so by its reason,
/// which the transport could not do.
const MAX_MESSAGE: usize = 8 << 20;

/// Mounts the resource service, health and reflection, for gRPC and for gRPC-web.
pub(crate) async fn mount(shared: Arc<Shared>) -> Router<Arc<Shared>> {
    let resources = ResourceServiceServer::new(Service { shared })
        .max_decoding_message_size(MAX_MESSAGE)
        .accept_compressed(Gzip)
        .send_compressed(Gzip);
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status(SERVICE_NAME, ServingStatus::Serving).await;
    let web = GrpcWebLayer::new();
    let mut router = Router::new()
        .route_service(&format!("/{SERVICE_NAME}/{{*method}}"), web.layer(resources))
        .route_layer(axum::middleware::map_request(async |request| arrival::bound(request)))
        .route_service("/grpc.health.v1.Health/{*method}", web.layer(health));
    // Older tools ask for the alpha version of reflection.
    let describe = || {
        Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    match (describe().build_v1(), describe().build_v1alpha()) {
        (Ok(v1), Ok(alpha)) => {
            router = router
                .route_service("/grpc.reflection.v1.ServerReflection/{*method}", web.layer(v1))
                .route_service("/grpc.reflection.v1alpha.ServerReflection/{*method}", web.layer(alpha));
        }
        (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "reflection is not served"),
    }
    router.layer(axum::middleware::from_fn(deadline::honour))
}
