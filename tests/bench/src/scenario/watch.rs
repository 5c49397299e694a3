//! Many watchers of one kind over gRPC while it is changed at a steady pace, beside etcd's watch.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kindstore_proto::{WatchResponse, v1};
use prost::Message;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tonic::Request;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

use crate::document::{self, KIND, NAMESPACE, Texts};
use crate::metrics::{Metrics, Sizes};
use crate::{etcd, process, server, wire};

const PATCH: &str = "/kindstore.v1.ResourceService/Patch";
const CREATE: &str = super::grpc::CREATE;

/// How many streams go over one connection; servers allow a few hundred.
const STREAMS: usize = 125;

/// How many resources are changed in turn.
const RESOURCES: usize = 100;

/// How many watchers there are, and how many changes a second.
const RUNS: [(&str, usize, usize); 3] = [("many", 100, 300), ("more", 1_000, 30), ("fast", 100, 1_000)];

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let seconds = if sizes.rounds > 1 { 10 } else { 3 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    for (name, watchers, rate) in RUNS {
        let folder = tempfile::tempdir().expect("there is space on the disk");
        let server = server::kindstore(folder.path());
        let ours = runtime.block_on(measure::<Kindstore>(&server, watchers, rate, seconds));
        told(&mut metrics, &format!("watch.{name}"), &ours);
        drop(server);
        if name == "fast" {
            continue;
        }
        let folder = tempfile::tempdir().expect("there is space on the disk");
        let server = server::etcd(folder.path());
        let peer = runtime.block_on(measure::<Etcd>(&server, watchers, rate, seconds));
        told(&mut metrics, &format!("etcd.watch-{name}"), &peer);
    }
    metrics
}

/// What a run came to.
struct Run {
    expected: usize,
    /// From when a change was acknowledged to when a watcher had it, in microseconds, sorted.
    delays: Vec<u64>,
    elapsed: Duration,
    cpu: Duration,
    memory: f64,
}

fn told(metrics: &mut Metrics, name: &str, run: &Run) {
    let count = run.delays.len();
    metrics.set(&format!("{name}.rate"), count as f64 / run.elapsed.as_secs_f64());
    metrics.set(&format!("{name}.lost"), run.expected as f64 - count as f64);
    metrics.set(&format!("{name}.cpu"), run.cpu.as_secs_f64() * 1e6 / count.max(1) as f64);
    metrics.set(&format!("{name}.per-cpu-second"), count as f64 / run.cpu.as_secs_f64().max(1e-9));
    let p99 = run.delays.get(count * 99 / 100).copied().unwrap_or(u64::MAX);
    metrics.set(&format!("{name}.p99-ms"), p99 as f64 / 1000.0);
    metrics.set(&format!("{name}.memory"), run.memory);
}

/// A service that can be watched.
trait Watched: 'static {
    /// Makes what is changed.
    fn prepare(channel: Channel) -> impl Future<Output = ()> + Send;
    /// Changes something and answers the revision.
    fn change(channel: Channel, number: usize) -> impl Future<Output = u64> + Send;
    /// Begins to watch, and then calls for each change with its revision until it has enough.
    fn watch(
        channel: Channel,
        ready: tokio::sync::oneshot::Sender<()>,
        count: usize,
    ) -> impl Future<Output = Vec<(u64, Instant)>> + Send;
}

async fn measure<W: Watched>(server: &server::Process, watchers: usize, rate: usize, seconds: usize) -> Run {
    let (channels, count) = (wire::connect(&server.address, watchers.div_ceil(STREAMS)).await, rate * seconds);
    let writer = wire::connect(&server.address, 1).await.remove(0);
    W::prepare(writer.clone()).await;
    let mut following: Vec<JoinHandle<Vec<(u64, Instant)>>> = Vec::new();
    let mut readies = Vec::new();
    for number in 0..watchers {
        let (sender, ready) = tokio::sync::oneshot::channel();
        let watching = W::watch(channels[number % channels.len()].clone(), sender, count);
        // A watcher that misses something must not keep the others.
        let patience = Duration::from_secs(seconds as u64 + 20);
        following.push(tokio::spawn(async move { tokio::time::timeout(patience, watching).await.unwrap_or_default() }));
        readies.push(ready);
    }
    for ready in readies {
        ready.await.expect("a watcher begins");
    }
    let (begun, cpu) = (Instant::now(), process::cpu(server.id()));
    let mut changes = Vec::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / rate as u32);
    for number in 0..count {
        tick.tick().await;
        let writer = writer.clone();
        changes.push(tokio::spawn(async move { (W::change(writer, number).await, Instant::now()) }));
    }
    let mut acknowledged = HashMap::new();
    for change in changes {
        let (revision, at) = change.await.expect("a change is done");
        acknowledged.insert(revision, at);
    }
    let mut delays = Vec::new();
    for watcher in following {
        for (revision, at) in watcher.await.expect("a watcher ends") {
            let Some(acknowledged) = acknowledged.get(&revision) else { continue };
            delays.push(at.saturating_duration_since(*acknowledged).as_micros() as u64);
        }
    }
    let (elapsed, cpu) = (begun.elapsed(), process::cpu(server.id()).saturating_sub(cpu));
    delays.sort_unstable();
    Run { expected: watchers * count, delays, elapsed, cpu, memory: process::memory(server.id()) }
}

