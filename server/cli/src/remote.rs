//! The way to a store behind a server, by gRPC.

use std::future::Future;
use std::time::Duration;

use kindstore::{History, Object, Version};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use super::access::{Access, Action, Committed, Listener, Look, Reference, Watching, Write, WriteOutcome};
use super::failure::{Failure, Result};
use super::kind::{Kind, Kinds};
use super::message;
use super::selector::Selection;

/// The longest that a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// The largest answer: that of a transaction, with all its resources and their envelopes.
pub(super) const MAX_MESSAGE: usize = 64 << 20;

/// The most that the documents of a transaction have together; the rest of the message is small.
const MAX_DOCUMENTS: usize = 15 << 20;

/// A connection to a server.
pub(crate) struct Remote {
    runtime: Runtime,
    channel: Channel,
    timeout: Duration,
}

impl Remote {
    /// Connects to `http://HOST:PORT`.
    pub(crate) fn connect(server: &str, timeout: Duration) -> Result<Self> {
        let url = url(server)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let endpoint = Endpoint::from_shared(url.clone()).map_err(|_| no_url(server))?;
        let endpoint = endpoint.connect_timeout(CONNECT.min(timeout)).tcp_nodelay(true);
        let channel = runtime.block_on(endpoint.connect()).map_err(|error| unreachable(&url, &error))?;
        Ok(Self { runtime, channel, timeout })
    }

    /// Waits for one call.
    fn call<'c, Q, A, F>(
        &'c self,
        body: Q,
        call: impl FnOnce(ResourceServiceClient<Channel>, Request<Q>) -> F,
    ) -> Result<A>
    where
        F: Future<Output = std::result::Result<Response<A>, Status>> + 'c,
    {
        let client = ResourceServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE);
        let mut request = Request::new(body);
        request.set_timeout(self.timeout);
        let answer = self.runtime.block_on(call(client, request));
        answer.map(Response::into_inner).map_err(message::failure)
    }

    /// The connection.
    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// How long a server that does not answer is waited for.
    pub(super) fn patience(&self) -> Duration {
        self.timeout
    }

    /// Waits for a task.
    pub(super) fn wait<T>(&self, task: impl Future<Output = T>) -> T {
        self.runtime.block_on(task)
    }

    fn do_write(&self, write: &Write<'_>) -> Result<WriteOutcome> {
        match write.action {
            Action::Create => {
                let request = message::create(write);
                let answer = self.call(request, |mut client, it| async move { client.create(it).await })?;
                message::written(answer.resource, true, answer.revision, answer.warnings)
            }
            Action::Upsert => {
                let request = message::upsert(write);
                let answer = self.call(request, |mut client, it| async move { client.upsert(it).await })?;
                message::written(answer.resource, answer.created, answer.revision, answer.warnings)
            }
            Action::Patch | Action::JsonPatch => {
                let request = message::patch(write);
                let answer = self.call(request, |mut client, it| async move { client.patch(it).await })?;
                message::written(answer.resource, false, answer.revision, answer.warnings)
            }
            Action::Delete => {
                let request = message::delete(write);
                let answer = self.call(request, |mut client, it| async move { client.delete(it).await })?;
                message::written(answer.resource, false, answer.revision, Vec::new())
            }
            Action::Rollback(version) => {
                let request = message::rollback(write, version);
                let answer = self.call(request, |mut client, it| async move { client.rollback(it).await })?;
                message::written(answer.resource, false, answer.revision, answer.warnings)
            }
            Action::Undelete => {
                let request = message::undelete(write);
                let answer = self.call(request, |mut client, it| async move { client.undelete(it).await })?;
                message::written(answer.resource, true, answer.revision, answer.warnings)
            }
        }
    }

    /// The same failure with the places of its problems, which only `Validate` answers as pointers.
    fn with_pointers(&self, request: Option<v1::ValidateRequest>, failure: Failure) -> Failure {
        let Some(request) = request else { return failure };
        let answer = self.call(request, |mut client, it| async move { client.validate(it).await });
        match answer {
            Ok(answer) if !answer.problems.is_empty() => failure.problems(message::problems(answer.problems)),
            _ => failure,
        }
    }
}

impl Access for Remote {
    fn kinds(&self) -> Result<Kinds> {
        let request = v1::ListKindsRequest {};
        let answer = self.call(request, |mut client, it| async move { client.list_kinds(it).await })?;
        Ok(Kinds::new(answer.kinds.into_iter().map(Kind::from)))
    }

