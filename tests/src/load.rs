//! Many clients at once, and clients that do harm: the server goes on answering others, and afterwards it holds what it
//! held before.

mod churn;
mod connections;
mod heads;
mod idle;
mod lists;
mod messages;
mod readers;
mod requests;
mod streams;
mod watchers;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::exchange::{send_json, try_send};
use crate::proc::Proc;
use crate::process::{Running, serve_in_memory};

const LIST: &str = "/api/v1/namespaces/default/deployment-targets";

/// How long an answer may take while others are up to no good.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 4 } else { 2 });

/// How much more memory the server may hold after a load than after the same load before, in KiB.
const MORE: u64 = 24 << 10;

/// Lets the server's allocator give back what is freed at once, so that memory from outside says what is held.
const FREES_AT_ONCE: [(&str, &str); 1] = [("MIMALLOC_PURGE_DELAY", "0")];

/// Ends the asking, also when the work has failed.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A server under load, and what it held when it was at rest.
struct Loaded {
    server: Running,
    proc: Proc,
}

/// What a server holds.
#[derive(Clone, Copy, Debug)]
struct Level {
    memory: u64,
    descriptors: usize,
    threads: usize,
}

/// Raises the usual limit of 1,024 descriptors, which is too low for a thousand connections. A server inherits it.
fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX).min(8192);
    if limit.current.is_some_and(|current| current < most) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum }).unwrap();
    }
}

fn load() -> Loaded {
    raise_limit();
    let server = serve_in_memory(&FREES_AT_ONCE);
    let proc = Proc::of(server.child.id());
    Loaded { server, proc }
}

impl Loaded {
    fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Targets that make a list of so many bytes.
    fn fill(&self, count: usize, size: usize) {
        let big = "x".repeat(size);
        for number in 0..count {
            let body = format!(
                r#"{{"metadata": {{"name": "t{number}", "annotations": {{"big": "{big}"}}}}, "spec": {{"kubernetes": {{}}}}}}"#
            );
            assert_eq!(send_json(self.address(), "POST", LIST, &body).status, 201);
        }
    }

    /// What the server holds when its descriptors have come to rest.
    fn level(&self) -> Level {
        loop {
            let now = self.now();
            thread::sleep(Duration::from_millis(200));
            if now.descriptors == self.proc.descriptors() {
                return now;
            }
        }
    }

    fn now(&self) -> Level {
        Level { memory: self.proc.memory(), descriptors: self.proc.descriptors(), threads: self.proc.threads() }
    }

    /// Asks over and over while the work goes on. Nobody waits longer than a client's patience.
    fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        let (address, is_over) = (self.address(), AtomicBool::new(false));
        thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut longest = Duration::ZERO;
                while !is_over.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    let reply = try_send(address, "GET", &format!("{LIST}/gone"), &[], b"");
                    assert_eq!(reply.map(|reply| reply.status), Some(404), "the server answers others");
                    longest = longest.max(begun.elapsed());
                    thread::sleep(Duration::from_millis(20));
                }
                longest
            });
            let ends = Ends(&is_over);
            let result = work();
            drop(ends);
            let longest = asking.join().unwrap();
            assert!(longest < PATIENCE, "others waited for {longest:?}");
            result
        })
    }

    /// Waits until the server holds no more than before, and no descriptor or thread more.
    fn comes_back_to(&self, before: Level) {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let now = self.now();
            // Threads for blocking work stay for ten seconds after their last.
            let is_back = now.descriptors <= before.descriptors
                && now.threads <= before.threads
                && now.memory <= before.memory + MORE;
            if is_back {
                return;
            }
            assert!(Instant::now() < deadline, "before the load {before:?}, after it {now:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A runtime for many clients on one thread.
fn clients() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
