//! A socket that fails when its other side takes nothing for too long, and that sends together what is written together.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// The most that is gathered before it is sent.
const MOST: usize = 64 << 10;

/// A write of at least so many bytes is not gathered: a copy would cost more than the call that it saves, and would be kept
/// for as long as the other side takes nothing.
const LARGE: usize = 8 << 10;

/// The most bytes that the system holds for a client that watches, beyond those that are on their way to it.
// An event comes to many clients at once, and what each of them does not read at once is copied to the system.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 64 << 10;

/// Says that a connection has a watch.
#[derive(Clone, Debug, Default)]
pub(crate) struct HasWatch(Arc<AtomicBool>);

impl HasWatch {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was set since somebody asked last.
    fn is_new(&self) -> bool {
        self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Relaxed)
    }
}

/// A socket on which each write must get on within a limit.
// Over HTTP/2 a connection sends a frame as soon as a stream has one, each by a call of the system; where many streams
// have one at once, that is most of their cost. So frames are gathered until the connection's task runs again, which is
// after the streams that are ready now. That task reads before all else, and there the frames are sent.
pub(crate) struct Stream {
    socket: TcpStream,
    limit: Duration,
    timer: Pin<Box<Sleep>>,
    /// Whether a write waits, so that the timer counts.
    is_waiting: bool,
    /// Whether what is written is gathered.
    gathers: bool,
    gathered: BytesMut,
    /// Whether the task will be woken for the bytes that were gathered.
    is_deferred: bool,
    has_watch: HasWatch,
}

impl Stream {
    /// `gathers` is for connections of HTTP/2 only: others do not read each time that their task runs.
    pub(crate) fn new(socket: TcpStream, limit: Duration, gathers: bool) -> Self {
        let (timer, gathered) = (Box::pin(sleep(limit)), BytesMut::new());
        let has_watch = HasWatch::default();
        Self { socket, limit, timer, is_waiting: false, gathers, gathered, is_deferred: false, has_watch }
    }

    /// The same socket, which leaves less to the system once the connection has a watch.
    pub(crate) fn with_watches(mut self, has_watch: HasWatch) -> Self {
        self.has_watch = has_watch;
        self
    }

    fn heed_watches(&self) {
        if self.has_watch.is_new() {
            limit_unsent(&self.socket);
        }
    }

    /// Passes on how a write went, and fails when it waits for too long.
    fn judge<T>(&mut self, context: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.is_waiting = false;
            return result;
        }
        // The timer is set when a wait begins and not at each poll.
        if !std::mem::replace(&mut self.is_waiting, true) {
            self.timer.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the client takes nothing of what it is sent")))
    }

    /// Sends what was gathered.
    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.gathered.is_empty() {
            let result = Pin::new(&mut self.socket).poll_write(context, &self.gathered);
            match ready!(self.judge(context, result))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                sent => self.gathered.advance(sent),
            }
        }
        self.gathered.clear();
        Poll::Ready(Ok(()))
    }

    /// Gathers parts, and says how many bytes of them.
    fn gather(&mut self, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.gathered.len() >= MOST {
            ready!(self.send(context))?;
        }
        let mut taken = 0;
        for part in parts {
            let length = part.len().min(MOST.saturating_sub(self.gathered.len()));
            self.gathered.extend_from_slice(&part[..length]);
            taken += length;
        }
        Poll::Ready(Ok(taken))
    }
}

/// Has the system hold less of what is not sent yet, where it can.
fn limit_unsent(socket: &TcpStream) {
    // A socket that refuses this is closed already and says so on writing.
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(socket).set_tcp_notsent_lowat(MAX_UNSENT);
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // The connection reads first each time it runs, which makes this the place to send.
        self.is_deferred = false;
        if let Poll::Ready(Err(error)) = self.send(context) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.heed_watches();
        if self.gathers {
            return self.gather(context, &[IoSlice::new(bytes)]);
        }
        let result = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.judge(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.heed_watches();
        if self.gathers && parts.iter().map(|part| part.len()).sum::<usize>() < LARGE {
            return self.gather(context, parts);
        }
        // What was gathered comes first.
        ready!(self.send(context))?;
        let result = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.judge(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.gathered.is_empty() && !std::mem::replace(&mut self.is_deferred, true) {
            // The connection task runs again after the streams that are ready now, and sends all their frames with one
            // call of the system.
            context.waker().wake_by_ref();
        }
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.send(context))?;
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use socket2::SockRef;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_system_holds_less_for_a_connection_with_a_watch() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let _client = TcpStream::connect(listener.local_addr().expect("it is bound")).await.expect("it listens");
        let (socket, _) = listener.accept().await.expect("a client is there");
        let has_watch = HasWatch::default();
        let mut stream = Stream::new(socket, Duration::from_secs(1), false).with_watches(has_watch.clone());
        let unsent = |stream: &Stream| SockRef::from(&stream.socket).tcp_notsent_lowat().expect("the system knows it");
        stream.write_all(b"before").await.expect("the client is there");
        assert!(unsent(&stream) != MAX_UNSENT);
        has_watch.set();
        stream.write_all(b"since").await.expect("the client is there");
        assert_eq!(unsent(&stream), MAX_UNSENT);
    }
}
