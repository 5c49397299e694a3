//! The figures that are to be reached, each a ratio to a peer of the same run where there is one.

use crate::metrics::Metrics;

/// One figure with its bound.
pub(crate) struct Check {
    pub(crate) title: &'static str,
    figure: Figure,
    bound: Bound,
}

/// Where a figure comes from.
enum Figure {
    One(&'static str),
    Ratio(&'static str, &'static str),
    Difference(&'static str, &'static str),
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

use Bound::{AtLeast, AtMost};
use Figure::{Difference, One, Ratio};

const fn check(title: &'static str, figure: Figure, bound: Bound) -> Check {
    Check { title, figure, bound }
}

/// All of them.
pub(crate) const CHECKS: [Check; 74] = [
    check("durable creates by 64 writers / raw sled", Ratio("embedded.group.rate", "raw.group.rate"), AtLeast(0.6)),
    check("durable creates by one writer / raw sled", Ratio("embedded.lone.rate", "raw.lone.rate"), AtLeast(0.85)),
    check("64 writers patch one resource, per second", One("embedded.hot-patch.rate"), AtLeast(10_000.0)),
    check("... p99, us", One("embedded.hot-patch.p99"), AtMost(20_000.0)),
    check("gets beside 64 writers, p99, us", One("embedded.get-beside.p99"), AtMost(2_000.0)),
    check("get by id, time / raw sled", Ratio("raw.get.rate", "embedded.get-by-id.rate"), AtMost(2.5)),
    check("get by name, time / raw sled", Ratio("raw.get.rate", "embedded.get-by-name.rate"), AtMost(4.0)),
    check("list of 1,000 / raw scan", Ratio("embedded.list.rate", "raw.scan.rate"), AtLeast(0.5)),
    check("gRPC creates / etcd puts", Ratio("grpc.create.rate", "etcd.put.rate"), AtLeast(1.0)),
    check("gRPC creates / etcd compare-and-puts", Ratio("grpc.create.rate", "etcd.create.rate"), AtLeast(2.0)),
    check("gRPC creates, p99 / etcd puts", Ratio("grpc.create.p99", "etcd.put.p99"), AtMost(1.0)),
    check("gRPC gets by id / bare tonic", Ratio("grpc.get.rate", "bare.grpc-get.rate"), AtLeast(0.8)),
    check("gRPC gets / etcd serializable gets", Ratio("grpc.get.rate", "etcd.get.rate"), AtLeast(2.5)),
    check("REST gets by name / bare axum, same layers", Ratio("rest.get.rate", "bare.rest-get.rate"), AtLeast(0.75)),
    check("list of 10,000 over REST, first byte, ms", One("list.rest-first-ms"), AtMost(5.0)),
    check("... MB/s", One("list.rest-mb-per-s"), AtLeast(500.0)),
    check("... growth of the server, MB", One("list.rest-growth-mb"), AtMost(10.0)),
    check("list of 12,000 as YAML over REST, MB/s", One("yaml.mb-per-s"), AtLeast(100.0)),
    check("... growth of the server, MB", One("yaml.growth-mb"), AtMost(16.0)),
    check("... CPU from 50 ms after its clients have gone, ms", One("yaml.after-ms"), AtMost(20.0)),
    check("200 gzipped commits of 16 MiB: growth of the server, MB", One("inflated.strings.growth-mb"), AtMost(256.0)),
    check("... gets beside them, p99, ms", One("inflated.strings.get-p99-ms"), AtMost(50.0)),
    check("... of many values: growth of the server, MB", One("inflated.values.growth-mb"), AtMost(256.0)),
    check("... gets beside them, p99, ms", One("inflated.values.get-p99-ms"), AtMost(50.0)),
    check("stream of 10,000 over gRPC / bare tonic", Ratio("list.grpc-rate", "bare.stream-rate"), AtLeast(0.5)),
    check(
        "merge patch, text to text, time / serde_json and json-patch",
        Ratio("documents.merge-patch", "documents.peer-merge-patch"),
        AtMost(1.0),
    ),
    check("judging a document, time / jsonschema", Ratio("documents.judge", "documents.peer-judge"), AtMost(2.0)),
    check(
        "YAML to diagnostics, time / serde_yaml to a value",
        Ratio("documents.diagnose", "documents.peer-read-yaml"),
        AtMost(1.0),
    ),
    check(
        "judging YAML in wasm, in Node, time / natively",
        Ratio("wasm.validate", "wasm.native-validate"),
        AtMost(3.0),
    ),
    check(
        "merge patch in wasm, text to text, time / JSON.parse, json-merge-patch, JSON.stringify",
        Ratio("wasm.merge-patch", "wasm.peer-merge-patch"),
        AtMost(1.0),
    ),
    check("the module in Chromium, from its bytes to the first answer, ms", One("wasm.ready-ms"), AtMost(100.0)),
    check("... growth of its memory over 100,000 calls, bytes", One("wasm.growth-bytes"), AtMost(0.0)),
    check("... bytes behind brotli", One("wasm.brotli-bytes"), AtMost(250_000.0)),
    check("a server with all kinds is ready, ms", One("memory.ready-ms"), AtMost(100.0)),
    check("a million: rate / rate of the first tenth", Ratio("many.rate", "many.first-rate"), AtLeast(0.7)),
    check("... get p99 with a large cache, us", One("many.get-cached.p99"), AtMost(60.0)),
    check("... get p99 with the default cache, us", One("many.get-default.p99"), AtMost(500.0)),
    check("... ten that have a label, p99, us", One("many.select.p99"), AtMost(5_000.0)),
    check("... opening after a kill / raw sled", Ratio("many.reopen-s", "raw.reopen-s"), AtMost(1.5)),
    check("... s", One("many.reopen-s"), AtMost(5.0)),
    check("... disk / logical bytes", One("many.disk-ratio"), AtMost(2.5)),
    check("100 watchers, 300 changes a second: lost", One("watch.many.lost"), AtMost(0.0)),
    check("... p99 from commit to delivery, ms", One("watch.many.p99-ms"), AtMost(50.0)),
    check("... CPU of the server for a delivery, us", One("watch.many.cpu"), AtMost(12.0)),
    check(
        "... deliveries per CPU second / etcd",
        Ratio("watch.many.per-cpu-second", "etcd.watch-many.per-cpu-second"),
        AtLeast(2.0),
    ),
    check("1,000 watchers, 30 changes a second: lost", One("watch.more.lost"), AtMost(0.0)),
    check("... p99 from commit to delivery, ms", One("watch.more.p99-ms"), AtMost(50.0)),
    check("... CPU of the server for a delivery, us", One("watch.more.cpu"), AtMost(12.0)),
    check(
        "... deliveries per CPU second / etcd",
        Ratio("watch.more.per-cpu-second", "etcd.watch-more.per-cpu-second"),
        AtLeast(2.0),
    ),
    check("patches by 64 writers / raw sled", Ratio("embedded.patch.rate", "raw.group.rate"), AtLeast(0.55)),
    check("... / raw sled overwrites", Ratio("embedded.patch.rate", "raw.overwrite.rate"), AtLeast(0.35)),
    check("a label patched often on a resource of 2 MiB: disk, MB", One("large.disk-mb"), AtMost(100.0)),
    check("patches of 1,000 resources: disk before it is compacted, MB", One("history.disk-before-mb"), AtMost(400.0)),
    check("100 watchers, 1,000 changes a second: lost", One("watch.fast.lost"), AtMost(0.0)),
    check("1,000 event streams that nobody reads: a write of 1 MB, ms", One("unread.sse.large-ms"), AtMost(20.0)),
    check("... writes p99, ms", One("unread.sse.p99-ms"), AtMost(20.0)),
    check("... growth of the server, MB", One("unread.sse.growth-mb"), AtMost(64.0)),
    check("1,000 gRPC watches that nobody reads: a write of 1 MB, ms", One("unread.grpc.large-ms"), AtMost(20.0)),
    check("... writes p99, ms", One("unread.grpc.p99-ms"), AtMost(20.0)),
    check("... growth of the server, MB", One("unread.grpc.growth-mb"), AtMost(64.0)),
    check("patches of 1,000 resources: disk when compacted / live bytes", One("history.disk-ratio"), AtMost(3.0)),
    check(
        "... growth of the server in the second half, MiB",
        Difference("history.memory-9", "history.memory-4"),
        AtMost(64.0),
    ),
    check("memory after a load, MiB", One("memory.loaded"), AtMost(380.0)),
    check("... with little memory", One("memory.low-loaded"), AtMost(280.0)),
    check(
        "4,000,000 labels deleted: growth of the server, MiB",
        Difference("labels.deleted", "labels.before"),
        AtMost(50.0),
    ),
    check("... and while they are there", Difference("labels.loaded", "labels.before"), AtMost(400.0)),
    check("a deleted resource by name among 20,000, p50, us", One("tombstones.history.p50"), AtMost(100.0)),
    check("... as it was before, p50, us", One("tombstones.past.p50"), AtMost(100.0)),
    check("memory after overwriting twice, MiB", One("memory.overwritten"), AtMost(600.0)),
    check("growth by as many reads again, MiB", Difference("memory.read-more", "memory.read"), AtMost(20.0)),
    check("instructions of a get by id", One("instructions.get-by-id"), AtMost(20_000.0)),
    check("instructions of a create", One("instructions.create"), AtMost(250_000.0)),
    check("instructions of a patch", One("instructions.patch"), AtMost(300_000.0)),
    check("instructions of a list, per 100", One("instructions.list-100"), AtMost(1_000_000.0)),
];

impl Check {
    /// The figure, if all that it needs was measured.
    pub(crate) fn figure(&self, metrics: &Metrics) -> Option<f64> {
        Some(match self.figure {
            One(name) => metrics.get(name)?,
            Ratio(ours, peer) => metrics.get(ours)? / metrics.get(peer)?,
            Difference(after, before) => metrics.get(after)? - metrics.get(before)?,
        })
    }

    /// Whether a figure is within the bound.
    pub(crate) fn holds(&self, figure: f64) -> bool {
        match self.bound {
            AtLeast(least) => figure >= least,
            AtMost(most) => figure <= most,
        }
    }

    /// The bound in words.
    pub(crate) fn bound(&self) -> String {
        match self.bound {
            AtLeast(least) => format!("at least {least}"),
            AtMost(most) => format!("at most {most}"),
        }
    }
}
