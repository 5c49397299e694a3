//! HTTP/1.1 with as little work as a client can do: it writes bytes that are ready, and counts those that come.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// How an answer came.
pub(crate) struct Arrival {
    pub(crate) status: u16,
    /// When the first byte was there.
    pub(crate) first: Duration,
    /// When all was there.
    pub(crate) whole: Duration,
    /// The bytes of the body.
    pub(crate) length: usize,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server is there");
        stream.set_nodelay(true).expect("the socket is open");
        Self { stream, buffer: vec![0; 256 << 10] }
    }

    /// Sends a GET and reads the answer.
    pub(crate) async fn get(&mut self, path: &str) -> Arrival {
        self.get_as(path, "application/json").await
    }

    /// Sends a GET and reads nothing.
    pub(crate) async fn ask(&mut self, path: &str, media: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: {media}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await.expect("the server reads");
    }

    /// Sends a GET for an answer in this form, and reads it.
    pub(crate) async fn get_as(&mut self, path: &str, media: &str) -> Arrival {
        let begun = Instant::now();
        self.ask(path, media).await;
        let mut filled = self.read(0).await;
        let first = begun.elapsed();
        let end = loop {
            match self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => filled += self.read(filled).await,
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let length = match length {
            Some(length) => self.counted(filled - end, length).await,
            None => self.chunked(end, filled).await,
        };
        Arrival { status, first, whole: begun.elapsed(), length }
    }

    async fn counted(&mut self, mut have: usize, length: usize) -> usize {
        while have < length {
            have += self.read(0).await;
        }
        length
    }

    /// Reads to the last chunk, which is empty. Its mark cannot be within these bodies: they have no line breaks.
    async fn chunked(&mut self, begin: usize, filled: usize) -> usize {
        const END: &[u8] = b"\r\n0\r\n\r\n";
        let mut tail = self.buffer[begin..filled].to_vec();
        let mut length = tail.len();
        while !tail.ends_with(END) {
            let read = self.read(0).await;
            length += read;
            tail.drain(..tail.len().saturating_sub(END.len()));
            tail.extend_from_slice(&self.buffer[read.saturating_sub(END.len())..read]);
        }
        length
    }

    async fn read(&mut self, at: usize) -> usize {
        let read = self.stream.read(&mut self.buffer[at..]).await.expect("the server answers");
        assert!(read > 0, "the server ended the connection");
        read
    }
}
