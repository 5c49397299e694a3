//! Very many requests, a good part of them wrong.

use std::net::SocketAddr;
use std::thread;

use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;

use super::{LIST, clients, load};
use crate::exchange::{send, send_json};
use crate::soak::rounds;

/// How many clients ask at the same time.
const CLIENTS: usize = 8;

/// One request over REST: half of them right.
fn rest(address: SocketAddr, number: usize) {
    let name = format!("r{number}");
    let target = format!(r#"{{"metadata": {{"name": "{name}"}}, "spec": {{"kubernetes": {{}}}}}}"#);
    let (path, json) = (format!("{LIST}/{name}"), ["content-type: application/json"]);
    let (status, expected) = match number % 12 {
        0 => {
            assert_eq!(send_json(address, "POST", LIST, &target).status, 201);
            (send(address, "DELETE", &path, &[], b"").status, 200)
        }
        1 => (send(address, "GET", LIST, &[], b"").status, 200),
        2 => (send(address, "GET", "/api/v1/status", &[], b"").status, 200),
        3 => (send(address, "PUT", &format!("{path}?dryRun=true"), &json, target.as_bytes()).status, 201),
        4 => (send(address, "HEAD", LIST, &[], b"").status, 200),
        5 => (send(address, "GET", "/swagger.json", &["accept-encoding: gzip"], b"").status, 200),
        6 => (send(address, "GET", &path, &[], b"").status, 404),
        7 => (send_json(address, "POST", LIST, "{\"metadata\": [").status, 400),
        8 => (send_json(address, "POST", LIST, r#"{"metadata": {"name": "Not Good"}, "spec": 1}"#).status, 400),
        9 => (send(address, "POST", LIST, &[], target.as_bytes()).status, 415),
        10 => (send(address, "BREW", "/", &["accept: image/png"], b"").status, 406),
        _ => (send(address, "DELETE", &path, &["if-match: \"nonsense"], b"").status, 400),
    };
    assert_eq!(status, expected, "the {number}th request");
}

/// One call over gRPC: half of them right.
async fn grpc(client: &mut ResourceServiceClient<tonic::transport::Channel>, number: usize) {
    let (kind, namespace) = ("DeploymentTarget".to_owned(), "default".to_owned());
    let code = match number % 4 {
        0 => client.list_kinds(v1::ListKindsRequest {}).await.err(),
        1 => client
            .list(v1::ListRequest { kind, namespace, page_size: 1, page_token: String::new(), ..Default::default() })
            .await
            .err(),
        2 => client.get(v1::GetRequest { kind, namespace, key: "gone".into(), ..Default::default() }).await.err(),
        _ => {
            let document = Some(v1::Document { text: "{{".into(), format: 0 });
            client.create(v1::CreateRequest { kind, namespace, document, options: None }).await.err()
        }
    };
    let expected = [None, None, Some(tonic::Code::NotFound), Some(tonic::Code::InvalidArgument)];
    assert_eq!(code.map(|status| status.code()), expected[number % 4], "the {number}th call");
}

#[test]
fn very_many_requests_with_errors_among_them_leave_nothing() {
    let loaded = load();
    let address = loaded.address();
    let round = |begin: usize, count: usize| {
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                scope.spawn(move || {
                    (begin + client..begin + count).step_by(CLIENTS).for_each(|number| rest(address, number))
                });
                scope.spawn(move || {
                    clients().block_on(async {
                        let mut stub = ResourceServiceClient::connect(format!("http://{address}")).await.unwrap();
                        for number in (client..count).step_by(CLIENTS) {
                            grpc(&mut stub, number).await;
                        }
                    });
                });
            }
        });
    };
    round(0, 600);
    let before = loaded.level();
    loaded.beside(|| round(600, rounds(6_000, 50_000)));
    loaded.comes_back_to(before);
}
