//! REST to the letter: what clients send that is not a plain request, and what they get.

mod app;
mod condition;
mod origin;
mod path;
mod watch;
mod wire;

use std::net::SocketAddr;

use kindstore::Store;
use kindstore_server::{Server, Settings};
use tokio::runtime::Runtime;

use crate::exchange::{Reply, send, send_json};
use crate::target::furnished;

const LIST: &str = "/api/v1/namespaces/default/deployment-targets";
const TARGET: &str = r#"{"metadata": {"name": "one"}, "spec": {"kubernetes": {}}}"#;
const JSON: &str = "content-type: application/json";

/// A server in this process; it goes with the runtime.
struct Hosted {
    _runtime: Runtime,
    address: SocketAddr,
}

fn host() -> Hosted {
    host_with(Settings::default())
}

fn host_with(settings: Settings) -> Hosted {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..settings };
    let store = furnished(Store::builder().plain_secrets(true).open().unwrap());
    let server = runtime.block_on(Server::bind(settings)).unwrap();
    let address = server.address();
    runtime.spawn(server.serve(store));
    Hosted { _runtime: runtime, address }
}

fn check(reply: &Reply, status: u16, reason: &str) {
    assert_eq!((reply.status, reply.text("/reason").as_str()), (status, reason), "{reply:?}");
    assert!(!reply.text("/message").is_empty());
    assert_eq!(reply.text("/kind"), "ApiException");
}

#[test]
fn every_layer_answers_errors_that_clients_can_parse() {
    let server = host();
    let send =
        |method: &str, path: &str, headers: &[&str], body: &[u8]| send(server.address, method, path, headers, body);
    check(&send("GET", "/nothing/here", &[], b""), 404, "NotFound");
    check(&send("GET", "/api/v1/namespaces/%zz/deployments", &[], b""), 400, "BadRequest");
    check(&send("GET", "/api/v1/namespaces/nowhere/deployments", &[], b""), 404, "NotFound");
    check(&send("GET", LIST, &["accept: image/png"], b""), 406, "NotAcceptable");
    check(&send("POST", LIST, &[], TARGET.as_bytes()), 415, "UnsupportedMediaType");
    check(&send("POST", LIST, &["content-type: text/plain"], TARGET.as_bytes()), 415, "UnsupportedMediaType");
    let latin = "content-type: application/json; charset=latin1";
    check(&send("POST", LIST, &[latin], TARGET.as_bytes()), 415, "UnsupportedMediaType");
    let gzip = [JSON, "content-encoding: gzip"];
    check(&send("POST", LIST, &gzip, TARGET.as_bytes()), 415, "UnsupportedMediaType");
    check(&send("POST", LIST, &[JSON], b"{"), 400, "BadRequest");
    check(&send("POST", LIST, &[JSON], b""), 400, "BadRequest");
    check(&send("POST", &format!("{LIST}?dryRun=maybe"), &[JSON], TARGET.as_bytes()), 400, "BadRequest");
    check(&send("POST", &format!("{LIST}?dry-run=true"), &[JSON], TARGET.as_bytes()), 400, "BadRequest");
    check(&send("GET", &format!("{LIST}?orderBy=name"), &[], b""), 501, "NotImplemented");
    check(&send("GET", LIST, &["host: evil.example"], b""), 403, "Forbidden");
    check(&send("BREW", LIST, &[], b""), 405, "MethodNotAllowed");
}