/// Tells, once, that a watcher has begun.
fn begun(ready: &mut Option<tokio::sync::oneshot::Sender<()>>) {
    if let Some(ready) = ready.take() {
        ready.send(()).expect("somebody waits for it");
    }
}

struct Kindstore;

impl Watched for Kindstore {
    async fn prepare(channel: Channel) {
        let texts = Texts::new();
        for number in 0..RESOURCES {
            let text = texts.text(number).into();
            let document = Some(v1::Document { format: v1::DocumentFormat::Json.into(), text });
            let (kind, namespace) = (KIND.to_owned(), NAMESPACE.to_owned());
            let request = v1::CreateRequest { kind, namespace, document, options: None };
            wire::unary(channel.clone(), CREATE, request).await.expect("it is created");
        }
    }

    async fn change(channel: Channel, number: usize) -> u64 {
        let text = document::patch(number).to_string().into();
        let request = v1::PatchRequest {
            kind: KIND.to_owned(),
            namespace: NAMESPACE.to_owned(),
            key: document::name(number % RESOURCES),
            patch: Some(v1::Document { format: v1::DocumentFormat::Json.into(), text }),
            ..Default::default()
        };
        let mut client = Grpc::new(channel);
        client.ready().await.expect("the server is there");
        let codec = ProstCodec::<v1::PatchRequest, v1::PatchResponse>::default();
        let answer = client.unary(Request::new(request), PathAndQuery::from_static(PATCH), codec).await;
        answer.expect("it is patched").into_inner().revision
    }

    async fn watch(channel: Channel, ready: tokio::sync::oneshot::Sender<()>, count: usize) -> Vec<(u64, Instant)> {
        let mut client = v1::resource_service_client::ResourceServiceClient::new(channel);
        let (kind, namespace) = (KIND.to_owned(), NAMESPACE.to_owned());
        let request = v1::WatchRequest { kind, namespace, ..Default::default() };
        let mut stream = client.watch(request).await.expect("it is watched").into_inner();
        let (mut told, mut ready) = (Vec::with_capacity(count), Some(ready));
        while told.len() < count {
            let response: WatchResponse = stream.next().await.expect("it goes on").expect("it goes well");
            match response.change_type() {
                v1::ChangeType::Bookmark => begun(&mut ready),
                _ => told.push((response.revision, Instant::now())),
            }
        }
        told
    }
}

struct Etcd;

impl Watched for Etcd {
    async fn prepare(_: Channel) {}

    async fn change(channel: Channel, number: usize) -> u64 {
        static TEXTS: std::sync::LazyLock<Texts> = std::sync::LazyLock::new(Texts::new);
        let key = Bytes::from(document::name(number % RESOURCES));
        let request = etcd::PutRequest { key, value: TEXTS.text(number).into() };
        let answer = wire::unary(channel, etcd::PUT, request).await.expect("it is put");
        etcd::Header::decode(answer.data).expect("it has a header").revision as u64
    }

    async fn watch(channel: Channel, ready: tokio::sync::oneshot::Sender<()>, count: usize) -> Vec<(u64, Instant)> {
        let request = etcd::watch(Bytes::from_static(b"pipeline-"), Bytes::from_static(b"pipeline."));
        let requests = tokio_stream::once(request).chain(tokio_stream::pending());
        let mut client = Grpc::new(channel);
        client.ready().await.expect("the server is there");
        let codec = ProstCodec::<etcd::WatchRequest, etcd::WatchResponse>::default();
        let answer = client.streaming(Request::new(requests), PathAndQuery::from_static(etcd::WATCH), codec).await;
        let mut stream = answer.expect("it is watched").into_inner();
        let (mut told, mut ready) = (Vec::with_capacity(count), Some(ready));
        while told.len() < count {
            let response = stream.next().await.expect("it goes on").expect("it goes well");
            if response.created {
                begun(&mut ready);
            }
            let at = Instant::now();
            told.extend(response.events.iter().filter_map(|event| {
                let pair = event.pair.as_ref()?;
                Some((pair.modified as u64, at))
            }));
        }
        told
    }
}
