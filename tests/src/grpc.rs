//! gRPC beside the cases: what tools and operators expect of any service.

mod enumeration;
mod refusal;

use std::sync::Arc;

use kindstore::Store;
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use kindstore_server::Server;
use prost::Message;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::exchange::send;
use crate::stall::{Stalling, stalling_store};

const SERVICE: &str = "kindstore.v1.ResourceService";

struct Hosted {
    runtime: Runtime,
    store: Store,
    address: std::net::SocketAddr,
    channel: Channel,
}

fn host() -> Hosted {
    host_store(Store::in_memory().unwrap())
}

fn host_store(store: Store) -> Hosted {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).unwrap();
    let address = server.address();
    runtime.spawn(server.serve(store.clone()));
    let channel = runtime.block_on(Channel::from_shared(format!("http://{address}")).unwrap().connect()).unwrap();
    Hosted { runtime, store, address, channel }
}

fn target(name: &str) -> serde_json::Value {
    json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}})
}

fn create(name: &str) -> v1::CreateRequest {
    let document = Some(v1::Document { text: target(name).to_string().into(), format: 0 });
    v1::CreateRequest { kind: "DeploymentTarget".into(), namespace: "default".into(), document, options: None }
}

#[test]
fn health_is_told_for_the_service_and_for_the_server() {
    let server = host();
    let mut client = HealthClient::new(server.channel.clone());
    for service in ["", SERVICE] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let mut told = server.runtime.block_on(client.watch(request.clone())).unwrap().into_inner();
        // A store builds its index behind its opening, and until then the service is not ready.
        while server.runtime.block_on(told.next()).unwrap().unwrap().status() != ServingStatus::Serving {}
        let answer = server.runtime.block_on(client.check(request)).unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service:?}");
    }
}

#[test]
fn reflection_names_the_services_in_both_of_its_versions() {
    let server = host();
    let names = server.runtime.block_on(async {
        use tonic_reflection::pb::v1::ServerReflectionRequest;
        use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
        use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
        use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
        let message_request = Some(MessageRequest::ListServices(String::new()));
        let request = ServerReflectionRequest { host: String::new(), message_request };
        let mut client = ServerReflectionClient::new(server.channel.clone());
        let answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap();
        match answers.into_inner().next().await.unwrap().unwrap().message_response.unwrap() {
            MessageResponse::ListServicesResponse(list) => {
                list.service.into_iter().map(|one| one.name).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    });
    assert!(names.iter().any(|name| name == SERVICE), "{names:?}");
    server.runtime.block_on(async {
        use tonic_reflection::pb::v1alpha::ServerReflectionRequest;
        use tonic_reflection::pb::v1alpha::server_reflection_client::ServerReflectionClient;
        use tonic_reflection::pb::v1alpha::server_reflection_request::MessageRequest;
        let message_request = Some(MessageRequest::FileContainingSymbol(SERVICE.to_owned()));
        let request = ServerReflectionRequest { host: String::new(), message_request };
        let mut client = ServerReflectionClient::new(server.channel.clone());
        let answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap();
        assert!(answers.into_inner().next().await.unwrap().unwrap().message_response.is_some());
    });
}

#[test]
fn validate_says_what_a_write_would_do_and_stores_nothing() {
    let server = host();
    let mut client = ResourceServiceClient::new(server.channel.clone());
    let mut validate = |write| {
        let request = v1::ValidateRequest { write: Some(v1::validate_request::Write::Create(write)) };
        server.runtime.block_on(client.validate(request)).map(tonic::Response::into_inner)
    };
    let good = validate(create("one")).unwrap();
    assert!(good.valid && good.problems.is_empty());
    assert_eq!(good.resource.unwrap().metadata.unwrap().name, "one");
    let bad = validate(create("not good")).unwrap();
    assert!(!bad.valid && bad.resource.is_none());
    assert_eq!((bad.problems[0].pointer.as_str(), bad.problems[0].reason.as_str()), ("/metadata/name", "isBadName"));
    assert!(server.store.kind("DeploymentTarget").unwrap().namespace("default").get("one").is_err());
    server.store.kind("DeploymentTarget").unwrap().namespace("default").create(target("one")).wait().unwrap();
    assert_eq!(validate(create("one")).unwrap_err().code(), Code::AlreadyExists);
}

#[test]
fn a_list_streams_whole_and_pages_stay_below_what_clients_take() {
    let server = host();
    let big = "x".repeat(900_000);
    for index in 0..8 {
        let mut document = target(&format!("t{index}"));
        document["metadata"]["annotations"] = json!({"big": big});
        server.store.kind("DeploymentTarget").unwrap().namespace("default").create(document).wait().unwrap();
    }
    let mut client = ResourceServiceClient::new(server.channel.clone());
    server.runtime.block_on(async {
        let (kind, namespace) = ("DeploymentTarget".to_owned(), "default".to_owned());
        let request = v1::StreamListRequest { kind: kind.clone(), namespace: namespace.clone(), ..Default::default() };
        let streamed: Vec<_> = client.stream_list(request).await.unwrap().into_inner().collect().await;
        assert_eq!(streamed.iter().filter(|item| item.is_ok()).count(), 8);
        let (mut seen, mut page_token) = (0, String::new());
        loop {
            let request = v1::ListRequest {
                kind: kind.clone(),
                namespace: namespace.clone(),
                page_size: 0,
                page_token,
                ..Default::default()
            };
            // The client's limit of 4 MiB is the check.
            let page = client.list(request).await.unwrap().into_inner();
            seen += page.resources.len();
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, 8);
        let request = v1::StreamListRequest { kind, namespace: "nowhere".to_owned(), ..Default::default() };
        assert_eq!(client.stream_list(request).await.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn messages_can_be_compressed_both_ways() {
    let server = host();
    let client = ResourceServiceClient::new(server.channel.clone());
    let mut client = client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    let answer = server.runtime.block_on(client.create(create("packed"))).unwrap();
    assert_eq!(answer.metadata().get("grpc-encoding").unwrap(), "gzip");
}

#[test]
fn a_deadline_is_honoured_and_the_write_may_still_happen() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Stalling::default());
    let server = host_store(stalling_store(folder.path(), &disk));
    let permit = disk.stall();
    // A client of the usual kind gives up by itself; this one lets the server speak.
    let message = create("late").encode_to_vec();
    let frame = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), &message].concat();
    let headers = ["content-type: application/grpc-web+proto", "grpc-timeout: 50m"];
    let reply = send(server.address, "POST", &format!("/{SERVICE}/Create"), &headers, &frame);
    assert_eq!(reply.header("grpc-status"), Some("4"), "DEADLINE_EXCEEDED");
    assert!(reply.header("grpc-message").unwrap().contains("may%20have%20happened"));
    let mut client = ResourceServiceClient::new(server.channel.clone());
    drop(permit);
    let again = server.runtime.block_on(client.create(create("late"))).unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
}

#[test]
fn grpc_web_is_spoken_on_the_same_port() {
    let server = host();
    // An empty ListKindsRequest: a frame without compression and of length 0.
    let path = format!("/{SERVICE}/ListKinds");
    let reply = send(server.address, "POST", &path, &["content-type: application/grpc-web+proto"], &[0; 5]);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/grpc-web+proto")));
    let body = String::from_utf8_lossy(&reply.body);
    assert!(body.contains("DeploymentTarget") && body.contains("grpc-status:0"));
}
