//! A client of the server within this process, without a socket.

use std::cell::RefCell;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use kindstore::Store;
use kindstore_server::{Server, Service};
use serde_json::json;
use tokio::runtime::Runtime;

/// A server with one resource, and the runtime that runs it.
struct Client {
    runtime: Runtime,
    server: Service,
}

/// The whole of an answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) trailers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How many requests a server answers before the next one takes its place: to start one takes longer than to ask it.
const MAX_REQUESTS: usize = 256;

/// How long a watch tells nothing before it is left.
const QUIET: Duration = Duration::from_millis(2);

thread_local! {
    static CLIENT: RefCell<(usize, Option<Client>)> = const { RefCell::new((0, None)) };
}

/// The answer to a request of a server that is nearly new.
pub(crate) fn ask(request: Request<Body>) -> Answer {
    CLIENT.with_borrow_mut(|(count, client)| {
        if count.is_multiple_of(MAX_REQUESTS) {
            *client = None;
        }
        *count += 1;
        client.get_or_insert_with(Client::new).ask(request)
    })
}

impl Client {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let store = Store::in_memory().expect("a store in memory opens");
        let target = json!({"metadata": {"name": "one", "labels": {"a": "b"}}, "spec": {"kubernetes": {}}});
        store
            .kind("DeploymentTarget")
            .expect("the kind is there")
            .namespace("default")
            .create(target)
            .wait()
            .expect("it is valid");
        let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).expect("a port");
        let server = runtime.block_on(server.with_store(store));
        Self { runtime, server }
    }

    /// The answer to a request; whatever it is, it comes and is whole. Of a watch it is what is told at once.
    fn ask(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let by_grpc = request.uri().path().ends_with("/Watch");
            let (parts, mut body) = self.server.answer(request).await.into_parts();
            let form = parts.headers.get("content-type").map(|form| form.as_bytes()).unwrap_or_default();
            if by_grpc || [&b"text/event-stream"[..], b"application/jsonl", b"application/x-ndjson"].contains(&form) {
                return Self::begin(parts, &mut body).await;
            }
            let body = body.collect().await.expect("an answer is whole");
            let trailers = body.trailers().cloned().unwrap_or_default();
            Answer { status: parts.status, headers: parts.headers, trailers, body: body.to_bytes() }
        })
    }

    /// The beginning of an answer that does not end.
    async fn begin(parts: Parts, body: &mut Body) -> Answer {
        let (mut begin, mut trailers) = (BytesMut::new(), HeaderMap::new());
        while let Ok(Some(frame)) = tokio::time::timeout(QUIET, body.frame()).await {
            match frame.expect("a watch goes on").into_data() {
                Ok(data) => begin.extend_from_slice(&data),
                Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
            }
        }
        Answer { status: parts.status, headers: parts.headers, trailers, body: begin.freeze() }
    }
}
