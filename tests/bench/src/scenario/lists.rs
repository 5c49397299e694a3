//! A list of 10,000 resources over REST and over gRPC, warm, beside a bare tonic stream of the same bytes.

use std::time::Instant;

use kindstore_proto::v1;
use tokio_stream::StreamExt;

use crate::document::{KIND, NAMESPACE, Texts};
use crate::http1::Connection;
use crate::metrics::{Metrics, Sizes};
use crate::{bare, fill, process, server, wire};

/// The path of the list.
pub(super) const LIST: &str = "/api/v1/namespaces/default/deployments";

const COUNT: usize = 10_000;
const TIMES: usize = 9;
const STREAM: &str = "/kindstore.v1.ResourceService/StreamList";

pub(super) fn run(_: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    fill::folder(folder.path(), 0..COUNT);
    let server = server::kindstore(folder.path());
    let bare_server = server::bare("tonic");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    runtime.block_on(async {
        rest(&server, &mut metrics).await;
        let mut rounds = Vec::new();
        for _ in 0..TIMES {
            let request =
                v1::StreamListRequest { kind: KIND.to_owned(), namespace: NAMESPACE.to_owned(), ..Default::default() };
            let ours = stream(&server, STREAM, request).await;
            // The bare service answers as many messages as the namespace says.
            let request =
                v1::StreamListRequest { kind: KIND.to_owned(), namespace: COUNT.to_string(), ..Default::default() };
            rounds.push((ours, stream(&bare_server, bare::LIST, request).await));
        }
        rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        metrics.set("list.grpc-rate", rounds[TIMES / 2].0);
        metrics.set("bare.stream-rate", rounds[TIMES / 2].1);
    });
    metrics
}

/// Throughput and first byte, and what the server's memory grows by.
async fn rest(server: &server::Process, metrics: &mut Metrics) {
    let mut connection = Connection::open(&server.address).await;
    for _ in 0..3 {
        connection.get(LIST).await;
    }
    let before = process::memory(server.id());
    let (mut firsts, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let arrival = connection.get(LIST).await;
        assert!(arrival.length > COUNT * Texts::new().text(0).len(), "the list is whole");
        firsts.push(arrival.first.as_secs_f64() * 1e3);
        rates.push(arrival.length as f64 / 1e6 / arrival.whole.as_secs_f64());
    }
    for (name, mut values) in [("list.rest-first-ms", firsts), ("list.rest-mb-per-s", rates)] {
        values.sort_by(f64::total_cmp);
        metrics.set(name, values[TIMES / 2]);
    }
    metrics.set("list.rest-growth-mb", process::memory(server.id()) - before);
}

/// Messages per second of a stream.
async fn stream(server: &server::Process, path: &'static str, request: v1::StreamListRequest) -> f64 {
    let channel = wire::connect(&server.address, 1).await.remove(0);
    let begun = Instant::now();
    let mut answers = wire::stream(channel, path, request).await.expect("it is answered");
    let mut count = 0;
    while let Some(answer) = answers.next().await {
        answer.expect("the stream goes on");
        count += 1;
    }
    assert_eq!(count, COUNT, "the list is whole");
    count as f64 / begun.elapsed().as_secs_f64()
}