    fn get(&self, reference: &Reference, look: Look) -> Result<Object> {
        let request = v1::GetRequest {
            kind: reference.kind.name.clone(),
            namespace: reference.namespace.clone().unwrap_or_default(),
            key: reference.key.clone(),
            reveal: look.reveal,
            revision: look.revision.unwrap_or_default(),
        };
        let answer = self.call(request, |mut client, it| async move { client.get(it).await })?;
        message::object(answer.resource)
    }

    fn list(&self, kind: &Kind, namespace: Option<&str>, selection: &Selection) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = v1::ListRequest {
                kind: kind.name.clone(),
                namespace: namespace.unwrap_or_default().to_owned(),
                page_size: 0,
                page_token,
                label_selector: selection.labels().to_owned(),
                field_selector: selection.fields().to_owned(),
                revision: selection.revision().unwrap_or_default(),
            };
            let page = self.call(request, |mut client, it| async move { client.list(it).await })?;
            for resource in page.resources {
                objects.push(message::object(Some(resource))?);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(objects);
            }
        }
    }

    fn versions(&self, reference: &Reference, limit: Option<usize>) -> Result<History> {
        let mut history = History { versions: Vec::new(), next: None, is_deleted: false };
        let mut page_token = String::new();
        loop {
            let (kind, namespace, key) = message::place(reference);
            let page_size = limit.map_or(0, |limit| u32::try_from(limit - history.versions.len()).unwrap_or(0));
            let request = v1::ListVersionsRequest { kind, namespace, key, page_size, page_token, ..Default::default() };
            let page = self.call(request, |mut client, it| async move { client.list_versions(it).await })?;
            for version in page.versions {
                history.versions.push(message::version(Some(version))?);
            }
            history.is_deleted = page.deleted;
            page_token = page.next_page_token;
            if page_token.is_empty() || limit.is_some_and(|limit| history.versions.len() >= limit) {
                return Ok(history);
            }
        }
    }

    fn version(&self, reference: &Reference, number: u64) -> Result<Version> {
        let (kind, namespace, key) = message::place(reference);
        let request = v1::GetVersionRequest { kind, namespace, key, version: number };
        message::version(self.call(request, |mut client, it| async move { client.get_version(it).await })?.version)
    }

    fn watch(&self, watching: &Watching, tell: &mut Listener<'_>) -> Result<()> {
        self.follow(watching, tell)
    }

    fn write(&self, write: &Write<'_>) -> Result<WriteOutcome> {
        self.do_write(write).map_err(|failure| match failure.reason.as_str() {
            "Invalid" => self.with_pointers(message::validate(write), failure),
            message::LOST if !write.options.is_dry_run => unknown(&failure),
            _ => failure,
        })
    }

    fn commit(&self, namespace: &str, writes: &[Write<'_>], is_dry_run: bool) -> Result<Vec<Committed>> {
        let bytes: usize = writes.iter().map(|write| write.text.text.len()).sum();
        if bytes > MAX_DOCUMENTS {
            let message = format!("the documents have {bytes} bytes, and a transaction takes {MAX_DOCUMENTS}");
            return Err(Failure::refused(message).hint("make several transactions of it"));
        }
        let request = message::commit(namespace, writes, is_dry_run)?;
        let answer = self.call(request.clone(), |mut client, it| async move { client.commit(it).await });
        let answer = answer.map_err(|failure| match failure.reason.as_str() {
            "Invalid" => {
                let write = Some(v1::validate_request::Write::Commit(request));
                self.with_pointers(Some(v1::ValidateRequest { write }), failure)
            }
            message::LOST if !is_dry_run => unknown(&failure),
            _ => failure,
        })?;
        message::committed(answer)
    }
}

/// The connection broke or the time ran out while the server was at it.
fn unknown(failure: &Failure) -> Failure {
    Failure::new("OutcomeUnknown", format!("the outcome of the write is unknown: {}", failure.message))
        .hint("read the resource before trying again")
}

/// The URL with its scheme, which may be left out.
fn url(server: &str) -> Result<String> {
    let server = server.trim_end_matches('/');
    match server.split_once("://") {
        None if !server.is_empty() => Ok(format!("http://{server}")),
        Some(("http", rest)) if !rest.is_empty() => Ok(server.to_owned()),
        _ => Err(no_url(server)),
    }
}

fn no_url(server: &str) -> Failure {
    Failure::usage(format!("{server:?} is no server; use http://HOST:PORT such as http://127.0.0.1:8080"))
}

fn unreachable(url: &str, error: &dyn std::error::Error) -> Failure {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    // "Connection refused (os error 111)": the number helps nobody.
    let why = inner.to_string();
    let why = why.split(" (os error").next().unwrap_or_default();
    Failure::new("Unavailable", format!("no server answers at {url}: {why}"))
        .hint("start one with `kindstore serve`, or name another with --server, --context or --store")
}