#[test]
fn a_body_that_is_too_large_is_refused_and_the_client_sees_it() {
    let server = host();
    let body = format!(r#"{{"metadata": {{"name": "{}"}}}}"#, "x".repeat(3 << 20));
    check(&send_json(server.address, "POST", LIST, &body), 413, "PayloadTooLarge");
}

#[test]
fn a_method_that_is_not_there_says_which_are() {
    let server = host();
    for (method, path, allow) in [
        ("DELETE", LIST, "GET, HEAD, POST, OPTIONS"),
        ("PUT", "/api/v1/namespaces/default/deployment-targets/", "GET, HEAD, POST, OPTIONS"),
        ("PATCH", "/api/v1/namespaces/default/deployment-targets/x", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("POST", "/api/v1/namespaces/default/deployment-defaults", "GET, HEAD, PATCH, OPTIONS"),
        ("POST", "/api/v1/namespaces/default/events", "GET, HEAD, OPTIONS"),
        ("GET", "/api/v1/namespaces/default/events/x", "OPTIONS"),
        ("GET", "/api/v1/namespaces/default:batch", "POST, OPTIONS"),
        ("POST", "/api/v1/status", "GET, HEAD, OPTIONS"),
    ] {
        let reply = send(server.address, method, path, &[], b"");
        check(&reply, 405, "MethodNotAllowed");
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
    let reply = send(server.address, "OPTIONS", "/api/v1/namespaces/default/deployments/x", &[], b"");
    assert_eq!((reply.status, reply.header("allow")), (204, Some("GET, HEAD, PUT, PATCH, DELETE, OPTIONS")));
    assert!(reply.header("accept-patch").unwrap().contains("merge-patch+json"));
    assert!(reply.header("accept-patch").unwrap().contains("json-patch+json"));
}

#[test]
fn a_json_patch_is_what_says_so_and_only_a_patch() {
    let server = host();
    let path = "/api/v1/namespaces/default/deployment-defaults";
    let send = |method: &str, media: &str, body: &str| {
        send(server.address, method, path, &[&format!("content-type: {media}")], body.as_bytes())
    };
    let patch = r#"[{"op": "add", "path": "/spec/template", "value": {"spec": {"parallelism": 3}}}]"#;
    for media in
        ["application/json-patch+json", "Application/JSON-Patch+JSON; charset=utf-8", "application/json-patch+yaml"]
    {
        assert_eq!(send("PATCH", media, patch).status, 200, "{media}");
    }
    check(&send("PATCH", "application/json", patch), 400, "BadRequest");
    check(&send("PATCH", "application/json-patch+json; charset=latin1", patch), 415, "UnsupportedMediaType");
    check(&send("PATCH", "application/json-patch+json", "{}"), 400, "BadRequest");
    let list = |media: &str| super::exchange::send(server.address, "POST", LIST, &[media], patch.as_bytes());
    check(&list("content-type: application/json-patch+json"), 415, "UnsupportedMediaType");
}

#[test]
fn request_and_answer_choose_their_form_independently() {
    let server = host();
    let yaml = b"metadata: {name: one}\nspec: {kubernetes: {}}\n";
    let reply = send(server.address, "POST", LIST, &["content-type: text/yaml; charset=UTF-8"], yaml);
    assert_eq!((reply.status, reply.header("content-type")), (201, Some("application/json")));
    let location = reply.header("location").unwrap();
    let reply = send(server.address, "GET", location, &["accept: application/yaml, application/json;q=0.5"], b"");
    assert_eq!(reply.header("content-type"), Some("application/yaml"));
    assert!(reply.body.starts_with(b"kind: DeploymentTarget\napiVersion: v1\nmetadata:\n  id: "));
    let reply = send(server.address, "GET", "/api/v1/status/", &["accept: application/x-yaml"], b"");
    assert_eq!(reply.header("content-type"), Some("application/yaml"));
    let reply = send(server.address, "GET", &format!("{LIST}/gone"), &["accept: application/yaml"], b"");
    assert!(reply.body.starts_with(b"kind: ApiException\napiVersion: v1\nmessage: "));
}

#[test]
fn a_browser_gets_json_and_every_empty_parameter_counts_as_not_given() {
    let server = host();
    let browser = ["accept: text/html,application/xhtml+xml,application/xml;q=0.9"];
    for path in [LIST, "/api/v1/status", "/namespaces/v1/namespaces", "/nothing"] {
        let reply = send(server.address, "GET", path, &browser, b"");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
    }
    let jobs =
        "/api/v1/namespaces/default/jobs?deploymentId=&jobId=&limit=&continue=&labelSelector=&fieldSelector=&watch=";
    assert_eq!(send(server.address, "GET", jobs, &[], b"").status, 200);
    assert_eq!(send(server.address, "GET", &format!("{LIST}?orderBy="), &[], b"").status, 200);
    check(&send(server.address, "GET", &jobs.replace("deploymentId=", "deploymentId=x"), &[], b""), 400, "BadRequest");
    // A variable that is not set must not turn a trial into a write.
    check(&send_json(server.address, "POST", &format!("{LIST}?dryRun="), TARGET), 400, "BadRequest");
}

#[test]
fn the_version_of_the_build_is_a_setting() {
    let path = "/api/v1/status/system-info";
    let pointer = "/status/revisionInformation/buildVersion";
    let set = host_with(Settings { build_version: Some("2.6.1".to_owned()), ..Settings::default() });
    assert_eq!(send(set.address, "GET", path, &[], b"").text(pointer), "2.6.1");
    assert_eq!(send(host().address, "GET", path, &[], b"").text(pointer), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_origin_that_no_browser_sends_is_refused_at_start() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for origin in ["*", "null", "a b", "https://a/x"] {
        let settings = Settings { cors_origins: vec![origin.to_owned()], ..Settings::from(([127, 0, 0, 1], 0)) };
        let error = runtime.block_on(Server::bind(settings)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{origin}");
        assert!(error.to_string().contains("https://tools.example.org"), "{error}");
    }
}

#[test]
fn etags_make_reads_cheap_and_writes_safe() {
    let server = host();
    let path = "/api/v1/namespaces/default/deployments/one";
    let body = r#"{"spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}}"#;
    let put = |headers: &[&str]| send(server.address, "PUT", path, headers, body.as_bytes());
    assert_eq!(put(&[JSON, "if-match: *"]).status, 412);
    let created = put(&[JSON, "if-none-match: *"]);
    assert_eq!((created.status, put(&[JSON, "if-none-match: *"]).status), (201, 412));
    let etag = created.header("etag").unwrap().to_owned();
    let get = |header: &str| send(server.address, "GET", path, &[header], b"");
    let known = get(&format!("if-none-match: W/{etag}"));
    assert_eq!((known.status, known.header("etag"), known.body.len()), (304, Some(etag.as_str()), 0));
    assert_eq!(get("if-none-match: \"something-else\"").status, 200);
    let patch = |path: &str, condition: &str| {
        let headers = [JSON, condition];
        send(server.address, "PATCH", path, &headers, br#"{"metadata": {"displayName": "x"}}"#).status
    };
    assert_eq!(patch(path, "if-match: \"1\""), 400);
    assert_eq!(patch(path, "if-match: nonsense"), 400);
    let id = created.text("/metadata/id");
    let by_id = format!("/api/v1/namespaces/default/deployments/{id}");
    assert_eq!(patch(&by_id, "if-match: \"7\""), 412);
    assert_eq!(patch(&by_id, "if-match: \"1\""), 200);
    assert_eq!(patch(path, &format!("if-match: {etag}")), 412);
    assert_eq!(patch(path, &format!("if-match: {etag}, \"{id}.2\"")), 200);
}

#[test]
fn a_namespace_is_deleted_at_the_version_that_was_expected() {
    let server = host();
    let path = "/namespaces/v1/namespaces/team";
    let created = send_json(server.address, "POST", "/namespaces/v1/namespaces", r#"{"name": "team"}"#);
    let stale = send(server.address, "DELETE", path, &["if-match: \"01a20000-0000-7000-8000-000000000000.1\""], b"");
    assert_eq!(stale.status, 412);
    let condition = format!("if-match: {}", created.header("etag").unwrap());
    assert_eq!(send(server.address, "DELETE", path, &[&condition], b"").status, 200);
    assert_eq!(send(server.address, "GET", path, &[], b"").status, 404);
}

#[test]
fn an_early_refusal_of_a_large_body_is_seen() {
    let server = host();
    let body = "x".repeat(4 << 20);
    for _ in 0..5 {
        check(&send_json(server.address, "POST", "/nothing", &body), 404, "NotFound");
        check(&send(server.address, "PUT", LIST, &[JSON], body.as_bytes()), 405, "MethodNotAllowed");
        check(&send(server.address, "POST", LIST, &[], body.as_bytes()), 415, "UnsupportedMediaType");
    }
}

#[test]
fn an_answer_about_a_bad_document_stays_small() {
    let server = host();
    let labels: Vec<String> = (0..20_000).map(|number| format!(r#""label-{number}": []"#)).collect();
    let body = format!(
        r#"{{"kind": "{}", "metadata": {{"name": "one", "labels": {{{}}}}}}}"#,
        "K".repeat(100_000),
        labels.join(",")
    );
    let reply = send_json(server.address, "POST", LIST, &body);
    assert_eq!((reply.status, reply.text("/reason")), (400, "Invalid".to_owned()));
    assert!(reply.body.len() < 32 << 10, "{} bytes", reply.body.len());
    assert_eq!(reply.json().at("/errors").unwrap().as_array().unwrap().len(), 101);
}

/// `KINDSTORE_GOLDEN=write cargo test` writes the files anew; the difference is for reading.
#[test]
fn the_descriptions_of_the_apis_change_only_where_somebody_sees_it() {
    let server = host();
    for (path, file) in [
        ("/api/swagger.json", "appmanager.json"),
        ("/swagger.json", "platform.json"),
        ("/api/swagger.json?version=2", "appmanager-2.0.json"),
        ("/swagger.json?version=2", "platform-2.0.json"),
    ] {
        let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
        let reply = send(server.address, "GET", path, &[], b"");
        let document: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
        if std::env::var("KINDSTORE_GOLDEN").is_ok_and(|word| word == "write") {
            std::fs::write(&golden, &text).unwrap();
        }
        assert!(std::fs::read_to_string(&golden).is_ok_and(|known| known == text), "{file} is not what {path} says");
    }
}

/// Generators make members of classes of these names, which are none in most languages.
#[test]
fn every_declared_member_of_the_descriptions_has_a_name_for_programs() {
    fn check(value: &serde_json::Value, place: &str) {
        let serde_json::Value::Object(members) = value else {
            return value.as_array().into_iter().flatten().for_each(|item| check(item, place));
        };
        let names =
            members.get("properties").and_then(serde_json::Value::as_object).into_iter().flat_map(|it| it.keys());
        for name in names {
            let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            assert!(is_name, "{place} declares the member {name:?}");
        }
        members.iter().for_each(|(name, member)| check(member, &format!("{place}/{name}")));
    }
    let server = host();
    for path in ["/api/swagger.json", "/swagger.json", "/api/swagger.json?version=2", "/swagger.json?version=2"] {
        let reply = send(server.address, "GET", path, &[], b"");
        check(&serde_json::from_slice(&reply.body).unwrap(), path);
    }
}

#[test]
fn the_swagger_page_answers_itself_and_loads_nothing_from_elsewhere() {
    let server = host();
    for path in ["/swagger", "/swagger/"] {
        let page = send(server.address, "GET", path, &["accept: text/html"], b"");
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        assert!(!String::from_utf8(page.body).unwrap().contains("http"));
    }
    assert_eq!(
        send(server.address, "GET", "/swagger/swagger-ui.css", &[], b"").header("content-type"),
        Some("text/css; charset=utf-8")
    );
    check(&send(server.address, "GET", "/swagger/nothing.js", &[], b""), 404, "NotFound");
    check(&send(server.address, "GET", "/swagger.json?version=1", &[], b""), 400, "BadRequest");
}

#[test]
fn answers_are_compressed_on_request_but_not_what_is_revealed() {
    let server = host();
    let description = |headers: &[&str]| send(server.address, "GET", "/api/swagger.json", headers, b"");
    let (plain, packed) = (description(&[]), description(&["accept-encoding: gzip"]));
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), (None, Some("gzip")));
    assert!(packed.body.len() * 4 < plain.body.len());
    for reply in [plain, packed] {
        assert_eq!(reply.header("vary").map(str::to_ascii_lowercase).as_deref(), Some("accept, accept-encoding"));
    }
    // Who takes neither form that there is gets the plain one, and errors in ours.
    for refused in ["accept-encoding: *;q=0", "accept-encoding: *;q=0, zip", "accept-encoding: identity;q=0, br"] {
        let found = send(server.address, "GET", "/api/v1/status", &[refused], b"");
        assert_eq!((found.status, found.header("content-encoding")), (200, None));
        check(&send(server.address, "GET", "/nowhere", &[refused], b""), 404, "NotFound");
    }
    let list = "/api/v1/namespaces/default/secret-values";
    let text =
        format!(r#"{{"metadata": {{"name": "s"}}, "spec": {{"kind": "PLAIN", "value": "{}"}}}}"#, "x".repeat(5000));
    assert_eq!(send_json(server.address, "POST", list, &text).status, 201);
    let revealed = send(server.address, "GET", &format!("{list}/s?reveal=true"), &["accept-encoding: gzip"], b"");
    assert_eq!((revealed.status, revealed.header("content-encoding")), (200, None));
    assert_eq!(revealed.text("/spec/value").len(), 5000);
    assert_eq!(revealed.header("cache-control"), Some("no-store"));
    let known = format!("if-none-match: {}", revealed.header("etag").unwrap());
    let known = send(server.address, "GET", &format!("{list}/s?reveal=true"), &[&known], b"");
    assert_eq!((known.status, known.header("cache-control")), (304, Some("no-store")));
    assert_eq!(send(server.address, "GET", &format!("{list}/s"), &[], b"").header("cache-control"), None);
}

#[test]
fn pages_of_other_origins_call_the_api_only_when_they_are_listed() {
    let settings = Settings { cors_origins: vec!["https://tools.example.org".to_owned()], ..Settings::default() };
    for (server, expected) in [(host_with(settings), Some("https://tools.example.org")), (host(), None)] {
        let origin = "origin: https://tools.example.org";
        let reply = send(server.address, "GET", "/api/v1/status", &[origin], b"");
        assert_eq!(reply.header("access-control-allow-origin"), expected);
        assert_eq!(
            reply.header("access-control-expose-headers").is_some_and(|list| list.contains("etag")),
            expected.is_some()
        );
        let asked = [origin, "access-control-request-method: PATCH", "access-control-request-headers: content-type"];
        let reply = send(server.address, "OPTIONS", LIST, &asked, b"");
        assert_eq!(
            reply.header("access-control-allow-methods").is_some_and(|list| list.contains("PATCH")),
            expected.is_some()
        );
        let other = send(server.address, "GET", "/api/v1/status", &["origin: https://evil.example"], b"");
        assert_eq!(other.header("access-control-allow-origin"), None);
    }
}

#[test]
fn head_is_get_without_the_body() {
    let server = host();
    send_json(server.address, "POST", LIST, TARGET);
    let path = format!("{LIST}/one");
    let (get, head) = (send(server.address, "GET", &path, &[], b""), send(server.address, "HEAD", &path, &[], b""));
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["etag", "content-type", "content-length", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(send(server.address, "HEAD", &format!("{LIST}/gone"), &[], b"").status, 404);
}

#[test]
fn a_request_keeps_the_id_that_it_came_with() {
    let server = host();
    let reply = send(server.address, "GET", "/api/v1/status", &["x-request-id: abc-1"], b"");
    assert_eq!(reply.header("x-request-id"), Some("abc-1"));
    assert!(send(server.address, "GET", "/nothing", &[], b"").header("x-request-id").is_some());
}

#[test]
fn warnings_travel_in_headers_as_ascii() {
    let server = host();
    let body = r#"{"metadata": {"name": "one", "größe": 1}, "spec": {"kubernetes": {}}}"#;
    let reply = send_json(server.address, "POST", &format!("{LIST}?dryRun=true"), body);
    assert_eq!((reply.status, reply.header("kindstore-dry-run")), (201, Some("true")));
    assert!(reply.header("warning").unwrap().starts_with("299 - \"metadata.gr\\u{f6}\\u{df}e: "));
    assert_eq!(send(server.address, "GET", &format!("{LIST}/one"), &[], b"").status, 404);
}

#[test]
fn a_namespace_that_is_deleted_by_rest_answers_in_the_flat_form() {
    let server = host();
    let reply = send_json(server.address, "POST", "/namespaces/v1/namespaces", r#"{"name": "namespaces/team"}"#);
    assert_eq!((reply.status, reply.text("/namespace/name")), (200, "namespaces/team".to_owned()));
    let reply = send(server.address, "DELETE", "/namespaces/v1/namespaces/team", &[], b"");
    assert_eq!(reply.text("/namespace/lifecyclePhase"), "LIFECYCLE_PHASE_TERMINATING");
    let reply = send(server.address, "GET", "/namespaces/v1/namespaces/team", &[], b"");
    assert_eq!(
        (reply.status, reply.text("/code"), reply.text("/reason")),
        (404, "NOT_FOUND".into(), "NotFound".into())
    );
}

#[test]
fn a_grpc_call_of_an_unknown_service_is_told_so_in_grpc() {
    let server = host();
    let headers = ["content-type: application/grpc"];
    let reply = send(server.address, "POST", "/other.v1.Service/Get", &headers, b"");
    assert_eq!((reply.status, reply.header("grpc-status")), (200, Some("12")));
}

#[test]
fn concurrent_requests_to_one_resource_all_land() {
    let server = host();
    let list = "/api/v1/namespaces/default/deployments";
    let body = r#"{"metadata": {"name": "hot"}, "spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}}"#;
    let create = || send_json(server.address, "POST", list, body).status;
    let statuses: Vec<u16> = at_once(8, |_| create());
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)));
    let patch = |index| {
        let body = format!(r#"{{"metadata": {{"labels": {{"l{index}": "x"}}}}}}"#);
        send_json(server.address, "PATCH", &format!("{list}/hot"), &body).status
    };
    assert!(at_once(32, patch).iter().all(|status| *status == 200));
    let hot = send(server.address, "GET", &format!("{list}/hot"), &[], b"").json();
    assert_eq!(hot.at("/metadata/resourceVersion").unwrap().to_text(), "33");
    assert_eq!(hot.at("/metadata/labels").unwrap().as_object().unwrap().len(), 32);
}

fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|index| {
                scope.spawn({
                    let work = &work;
                    move || work(index)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
