//! Connections that do nothing: they keep others out neither for long nor wholly.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::SendRequest;
use kindstore::Store;
use kindstore_server::{Server, Settings};
use tokio::net::TcpStream;

use super::{LIST, raise_limit};
use crate::exchange::{Reply, send};

/// How many places one peer gets, and more than that.
const MANY: usize = 1_600;

const IDLE: Duration = Duration::from_secs(10);

/// A connection over HTTP/2 that answers pings and asks for nothing.
async fn idle(address: SocketAddr) -> SendRequest<Bytes> {
    let socket = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = h2::client::handshake(socket).await.unwrap();
    tokio::spawn(connection);
    sender
}

#[test]
fn idle_connections_leave_places_for_probes_and_end() {
    raise_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let settings = Settings { idle_wait: IDLE, ..Settings::from(([127, 0, 0, 1], 0)) };
    let server = runtime.block_on(Server::bind(settings)).unwrap();
    let address = server.address();
    runtime.spawn(server.serve(Store::in_memory().unwrap()));
    let get = |path: &str| -> Reply { send(address, "GET", path, &[], b"") };
    let held = runtime.block_on(async {
        let mut held = Vec::new();
        for _ in 0..MANY {
            held.push(idle(address).await);
        }
        held
    });
    let begun = Instant::now();
    assert_eq!(get("/api/v1/status").status, 200, "a probe has a place");
    let refused = get(LIST);
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(refused.text("/reason"), "Unavailable");
    // They answer pings meanwhile.
    while get(LIST).status != 200 {
        assert!(begun.elapsed() < 4 * IDLE, "idle connections are still there");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(get(LIST).status, 200);
    drop(held);
}

#[test]
fn a_connection_with_a_watch_is_not_idle() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let idle_wait = Duration::from_millis(300);
    let server = runtime.block_on(Server::bind(Settings { idle_wait, ..Settings::from(([127, 0, 0, 1], 0)) })).unwrap();
    let address = server.address();
    runtime.spawn(server.serve(Store::in_memory().unwrap()));
    runtime.block_on(async {
        let mut sender = idle(address).await.ready().await.unwrap();
        let request = http::Request::get(format!("http://localhost{LIST}?watch=true")).body(()).unwrap();
        let (answer, _) = sender.send_request(request, true).unwrap();
        let watch = answer.await.unwrap();
        thread::sleep(3 * idle_wait);
        let again = sender
            .ready()
            .await
            .expect("the connection is there")
            .send_request(http::Request::get(format!("http://localhost{LIST}")).body(()).unwrap(), true);
        assert_eq!(again.unwrap().0.await.unwrap().status(), 200);
        drop(watch);
    });
}
