//! HTTP/2 connections that open streams for nothing: never read, reset at once.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::Reason;
use http::Request;
use tokio::net::TcpStream;

use super::{LIST, clients, load};
use crate::soak::rounds;

fn get(path: &str) -> Request<()> {
    Request::get(format!("http://localhost{path}")).body(()).unwrap()
}

/// Opens streams and resets each at once, until all are done or the server has enough.
async fn reset_at_once(address: SocketAddr, count: usize) -> usize {
    let socket = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = h2::client::handshake(socket).await.unwrap();
    let connection = tokio::spawn(connection);
    for number in 0..count {
        let Ok(ready) = sender.ready().await else { return number };
        sender = ready;
        let Ok((answer, mut sending)) = sender.send_request(get(LIST), false) else { return number };
        tokio::task::yield_now().await;
        sending.send_reset(Reason::CANCEL);
        drop(answer);
    }
    drop(sender);
    let _ = connection.await;
    count
}

/// Opens as many streams as the server lets it, with windows that let nothing through, and leaves.
async fn never_read(address: SocketAddr) {
    let socket = TcpStream::connect(address).await.unwrap();
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(0).max_concurrent_reset_streams(10);
    let (mut sender, connection) = builder.handshake::<_, Bytes>(socket).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut bodies = Vec::new();
    // One more than the server takes at once would wait.
    for _ in 0..200 {
        sender = sender.ready().await.unwrap();
        let (answer, _) = sender.send_request(get(LIST), true).unwrap();
        bodies.push(answer);
    }
    for body in &mut bodies {
        assert_eq!(body.await.unwrap().status(), 200);
    }
    connection.abort();
}

#[test]
fn streams_that_are_reset_at_once_do_no_harm() {
    let loaded = load();
    loaded.fill(100, 1000);
    let runtime = clients();
    let address = loaded.address();
    let round = |count: usize| {
        runtime.block_on(async {
            let all: Vec<_> = (0..8).map(|_| tokio::spawn(reset_at_once(address, count))).collect();
            for one in all {
                one.await.unwrap();
            }
        });
    };
    round(500);
    let before = loaded.level();
    loaded.beside(|| round(rounds(2_000, 100_000)));
    loaded.comes_back_to(before);
}

#[test]
fn streams_that_are_never_read_do_no_harm() {
    let loaded = load();
    loaded.fill(100, 1000);
    let runtime = clients();
    let address = loaded.address();
    let round = |count: usize| {
        for _ in 0..count {
            runtime.block_on(async {
                let all: Vec<_> = (0..4).map(|_| tokio::spawn(never_read(address))).collect();
                for one in all {
                    one.await.unwrap();
                }
            });
        }
    };
    // As long as the load itself: with it grows the number of threads that read lists, up to the most there may be.
    let count = rounds(2, 50);
    round(count);
    let before = loaded.level();
    loaded.beside(|| round(count));
    loaded.comes_back_to(before);
}
