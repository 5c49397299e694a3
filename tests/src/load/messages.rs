//! Large messages at once, compressed and not: together they take no more memory than there is for them, those that do not
//! fit are told to come again, and small ones pass.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use h2::client::{ResponseFuture, SendRequest};
use http::Request;
use kindstore_proto::v1;
use prost::Message;
use tokio::net::TcpStream;
use tonic_types::StatusExt;

use super::{Loaded, clients, load};
use crate::soak::rounds;
use crate::target::furnish;

const SERVICE: &str = "http://localhost/kindstore.v1.ResourceService";
const GROWTH: u64 = 256 << 10;
const SIZE: usize = 16 << 20;

/// A transaction of documents that together have nearly 16 MiB.
fn commit() -> Vec<u8> {
    documents(SIZE / 1_010_000, &format!("\"{}\"", "x".repeat(1_000_000)))
}

/// A transaction of documents that have a MiB together, and as many values as documents may have: objects in objects.
fn dense() -> Vec<u8> {
    let nested = format!("{}0{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    documents(3, &format!("[{nested}{}]", format!(",{nested}").repeat(470)))
}

/// A transaction of some documents, each with this member beside what it needs.
fn documents(count: usize, other: &str) -> Vec<u8> {
    let text = |number: usize| {
        let spec =
            r#"{"deploymentTargetName":"jobs","template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://a/b.jar"}}}"#;
        format!(r#"{{"metadata":{{"name":"d{number}"}},"spec":{spec},"other":{other}}}}}"#)
    };
    let create = |number| v1::CreateRequest {
        kind: "Deployment".into(),
        document: Some(v1::Document { text: text(number).into(), format: 0 }),
        ..Default::default()
    };
    let operation =
        |number| v1::CommitOperation { operation: Some(v1::commit_operation::Operation::Create(create(number))) };
    let operations = (0..count).map(operation).collect();
    v1::CommitRequest { namespace: "default".into(), operations, dry_run: true }.encode_to_vec()
}

fn frame(is_compressed: bool, text: &[u8]) -> Bytes {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&[u8::from(is_compressed)][..], &length, text].concat().into()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

async fn connect(address: SocketAddr) -> SendRequest<Bytes> {
    let socket = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = h2::client::handshake(socket).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Begins a call with a message, or with a part of one that never ends.
async fn call(sender: &mut SendRequest<Bytes>, method: &str, data: Bytes, is_whole: bool) -> ResponseFuture {
    *sender = sender.clone().ready().await.unwrap();
    let request = Request::post(format!("{SERVICE}/{method}"))
        .header("content-type", "application/grpc")
        .header("grpc-encoding", "gzip")
        .header("te", "trailers");
    let (answer, mut sending) = sender.send_request(request.body(()).unwrap(), false).unwrap();
    sending.send_data(data, is_whole).unwrap();
    if !is_whole {
        // Dropped, it would reset the stream.
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(sending)
        });
    }
    answer
}

/// The status of an answer: none when it begins with a message.
async fn status(answer: ResponseFuture) -> Option<tonic::Status> {
    tonic::Status::from_header_map(answer.await.unwrap().headers())
}

fn grown(loaded: &Loaded, before: u64) {
    let growth = loaded.proc.peak_memory().saturating_sub(before);
    assert!(growth < GROWTH, "the server grew by {growth} KiB");
}

#[test]
fn what_messages_inflate_to_is_bounded_for_the_whole_server() {
    many_at_once(&commit(), rounds(40, 200));
}

#[test]
fn what_values_take_is_bounded_for_the_whole_server() {
    many_at_once(&dense(), rounds(16, 100));
}

/// Sends a transaction so many times at once: all are done or refused, and the server grows within its bound.
fn many_at_once(message: &[u8], count: usize) {
    let loaded = load();
    furnish(loaded.address());
    let data = frame(true, &gzip(message));
    assert!(data.len() < 200_000, "it is small as it comes");
    loaded.proc.forget_peak();
    let before = loaded.proc.memory();
    loaded.beside(|| {
        clients().block_on(async {
            let mut calls = Vec::new();
            for number in 0..count {
                // Many connections, so that no share of one is the bound.
                let mut sender = connect(loaded.address()).await;
                let answer = call(&mut sender, "Commit", data.clone(), true).await;
                calls.push((number, sender, answer));
            }
            let (mut done, mut refused) = (0, 0);
            for (number, sender, answer) in calls {
                match status(answer).await {
                    None => done += 1,
                    Some(status) => {
                        assert_eq!(status.code(), tonic::Code::ResourceExhausted, "the {number}th: {status}");
                        assert_eq!(status.get_details_error_info().unwrap().reason, "Unavailable");
                        let wait = status.get_details_retry_info().and_then(|info| info.retry_delay);
                        assert_eq!(wait, Some(Duration::from_secs(1)));
                        refused += 1;
                    }
                }
                drop(sender);
            }
            assert!(done >= 2 && done + refused == count, "{done} were done and {refused} refused");
        });
    });
    grown(&loaded, before);
}

#[test]
fn what_arrives_and_what_a_watch_keeps_is_bounded() {
    let loaded = load();
    furnish(loaded.address());
    let half = vec![b'x'; SIZE / 16 * 15];
    let half = [&frame(false, b"")[..1], &u32::try_from(SIZE).unwrap().to_be_bytes(), &half].concat();
    let watch = v1::WatchRequest { kind: "Deployment".into(), key: "x".repeat(15 << 20), ..Default::default() };
    let watch = frame(true, &gzip(&watch.encode_to_vec()));
    loaded.proc.forget_peak();
    let before = loaded.proc.memory();
    loaded.beside(|| {
        clients().block_on(async {
            let mut halves = Vec::new();
            for _ in 0..rounds(30, 100) {
                let mut sender = connect(loaded.address()).await;
                let answer = call(&mut sender, "Commit", half.clone().into(), false).await;
                halves.push((sender, answer));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            // Nobody who needs little waits for those.
            let mut sender = connect(loaded.address()).await;
            let get = v1::GetRequest {
                kind: "DeploymentTarget".into(),
                namespace: "default".into(),
                key: "jobs".into(),
                ..Default::default()
            };
            let get = frame(true, &gzip(&get.encode_to_vec()));
            let found = tokio::time::timeout(super::PATIENCE, call(&mut sender, "Get", get, true).await).await;
            assert!(tonic::Status::from_header_map(found.expect("in time").unwrap().headers()).is_none());
            for _ in 0..60 {
                let refused = status(call(&mut sender, "Watch", watch.clone(), true).await).await.unwrap();
                assert_eq!(refused.get_details_error_info().unwrap().reason, "PayloadTooLarge", "{refused}");
            }
        });
    });
    grown(&loaded, before);
}
