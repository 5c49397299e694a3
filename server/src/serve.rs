//! The listener: one port for HTTP/1.1, HTTP/2 and gRPC, with every bound, and a stop that finishes accepted requests.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use http::header::HeaderValue;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use kindstore::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tower::Service as TowerService;

use crate::access::Admission;
use crate::app::App;
use crate::compression::compress;
use crate::follow::Closing;
use crate::gate::Gate;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::stall;

/// The most connections at once; one more waits to be accepted.
const MAX_CONNECTIONS: usize = 2048;

/// The most streams of one HTTP/2 connection at once.
const MAX_STREAMS: u32 = 256;

/// The largest header block, in bytes.
const MAX_HEADERS: u32 = 32 << 10;

/// How long the headers of a request may take to arrive, and how long a connection may be idle.
const HEADER_WAIT: Duration = Duration::from_secs(30);

/// How long a new connection may stay silent.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// How an HTTP/2 connection begins (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The most bytes that the system holds for a client beyond those that are on their way to it.
const MAX_UNSENT: u32 = 256 << 10;

/// How long a stop waits for the requests that were accepted.
const DRAIN: Duration = Duration::from_secs(30);

/// A server that is bound to its address and accepts nothing yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    settings: Settings,
    origins: Vec<HeaderValue>,
    app: Option<App>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Binds the address of the settings, and reads the files of the web app. An address alone stands for the default
    /// settings with it.
    ///
    /// # Errors
    /// Those of the operating system; `PermissionDenied` for an address beyond loopback that the settings do not allow;
    /// `InvalidInput` for a folder of the web app that cannot be served, and for an origin that is none.
    pub async fn bind(settings: impl Into<Settings>) -> io::Result<Self> {
        let settings = settings.into();
        let invalid = |why: Box<dyn std::error::Error + Send + Sync>| io::Error::new(io::ErrorKind::InvalidInput, why);
        let app = settings.app_dir.as_deref().map(App::open).transpose().map_err(|error| invalid(error.into()))?;
        // The check comes before the bind: not even for a moment may there be an open port without access control.
        if !settings.listen.ip().is_loopback() && !settings.allow_remote {
            let why = "without access control only loopback addresses are served";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let origins = settings.origins().map_err(|error| invalid(error.into()))?;
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, settings, origins, app })
    }

    /// Returns the address that clients connect to, with the real port where port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a store until the future is dropped. A caller that keeps a clone of the store decides where it is closed:
    /// closing waits for its threads, which no async worker should do.
    pub async fn serve(self, store: Store) {
        self.serve_until(store, std::future::pending()).await;
    }

    /// Serves a store until `stop` resolves, then accepts no more and finishes the requests that it has, within 30
    /// seconds.
    pub async fn serve_until(self, store: Store, stop: impl Future<Output = ()>) {
        self.with_store(store).await.run(stop).await;
    }

    /// Serves until `stop` resolves, also while the store is still being opened: until then probes are answered, and all
    /// other requests are refused as `Unavailable`. Calls `opened` once they are let through.
    ///
    /// # Errors
    /// That of the opening, after which nothing is served.
    pub async fn serve_opening<E>(
        mut self,
        store: impl Future<Output = Result<Store, E>>,
        opened: impl FnOnce(),
        stop: impl Future<Output = ()>,
    ) -> Result<(), E> {
        let (gate, closing, has_failed) = (Gate::closed().await, Closing::new(), Notify::new());
        let (app, settings) = (self.app.take(), self.settings.clone());
        let service = self.with_service(gate.clone(), Arc::clone(&closing));
        let opening = async {
            match store.await {
                Ok(store) => gate.open(Arc::new(Shared::new(store, app, closing, &settings))).await,
                Err(error) => {
                    has_failed.notify_one();
                    return Err(error);
                }
            }
            opened();
            Ok(())
        };
        let stop = async {
            tokio::select! {
                () = stop => {}
                () = has_failed.notified() => {}
            }
        };
        let (result, ()) = tokio::join!(opening, service.run(stop));
        result
    }

    /// Returns the server with its store, for tests that bring requests of their own.
    #[doc(hidden)]
    pub async fn with_store(mut self, store: Store) -> Service {
        let closing = Closing::new();
        let shared = Shared::new(store, self.app.take(), Arc::clone(&closing), &self.settings);
        let gate = Gate::closed().await;
        gate.open(Arc::new(shared)).await;
        self.with_service(gate, closing)
    }

    /// Returns the server with another application than the store's, under the same layers as REST: the peer that the
    /// store's own is measured against.
    #[doc(hidden)]
    pub fn with_app(self, app: Router) -> Service {
        self.with_service(compress(app), Closing::new())
    }

    fn with_service<S>(self, app: S, closing: Arc<Closing>) -> Service
    where
        S: TowerService<Request, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let app = Admission::new(app, !self.settings.allow_remote, &self.origins);
        Service { listener: self.listener, app, closing, stall_wait: self.settings.stall_wait }
    }
}

