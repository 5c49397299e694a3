//! Requests of pages of other origins, as browsers send them.

use kindstore_server::Settings;

use super::{JSON, LIST, TARGET, check, host, host_with};
use crate::exchange::{send, send_json};

const FOREIGN: [&[&str]; 5] = [
    &["origin: https://evil.example"],
    &["origin: null"],
    &["sec-fetch-site: cross-site"],
    &["sec-fetch-site: same-site", "origin: http://localhost:1"],
    &["sec-fetch-site: cross-site", "origin: https://evil.example"],
];

#[test]
fn a_page_of_another_origin_changes_nothing() {
    let server = host();
    let one = format!("{LIST}/one");
    assert_eq!(send_json(server.address, "POST", LIST, TARGET).status, 201);
    let batch = r#"{"operations": [{"operation": "delete", "kind": "DeploymentTarget", "name": "one"}]}"#;
    for headers in FOREIGN {
        let send = |method: &str, path: &str, body: &str| {
            send(server.address, method, path, &[headers, &[JSON]].concat(), body.as_bytes())
        };
        check(&send("POST", LIST, &TARGET.replace("one", "two")), 403, "Forbidden");
        check(&send("PUT", &format!("{LIST}/two"), TARGET), 403, "Forbidden");
        check(&send("DELETE", &one, ""), 403, "Forbidden");
        check(&send("POST", &format!("{one}/rollback"), r#"{"version": 1}"#), 403, "Forbidden");
        check(&send("POST", "/api/v1/namespaces/default:batch", batch), 403, "Forbidden");
        // In the form of each API.
        let flat = send("POST", "/namespaces/v1/namespaces", r#"{"name": "namespaces/evil"}"#);
        assert_eq!((flat.status, flat.text("/code").as_str()), (403, "PERMISSION_DENIED"));
        // Reads are left to the rules of browsers, which hide the answer.
        assert_eq!(send("GET", &one, "").status, 200);
    }
    assert_eq!(send(server.address, "DELETE", &one, &[], b"").status, 200);
    for headers in FOREIGN {
        let undelete = format!("{one}/undelete");
        check(
            &send(server.address, "POST", &undelete, &[headers, &["content-type: text/plain"]].concat(), b""),
            403,
            "Forbidden",
        );
        for media in ["application/grpc-web+proto", "application/grpc-web-text", "application/grpc"] {
            let content_type = format!("content-type: {media}");
            let headers = [headers, &[content_type.as_str()]].concat();
            let call = send(server.address, "POST", "/kindstore.v1.ResourceService/Undelete", &headers, b"");
            assert_eq!((call.status, call.header("grpc-status")), (200, Some("7")), "{media}");
            assert!(call.header("content-type").unwrap().starts_with(&media[..16]), "{media}");
        }
    }
    assert_eq!(send(server.address, "GET", &one, &[], b"").status, 404);
}

#[test]
fn the_own_pages_and_listed_origins_change_what_they_like() {
    let settings = Settings { cors_origins: vec!["https://tools.example.org".to_owned()], ..Settings::default() };
    let server = host_with(settings);
    let own = format!("origin: http://{}", server.address);
    for headers in [
        &[own.as_str()][..],
        &["sec-fetch-site: same-origin", own.as_str()],
        &["sec-fetch-site: none"],
        &["origin: https://tools.example.org", "sec-fetch-site: cross-site"],
    ] {
        let reply =
            send(server.address, "PUT", &format!("{LIST}/one"), &[headers, &[JSON]].concat(), TARGET.as_bytes());
        assert!(matches!(reply.status, 200 | 201), "{headers:?}: {reply:?}");
    }
}

#[test]
fn a_body_of_a_simple_type_is_refused_also_where_none_is_needed() {
    let server = host();
    let one = format!("{LIST}/one");
    assert_eq!(send_json(server.address, "POST", LIST, TARGET).status, 201);
    let send = |method: &str, path: &str, headers: &[&str], body: &str| {
        send(server.address, method, path, headers, body.as_bytes())
    };
    let chunked = "transfer-encoding: chunked";
    for (headers, body) in [
        (&["content-type: text/plain"][..], "x"),
        (&[], "x"),
        (&["content-type: application/x-www-form-urlencoded"], "a=b"),
    ] {
        check(&send("DELETE", &one, headers, body), 415, "UnsupportedMediaType");
    }
    assert_eq!(send("DELETE", &one, &["content-type: text/plain"], "").status, 200);
    let undelete = format!("{one}/undelete");
    check(&send("POST", &undelete, &["content-type: text/plain"], "x"), 415, "UnsupportedMediaType");
    let empty =
        format!("POST {undelete} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{chunked}\r\n\r\n0\r\n\r\n");
    let full = empty.replace("0\r\n\r\n", "1\r\nx\r\n0\r\n\r\n");
    for (request, status) in [(full, "HTTP/1.1 415"), (empty, "HTTP/1.1 201")] {
        let bytes = crate::exchange::exchange(server.address, request.as_bytes());
        assert!(bytes.starts_with(status.as_bytes()), "{}", String::from_utf8_lossy(&bytes));
    }
}
