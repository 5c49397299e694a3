//! 200 compressed transactions at once, each of 16 MiB when it is inflated: what the server's memory grows by, and how long
//! others wait meanwhile.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use kindstore_proto::v1;
use prost::Message;
use tokio::net::TcpStream;

use super::memory::json;
use crate::document::{KIND, NAMESPACE, Texts};
use crate::http1::Connection;
use crate::metrics::{Metrics, Sizes};
use crate::{process, server};

const CONNECTIONS: usize = 8;
const EACH: usize = 25;
const PATH: &str = "http://localhost/kindstore.v1.ResourceService/Commit";

pub(super) fn run(_: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    for (name, message) in [("strings", strings()), ("values", values())] {
        let folder = tempfile::tempdir().expect("there is space on the disk");
        let server = server::kindstore(folder.path());
        runtime.block_on(measure(&server, name, frame(&message), &mut metrics));
    }
    metrics
}

/// A transaction of documents, each with this member beside what a document needs, up to 16 MiB.
fn commit(member: &str) -> v1::CommitRequest {
    let texts = Texts::new();
    let mut operations = Vec::new();
    let mut size = 0;
    while size + member.len() + 8_000 < 16 << 20 && operations.len() < 1_000 {
        let text = texts.text(operations.len());
        let text = text.replacen("\"spec\":{", &format!("\"spec\":{{\"other\":{member},"), 1);
        size += text.len() + 100;
        let create = v1::CreateRequest { kind: KIND.to_owned(), document: Some(json(text)), ..Default::default() };
        operations.push(v1::CommitOperation { operation: Some(v1::commit_operation::Operation::Create(create)) });
    }
    v1::CommitRequest { namespace: NAMESPACE.to_owned(), operations, dry_run: true }
}

/// A few long strings.
fn strings() -> v1::CommitRequest {
    commit(&format!("\"{}\"", "x".repeat(1_000_000)))
}

/// As many values as a transaction may have: each takes several times its text.
fn values() -> v1::CommitRequest {
    commit(&format!("[{}0]", "{\"a\":\"0123456789012345678901234567890123\"},".repeat(11_500)))
}

fn frame(message: &v1::CommitRequest) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&message.encode_to_vec()).expect("memory takes all");
    let text = encoder.finish().expect("memory takes all");
    let length = u32::try_from(text.len()).expect("it is small").to_be_bytes();
    [&[1][..], &length, &text].concat().into()
}

async fn measure(server: &server::Process, name: &str, frame: Bytes, metrics: &mut Metrics) {
    let is_over = Arc::new(AtomicBool::new(false));
    let before = process::memory(server.id());
    process::forget_peak(server.id());
    let asking = tokio::spawn(gets(server.address.clone(), Arc::clone(&is_over)));
    let begun = Instant::now();
    let clients: Vec<_> =
        (0..CONNECTIONS).map(|_| tokio::spawn(client(server.address.clone(), frame.clone()))).collect();
    let (mut done, mut refused) = (0, 0);
    for client in clients {
        let (some, others) = client.await.expect("a client ends");
        (done, refused) = (done + some, refused + others);
    }
    is_over.store(true, Ordering::Relaxed);
    let mut waits = asking.await.expect("the gets end");
    waits.sort();
    metrics.set(&format!("inflated.{name}.s"), begun.elapsed().as_secs_f64());
    metrics.set(&format!("inflated.{name}.done"), f64::from(done));
    metrics.set(&format!("inflated.{name}.refused"), f64::from(refused));
    metrics.set(&format!("inflated.{name}.growth-mb"), process::peak_memory(server.id()) - before);
    metrics.set(&format!("inflated.{name}.gets"), waits.len() as f64);
    metrics.set(&format!("inflated.{name}.get-p99-ms"), waits[waits.len() * 99 / 100].as_secs_f64() * 1e3);
}

/// Sends its calls at once; how many of them were done, and how many the server had no memory for.
async fn client(address: String, frame: Bytes) -> (u32, u32) {
    let socket = TcpStream::connect(&address).await.expect("the server is there");
    let (mut sender, connection) = h2::client::handshake(socket).await.expect("the server speaks HTTP/2");
    tokio::spawn(connection);
    let mut answers = Vec::new();
    for _ in 0..EACH {
        sender = sender.ready().await.expect("the connection is there");
        let request = http::Request::post(PATH)
            .header("content-type", "application/grpc")
            .header("grpc-encoding", "gzip")
            .header("te", "trailers");
        let request = request.body(()).expect("a request");
        let (answer, mut sending) = sender.send_request(request, false).expect("it is sent");
        sending.send_data(frame.clone(), true).expect("it is sent");
        answers.push(answer);
    }
    let (mut done, mut refused) = (0, 0);
    for answer in answers {
        let answer = answer.await.expect("each is answered");
        let code = answer.headers().get("grpc-status").map(|code| code.as_bytes().to_vec());
        match code.as_deref() {
            None | Some(b"0") => done += 1,
            Some(b"8") => refused += 1,
            Some(code) => panic!("{} {:?}", String::from_utf8_lossy(code), answer.headers().get("grpc-message")),
        }
    }
    (done, refused)
}

/// Gets, one after the other, until it is over; how long each took.
async fn gets(address: String, is_over: Arc<AtomicBool>) -> Vec<Duration> {
    let mut connection = Connection::open(&address).await;
    let mut waits = Vec::new();
    let path = format!("/api/v1/namespaces/{NAMESPACE}/deployment-targets/{}", crate::document::TARGET);
    while !is_over.load(Ordering::Relaxed) {
        let arrival = connection.get(&path).await;
        assert_eq!(arrival.status, 200, "it is there");
        waits.push(arrival.whole);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    waits
}