/// A server with its application.
#[doc(hidden)]
pub struct Service {
    listener: TcpListener,
    app: Admission,
    closing: Arc<Closing>,
    stall_wait: Duration,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("stall_wait", &self.stall_wait).finish_non_exhaustive()
    }
}

impl Service {
    /// Answers a request that came by no connection.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        self.app.clone().admit(request).await
    }

    /// Serves until `stop` resolves, then accepts no more and finishes what was accepted, for 30 seconds at most.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = async {
                // The semaphore is never closed, so a place always comes.
                // The permit comes before the accept: a connection beyond the bound waits in the backlog of the system,
                // where it costs nothing here.
                let place = Arc::clone(&places).acquire_owned().await;
                (self.listener.accept().await, place)
            };
            tokio::select! {
                () = &mut stop => break,
                (accepted, place) = accepted => match accepted {
                    Ok((stream, _)) => {
                        let connection = serve_connection(stream, self.app.clone(), self.stall_wait, &graceful);
                        tokio::spawn(async move {
                            connection.await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        // Out of descriptors, for example: wait for some to come back instead of spinning.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        // From here on connections are refused, so that a client turns to another server at once.
        drop(self.listener);
        // Watches never end by themselves; without this a stop would always take all of its time.
        self.closing.close();
        if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::warn!("some connections were still busy after {} seconds and were closed", DRAIN.as_secs());
        }
    }
}

fn serve_connection(
    stream: TcpStream,
    app: Admission,
    stall_wait: Duration,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    // Small answers must not wait for more; a socket that refuses this is closed already and says so on reading.
    let _ = stream.set_nodelay(true);
    // What a client does not read stays where it is shared, and is not copied into the system's buffer for it, which may
    // grow to several MiB for each.
    let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(MAX_UNSENT);
    let mut builder = Builder::new(stall::Watching { limit: stall_wait });
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_WAIT).max_buf_size(MAX_HEADERS as usize * 2);
    builder
        .http2()
        .timer(TokioTimer::new())
        // A peer that vanished without a word keeps its streams and their place until a ping stays unanswered.
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADERS);
    let watcher = graceful.watcher();
    async move {
        // hyper would decide by itself, but the socket must know the protocol before the first write.
        let Ok(Some(protocol)) = tokio::time::timeout(FIRST_WAIT, speaks(&stream)).await else { return };
        let answer = move |request: http::Request<Incoming>| {
            let app = app.clone();
            async move { Ok::<_, Infallible>(app.admit(request.map(Body::new)).await) }
        };
        let stream = TokioIo::new(stall::Stream::new(stream, stall_wait, protocol == Protocol::Http2));
        let connection = builder.serve_connection(stream, service_fn(answer)).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(error, "a connection ended with an error");
        }
    }
}

/// The protocol of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// Returns the protocol of a connection, once its first bytes show it; `None` when the client has gone.
// hyper waits for those bytes for ever, and a silent connection must not keep its place.
async fn speaks(stream: &TcpStream) -> Option<Protocol> {
    let mut begin = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut begin).await {
            Ok(0) | Err(_) => return None,
            Ok(length) if begin[..length] != PREFACE[..length] => return Some(Protocol::Http1),
            Ok(length) if length == PREFACE.len() => return Some(Protocol::Http2),
            // A peek does not wait for more than there is.
            Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
