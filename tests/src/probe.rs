//! Probes: what a server says of itself, while its store is opened, while it can do all, and while it cannot.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use kindstore::Store;
use kindstore::backend::{Backend, BackendHealth, MemoryBackend};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use kindstore_server::Server;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::exchange::{Reply, send};
use crate::fault::Faulty;

const LIST: &str = "/api/v1/namespaces/default/deployment-targets";
const SERVICE: &str = "kindstore.v1.ResourceService";

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn connect(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, "GET", path, &[], b"")
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

/// Waits for the index, which a store builds behind its opening.
fn ready(address: SocketAddr) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while get(address, "/readyz").status != 200 {
        assert!(Instant::now() < deadline, "{}", text(&get(address, "/readyz?verbose")));
        std::thread::yield_now();
    }
}

#[test]
fn readiness_names_what_a_store_cannot_do_and_liveness_does_not_depend_on_it() {
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new())));
    let store = Store::builder().backend(Arc::clone(&faulty) as Arc<dyn Backend>).open().unwrap();
    let runtime = runtime();
    let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).unwrap();
    let address = server.address();
    runtime.spawn(server.serve(store));
    ready(address);
    for path in ["/livez", "/readyz", "/startupz"] {
        let reply = get(address, path);
        assert_eq!((reply.status, text(&reply)), (200, "ok"), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(send(address, "HEAD", path, &[], b"").status, 200);
        let refused = send(address, "POST", path, &[], b"");
        assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    }
    let all = "[+]store ok\n[+]reads ok\n[+]writes ok\n[+]space ok\n[+]index ok\n[+]lag ok\nreadyz check passed\n";
    assert_eq!(text(&get(address, "/readyz?verbose")), all);

    let mut health = BackendHealth::default();
    health.writes = Err("the disk is full".to_owned());
    faulty.report(Some(health));
    let reply = get(address, "/readyz");
    assert_eq!(reply.status, 503);
    assert!(text(&reply).contains("[-]writes failed: the disk is full\n"), "{}", text(&reply));
    assert!(text(&reply).ends_with("readyz check failed\n"), "{}", text(&reply));
    let json = send(address, "GET", "/readyz", &["accept: application/json"], b"");
    assert_eq!(
        (json.status, json.text("/status").as_str(), json.text("/checks/2/name").as_str()),
        (503, "failed", "writes")
    );
    assert_eq!(json.text("/checks/2/message"), "the disk is full");
    for (path, status) in [
        ("/readyz/reads", 200),
        ("/readyz/writes", 503),
        ("/readyz/nothing", 404),
        ("/readyz?exclude=writes", 200),
        ("/readyz?exclude=nothing", 400),
        ("/livez", 200),
        ("/startupz", 200),
        ("/api/v1/status", 503),
        (LIST, 200),
    ] {
        assert_eq!(get(address, path).status, status, "{path}");
    }
    let status = get(address, "/api/v1/status");
    assert_eq!((status.text("/status").as_str(), status.text("/failing/0").as_str()), ("failed", "writes"));
    faulty.report(None);
    assert_eq!(get(address, "/readyz").status, 200);
    assert_eq!(get(address, "/api/v1/status").text("/status"), "ok");
}

#[test]
fn a_watch_of_the_health_service_reports_each_change_of_state_once_and_ends_with_the_server() {
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new())));
    let store = Store::builder().backend(Arc::clone(&faulty) as Arc<dyn Backend>).open().unwrap();
    let runtime = runtime();
    let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).unwrap();
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    runtime.spawn(server.serve_until(store, async { drop(stopped.await) }));
    ready(address);
    runtime.block_on(async {
        let mut client = HealthClient::new(connect(address).await);
        let request = |service: &str| HealthCheckRequest { service: service.to_owned() };
        let mut told = client.watch(request(SERVICE)).await.unwrap().into_inner().map(|event| event.unwrap().status());
        // What is read each second may still be that of the time before the index.
        while told.next().await != Some(ServingStatus::Serving) {}
        let mut health = BackendHealth::default();
        health.reads = Err("it is closed".to_owned());
        faulty.report(Some(health));
        assert_eq!(told.next().await, Some(ServingStatus::NotServing));
        for (service, expected) in [
            ("", ServingStatus::Serving),
            ("livez", ServingStatus::Serving),
            ("startupz", ServingStatus::Serving),
            ("readyz", ServingStatus::NotServing),
        ] {
            assert_eq!(client.check(request(service)).await.unwrap().into_inner().status(), expected, "{service:?}");
        }
        faulty.report(None);
        assert_eq!(told.next().await, Some(ServingStatus::Serving));
        // A stop waits for no watch.
        stop.send(()).unwrap();
        assert_eq!(told.next().await, Some(ServingStatus::NotServing));
        assert_eq!(told.next().await, None);
    });
}

#[test]
fn probes_are_answered_while_the_store_is_opened_and_all_else_is_refused() {
    let runtime = runtime();
    let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).unwrap();
    let address = server.address();
    let ((open, opening), (opened, is_open)) = (oneshot::channel::<Store>(), channel());
    let store = async { opening.await.map_err(|_| "it cannot be opened") };
    let told = move || opened.send(()).unwrap();
    let serving = runtime.spawn(server.serve_opening(store, told, std::future::pending()));
    assert_eq!(get(address, "/livez").status, 200);
    for path in ["/readyz", "/startupz", "/readyz/writes"] {
        let reply = get(address, path);
        assert_eq!((reply.status, text(&reply).contains("[-]store failed: it is being opened")), (503, true), "{path}");
    }
    let early = send(address, "POST", LIST, &["content-type: application/json"], b"{}");
    assert_eq!(
        (early.status, early.text("/reason").as_str(), early.header("retry-after")),
        (503, "Unavailable", Some("1"))
    );
    runtime.block_on(async {
        let mut health = HealthClient::new(connect(address).await);
        for (service, expected) in [("", ServingStatus::Serving), (SERVICE, ServingStatus::NotServing)] {
            let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await.unwrap().into_inner();
            assert_eq!(answer.status(), expected, "{service:?}");
        }
        let mut client = ResourceServiceClient::new(connect(address).await);
        assert_eq!(client.list_kinds(v1::ListKindsRequest {}).await.unwrap_err().code(), Code::Unavailable);
        assert!(open.send(Store::in_memory().unwrap()).is_ok());
        is_open.recv().unwrap();
        assert!(client.list_kinds(v1::ListKindsRequest {}).await.is_ok());
    });
    assert_eq!(get(address, LIST).status, 200);
    ready(address);
    assert!(!serving.is_finished());
}

#[test]
fn a_store_that_cannot_be_opened_ends_the_server() {
    let runtime = runtime();
    let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).unwrap();
    let store = async { Err::<Store, _>("it is damaged") };
    let ended = runtime.block_on(server.serve_opening(store, || panic!("it is not open"), std::future::pending()));
    assert_eq!(ended, Err("it is damaged"));
}
