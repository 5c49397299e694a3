//! gRPC by path: one small client for all services, which takes an answer as bytes and so costs the same for each.

use bytes::Bytes;
use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

/// A message of one field, whatever that holds. The answers of all services here have what counts in their first field.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Blob {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) data: Bytes,
}

/// Connections to a server.
pub(crate) async fn connect(address: &str, connections: usize) -> Vec<Channel> {
    let mut channels = Vec::new();
    for _ in 0..connections {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        channels.push(endpoint.connect().await.expect("the server is there"));
    }
    channels
}

/// One call with one answer.
pub(crate) async fn unary<R>(channel: Channel, path: &'static str, request: R) -> Result<Blob, Status>
where
    R: Message + Default + Send + Sync + 'static,
{
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<R, Blob>::default();
    client.unary(Request::new(request), PathAndQuery::from_static(path), codec).await.map(|answer| answer.into_inner())
}

/// One call with a stream of answers.
pub(crate) async fn stream<R>(channel: Channel, path: &'static str, request: R) -> Result<Streaming<Blob>, Status>
where
    R: Message + Default + Send + Sync + 'static,
{
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<R, Blob>::default();
    let answer = client.server_streaming(Request::new(request), PathAndQuery::from_static(path), codec).await?;
    Ok(answer.into_inner())
}
