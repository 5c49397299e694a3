//! A REST request as it is written in HTTP/1: the line, the fields, an empty line, the body.

use axum::body::Body;
use http::Request;
use kindstore::Json;
use kindstore::manifest::{Format, Limits, read};

use crate::client::{Answer, ask};

/// Every request is answered, and every answer is in the form that it says.
pub fn rest(input: &[u8]) {
    let Some(request) = request(input) else { return };
    let is_head = request.method() == http::Method::HEAD;
    let answer = ask(request);
    assert!(answer.status.as_u16() < 500 || answer.status == 501, "{}", answer.status);
    if !is_head && !answer.body.is_empty() && !answer.headers.contains_key("content-encoding") {
        is_well_formed(&answer);
    }
}

fn request(input: &[u8]) -> Option<Request<Body>> {
    let end = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
    let head = std::str::from_utf8(&input[..end]).ok()?;
    let mut lines = head.split('\n');
    let (method, path) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(path);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    // Without a host a request is refused before it is read.
    if request.headers_ref().is_some_and(|headers| !headers.contains_key("host")) {
        request = request.header("host", "localhost");
    }
    let body = input.get(end + 2..).unwrap_or_default().to_vec();
    request.body(Body::from(body)).ok()
}

fn is_well_formed(answer: &Answer) {
    let form = answer.headers.get("content-type").and_then(|form| form.to_str().ok()).unwrap_or_default();
    let limits = Limits::default().bytes(64 << 20).depth(160).nodes(1 << 24);
    let format = match form {
        "application/json" => Format::Json,
        "application/yaml" => Format::Yaml,
        "application/jsonl" | "application/x-ndjson" => {
            let is_json = |line: &[u8]| serde_json::from_slice::<serde_json::Value>(line).is_ok();
            let mut lines = answer.body.split_inclusive(|byte| *byte == b'\n');
            return assert!(lines.all(|line| line.ends_with(b"\n") && is_json(line)), "a line is a whole event");
        }
        // A gRPC call of a service that is not there, and the files of the Swagger pages.
        _ => return,
    };
    let value = read(&answer.body, format, &limits).expect("an answer is well formed").value;
    let is_flat = value.get("code").is_some();
    if answer.status.as_u16() >= 400 && !is_flat {
        let status = value.at("/statusCode").map(Json::to_text);
        assert_eq!(status.as_deref(), Some(answer.status.as_str()), "{}", value.to_text());
        assert!(value.get("message").and_then(Json::as_str).is_some_and(|message| !message.is_empty()));
    }
}
