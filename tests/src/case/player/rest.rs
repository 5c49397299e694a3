//! REST as a player, in JSON or in YAML.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kindstore::kind::{KeyScheme, Kind};
use kindstore::manifest::{Format, Limits};
use kindstore::{FieldValidation, Json, Store};

use super::{Hosted, Player, batch, engine, tag, watch};
use crate::case::answer::{Answer, Problem};
use crate::case::step::Step;

pub(crate) struct Rest {
    hosted: Hosted,
    format: Format,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Rest {
    pub(crate) fn new(hosted: Hosted, format: Format) -> Self {
        Self { hosted, format, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    fn request(&self, step: &Step) -> Request<Full<Bytes>> {
        if step.verb == "commit" {
            let place = format!("http://{}/api/v1/namespaces/{}:batch", self.hosted.address, encode(&step.kind));
            let uri = if step.dry_run { format!("{place}?dryRun=true") } else { place };
            let text = batch::body(&self.hosted.store, step, self.format);
            let request = Request::post(uri).header("accept", media(self.format));
            return request.header("content-type", media(self.format)).body(Full::from(text)).unwrap();
        }
        let kind = self.hosted.store.registry().find(&step.kind).unwrap();
        let method = match step.verb.as_str() {
            "get" | "list" | "history" | "get-version" | "compare" | "watch" => "GET",
            "create" | "rollback" | "undelete" => "POST",
            "upsert" => "PUT",
            "patch" | "json-patch" => "PATCH",
            "delete" => "DELETE",
            other => panic!("no such verb: {other}"),
        };
        let flags = [
            (step.dry_run, "dryRun=true"),
            (step.without_defaults, "applyDefaults=false"),
            (step.field_validation == FieldValidation::Strict, "fieldValidation=Strict"),
            (step.field_validation == FieldValidation::Ignore, "fieldValidation=Ignore"),
            (step.reveal, "reveal=true"),
            (step.only_authored, "authored=true"),
        ];
        let mut query: Vec<String> =
            flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag.to_owned()).collect();
        for (name, text) in [("labelSelector", &step.label_selector), ("fieldSelector", &step.field_selector)] {
            query.extend((!text.is_empty()).then(|| format!("{name}={}", encode(text))));
        }
        let number = |name: &str, number: Option<u64>| number.map(|number| format!("{name}={number}"));
        query.extend(number("revision", step.revision));
        query.extend(number("limit", step.limit.map(|limit| limit as u64)));
        query.extend(step.token.as_ref().map(|token| format!("continue={}", encode(token))));
        if step.verb == "compare" {
            query.extend(number("from", Some(step.from)));
            query.extend(number("to", step.to));
        }
        if step.verb == "watch" {
            query.push("watch=true".to_owned());
            query.extend((!step.begin.is_empty()).then(|| format!("from={}", encode(&step.begin))));
        }
        let uri = format!("http://{}{}?{}", self.hosted.address, path(kind, step), query.join("&"));
        let accept = if step.verb == "watch" { stream(self.format) } else { media(self.format) };
        let mut request = Request::builder().method(method).uri(uri).header("accept", accept);
        if let Some(tag) = tag(&self.hosted.store, step) {
            request = request.header("if-match", format!("\"{tag}\""));
        }
        if step.verb == "rollback" {
            let body = match self.format {
                Format::Json => format!("{{\"version\": {}}}", step.from),
                Format::Yaml => format!("version: {}", step.from),
            };
            return request.header("content-type", media(self.format)).body(Full::from(body)).unwrap();
        }
        match engine::text(step, self.format) {
            Some((text, format)) => {
                let media = if step.verb == "json-patch" { patch_media(format) } else { media(format) };
                request.header("content-type", media).body(Full::from(text)).unwrap()
            }
            None => request.body(Full::default()).unwrap(),
        }
    }
}

impl Rest {
    async fn watch(&self, request: Request<Full<Bytes>>, step: &Step) -> Answer {
        let response = self.client.request(request).await.unwrap();
        assert!(response.headers().contains_key("x-request-id"));
        let status = response.status().as_u16();
        if status < 300 {
            assert_eq!(response.headers()["content-type"], stream(self.format));
            return watch::pieces(response, step).await;
        }
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = kindstore::manifest::read(&body, Format::Json, &Limits::default()).unwrap().value;
        failure(status, &body, self.hosted.store.registry().find(&step.kind).unwrap().flat.is_some())
    }
}

impl Player for Rest {
    fn name(&self) -> String {
        format!("REST in {:?}", self.format)
    }

    fn store(&self) -> &Store {
        &self.hosted.store
    }

    fn play(&mut self, step: &Step) -> Answer {
        let request = self.request(step);
        if step.verb == "watch" {
            return self.hosted.runtime.block_on(self.watch(request, step));
        }
        let response = self.hosted.runtime.block_on(async {
            let (parts, body) = self.client.request(request).await.unwrap().into_parts();
            Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
        });
        assert_eq!(response.headers()["content-type"], media(self.format));
        let limits = Limits::default().bytes(16 << 20).nodes(1 << 20);
        let body = kindstore::manifest::read(response.body(), self.format, &limits).unwrap().value;
        if step.verb == "commit" {
            let status = response.status().as_u16();
            assert_eq!(response.headers().contains_key("kindstore-dry-run"), step.dry_run && status == 200);
            return if status == 200 { batch::read(&body) } else { failure(status, &body, false) };
        }
        let kind = self.hosted.store.registry().find(&step.kind).unwrap();
        let answer = read(kind, step, &response, body);
        check_headers(kind, step, &response, &answer);
        answer
    }
}

fn read(kind: &Kind, step: &Step, response: &Response<Bytes>, body: Json) -> Answer {
    let status = response.status().as_u16();
    if status >= 300 {
        return failure(status, &body, kind.flat.is_some());
    }
    let warning = |value: &http::HeaderValue| {
        let text = value.to_str().unwrap();
        text.strip_prefix("299 - \"").unwrap().strip_suffix('"').unwrap().replace("\\\"", "\"")
    };
    let warnings = response.headers().get_all("warning").iter().map(warning).collect();
    if step.verb == "list" {
        let items = match &kind.flat {
            Some(flat) => body.get(&flat.many).unwrap().as_array().unwrap().to_vec(),
            None => {
                assert_eq!(body.get("kind").and_then(Json::as_str), Some(kind.list_kind().as_str()));
                body.get("items").unwrap().as_array().unwrap().to_vec()
            }
        };
        let (next, revision) = (next(&body), body.at("/metadata/revision").map(|it| it.to_text().parse().unwrap()));
        let revision = revision.filter(|_| step.is_paged());
        return Answer { status, items: Some(items), revision, next, warnings, ..Answer::default() };
    }
    if !step.is_of_resource() {
        return past(step, status, body);
    }
    let document = match &kind.flat {
        Some(flat) => body.get(&flat.one).unwrap().clone(),
        None => body,
    };
    Answer { status, document: Some(document), warnings, ..Answer::default() }
}

/// Where the next page begins.
fn next(body: &Json) -> Option<String> {
    body.at("/metadata/continue").map(|token| token.as_str().unwrap().to_owned())
}

/// The answer about versions: without what every such answer says of itself.
fn past(step: &Step, status: u16, body: Json) -> Answer {
    let mut members = body.as_object().unwrap().clone();
    let kind = match step.verb.as_str() {
        "history" => "VersionList",
        "get-version" => "Version",
        _ => "VersionDiff",
    };
    assert_eq!(members.remove("kind"), Some(kind.into()));
    assert_eq!(members.remove("apiVersion"), Some("v1".into()));
    let items = members.remove("items").map(|items| items.as_array().unwrap().to_vec());
    let document = match members.get("metadata") {
        Some(metadata) => Json::Object([("deleted".to_owned(), metadata.get("deleted").unwrap().clone())].into()),
        None => Json::Object(members),
    };
    Answer { status, document: Some(document), items, next: next(&body), ..Answer::default() }
}

fn failure(status: u16, body: &Json, is_flat: bool) -> Answer {
    let text = |name: &str| body.get(name).and_then(Json::as_str).unwrap().to_owned();
    let errors = body.get("errors").and_then(Json::as_array).unwrap_or_default();
    let member = |error: &Json, name: &str| error.get(name).unwrap().as_str().unwrap().to_owned();
    let place = |error: &Json| Some(format!("{}:{}", error.get("line")?.to_text(), error.get("column")?.to_text()));
    let problem = |error: &Json| Problem {
        attribute: member(error, "attribute"),
        code: member(error, "reason"),
        message: member(error, "message"),
        place: place(error),
    };
    let errors: Vec<_> = errors.iter().map(problem).collect();
    if is_flat {
        assert_eq!(body.get("ok"), Some(&Json::from(false)));
        assert_eq!(text("description"), text("message"));
    } else {
        let kind = if errors.is_empty() { "ApiException" } else { "ApiValidationException" };
        assert_eq!((text("kind").as_str(), text("apiVersion").as_str()), (kind, "v1"));
        assert_eq!(body.get("statusCode").unwrap().to_text(), status.to_string());
    }
    let answer = Answer::failure(&text("reason"), &text("message"), errors);
    assert_eq!(answer.status, status, "the status of {}", text("reason"));
    answer
}

/// What every answer with one resource says in its headers.
fn check_headers(kind: &Kind, step: &Step, response: &Response<Bytes>, answer: &Answer) {
    let headers = response.headers();
    assert!(headers.contains_key("x-request-id"));
    if let Some(document) = answer.document.as_ref().filter(|_| kind.flat.is_none() && step.is_of_resource()) {
        let (id, version) = (document.at("/metadata/id").unwrap(), document.at("/metadata/resourceVersion").unwrap());
        let etag = format!("\"{}.{}\"", id.as_str().unwrap(), version.to_text());
        assert_eq!(headers["etag"], etag);
    }
    assert_eq!(answer.status == 201, headers.contains_key("location") && kind.flat.is_none());
}

fn path(kind: &Kind, step: &Step) -> String {
    let mut path = kind.group.clone();
    if let Some(namespace) = &step.namespace {
        path.push_str(&format!("/namespaces/{}", encode(namespace)));
    }
    path.push_str(&format!("/{}", kind.plural));
    let is_of_all = matches!(step.verb.as_str(), "create" | "list") || (step.verb == "watch" && step.key.is_empty());
    if !is_of_all && kind.key != KeyScheme::Singleton {
        path.push_str(&format!("/{}", encode(&step.key)));
    }
    match step.verb.as_str() {
        "history" => path.push_str("/versions"),
        "get-version" => path.push_str(&format!("/versions/{}", step.from)),
        "compare" => path.push_str("/diff"),
        "rollback" | "undelete" => path.push_str(&format!("/{}", step.verb)),
        _ => {}
    }
    path
}

fn encode(segment: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    segment.bytes().map(escape).collect()
}

fn patch_media(format: Format) -> &'static str {
    match format {
        Format::Json => "application/json-patch+json",
        Format::Yaml => "application/json-patch+yaml",
    }
}

/// In which form a watch is told.
fn stream(format: Format) -> &'static str {
    match format {
        Format::Json => "application/jsonl",
        Format::Yaml => "text/event-stream",
    }
}

fn media(format: Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Yaml => "application/yaml",
    }
}
