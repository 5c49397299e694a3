//! What hostile texts may cost: every one is refused or answered within a bound of processor time and of memory.
//!
//! Processor time and not the clock on the wall, since others share the machine. A build without optimisation takes
//! around ten times as long as the one that runs for users, and its bound is wider by that.

use std::time::Duration;

use kindstore::Store;
use kindstore::manifest::{Format, Limits, read, to_yaml};
use kindstore::patch::merge_patch;
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use rustix::time::{ClockId, clock_gettime};

use crate::exchange::{Reply, send};
use crate::hostile::{Hostile, deployments, shaped, texts};
use crate::proc::Proc;
use crate::process::serve_in_memory;
use crate::soak::rounds;
use crate::target::{furnish, furnished};

const NAMESPACE: &str = "default";
const LIST: &str = "/api/v1/namespaces/default/deployments";

/// The most processor time that one request may take, on a machine that takes [`USUAL`] for [`some_work`].
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 100 });

/// What some work takes on the machine for which the bound was chosen.
const USUAL: Duration = Duration::from_micros(if cfg!(debug_assertions) { 35_000 } else { 3_000 });

/// The most that the server may grow by one request, in KiB.
const MAX_MEMORY: u64 = 32 << 10;

/// Runs the work and says how much processor time this thread took for it.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = thread_time();
    let result = work();
    (result, thread_time() - begun)
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// Reads a document of numbers with another parser, which is as fast as the machine is.
fn some_work() {
    let text = format!("[{}0]", "[1234567,\"text\",{\"a\":null}],".repeat(30_000));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value.as_array().map(Vec::len), Some(30_001));
}

/// The bound as this machine is just now: others may slow its processors, and some are slower than others.
fn bound() -> Duration {
    let took = (0..3).map(|_| timed(some_work).1).min().unwrap_or_default();
    MOST.mul_f64((took.as_secs_f64() / USUAL.as_secs_f64()).max(1.0))
}

/// The texts for a way that reads them as others do: those with a plan, and all in a long run.
fn few() -> Vec<Hostile> {
    if rounds(0, 1) == 0 { shaped() } else { texts() }
}

/// Collects what took too long, so that one run tells all.
#[derive(Default)]
struct Slow(Vec<String>);

impl Slow {
    fn note(&mut self, name: &str, format: Format, took: Duration) {
        let bound = if took > MOST { bound() } else { MOST };
        if took > bound {
            self.0.push(format!("{name} ({format:?}) took {} ms of {}", took.as_millis(), bound.as_millis()));
        }
    }

    fn check(self) {
        assert!(self.0.is_empty(), "too dear:\n{}", self.0.join("\n"));
    }
}

#[test]
fn no_text_takes_long_to_read_or_to_refuse() {
    let mut slow = Slow::default();
    for hostile in texts() {
        let (document, took) = timed(|| read(hostile.text.as_bytes(), hostile.format, &Limits::default()));
        slow.note(&hostile.name, hostile.format, took);
        if let Ok(document) = document {
            let (yaml, took) = timed(|| to_yaml(&document.value));
            slow.note(&format!("{} written", hostile.name), hostile.format, took);
            assert!(yaml.len() < 32 << 20, "{} becomes {} bytes of YAML", hostile.name, yaml.len());
        }
    }
    slow.check();
}

