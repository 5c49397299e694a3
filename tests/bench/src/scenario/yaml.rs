//! A list of 12,000 resources as YAML over REST: throughput, growth, and how much work goes on when its client has gone.

use std::time::Duration;

use super::lists::LIST;
use crate::http1::Connection;
use crate::metrics::{Metrics, Sizes};
use crate::{fill, process, server};

const COUNT: usize = 12_000;
const TIMES: usize = 7;
const YAML: &str = "application/yaml";

pub(super) fn run(_: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    fill::folder(folder.path(), 0..COUNT);
    let server = server::kindstore(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let mut connection = Connection::open(&server.address).await;
        // What the cache of the store takes is there after lists as JSON.
        for _ in 0..3 {
            connection.get(LIST).await;
        }
        process::forget_peak(server.id());
        let before = process::memory(server.id());
        let (mut rates, mut bytes) = (Vec::new(), 0);
        for _ in 0..TIMES {
            let arrival = connection.get_as(LIST, YAML).await;
            bytes = arrival.length;
            rates.push(arrival.length as f64 / 1e6 / arrival.whole.as_secs_f64());
        }
        rates.sort_by(f64::total_cmp);
        metrics.set("yaml.mb", bytes as f64 / 1e6);
        metrics.set("yaml.mb-per-s", rates[TIMES / 2]);
        metrics.set("yaml.growth-mb", process::peak_memory(server.id()) - before);
        metrics.set("yaml.after-ms", after(&server).await);
    });
    metrics
}

/// The processor time that the server takes from 50 ms after its clients have gone.
async fn after(server: &server::Process) -> f64 {
    for _ in 0..8 {
        let mut connection = Connection::open(&server.address).await;
        connection.ask(LIST, YAML).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = process::cpu(server.id());
    tokio::time::sleep(Duration::from_millis(500)).await;
    (process::cpu(server.id()) - before).as_secs_f64() * 1e3
}
