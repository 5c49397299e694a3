//! Long lists as YAML: they take no more memory than lists as JSON, and end with their client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::{LIST, load};

/// The size of the list.
const SIZE: usize = 24 << 20;

/// How many bytes of memory a list may take, in KiB.
const GROWTH: u64 = 16 << 10;

/// Asks for a list and waits for this much of the answer.
fn begin(address: SocketAddr, path: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: application/yaml\r\n\r\n")
        .unwrap();
    let mut part = vec![0; length];
    stream.read_exact(&mut part).unwrap();
    assert!(length == 0 || part.starts_with(b"HTTP/1.1 200"));
    stream
}

fn fill() -> super::Loaded {
    let loaded = load();
    // Of many small values: the text is far smaller than values made of it.
    loaded.fill(SIZE / 10_000, 10_000);
    loaded
}

#[test]
fn a_list_as_yaml_takes_little_memory() {
    let loaded = fill();
    for path in [LIST.to_owned(), format!("{LIST}?limit=1000")] {
        let whole = || {
            let mut rest = Vec::new();
            begin(loaded.address(), &path, 100).read_to_end(&mut rest).unwrap();
            assert!(rest.ends_with(b"0\r\n\r\n"), "the list is whole");
        };
        // Threads, arenas and the store's caches are there from the first one on.
        (0..3).for_each(|_| whole());
        loaded.proc.forget_peak();
        let before = loaded.proc.memory();
        whole();
        let growth = loaded.proc.peak_memory().saturating_sub(before);
        assert!(growth < GROWTH, "{path} took {growth} KiB");
    }
}

#[test]
fn a_list_as_yaml_ends_with_its_client() {
    let loaded = fill();
    for length in [0, 12, 10_000, 0] {
        let stream = begin(loaded.address(), LIST, length);
        thread::sleep(Duration::from_millis(20));
        drop(stream);
    }
    // A build without optimization takes about a second of processor time for the whole list.
    thread::sleep(Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 }));
    let before = loaded.proc.cpu_time();
    thread::sleep(Duration::from_millis(500));
    let after = loaded.proc.cpu_time() - before;
    assert!(after <= Duration::from_millis(40), "after its clients have gone the server worked for {after:?}");
}