#[test]
fn a_hundred_thousand_labels_are_refused_naming_the_limit() {
    let mut slow = Slow::default();
    for (name, words) in [("", "more than 50000 values"), ("label-", "at most 1048576 are read")] {
        let json: Vec<String> = (0..100_000).map(|number| format!("\"{name}{number:x}\":1")).collect();
        let json = format!(r#"{{"metadata":{{"labels":{{{}}}}}}}"#, json.join(","));
        let yaml: String = (0..100_000).map(|number| format!("  {name}{number:x}: 1\n")).collect();
        let yaml = format!("metadata:\n labels:\n{yaml}");
        for (format, text) in [(Format::Json, &json), (Format::Yaml, &json), (Format::Yaml, &yaml)] {
            let (refused, took) = timed(|| read(text.as_bytes(), format, &Limits::default()).unwrap_err());
            assert!(refused.message.contains(words), "{} bytes of {format:?}: {refused}", text.len());
            slow.note(&format!("{name} in {} bytes", text.len()), format, took);
        }
    }
    slow.check();
}

#[test]
fn no_document_takes_long_to_judge_store_and_patch() {
    let mut slow = Slow::default();
    let store = furnished(Store::in_memory().unwrap());
    for (name, text) in deployments() {
        let Ok(document) = read(text.as_bytes(), Format::Json, &Limits::default()) else { continue };
        let key = format!("d{}", name.bytes().filter(u8::is_ascii_alphanumeric).map(char::from).collect::<String>());
        let mut named = document.value.clone();
        merge_patch(&mut named, &serde_json::json!({"metadata": {"name": key.to_lowercase()}}).into());
        let write = || store.kind("Deployment").unwrap().namespace(NAMESPACE).create(named).wait();
        let (created, took) = timed(write);
        slow.note(&format!("create {name}"), Format::Json, took);
        let Ok(created) = created else { continue };
        let key = created.object.metadata.name.unwrap();
        let patch = || store.kind("Deployment").unwrap().namespace(NAMESPACE).patch(&key, document).wait();
        slow.note(&format!("patch {name}"), Format::Json, timed(patch).1);
        let small = serde_json::json!({"metadata": {"displayName": "x"}});
        let patch = || store.kind("Deployment").unwrap().namespace(NAMESPACE).patch(&key, small).wait();
        slow.note(&format!("small patch of {name}"), Format::Json, timed(patch).1);
        let (object, took) =
            timed(|| store.kind("Deployment").unwrap().namespace(NAMESPACE).get(&key).unwrap().to_json());
        slow.note(&format!("get {name}"), Format::Json, took);
        drop(object);
    }
    slow.check();
}

#[test]
fn no_merge_patch_takes_long() {
    let mut slow = Slow::default();
    let limits = Limits::default().nodes(1 << 20);
    let members = |step: usize, value: &str| {
        let members: Vec<_> = (0..100_000).map(|number| format!("\"k{}\":{value}", number * step)).collect();
        read(format!("{{{}}}", members.join(",")).as_bytes(), Format::Json, &limits.bytes(4 << 20)).unwrap()
    };
    let nested = |depth: usize| {
        let text = "{\"a\":".repeat(depth) + "{}" + &"}".repeat(depth);
        read(text.as_bytes(), Format::Json, &Limits::default()).unwrap()
    };
    for (name, target, patch) in [
        ("100,000 members into others", members(1, "1"), members(2, "2")),
        ("100,000 removals", members(1, "1"), members(1, "null")),
        ("100,000 objects over numbers", members(1, "1"), members(1, "{\"a\":null}")),
        ("a deep patch", nested(120), nested(127)),
    ] {
        let mut value = target.value;
        slow.note(name, Format::Json, timed(|| merge_patch(&mut value, &patch.value)).1);
    }
    slow.check();
}

/// Asks the server and holds the answer against what it cost the server.
struct Judge {
    proc: Proc,
    wrong: Vec<String>,
}

impl Judge {
    /// The first answer. What was dear is asked up to twice more: what a request needs it needs every time, and what the
    /// allocator takes from the system to hold on to it does once.
    fn cost<T>(&mut self, name: &str, ask: impl Fn() -> T) -> T {
        let (answer, first) = self.measured(&ask);
        if let Some(first) = first {
            let dear: Vec<String> = (0..2).map_while(|_| self.measured(&ask).1).collect();
            if dear.len() == 2 {
                self.wrong.push(format!("{name}: {first}, {}", dear.join(", ")));
            }
        }
        answer
    }

    /// An answer, and what it cost if that was too much.
    fn measured<T>(&mut self, ask: impl Fn() -> T) -> (T, Option<String>) {
        self.proc.forget_peak();
        let (time, memory) = (self.proc.cpu_time(), self.proc.memory());
        let answer = ask();
        let (time, memory) = (self.proc.cpu_time() - time, self.proc.peak_memory().saturating_sub(memory));
        // The kernel counts processor time of others in steps of 10 ms.
        let step = Duration::from_millis(20);
        let bound = if time > MOST + step { bound() } else { MOST };
        let is_dear = time > bound + step || memory > MAX_MEMORY;
        (answer, is_dear.then(|| format!("{} ms of {} and {memory} KiB", time.as_millis(), bound.as_millis())))
    }

    fn check(self) {
        assert!(self.wrong.is_empty(), "too dear:\n{}", self.wrong.join("\n"));
    }
}

/// What a request needs is measured, and not how the allocator spreads it: with an arena for each thread, what one request
/// left in one of them is not there for the next in another.
const ONE_ARENA: [(&str, &str); 1] = [("MALLOC_ARENA_MAX", "1")];

fn judge(pid: u32) -> Judge {
    Judge { proc: Proc::of(pid), wrong: Vec::new() }
}

#[test]
fn the_server_refuses_or_answers_every_hostile_text_over_rest() {
    let server = serve_in_memory(&ONE_ARENA);
    furnish(server.address);
    let mut judge = judge(server.child.id());
    let ask = |method: &str, path: &str, format: Format, text: &str| -> Reply {
        let form = if format == Format::Json { "json" } else { "yaml" };
        let headers = [&format!("content-type: application/{form}"), "accept: application/yaml"];
        send(server.address, method, path, &headers, text.as_bytes())
    };
    for hostile in few() {
        let name = format!("{} ({:?})", hostile.name, hostile.format);
        let reply = judge.cost(&name, || ask("POST", LIST, hostile.format, &hostile.text));
        assert!(matches!(reply.status, 400 | 413), "{name}: {}", reply.status);
        assert!(reply.body.starts_with(b"kind: Api") && reply.body.len() < 300_000, "{name}");
    }
    for (name, text) in deployments().into_iter().step_by(rounds(4, 1)) {
        let reply = judge.cost(&name, || ask("POST", LIST, Format::Json, &text));
        assert!(matches!(reply.status, 201 | 400), "{name}: {}", reply.status);
        if reply.status == 201 {
            let patched =
                judge.cost(&format!("patch {name}"), || ask("PATCH", &format!("{LIST}/x"), Format::Yaml, &text));
            assert!(matches!(patched.status, 200 | 400), "patch {name}: {}", patched.status);
            assert_eq!(
                judge.cost(&format!("get {name}"), || ask("GET", &format!("{LIST}/x"), Format::Json, "")).status,
                200
            );
            assert_eq!(ask("DELETE", &format!("{LIST}/x"), Format::Json, "").status, 200);
        }
    }
    judge.check();
}

#[test]
fn the_server_refuses_or_answers_every_hostile_text_over_grpc() {
    let server = serve_in_memory(&ONE_ARENA);
    furnish(server.address);
    let mut judge = judge(server.child.id());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("http://{}", server.address);
    let client = runtime.block_on(ResourceServiceClient::connect(url)).unwrap();
    let create = |judge: &mut Judge, name: &str, text: &str, format: v1::DocumentFormat| {
        let document = Some(v1::Document { text: text.to_owned().into(), format: format.into() });
        let options = Some(v1::WriteOptions { dry_run: true, ..v1::WriteOptions::default() });
        let (kind, namespace) = ("Deployment".to_owned(), "default".to_owned());
        let request = v1::CreateRequest { kind, namespace, document, options };
        judge.cost(name, || runtime.block_on(client.clone().create(request.clone())))
    };
    for hostile in few() {
        let format = if hostile.format == Format::Json { v1::DocumentFormat::Json } else { v1::DocumentFormat::Yaml };
        let status = create(&mut judge, &hostile.name, &hostile.text, format).unwrap_err();
        let codes = [tonic::Code::InvalidArgument, tonic::Code::ResourceExhausted];
        assert!(codes.contains(&status.code()), "{}: {status}", hostile.name);
    }
    for (name, text) in deployments().into_iter().step_by(rounds(4, 1)) {
        let answer = create(&mut judge, &name, &text, v1::DocumentFormat::Json);
        assert!(
            answer.as_ref().map_or_else(|status| status.code() == tonic::Code::InvalidArgument, |_| true),
            "{name}: {answer:?}"
        );
    }
    judge.check();
}

#[test]
fn no_head_of_a_request_takes_long() {
    let server = serve_in_memory(&ONE_ARENA);
    furnish(server.address);
    let mut judge = judge(server.child.id());
    let fill = |unit: &str| unit.repeat(60_000 / unit.len());
    for unit in ["a", "a&", "dryRun&", "&", "a=b&", "%41", "+", "=", "labelselectors=&", "İ=&"] {
        let path = format!("{LIST}?{}", fill(&unit.replace('İ', "%C4%B0")));
        let reply = judge.cost(&format!("query {unit}"), || send(server.address, "GET", &path, &[], b""));
        assert!(matches!(reply.status, 200 | 400 | 414 | 431), "{unit}: {}", reply.status);
    }
    for unit in ["/", "/a", "%41", "%", "..", "/%2F"] {
        let path = format!("/{}", fill(unit));
        let reply = judge.cost(&format!("path {unit}"), || send(server.address, "GET", &path, &[], b""));
        assert!(matches!(reply.status, 400 | 404 | 414 | 431), "{unit}: {}", reply.status);
    }
    let names =
        ["accept", "accept-encoding", "if-match", "if-none-match", "content-type", "cookie", "x-request-id", "origin"];
    for name in names {
        for unit in ["a", "a,", "a;", "*/*,", "q=0.1;", "\"a\",", "W/\"1\",", "\"1\" ", ";", ",", "gzip;q=1,"] {
            let header = format!("{name}: {}", fill(unit));
            for (method, path) in
                [("GET", format!("{LIST}/x")), ("DELETE", format!("{LIST}/x")), ("POST", LIST.to_owned())]
            {
                let named = format!("{method} {name} {unit}");
                let reply = judge.cost(&named, || send(server.address, method, &path, &[&header], b""));
                assert!((400..500).contains(&reply.status), "{named}: {}", reply.status);
            }
        }
    }
    judge.check();
}
