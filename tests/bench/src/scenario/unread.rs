//! A thousand watches that nobody reads, each over a connection of its own, and one write of 1 MB: what the writers beside
//! them wait for, and by how much the server grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kindstore_proto::v1;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::document::{self, KIND, NAMESPACE, Texts};
use crate::metrics::{Metrics, Sizes};
use crate::{process, server};

const WATCHES: usize = 1_000;

/// How large the write is, a little below what a document may have.
const LARGE: usize = 1_000_000;

/// A small document.
const TARGET: &str = r#"{"spec":{"kubernetes":{}}}"#;

/// How often, and for how long, others write small documents beside it.
const PACE: Duration = Duration::from_millis(10);
const SMALL_WRITES: usize = 200;

pub(super) fn run(_: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    for form in ["none", "sse", "grpc"] {
        let folder = tempfile::tempdir().expect("there is space on the disk");
        let server = server::kindstore(folder.path());
        runtime.block_on(measure(&mut metrics, form, &server));
    }
    metrics
}

async fn measure(metrics: &mut Metrics, form: &str, server: &server::Process) {
    let address = &server.address;
    // Once before, so that what the store keeps of any write is not counted as growth.
    for number in 0..4 {
        large_write(address, number).await;
    }
    let mut unread = Vec::new();
    for _ in 0..if form == "none" { 0 } else { WATCHES } {
        unread.push(if form == "sse" { events(address).await } else { messages(address).await });
    }
    let (before, has_ended) = (process::memory(server.id()), Arc::new(AtomicBool::new(false)));
    let sampling = std::thread::spawn({
        let (id, has_ended) = (server.id(), Arc::clone(&has_ended));
        move || {
            let mut highest = 0.0_f64;
            while !has_ended.load(Ordering::Relaxed) {
                highest = highest.max(process::memory(id));
                std::thread::sleep(Duration::from_millis(5));
            }
            highest
        }
    });
    let small = tokio::spawn(small_writes(address.clone()));
    // In a task of its own: the connections that nobody reads wake the one that opened them.
    let large = tokio::spawn({
        let address = address.clone();
        async move { large_write(&address, 4).await }
    });
    let large = large.await.expect("it is written");
    let mut waits = small.await.expect("the writes end");
    has_ended.store(true, Ordering::Relaxed);
    let highest = sampling.join().expect("the samples are taken");
    waits.push(large);
    waits.sort_unstable();
    metrics.set(&format!("unread.{form}.large-ms"), large.as_secs_f64() * 1e3);
    metrics.set(&format!("unread.{form}.p99-ms"), waits[waits.len() * 99 / 100].as_secs_f64() * 1e3);
    metrics.set(&format!("unread.{form}.growth-mb"), (highest - before) * 1.048_576);
}

/// Writes small documents that nobody watches, each at its time, and says how long each took.
async fn small_writes(address: String) -> Vec<Duration> {
    let mut writes = Vec::new();
    let mut tick = tokio::time::interval(PACE);
    for number in 0..SMALL_WRITES {
        tick.tick().await;
        let address = address.clone();
        writes.push(tokio::spawn(async move { put(&address, "deployment-targets", number, TARGET).await }));
    }
    let mut waits = Vec::new();
    for write in writes {
        waits.push(write.await.expect("it is written"));
    }
    waits
}

/// Writes a large document that is watched, and says how long that took.
async fn large_write(address: &str, number: usize) -> Duration {
    let filler = format!("\"annotations\":{{\"filler\":\"{}\",", "x".repeat(LARGE));
    let text = Texts::new().text(number).replacen("\"annotations\":{", &filler, 1);
    put(address, "deployments", number, &text).await
}

/// Puts a document, and says how long that took.
async fn put(address: &str, plural: &str, number: usize, text: &str) -> Duration {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/{plural}/{}", document::name(number));
    let head = format!("PUT {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n");
    let request = format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n{text}", text.len());
    let mut stream = TcpStream::connect(address).await.expect("the server is there");
    let begun = Instant::now();
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the server answers");
    let waited = begun.elapsed();
    assert!(answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&answer[..answer.len().min(500)]));
    waited
}

/// A connection with a watch in it, which is open as long as this is kept.
type Unread = Box<dyn std::any::Any>;

/// Begins a watch as an event stream, and reads no more than its beginning.
async fn events(address: &str) -> Unread {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/deployments?watch=true");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.expect("the server is there");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let (mut begin, mut buffer) = (Vec::new(), [0; 4096]);
    while !begin.windows(8).any(|window| window == b"BOOKMARK") {
        let read = stream.read(&mut buffer).await.expect("the server answers");
        assert!(read > 0, "the server ended the connection");
        begin.extend_from_slice(&buffer[..read]);
    }
    Box::new(stream)
}

/// Begins a watch over gRPC, with windows that hold back nothing, and leaves the connection to itself.
async fn messages(address: &str) -> Unread {
    let stream = TcpStream::connect(address).await.expect("the server is there");
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(16 << 20).initial_connection_window_size(16 << 20);
    let (mut sender, mut connection) = builder.handshake::<_, Bytes>(stream).await.expect("the server speaks HTTP/2");
    let (kind, namespace) = (KIND.to_owned(), NAMESPACE.to_owned());
    let message = v1::WatchRequest { kind, namespace, ..Default::default() }.encode_to_vec();
    let length = u32::try_from(message.len()).expect("it is short").to_be_bytes();
    let request = http::Request::post("http://localhost/kindstore.v1.ResourceService/Watch")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .expect("it is a request");
    let (answer, mut body) = sender.send_request(request, false).expect("the connection is open");
    body.send_data([&[0], &length[..], &message].concat().into(), true).expect("the stream is open");
    let begun = async {
        let mut body = answer.await.expect("it is answered").into_body();
        body.data().await.expect("it begins with a bookmark").expect("it is sent");
        body
    };
    // The connection goes on only as long as it is polled: from here on nobody reads its socket.
    let body = tokio::select! {
        body = begun => body,
        ended = &mut connection => panic!("the server ended the connection: {ended:?}"),
    };
    Box::new((connection, sender, body))
}
