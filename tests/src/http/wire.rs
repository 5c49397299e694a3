//! Requests byte by byte: hosts, codings, and bodies that are announced before they are sent.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{JSON, LIST, TARGET, check, host};
use crate::exchange::{Reply, exchange, send};

fn reply(address: std::net::SocketAddr, request: &str) -> Reply {
    Reply::parse(&exchange(address, request.as_bytes())).unwrap()
}

#[test]
fn a_request_names_one_host_which_is_this_machine() {
    let server = host();
    let own = format!("host: {}\r\n", server.address);
    for (target, hosts, status, reason) in [
        ("/api/v1/status", String::new(), 400, "BadRequest"),
        ("/api/v1/status", own.repeat(2), 400, "BadRequest"),
        ("/api/v1/status", format!("{own}host: evil.example\r\n"), 400, "BadRequest"),
        ("/api/v1/status", "host: a b\r\n".to_owned(), 400, "BadRequest"),
        ("/api/v1/status", "host: localhost, evil.example\r\n".to_owned(), 400, "BadRequest"),
        ("/api/v1/status", "host: localhost@evil.example\r\n".to_owned(), 400, "BadRequest"),
        ("/api/v1/status", "host:\r\n".to_owned(), 403, "Forbidden"),
        ("http://evil.example/api/v1/status", own.clone(), 403, "Forbidden"),
        ("http://localhost@evil.example/api/v1/status", own.clone(), 403, "Forbidden"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\n{hosts}\r\n");
        let found = reply(server.address, &request);
        check(&found, status, reason);
        assert_eq!(found.header("connection"), Some("close"));
    }
    // In the target a host counts, and the one of the header does not.
    let request = "GET http://localhost/api/v1/status HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    assert_eq!(reply(server.address, request).status, 200);
    assert_eq!(reply(server.address, "GET /api/v1/status HTTP/1.0\r\n\r\n").status, 200);
}

#[test]
fn over_http2_the_host_of_the_target_and_that_of_the_header_agree() {
    let server = host();
    let own = server.address.to_string();
    let get = |target: &str, header: Option<&str>| {
        let mut request = http::Request::get(format!("http://{target}/api/v1/status"));
        if let Some(header) = header {
            request = request.header("host", header);
        }
        let request = request.body(()).unwrap();
        server._runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
            let (client, connection) = h2::client::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            let (response, _) = client.ready().await.unwrap().send_request(request, true).unwrap();
            response.await.unwrap().status().as_u16()
        })
    };
    assert_eq!((get(&own, None), get(&own, Some(&own))), (200, 200));
    assert_eq!((get(&own, Some("evil.example")), get("evil.example", Some(&own))), (400, 400));
    assert_eq!((get("evil.example", None), get("evil.example", Some("evil.example"))), (403, 403));
}

#[test]
fn a_refusal_has_the_form_that_its_client_reads() {
    let server = host();
    let refused = |method: &str, path: &str, headers: &[&str]| {
        send(server.address, method, path, &[&["host: evil.example"], headers].concat(), b"")
    };
    let flat = refused("GET", "/namespaces/v1/namespaces", &[]);
    assert_eq!((flat.status, flat.text("/code").as_str()), (403, "PERMISSION_DENIED"));
    let yaml = refused("GET", LIST, &["accept: application/yaml"]);
    assert!(yaml.body.starts_with(b"kind: ApiException\n"), "{yaml:?}");
    assert_eq!(refused("HEAD", LIST, &[]).body, b"");
}

#[test]
fn a_body_in_another_coding_than_chunks_is_refused() {
    let server = host();
    for coding in ["gzip, chunked", "chunked, chunked", "x, chunked", "gzip\r\ntransfer-encoding: chunked"] {
        let head = format!("host: localhost\r\n{JSON}\r\ntransfer-encoding: {coding}\r\n");
        let request = format!("POST {LIST} HTTP/1.1\r\n{head}\r\n{:x}\r\n{TARGET}\r\n0\r\n\r\n", TARGET.len());
        let found = reply(server.address, &request);
        check(&found, 501, "NotImplemented");
        assert_eq!(found.header("connection"), Some("close"), "{coding}");
    }
    assert_eq!(send(server.address, "GET", &format!("{LIST}/one"), &[], b"").status, 404);
    for coding in ["identity", "Identity", ""] {
        let coding = format!("content-encoding: {coding}");
        let path = format!("{LIST}?dryRun=true");
        assert_eq!(send(server.address, "POST", &path, &[JSON, &coding], TARGET.as_bytes()).status, 201, "{coding}");
    }
    let both = [JSON, "content-encoding: identity", "content-encoding: gzip"];
    check(&send(server.address, "POST", LIST, &both, TARGET.as_bytes()), 415, "UnsupportedMediaType");
}

#[test]
fn a_body_that_would_be_refused_is_not_asked_for() {
    let server = host();
    let batch = "/api/v1/namespaces/default:batch";
    let large = format!("content-length: {}", 2 << 20);
    for (method, path, headers, status) in [
        ("POST", LIST, &[JSON, &large][..], 413),
        ("PUT", &format!("{LIST}/one"), &[JSON, &large], 413),
        ("POST", batch, &[JSON, "content-length: 20000000"], 413),
        ("POST", LIST, &["content-type: text/plain", "content-length: 10"], 415),
        ("POST", LIST, &["content-length: 10"], 415),
        ("DELETE", &format!("{LIST}/one"), &["content-length: 10"], 415),
        ("POST", LIST, &[JSON, "content-encoding: gzip", "content-length: 10"], 415),
        ("POST", "/nothing", &[JSON, "content-length: 10"], 404),
        ("PUT", LIST, &[JSON, "content-length: 10"], 405),
        ("POST", LIST, &[JSON, "content-length: 10", "origin: null"], 403),
        ("POST", LIST, &[JSON, "transfer-encoding: gzip, chunked"], 501),
    ] {
        let begun = Instant::now();
        let headers = headers.join("\r\n");
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n{headers}\r\n\r\n");
        let found = Reply::parse(&exchange(server.address, head.as_bytes())).unwrap();
        assert_eq!(found.status, status, "{head}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{head}");
    }
}

#[test]
fn a_body_that_is_wanted_is_asked_for() {
    let server = host();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("host: localhost\r\nexpect: 100-continue\r\n{JSON}\r\ncontent-length: {}", TARGET.len());
    stream.write_all(format!("POST {LIST} HTTP/1.1\r\nconnection: close\r\n{head}\r\n\r\n").as_bytes()).unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(TARGET.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(Reply::parse(&bytes).unwrap().status, 201);
}
