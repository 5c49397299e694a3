//! One connection, from its first byte to its end: its protocol, its waits, its place, its requests.

mod busy;
mod places;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use http::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;

use self::busy::Activity;
pub(crate) use self::places::{Place, Places};
use crate::access::{self, Admission};
use crate::budget::{self, Budget};
use crate::follow::IsWatch;
use crate::stall;

/// The most streams of one HTTP/2 connection at once.
const MAX_STREAMS: u32 = 256;

/// The largest header block, in bytes.
const MAX_HEADERS: u32 = 32 << 10;

/// How much a client may send of all requests of a connection, and of one of them, before any of it is read. Until then
/// no budget counts it.
const CONNECTION_WINDOW: u32 = 256 << 10;
const STREAM_WINDOW: u32 = 64 << 10;

/// The most bytes that the system holds for a client beyond those that are on their way to it.
const MAX_UNSENT: u32 = 256 << 10;

/// How long the headers of a request may take to arrive, and how long an HTTP/1 connection may be idle.
const HEADER_WAIT: Duration = Duration::from_secs(30);

/// How long a new connection may stay silent.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// How long a connection on a place for probes may last.
const PROBE_WAIT: Duration = Duration::from_secs(10);

/// How an HTTP/2 connection begins (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What all connections of a server share.
#[derive(Clone)]
pub(crate) struct Connections {
    pub(crate) app: Admission,
    pub(crate) budget: Arc<Budget>,
    pub(crate) places: Arc<Places>,
    pub(crate) waits: Waits,
}

/// How long clients may keep what they have without using it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    /// How long an answer may be left untaken.
    pub(crate) stall: Duration,
    /// How long an HTTP/2 connection may be without a request.
    pub(crate) idle: Duration,
}

impl Connections {
    /// Serves a connection on its place; `stop` resolves when it is to finish what it has.
    pub(crate) async fn serve(self, stream: TcpStream, place: Place, stop: watch::Receiver<bool>) {
        match place {
            Place::Usual(_place) => self.begin(stream, false, stop).await,
            // All of it, so that no more of these are open than there are places.
            Place::Probe(taken) => tokio::select! {
                () = self.begin(stream, true, stop) => {}
                () = tokio::time::sleep(PROBE_WAIT) => {}
                _ = taken => {}
            },
        }
    }

    async fn begin(self, stream: TcpStream, is_for_probes: bool, stop: watch::Receiver<bool>) {
        // Small answers must not wait for more; a socket that refuses this is closed already and says so on reading.
        let _ = stream.set_nodelay(true);
        // What a client does not read stays where it is shared, and is not copied into the system's buffer for it, which may
        // grow to several MiB for each.
        let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(MAX_UNSENT);
        // hyper would decide by itself, but the socket must know the protocol before the first write.
        if let Ok(Some(protocol)) = tokio::time::timeout(FIRST_WAIT, speaks(&stream)).await {
            self.talk(stream, protocol, is_for_probes, stop).await;
        }
    }

    async fn talk(self, stream: TcpStream, protocol: Protocol, is_for_probes: bool, mut stop: watch::Receiver<bool>) {
        let Waits { stall, idle } = self.waits;
        let activity = Activity::new();
        let has_watch = stall::HasWatch::default();
        let stream = stall::Stream::new(stream, stall, protocol == Protocol::Http2).with_watches(has_watch.clone());
        let stream = TokioIo::new(stream);
        let places = Arc::clone(&self.places);
        let requests = Requests { shared: self, is_for_probes, protocol, activity, has_watch };
        let idling = requests.activity.clone();
        let share = requests.shared.budget.share();
        let answer = move |request: http::Request<Incoming>| {
            let (requests, share) = (requests.clone(), share.clone());
            async move { Ok::<_, Infallible>(requests.answer(request.map(Body::new), share).await) }
        };
        let builder = builder(stall);
        let mut connection = pin!(builder.serve_connection(stream, service_fn(answer)));
        let mut is_idle = pin!(async {
            match protocol {
                // hyper closes an idle HTTP/1 connection when no next head arrives.
                Protocol::Http1 => std::future::pending().await,
                Protocol::Http2 => idling.idle(|| places.idle_limit(idle)).await,
            }
        });
        let mut is_ending = false;
        loop {
            tokio::select! {
                ended = &mut connection => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection ended with an error");
                    }
                    return;
                }
                // An error says that the server has gone.
                _ = stop.wait_for(|is_stopping| *is_stopping), if !is_ending => {}
                () = &mut is_idle, if !is_ending => {}
            }
            // The client sees that the connection ends, and which of its requests will be answered.
            connection.as_mut().graceful_shutdown();
            is_ending = true;
        }
    }
}

fn builder(stall: Duration) -> Builder<stall::Watching> {
    let mut builder = Builder::new(stall::Watching { limit: stall });
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_WAIT).max_buf_size(MAX_HEADERS as usize * 2);
    builder
        .http2()
        .timer(TokioTimer::new())
        // A peer that vanished without a word keeps its streams and their place until a ping stays unanswered.
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(MAX_STREAMS)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .initial_stream_window_size(STREAM_WINDOW)
        .max_header_list_size(MAX_HEADERS);
    builder
}

/// The requests of a connection.
#[derive(Clone)]
struct Requests {
    shared: Connections,
    is_for_probes: bool,
    protocol: Protocol,
    activity: Activity,
    has_watch: stall::HasWatch,
}

impl Requests {
    async fn answer(self, request: Request, share: budget::Share) -> Response<Body> {
        if self.is_for_probes && !access::is_probe(request.uri().path()) {
            return access::turn_away(request).await;
        }
        let busy = self.activity.begin();
        let response = budget::scope(self.shared.budget, share, self.shared.app.admit(request)).await;
        if response.extensions().get::<IsWatch>().is_some() {
            self.has_watch.set();
        }
        // Over HTTP/1 the next request waits for this answer anyway.
        if self.protocol == Protocol::Http2 { busy.until_sent(response) } else { response }
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
