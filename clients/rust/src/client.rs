//! The connection to a server, and how one call over it is made.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use tokio::time::Instant;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, KeyRef, MetadataMap};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::error::{Error, Result, unreachable};
use crate::retry::Retry;

/// The generated stub.
pub(crate) type Stub = ResourceServiceClient<Channel>;

/// The largest answer, in bytes. The answer of a transaction has all its resources, and to refuse it would not take back
/// the writes.
const MAX_ANSWER: usize = 64 << 20;

/// The longest that a connection may take to be made.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// The deadline of calls that choose none.
const DEADLINE: Duration = Duration::from_secs(30);

/// A connection to a store. Clones share it, and so may tasks.
#[derive(Clone)]
pub struct Client {
    stub: Stub,
    deadline: Option<Duration>,
    retry: Retry,
    // Behind an Arc, since each call clones the client.
    headers: Arc<MetadataMap>,
}

/// The choices for a [`Client`]; made by [`Client::builder`].
#[derive(Clone)]
pub struct Builder {
    address: String,
    deadline: Option<Duration>,
    retry: Retry,
    headers: MetadataMap,
}

impl Client {
    /// Connects to `host:port`, or to `http://host:port`, with the default choices.
    ///
    /// # Errors
    /// `Unavailable` if no server is there, `BadRequest` for an address that is none.
    pub async fn connect(address: impl Into<String>) -> Result<Self> {
        Self::builder(address).connect().await
    }

    /// Begins a client with choices of its own.
    pub fn builder(address: impl Into<String>) -> Builder {
        let (address, headers) = (address.into(), MetadataMap::new());
        Builder { address, deadline: Some(DEADLINE), retry: Retry::default(), headers }
    }

    /// Returns a client over a channel that the caller made, for example one with TLS, with the default choices.
    pub fn from_channel(channel: Channel) -> Self {
        Self::builder("").over(channel)
    }

    pub(crate) fn retry(&self) -> &Retry {
        &self.retry
    }

    pub(crate) fn stub(&self) -> Stub {
        self.stub.clone()
    }

    /// A message with the headers of every call.
    pub(crate) fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        // Each attempt gets its own headers: a request cannot be sent twice.
        *request.metadata_mut() = MetadataMap::clone(&self.headers);
        request
    }

    pub(crate) fn clock(&self, deadline: Option<Duration>) -> Clock {
        Clock::new(deadline.or(self.deadline))
    }

    /// Makes a call, and repeats it where that is safe and the deadline allows. `is_write` says whether it may change
    /// something, so that a broken connection leaves its outcome unknown.
    pub(crate) async fn run<Q: Clone, A, F>(
        &self,
        deadline: Option<Duration>,
        is_write: bool,
        message: Q,
        call: impl Fn(Stub, Request<Q>) -> F,
    ) -> Result<A>
    where
        F: Future<Output = std::result::Result<Response<A>, Status>>,
    {
        let clock = self.clock(deadline);
        let mut attempt = 1;
        loop {
            let mut request = self.request(message.clone());
            // The server gets the time that is left, so that it stops working on an answer that comes too late.
            if let Some(left) = clock.left() {
                request.set_timeout(left);
            }
            let status = match clock.limit(call(self.stub(), request)).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => status,
            };
            // The message is the same in each attempt. For a write that is safe, since only an error which says that
            // nothing was changed leads to another one.
            let error = Error::from_status(&status, is_write);
            match self.retry.pause(attempt, &error).filter(|pause| clock.allows(*pause)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
            attempt += 1;
        }
    }
}

impl Builder {
    /// Sets the deadline of calls that choose none of their own, 30 seconds by default; `None` for no end.
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// Sets how calls are repeated that are safe to repeat.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Adds a header to every call, such as `authorization`.
    ///
    /// # Errors
    /// `BadRequest` for a name or a value that HTTP does not allow.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let bad = |part: &str| Error::new("BadRequest", format!("the {part} of the header {name:?} is not allowed"));
        let key = name.parse::<AsciiMetadataKey>().map_err(|_| bad("name"))?;
        let value = value.parse::<AsciiMetadataValue>().map_err(|_| bad("value"))?;
        self.headers.append(key, value);
        Ok(self)
    }

    /// Connects now.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect(self) -> Result<Client> {
        let channel = self.endpoint()?.connect().await;
        let gone = |why: String| format!("the server at {} cannot be reached: {why}", self.address);
        let channel = channel.map_err(|error| Error::new("Unavailable", gone(unreachable(&error))))?;
        Ok(self.over(channel))
    }

    /// Returns a client that connects with its first call.
    ///
    /// # Errors
    /// `BadRequest` for an address that is none.
    pub fn connect_lazy(self) -> Result<Client> {
        // A channel connects again by itself after a break, so that a client outlives restarts of the server.
        let channel = self.endpoint()?.connect_lazy();
        Ok(self.over(channel))
    }

    fn endpoint(&self) -> Result<Endpoint> {
        let bad = || {
            Error::new("BadRequest", format!("invalid address {:?}; use host:port or http://host:port", self.address))
        };
        let address = self.address.strip_prefix("http://").unwrap_or(&self.address).trim_end_matches('/');
        if address.is_empty() || address.contains('/') {
            return Err(bad());
        }
        let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(|_| bad())?;
        // A connection that takes longer than a call may take helps none.
        let wait = self.deadline.map_or(CONNECT_WAIT, |deadline| deadline.min(CONNECT_WAIT));
        // A peer that went away without a word is noticed, so that a watch does not wait for ever.
        let endpoint = endpoint.http2_keep_alive_interval(Duration::from_secs(60));
        Ok(endpoint.keep_alive_timeout(Duration::from_secs(20)).connect_timeout(wait).tcp_nodelay(true))
    }

    fn over(self, channel: Channel) -> Client {
        let stub = ResourceServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER);
        Client { stub, deadline: self.deadline, retry: self.retry, headers: Arc::new(self.headers) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .field("headers", &names(&self.headers))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .field("headers", &names(&self.headers))
            .finish()
    }
}

/// Returns the names of headers. Their values may be credentials, which must not reach a log.
fn names(headers: &MetadataMap) -> Vec<KeyRef<'_>> {
    headers.keys().collect()
}

/// The time that is left for a call with all its repetitions.
pub(crate) struct Clock(Option<Instant>);

impl Clock {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self(limit.and_then(|limit| Instant::now().checked_add(limit)))
    }

    fn left(&self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether anything is left after a pause.
    pub(crate) fn allows(&self, pause: Duration) -> bool {
        self.left().is_none_or(|left| pause < left)
    }

    /// Waits for a call no longer than the time that is left.
    pub(crate) async fn limit<T>(
        &self,
        call: impl Future<Output = std::result::Result<T, Status>>,
    ) -> std::result::Result<T, Status> {
        let late = || Status::deadline_exceeded("the time for an answer has passed");
        match self.0 {
            // The server ends calls by the same time. This one counts where it cannot answer: while it is unreachable,
            // or too late.
            Some(end) => tokio::time::timeout_at(end, call).await.unwrap_or_else(|_| Err(late())),
            None => call.await,
        }
    }
}
