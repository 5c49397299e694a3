//! The client against a server that goes away and comes back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use kindstore::Store;
use kindstore_client::{ChangeType, Client, Retry};
use kindstore_server::Server;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server that can be stopped, over a store that stays.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(store: &Store, address: SocketAddr) -> Self {
        let server = Server::bind(address).await.unwrap();
        let (address, (stop, stopped)) = (server.address(), oneshot::channel());
        let stopped = async { drop(stopped.await) };
        Self { address, stop, task: tokio::spawn(server.serve_until(store.clone(), stopped)) }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

fn target(name: &str) -> serde_json::Value {
    json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}})
}

fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

#[tokio::test]
async fn a_watch_goes_on_where_it_was_when_the_server_comes_back() {
    let store = Store::in_memory().unwrap();
    let running = Running::start(&store, anywhere()).await;
    let address = running.address;
    let client = Client::connect(address.to_string()).await.unwrap();
    let mut watch = client.watch("DeploymentTarget").await.unwrap();
    client.create("DeploymentTarget", target("one")).await.unwrap();
    assert_eq!(watch.next().await.unwrap().change_type, ChangeType::Added);
    running.stop().await;
    store.kind("DeploymentTarget").unwrap().namespace("default").create(target("two")).wait().unwrap();
    let running = Running::start(&store, address).await;
    let event = watch.next().await.unwrap();
    assert_eq!(event.resource.unwrap().metadata.name.as_deref(), Some("two"), "it is reported, and only it");
    assert_eq!(event.cursor, watch.cursor());
    drop(watch);
    running.stop().await;
}

#[tokio::test]
async fn a_watch_ends_when_its_patience_does() {
    let store = Store::in_memory().unwrap();
    let running = Running::start(&store, anywhere()).await;
    let client = Client::connect(running.address.to_string()).await.unwrap();
    let mut watch = client.watch("DeploymentTarget").patience(Duration::from_millis(300)).await.unwrap();
    running.stop().await;
    assert!(watch.next().await.unwrap_err().is_unavailable());
    assert_eq!(watch.next().await.unwrap_err().reason(), "BadRequest", "it has ended");
}

#[tokio::test]
async fn a_write_that_never_left_changed_nothing() {
    let store = Store::in_memory().unwrap();
    let running = Running::start(&store, anywhere()).await;
    let address = running.address.to_string();
    running.stop().await;
    let error = Client::connect(address.as_str()).await.unwrap_err();
    assert!(error.is_unavailable() && error.message().contains(&address), "{error}");
    let client = Client::builder(address).retry(Retry::NONE).connect_lazy().unwrap();
    let error = client.create("DeploymentTarget", target("one")).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
}

#[tokio::test]
async fn a_write_without_an_answer_has_an_unknown_outcome_and_a_read_has_not() {
    let silent = std::net::TcpListener::bind(anywhere()).unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let client = Client::builder(address).deadline(Duration::from_millis(200)).connect_lazy().unwrap();
    assert!(client.create("DeploymentTarget", target("one")).await.unwrap_err().is_outcome_unknown());
    assert!(client.get("DeploymentTarget", "one").await.unwrap_err().is_deadline_exceeded());
}

#[tokio::test]
async fn lists_and_streams_give_the_same_resources() {
    let store = Store::in_memory().unwrap();
    let running = Running::start(&store, anywhere()).await;
    let client = Client::connect(running.address.to_string()).await.unwrap();
    for name in ["one", "two", "three"] {
        client.create("DeploymentTarget", target(name)).await.unwrap();
    }
    let listed = client.list("DeploymentTarget").page_size(2).await.unwrap();
    assert_eq!(listed.len(), 3);
    let (mut stream, mut streamed) = (client.stream_list("DeploymentTarget").await.unwrap(), Vec::new());
    while let Some(resource) = stream.next().await {
        streamed.push(resource.unwrap());
    }
    assert_eq!(listed, streamed);
    assert_eq!(client.kind("nothing").await.unwrap_err().reason(), "BadRequest");
    assert_eq!(client.kind("deployment").await.unwrap().key_scheme, "name");
    assert!(client.kinds().await.unwrap().iter().any(|kind| kind.verbs.contains(&"list".to_owned())));
    assert!(client.get("Namespace", "default").namespace(None).await.unwrap().metadata.namespace.is_none());
}
