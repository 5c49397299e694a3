//! gRPC at 64 in flight: creates and gets, beside etcd and a bare tonic service, with one client for all.

use std::sync::Arc;

use bytes::Bytes;
use kindstore_proto::v1;
use tokio_stream::StreamExt;
use tonic::transport::Channel;

use crate::document::{self, KIND, NAMESPACE, Texts};
use crate::load::{self, Load};
use crate::metrics::{Metrics, Sizes};
use crate::{bare, etcd, process, server, wire};

const FLIGHT: usize = 64;
const CONNECTIONS: usize = 4;
pub(super) const CREATE: &str = "/kindstore.v1.ResourceService/Create";
pub(super) const GET: &str = "/kindstore.v1.ResourceService/Get";

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let count = sizes.resources;
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let server = server::etcd(folder.path());
    let texts = Arc::new(Texts::new());
    let put = calls(&server, etcd::PUT, 0..count, {
        let texts = Arc::clone(&texts);
        move |number| etcd::PutRequest { key: name(number), value: texts.text(number).into() }
    });
    metrics.load("etcd.put", &put);
    let get = calls(&server, etcd::RANGE, 0..count, move |number| etcd::RangeRequest {
        key: name(number.wrapping_mul(7919) % count),
        serializable: true,
    });
    metrics.load("etcd.get", &get);
    let create = calls(&server, etcd::TXN, count..count + count / 2, {
        let texts = Arc::clone(&texts);
        move |number| etcd::create(name(number), texts.text(number).into())
    });
    metrics.load("etcd.create", &create);
    metrics.set("etcd.memory", process::memory(server.id()));
    drop(server);
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let server = server::kindstore(folder.path());
    let create = calls(&server, CREATE, 0..count, move |number| v1::CreateRequest {
        kind: KIND.to_owned(),
        namespace: NAMESPACE.to_owned(),
        document: Some(v1::Document { format: v1::DocumentFormat::Json.into(), text: texts.text(number).into() }),
        options: None,
    });
    metrics.load("grpc.create", &create);
    let ids = Arc::new(ids(&server));
    let bare_server = server::bare("tonic");
    let round = |_| {
        let request = {
            let ids = Arc::clone(&ids);
            move |number: usize| get_request(&ids[number.wrapping_mul(7919) % ids.len()])
        };
        let (ours, bare) = (request.clone(), request);
        (calls(&server, GET, 0..count, ours), calls(&bare_server, bare::GET, 0..count, bare))
    };
    metrics.median("grpc.get", "bare.grpc-get", (0..3).map(round).collect());
    metrics
}

fn get_request(id: &str) -> v1::GetRequest {
    v1::GetRequest { kind: KIND.to_owned(), namespace: NAMESPACE.to_owned(), key: id.to_owned(), ..Default::default() }
}

/// The ids of all resources.
fn ids(server: &server::Process) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let channel = wire::connect(&server.address, 1).await.remove(0);
        let mut client = v1::resource_service_client::ResourceServiceClient::new(channel);
        let request =
            v1::StreamListRequest { kind: KIND.to_owned(), namespace: NAMESPACE.to_owned(), ..Default::default() };
        let mut items = client.stream_list(request).await.expect("it is answered").into_inner();
        let mut ids = Vec::new();
        while let Some(item) = items.next().await {
            let resource = item.expect("the stream goes on").resource.unwrap_or_default();
            ids.push(resource.metadata.unwrap_or_default().id);
        }
        ids
    })
}

fn name(number: usize) -> Bytes {
    document::name(number).into()
}

/// Calls one method over and over.
pub(super) fn calls<R>(
    server: &server::Process,
    path: &'static str,
    numbers: std::ops::Range<usize>,
    request: impl Fn(usize) -> R + Send + Sync + 'static,
) -> Load
where
    R: prost::Message + Default + Send + Sync + 'static,
{
    let connecting = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let connecting = connecting.expect("a runtime starts");
    // The channels' own tasks stay on the runtime that made them.
    let channels: Vec<Channel> = connecting.block_on(wire::connect(&server.address, CONNECTIONS));
    load::run_async(FLIGHT, numbers, server.id(), move |task, number| {
        let call = wire::unary(channels[task % CONNECTIONS].clone(), path, request(number));
        async { drop(call.await.expect("it is answered")) }
    })
}
