//! Calls that are refused before any service sees them: their clients get a status with the words that REST has.

use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{Hosted, SERVICE, create, host};
use crate::exchange::send;

/// A channel whose requests are for this host.
fn channel(server: &Hosted, origin: &str) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).unwrap();
    let endpoint = endpoint.origin(origin.parse().unwrap());
    server.runtime.block_on(endpoint.connect()).unwrap()
}

fn check(status: &Status, code: Code, reason: &str, message: &str) {
    assert_eq!(status.code(), code, "{status:?}");
    assert!(status.message().contains(message), "{status:?}");
    assert_eq!(status.get_details_error_info().unwrap().reason, reason);
}

#[test]
fn a_call_for_another_host_is_refused_with_the_words_of_rest() {
    let server = host();
    let mut client = ResourceServiceClient::new(channel(&server, "http://evil.example"));
    let status = server.runtime.block_on(client.list_kinds(v1::ListKindsRequest {})).unwrap_err();
    check(&status, Code::PermissionDenied, "Forbidden", "only requests to localhost are answered");
    let stream =
        v1::StreamListRequest { kind: "DeploymentTarget".into(), namespace: "default".into(), ..Default::default() };
    let status = server.runtime.block_on(client.stream_list(stream)).unwrap_err();
    check(&status, Code::PermissionDenied, "Forbidden", "only requests to localhost are answered");
}

#[test]
fn a_call_from_a_page_of_another_origin_is_refused() {
    let server = host();
    let mut client = ResourceServiceClient::new(server.channel.clone());
    let mut request = tonic::Request::new(create("one"));
    request.metadata_mut().insert("origin", "https://evil.example".parse().unwrap());
    let status = server.runtime.block_on(client.create(request)).unwrap_err();
    check(&status, Code::PermissionDenied, "Forbidden", "https://evil.example");
    assert!(server.store.kind("DeploymentTarget").unwrap().namespace("default").get("one").is_err());
}

#[test]
fn a_method_and_a_service_that_are_not_there_say_so() {
    let server = host();
    for (path, message) in
        [("/kindstore.v1.ResourceService/Nope", "has no method \"Nope\""), ("/other.v1.Service/Get", "no such service")]
    {
        let status = server.runtime.block_on(async {
            let mut client = tonic::client::Grpc::new(server.channel.clone());
            client.ready().await.unwrap();
            let codec = tonic_prost::ProstCodec::<v1::ListKindsRequest, v1::ListKindsResponse>::default();
            let request = tonic::Request::new(v1::ListKindsRequest {});
            client.unary(request, path.parse().unwrap(), codec).await.unwrap_err()
        });
        check(&status, Code::Unimplemented, "NotImplemented", message);
    }
}

#[test]
fn keys_namespaces_and_selectors_that_are_too_long_are_refused() {
    let server = host();
    let mut client = ResourceServiceClient::new(server.channel.clone());
    let (kind, namespace) = ("DeploymentTarget".to_owned(), "default".to_owned());
    let long = "x".repeat(1_025);
    let get = |key: &str, namespace: &str| v1::GetRequest {
        kind: kind.clone(),
        namespace: namespace.to_owned(),
        key: key.to_owned(),
        ..Default::default()
    };
    let status = server.runtime.block_on(client.get(get(&long, "default"))).unwrap_err();
    check(&status, Code::InvalidArgument, "BadRequest", "the key has 1025 bytes; at most 1024 are allowed");
    let status = server.runtime.block_on(client.get(get(&long[1..], "default"))).unwrap_err();
    check(&status, Code::NotFound, "NotFound", "xxx");
    let status = server.runtime.block_on(client.get(get("x", &long))).unwrap_err();
    check(&status, Code::InvalidArgument, "BadRequest", "the namespace has 1025 bytes");
    let watch = v1::WatchRequest { kind: kind.clone(), namespace: namespace.clone(), key: long, ..Default::default() };
    let status = server.runtime.block_on(client.watch(watch)).unwrap_err();
    check(&status, Code::InvalidArgument, "BadRequest", "the key has 1025 bytes");
    let label_selector = format!("a={}", "x".repeat(16 << 10));
    let watch = v1::WatchRequest { kind, namespace, label_selector: label_selector.clone(), ..Default::default() };
    let status = server.runtime.block_on(client.watch(watch)).unwrap_err();
    check(&status, Code::InvalidArgument, "BadRequest", "a selector has at most 16384 bytes, this one has 16386");
    let path = "/api/v1/namespaces/default/deployment-targets";
    let reply = send(server.address, "GET", &format!("{path}?labelSelector={label_selector}"), &[], b"");
    assert_eq!((reply.status, reply.text("/reason").as_str()), (400, "BadRequest"));
    for method in ["GET", "DELETE"] {
        let reply = send(server.address, method, &format!("{path}/{}", "x".repeat(1_025)), &[], b"");
        assert_eq!((reply.status, reply.text("/reason").as_str()), (400, "BadRequest"));
    }
}

#[test]
fn a_message_that_is_too_large_is_refused_as_in_rest() {
    let server = host();
    let mut client = ResourceServiceClient::new(server.channel.clone());
    let document = |size: usize| Some(v1::Document { text: vec![b' '; size].into(), format: 0 });
    let create = |size: usize| v1::CreateRequest { document: document(size), ..create("one") };
    let operation = |size: usize| Some(v1::commit_operation::Operation::Create(create(size)));
    let operations = vec![v1::CommitOperation { operation: operation(17 << 20) }];
    let commit = v1::CommitRequest { namespace: "default".into(), operations, dry_run: false };
    let status = server.runtime.block_on(client.commit(commit)).unwrap_err();
    check(&status, Code::ResourceExhausted, "PayloadTooLarge", "larger than the limit of 16777216 bytes");
    // A document just above its limit, and messages that are refused before they are read.
    for size in [(1 << 20) + 1, 2 << 20, 17 << 20] {
        let status = server.runtime.block_on(client.create(create(size))).unwrap_err();
        check(&status, Code::ResourceExhausted, "PayloadTooLarge", "larger than the limit of 1048576 bytes");
    }
    let get = v1::GetRequest { key: "x".repeat(70_000), ..Default::default() };
    let status = server.runtime.block_on(client.get(get)).unwrap_err();
    check(&status, Code::ResourceExhausted, "PayloadTooLarge", "larger than the limit of 65536 bytes");
    // Also where a frame only says that it is as large.
    let frame = [&[0][..], &(20_u32 << 20).to_be_bytes(), b"x"].concat();
    let headers = ["content-type: application/grpc-web+proto"];
    let reply = send(server.address, "POST", &format!("/{SERVICE}/Create"), &headers, &frame);
    assert_eq!((reply.status, reply.header("grpc-status")), (200, Some("8")), "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/grpc-web+proto"));
    // A client over HTTP/1 that sends all of it sees the refusal, at any path.
    let message = [&[0][..], &(7_u32 << 20).to_be_bytes(), &vec![b'x'; 7 << 20]].concat();
    for (path, status) in [
        (format!("/{SERVICE}/Create"), "8"),
        (format!("/{SERVICE}/Nope"), "12"),
        ("/other.v1.Service/Get".into(), "12"),
    ] {
        let reply = send(server.address, "POST", &path, &headers, &message);
        assert_eq!(reply.header("grpc-status"), Some(status), "{path}");
    }
}
