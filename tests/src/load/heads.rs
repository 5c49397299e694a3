//! Heads of requests that are too large, have too many fields, or never end.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::{LIST, load};
use crate::exchange::Reply;
use crate::soak::rounds;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Sends parts until there are no more or the server has enough, and gives what it said.
fn converse(address: std::net::SocketAddr, parts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut reader = stream.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        loop {
            match reader.read(&mut part) {
                Ok(0) => return answer,
                Ok(length) => answer.extend_from_slice(&part[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the server keeps the connection"),
                Err(_) => return answer,
            }
        }
    });
    for part in parts {
        if stream.write_all(&part).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    reading.join().unwrap()
}

#[test]
fn heads_beyond_the_bounds_are_refused_and_leave_nothing() {
    let loaded = load();
    let address = loaded.address();
    let head = |fields: String| format!("GET {LIST} HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n").into_bytes();
    let long = head(format!("x: {}\r\n", "y".repeat(1 << 20)));
    let many = head((0..1000).map(|number| format!("x{number}: y\r\n")).collect());
    let path = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "y".repeat(1 << 20)).into_bytes();
    let endless = [PREFACE.to_vec(), frame(4, 0, 0, b""), frame(1, 0, 1, &[0x82])];
    // A literal field of 16,000 bytes that is not remembered.
    let field = [&[0x00, 1, b'x', 0x7f, 0x81, 0x7c][..], &[b'y'; 16_000]].concat();
    let round = |rounds: usize| {
        for _ in 0..rounds {
            for (text, statuses) in [(&long, [431, 400]), (&many, [431, 400]), (&path, [414, 431])] {
                let answer = converse(address, std::iter::once(text.clone()));
                let status = Reply::parse(&answer).map(|reply| reply.status);
                // A client that goes on sending may find the connection reset before it reads.
                assert!(status.is_none_or(|status| statuses.contains(&status)), "{status:?}");
            }
            let parts = endless.iter().cloned().chain(std::iter::repeat_n(frame(9, 0, 1, &field), 5000));
            converse(address, parts);
        }
    };
    round(2);
    let before = loaded.level();
    loaded.beside(|| round(rounds(20, 500)));
    loaded.comes_back_to(before);
}

#[test]
fn floods_of_small_frames_are_borne_or_ended_and_leave_nothing() {
    let loaded = load();
    let address = loaded.address();
    let begin = [PREFACE, &frame(4, 0, 0, b"")].concat();
    let round = |count: usize| {
        for flood in [
            frame(4, 0, 0, b""),
            frame(6, 0, 0, &[0; 8]),
            frame(2, 0, 1, &[0; 5]),
            frame(8, 0, 0, &[0, 0, 0, 1]),
            frame(0, 0, 1, b""),
        ] {
            let parts = std::iter::once(begin.clone()).chain(std::iter::repeat_n(flood.repeat(100), count));
            converse(address, parts);
        }
    };
    round(20);
    let before = loaded.level();
    loaded.beside(|| round(rounds(1_000, 50_000)));
    loaded.comes_back_to(before);
}
