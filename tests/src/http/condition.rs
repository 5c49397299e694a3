//! Preconditions in headers, for every method (RFC 9110, section 13).

use super::{JSON, LIST, TARGET, check, host};
use crate::exchange::{Reply, send, send_json};

const NOTE: &str = r#"{"metadata": {"annotations": {"a": "b"}}}"#;
const DEFAULTS: &str = "/api/v1/namespaces/default/deployment-defaults";

#[test]
fn conditions_hold_for_every_method() {
    let server = host();
    let path = format!("{LIST}/one");
    let created = send_json(server.address, "POST", LIST, TARGET);
    let own = created.header("etag").unwrap().to_owned();
    let send = |method: &str, path: &str, body: &str, header: &str| {
        send(server.address, method, path, &[JSON, header], body.as_bytes())
    };
    let rollback = format!("{path}/rollback");
    let writes = [
        ("PUT", path.as_str(), TARGET),
        ("DELETE", path.as_str(), ""),
        ("POST", rollback.as_str(), r#"{"version": 1}"#),
    ];
    for (method, path, body) in writes {
        for header in [
            "if-none-match: *".to_owned(),
            format!("if-none-match: {own}"),
            format!("if-none-match: \"x,y\", W/{own}"),
            "if-match: \"foreign\"".to_owned(),
            "if-match: \"\"".to_owned(),
        ] {
            check(&send(method, path, body, &header), 412, "PreconditionFailed");
        }
    }
    let patch = |header: &str| send("PATCH", DEFAULTS, NOTE, header);
    check(&patch("if-none-match: *"), 412, "PreconditionFailed");
    // What matches nothing is no obstacle, and commas within quotes end no tag.
    assert_eq!(send("PUT", &path, TARGET, "if-none-match: \"a,b\"").status, 200);
    assert_eq!(send("PUT", &path, TARGET, &format!("if-match: \"a,b\", {own}")).status, 200);
    assert_eq!(send("PUT", &path, TARGET, &format!("if-match: {own}\r\nif-none-match: \"a\"")).status, 200);
    check(&send("PUT", &path, TARGET, &format!("if-match: {own}\r\nif-none-match: *")), 412, "PreconditionFailed");
    let get = |header: &str| send("GET", &path, "", header);
    check(&get("if-match: \"foreign\""), 412, "PreconditionFailed");
    assert_eq!((get("if-match: *").status, get(&format!("if-match: \"a,b\", {own}")).status), (200, 200));
    assert_eq!(get(&format!("if-match: {own}\r\nif-none-match: \"a,b\", {own}")).status, 304);
}

#[test]
fn conditions_about_what_is_not_there_fail_or_hold() {
    let server = host();
    let path = format!("{LIST}/one");
    let send = |method: &str, path: &str, body: &str, header: &str| {
        send(server.address, method, path, &[JSON, header], body.as_bytes())
    };
    check(&send("DELETE", &path, "", "if-match: *"), 412, "PreconditionFailed");
    check(&send("DELETE", &path, "", "if-none-match: *"), 404, "NotFound");
    check(&send("GET", &path, "", "if-match: *"), 404, "NotFound");
    assert_eq!(send("PUT", &path, TARGET, "if-none-match: \"a\"").status, 201);
    assert_eq!(send("DELETE", &path, "", "if-match: *").status, 200);
    let undelete = format!("{path}/undelete");
    check(&send("POST", &undelete, "", "if-match: *"), 412, "PreconditionFailed");
    assert_eq!(send("POST", &undelete, "", "if-none-match: *").status, 201);
    check(&send("POST", &undelete, "", "if-none-match: *"), 412, "PreconditionFailed");
}

#[test]
fn a_condition_without_a_tag_is_refused_and_does_not_count_as_none() {
    let server = host();
    let path = format!("{LIST}/one");
    assert_eq!(send_json(server.address, "POST", LIST, TARGET).status, 201);
    for header in ["if-match:", "if-match: , ,", "if-none-match:", "if-none-match: ,", "if-match: *\r\nif-none-match:"]
    {
        for (method, path, body) in [
            ("DELETE", path.as_str(), ""),
            ("PUT", path.as_str(), TARGET),
            ("GET", path.as_str(), ""),
            ("POST", LIST, TARGET),
            ("PATCH", DEFAULTS, NOTE),
        ] {
            let reply = send(server.address, method, path, &[JSON, header], body.as_bytes());
            check(&reply, 400, "BadRequest");
            assert!(reply.text("/message").contains("holds no ETag"), "{method} {header}");
        }
    }
    assert_eq!(send_json(server.address, "GET", &path, "").status, 200);
}

#[test]
fn what_has_no_etag_matches_none() {
    let server = host();
    let batch = r#"{"operations": []}"#;
    for (method, path, body) in [
        ("POST", LIST, TARGET),
        ("POST", "/api/v1/namespaces/default:batch", batch),
        ("GET", LIST, ""),
        ("GET", "/", ""),
    ] {
        let send = |header: &str| send(server.address, method, path, &[JSON, header], body.as_bytes());
        check(&send("if-match: \"a\""), 412, "PreconditionFailed");
        check(&send("if-match: a"), 400, "BadRequest");
        if method == "POST" {
            check(&send("if-none-match: *"), 412, "PreconditionFailed");
        }
        assert!(send("if-none-match: \"a\"").status < 300);
    }
    assert_eq!(send(server.address, "POST", LIST, &[JSON, "if-match: *"], TARGET.as_bytes()).status, 409);
}

#[test]
fn a_refusal_shows_the_tags_as_they_were_sent() {
    let server = host();
    let path = format!("{LIST}/one");
    assert_eq!(send_json(server.address, "POST", LIST, TARGET).status, 201);
    let message = |reply: Reply| reply.text("/message");
    let put = |header: &str| message(send(server.address, "PUT", &path, &[JSON, header], TARGET.as_bytes()));
    assert!(put("if-match: W/\"a,b\", \"c\"").contains("expected W/\"a,b\" or \"c\", found version 1"));
    assert!(put("if-none-match: \"c\"").is_empty());
    let get = message(send(server.address, "GET", &path, &["if-match: \"a,b\""], b""));
    assert!(get.contains("expected \"a,b\", found version 1"), "{get}");
    let long = put(&format!("if-match: \"{}\"", "x".repeat(5000)));
    assert!(long.len() < 500 && long.contains("xxx..."), "{long}");
}
