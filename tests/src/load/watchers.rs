//! Very many watches: those that nobody reads cost next to nothing, and ten thousand are told what happens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_stream::StreamExt;
use tonic::transport::Channel;

use super::{LIST, clients, load};
use crate::exchange::send_json;
use crate::soak::rounds;

const KIND: &str = "DeploymentTarget";

/// How many streams go over one connection; the server takes a few more.
const STREAMS: usize = 200;

/// How many documents of 1 MB are written: more than the system takes for a connection that nobody reads.
const WRITES: usize = 5;

/// By how much the server may grow by them, whatever the number of watches, in KiB: the documents, the forms of their events, and
/// some KiB for each watch.
const MAX_GROWTH: u64 = 48 << 10;

fn create(address: SocketAddr, name: &str, size: usize) {
    let big = "x".repeat(size);
    let body = format!(
        r#"{{"metadata": {{"name": "{name}", "annotations": {{"big": "{big}"}}}}, "spec": {{"kubernetes": {{}}}}}}"#
    );
    assert_eq!(send_json(address, "POST", LIST, &body).status, 201);
}

/// Begins a watch as an event stream or as lines, and reads its first bookmark and nothing else.
async fn text(address: SocketAddr, media: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {LIST}?watch=true HTTP/1.1\r\nhost: localhost\r\naccept: {media}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut begin, mut buffer) = (Vec::new(), [0; 1024]);
    while !begin.windows(8).any(|window| window == b"BOOKMARK") {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&begin));
        begin.extend_from_slice(&buffer[..read]);
    }
    stream
}

/// Begins a watch over gRPC with windows that hold back nothing, and leaves its connection alone.
async fn messages(address: SocketAddr) -> Box<dyn std::any::Any> {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(16 << 20).initial_connection_window_size(16 << 20);
    let (mut sender, mut connection) = builder.handshake::<_, Bytes>(stream).await.unwrap();
    let message = v1::WatchRequest { kind: KIND.to_owned(), namespace: "default".to_owned(), ..Default::default() };
    let message = message.encode_to_vec();
    let frame = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), &message].concat();
    let request = http::Request::post("http://localhost/kindstore.v1.ResourceService/Watch")
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    let (answer, mut sending) = sender.send_request(request.body(()).unwrap(), false).unwrap();
    sending.send_data(frame.into(), true).unwrap();
    let begun = async {
        let mut body = answer.await.unwrap().into_body();
        body.data().await.unwrap().unwrap();
        body
    };
    let body = tokio::select! {
        body = begun => body,
        ended = &mut connection => panic!("{ended:?}"),
    };
    // Nobody polls the connection from here on, so nobody reads its socket.
    Box::new((connection, sender, body))
}

#[test]
fn watches_that_nobody_reads_share_what_they_are_sent() {
    let loaded = load();
    let (runtime, address) = (clients(), loaded.address());
    // What a write leaves in any case.
    create(address, "before", 1_000_000);
    for form in ["text/event-stream", "application/jsonl", "grpc"] {
        let unread: Vec<Box<dyn std::any::Any>> = runtime.block_on(async {
            let mut unread: Vec<Box<dyn std::any::Any>> = Vec::new();
            for _ in 0..rounds(200, 1_000) {
                unread.push(if form == "grpc" { messages(address).await } else { Box::new(text(address, form).await) });
            }
            unread
        });
        loaded.proc.forget_peak();
        let before = loaded.proc.memory();
        for number in 0..WRITES {
            create(address, &format!("{}-{number}", form.replace('/', "-")), 1_000_000);
        }
        // Requests behind it are answered while the watches are sent what there is.
        loaded.beside(|| std::thread::sleep(Duration::from_millis(500)));
        let growth = loaded.proc.peak_memory().saturating_sub(before);
        assert!(growth < MAX_GROWTH, "{form}: {growth} KiB for {} watches", unread.len());
        drop(unread);
    }
}

/// Follows a watch to the change of this name, and says how many there were; reports when the watch has begun.
async fn follow(mut client: ResourceServiceClient<Channel>, last: &str, begun: &Semaphore) -> usize {
    let request = v1::WatchRequest { kind: KIND.to_owned(), namespace: "default".to_owned(), ..Default::default() };
    let mut stream = client.watch(request).await.unwrap().into_inner();
    let mut count = 0;
    loop {
        let event = stream.next().await.unwrap().unwrap();
        match event.resource().unwrap() {
            // The first bookmark comes at once, and another one when nothing happens for long.
            None if count == 0 => begun.add_permits(1),
            None => {}
            Some(resource) => {
                count += 1;
                if resource.metadata.unwrap().name == last {
                    return count;
                }
            }
        }
    }
}

/// So many watches, which are all told of so many changes.
async fn told(address: SocketAddr, watches: usize, names: Vec<String>) {
    let (last, begun) = (names.last().unwrap().clone(), Arc::new(Semaphore::new(0)));
    let mut following = Vec::new();
    for _ in 0..watches / STREAMS {
        let client = ResourceServiceClient::connect(format!("http://{address}")).await.unwrap();
        for _ in 0..STREAMS {
            let (client, last, begun) = (client.clone(), last.clone(), Arc::clone(&begun));
            following.push(tokio::spawn(async move { follow(client, &last, &begun).await }));
        }
    }
    drop(begun.acquire_many(u32::try_from(watches).unwrap()).await.unwrap());
    let count = names.len();
    let creating = tokio::task::spawn_blocking(move || names.iter().for_each(|name| create(address, name, 100)));
    creating.await.unwrap();
    for watch in following {
        assert_eq!(watch.await.unwrap(), count, "each watch is told of each change once");
    }
}

#[test]
fn ten_thousand_watches_are_told_what_happens_and_leave_nothing() {
    let loaded = load();
    let (address, watches) = (loaded.address(), rounds(1_000, 10_000));
    let round = |round: usize| {
        let names = (0..6).map(|number| format!("r{round}-{number}")).collect();
        clients().block_on(told(address, watches, names));
    };
    round(0);
    let before = loaded.level();
    round(1);
    loaded.comes_back_to(before);
}
