//! The bare peers: a tonic service and an axum handler that answer the same bytes each time and do nothing else.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use kindstore_proto::v1::{GetRequest, StreamListRequest};
use kindstore_server::Server;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::server::{Grpc, NamedService, ServerStreamingService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::wire::Blob;

pub(crate) const GET: &str = "/bare.Service/Get";
pub(crate) const LIST: &str = "/bare.Service/List";

/// Serves one peer until the process is killed, and prints its address first.
pub(crate) async fn serve(name: &str, payload: Bytes) {
    match name {
        "tonic" => {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            let address = listener.local_addr().expect("it is bound");
            drop(listener);
            println!("{address}");
            let server = tonic::transport::Server::builder().add_service(Bare(payload));
            server.serve(address).await.expect("it serves");
        }
        _ => {
            let answer = move || ready(([(CONTENT_TYPE, "application/json")], payload.clone()));
            let server = Server::bind(([127, 0, 0, 1], 0)).await.expect("it binds");
            println!("{}", server.address());
            server.with_app(Router::new().route("/{*path}", get(answer))).run(std::future::pending()).await;
        }
    }
}

#[derive(Clone)]
struct Bare(Bytes);

impl NamedService for Bare {
    const NAME: &'static str = "bare.Service";
}

impl tower::Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let bare = self.clone();
        Box::pin(async move {
            Ok(match request.uri().path() {
                LIST => Grpc::new(ProstCodec::default()).server_streaming(bare, request).await,
                _ => Grpc::new(ProstCodec::default()).unary(bare, request).await,
            })
        })
    }
}

impl UnaryService<GetRequest> for Bare {
    type Response = Blob;
    type Future = Ready<Result<Response<Blob>, Status>>;

    fn call(&mut self, _: Request<GetRequest>) -> Self::Future {
        ready(Ok(Response::new(Blob { data: self.0.clone() })))
    }
}

impl ServerStreamingService<StreamListRequest> for Bare {
    type Response = Blob;
    type ResponseStream = ReceiverStream<Result<Blob, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    /// As many messages as the request's namespace says.
    fn call(&mut self, request: Request<StreamListRequest>) -> Self::Future {
        let count: usize = request.into_inner().namespace.parse().unwrap_or(0);
        let (sender, receiver) = tokio::sync::mpsc::channel(64);
        let data = self.0.clone();
        tokio::spawn(async move {
            for _ in 0..count {
                if sender.send(Ok(Blob { data: data.clone() })).await.is_err() {
                    return;
                }
            }
        });
        ready(Ok(Response::new(ReceiverStream::new(receiver))))
    }
}
