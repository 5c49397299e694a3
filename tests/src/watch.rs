//! Watchers that are cut off and come again at random, of a server that is killed and started again under load: what they
//! were told is the change log, each change once and in order.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use kindstore::backend::{Backend, SledBackend};
use kindstore::{Cursor, ResourceId};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use serde_json::Value;

use crate::chance::Chance;
use crate::crash::load_and_kill;
use crate::exchange::send;
use crate::process::serve;
use crate::soak::rounds;
use crate::target::furnish;

/// Watchers over each of gRPC and REST.
const WATCHERS: u64 = 3;

const LIST: &str = "/api/v1/namespaces/default/deployments";

/// One change: its place, what happened, the resource and its version.
type Told = (String, String, ResourceId, u64);

/// What watchers and the test tell each other.
struct Shared {
    /// Where the server is, as far as is known.
    address: Mutex<SocketAddr>,
    /// The revision at which everything is over; 0 until it is known.
    last: AtomicU64,
}

impl Shared {
    fn is_over(&self, cursor: &str) -> bool {
        let last = self.last.load(Ordering::Acquire);
        let cursor: Cursor = cursor.parse().unwrap();
        // A change within the last commit may have others behind it.
        last > 0 && cursor >= Cursor::after(last)
    }

    fn address(&self) -> SocketAddr {
        *self.address.lock().unwrap()
    }
}

#[test]
fn what_watchers_are_told_is_the_change_log_however_often_they_and_the_server_are_cut_off() {
    let (mut chance, folder) = (Chance::new(), tempfile::tempdir().unwrap());
    let mut running = serve(folder.path());
    furnish(running.address);
    let begin = revision(running.address);
    let shared = Shared { address: Mutex::new(running.address), last: AtomicU64::new(0) };
    thread::scope(|scope| {
        let watchers: Vec<_> = (0..2 * WATCHERS)
            .map(|watcher| {
                let (shared, chance) = (&shared, chance.fork());
                scope.spawn(move || follow(watcher % 2 == 0, shared, begin, chance))
            })
            .collect();
        for round in 0..rounds(4, 60) {
            drop(load_and_kill(running, round, &mut chance));
            running = serve(folder.path());
            *shared.address.lock().unwrap() = running.address;
        }
        shared.last.store(revision(running.address), Ordering::Release);
        let told: Vec<_> = watchers.into_iter().map(|watcher| watcher.join().unwrap()).collect();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        let expected = changes(&folder.path().join("store"), begin);
        assert!(expected.len() > 60, "only {} changes", expected.len());
        for told in told {
            for (told, expected) in told.iter().zip(&expected) {
                assert_eq!(told, expected);
            }
            assert_eq!(told.len(), expected.len());
        }
    });
}

/// The newest revision of a server.
fn revision(address: SocketAddr) -> u64 {
    let reply = send(address, "GET", LIST, &[], b"");
    let list: Value = serde_json::from_slice(&reply.body).unwrap();
    list["metadata"]["revision"].as_u64().unwrap()
}

/// What the change log says of Deployments.
fn changes(store: &Path, after: u64) -> Vec<Told> {
    let backend = SledBackend::open(store, Default::default()).unwrap();
    let (mut told, mut versions) = (Vec::new(), BTreeMap::new());
    for change in backend.changes(after, usize::MAX).unwrap() {
        let Some(id) = change.key.strip_prefix(b"r\0Deployment\0default\0") else { continue };
        let id = ResourceId::from_bytes(id.try_into().unwrap());
        let place = format!("{}.{}", change.revision, change.index);
        let known: Option<u64> = versions.get(&id).copied();
        let (word, version) = match (known, change.deleted) {
            (None, false) => ("ADDED", 1),
            (Some(version), false) => ("MODIFIED", version + 1),
            (Some(version), true) => ("DELETED", version),
            (None, true) => panic!("what is not there was deleted at {place}"),
        };
        match change.deleted {
            true => versions.remove(&id),
            false => versions.insert(id, version),
        };
        told.push((place, word.to_owned(), id, version));
    }
    told
}

/// Watches until everything is over, and is cut off again and again.
fn follow(by_grpc: bool, shared: &Shared, begin: u64, mut chance: Chance) -> Vec<Told> {
    let (mut told, mut cursor) = (Vec::new(), begin.to_string());
    while !shared.is_over(&cursor) {
        // After so many events the watcher goes away.
        let most = if shared.last.load(Ordering::Acquire) > 0 { usize::MAX } else { 1 + chance.below(80) as usize };
        match by_grpc {
            true => by_messages(shared, &mut cursor, most, &mut told),
            false => by_events(shared, &mut cursor, most, &mut told),
        }
        thread::sleep(Duration::from_micros(chance.below(30_000)));
    }
    told
}

/// Watches over gRPC until the connection breaks, or so many events came.
fn by_messages(shared: &Shared, cursor: &mut String, most: usize, told: &mut Vec<Told>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = shared.address();
    runtime.block_on(async {
        let Ok(mut client) = ResourceServiceClient::connect(format!("http://{address}")).await else { return };
        let request = v1::WatchRequest {
            kind: "Deployment".to_owned(),
            namespace: "default".to_owned(),
            cursor: cursor.clone(),
            bookmark_seconds: 1,
            ..Default::default()
        };
        let Ok(stream) = client.watch(request).await else { return };
        let mut stream = stream.into_inner();
        for _ in 0..most {
            let Ok(Some(response)) = stream.message().await else { return };
            if let Some(resource) = response.resource().unwrap() {
                let metadata = resource.metadata.unwrap();
                let name = response.change_type().as_str_name().trim_start_matches("CHANGE_TYPE_").to_owned();
                let id = metadata.id.parse().unwrap();
                told.push((response.cursor.clone(), name, id, metadata.resource_version));
            }
            *cursor = response.cursor;
            if shared.is_over(cursor) {
                return;
            }
        }
    });
}

/// Watches as browsers do until the connection breaks, or so many events came.
fn by_events(shared: &Shared, cursor: &mut String, most: usize, told: &mut Vec<Told>) {
    let address = shared.address();
    let Ok(mut stream) = TcpStream::connect(address) else { return };
    // An answer to HTTP/1.0 has no chunks.
    let head = format!(
        "GET {LIST}?watch=true&bookmarkSeconds=1 HTTP/1.0\r\nhost: {address}\r\naccept: text/event-stream\r\nlast-event-id: {cursor}\r\n\r\n"
    );
    if stream.write_all(head.as_bytes()).is_err() {
        return;
    }
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (mut count, mut id) = (0, None);
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        if let Some(found) = line.strip_prefix("id: ") {
            id = Some(found.to_owned());
        }
        let Some(data) = line.strip_prefix("data: ") else { continue };
        // What was cut off in the middle is told again.
        let Ok(event) = serde_json::from_str::<Value>(data) else { return };
        let metadata = &event["object"]["metadata"];
        if let Some(resource) = metadata["id"].as_str() {
            let word = event["type"].as_str().unwrap().to_owned();
            let version = metadata["resourceVersion"].as_u64().unwrap();
            told.push((event["cursor"].as_str().unwrap().to_owned(), word, resource.parse().unwrap(), version));
        }
        *cursor = id.take().unwrap();
        count += 1;
        if count == most || shared.is_over(cursor) {
            return;
        }
    }
}
