//! The way to a store behind a server, by gRPC.

use std::future::Future;
use std::time::Duration;

use kindstore::Object;
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

use super::access::{Access, Action, Reference, Write, Written};
use super::failure::{Failure, Result};
use super::follow::{Listener, Watching};
use super::kind::{Kind, Kinds};
use super::message;
use super::selector::Selection;

/// The longest that a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// The largest answer: a page of a list, or one resource of up to a MiB with its envelope.
pub(super) const MAX_MESSAGE: usize = 16 << 20;

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

    fn do_write(&self, write: &Write<'_>) -> Result<Written> {
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
        }
    }

    /// The same failure with the places of its problems, which only `Validate` answers as pointers.
    fn with_pointers(&self, write: &Write<'_>, failure: Failure) -> Failure {
        let request = message::validate(write);
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

    fn get(&self, reference: &Reference, reveal: bool) -> Result<Object> {
        let request = v1::GetRequest {
            kind: reference.kind.name.clone(),
            namespace: reference.namespace.clone().unwrap_or_default(),
            key: reference.key.clone(),
            reveal,
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

    fn watch(&self, watching: &Watching, tell: &mut Listener<'_>) -> Result<()> {
        self.follow(watching, tell)
    }

    fn write(&self, write: &Write<'_>) -> Result<Written> {
        self.do_write(write).map_err(|failure| match failure.reason.as_str() {
            "Invalid" => self.with_pointers(write, failure),
            // The connection broke or the time ran out while the server was at it.
            message::LOST if !write.options.is_dry_run => {
                Failure::new("OutcomeUnknown", format!("the outcome of the write is unknown: {}", failure.message))
                    .hint("read the resource before trying again")
            }
            _ => failure,
        })
    }
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

/// Whether a status says that an answer never came.
pub(crate) fn is_lost(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded | Code::Internal)
}
