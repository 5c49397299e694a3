//! Histories of clients of a real server, over REST and gRPC, that is killed in the middle of them and started again.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::history::{Answer, Call, Event, State};
use super::search::is_linear_with;
use crate::chance::Chance;
use crate::crash::{self, Client, Grpc, Rest, content};
use crate::process::serve;
use crate::soak::rounds;
use crate::target::furnish;

const LIST: &str = "/api/v1/namespaces/default/deployments";

/// How many resources there are histories of at the same time, and how many clients each has.
const RESOURCES: usize = 6;
const CLIENTS: usize = 2;

/// The most calls of a client: two of them and a last look fit into a search.
const MOST: usize = 24;

#[test]
fn histories_over_kills_are_linear_and_a_watch_reports_them() {
    let (mut chance, folder) = (Chance::new(), tempfile::tempdir().unwrap());
    let (mut cursor, mut unknown) = ("0".to_owned(), 0);
    for round in 0..rounds(3, 60) {
        let mut running = serve(folder.path());
        furnish(running.address);
        let history = History::new(round);
        thread::scope(|scope| {
            for client in 0..RESOURCES * CLIENTS {
                let (history, address, mut chance) = (&history, running.address, chance.fork());
                scope.spawn(move || history.record(client, address, &mut chance));
            }
            thread::sleep(Duration::from_millis(20 + chance.below(250)));
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        });
        let running = serve(folder.path());
        history.look(running.address);
        let told = told(running.address, &mut cursor);
        unknown += history.check(&told);
    }
    assert!(unknown > 0, "no call was under way at a kill");
}

/// The events of one round, by resource.
struct History {
    round: usize,
    clock: AtomicU64,
    tokens: AtomicU32,
    events: Mutex<HashMap<String, Vec<Event>>>,
}

impl History {
    fn new(round: usize) -> Self {
        Self { round, clock: AtomicU64::new(0), tokens: AtomicU32::new(0), events: Mutex::default() }
    }

    fn name(&self, resource: usize) -> String {
        format!("k{}-{resource}", self.round)
    }

    /// Asks until the server is gone.
    fn record(&self, client: usize, address: SocketAddr, chance: &mut Chance) {
        let name = self.name(client % RESOURCES);
        let mut binding: Box<dyn Client> = match client / RESOURCES {
            0 => Box::new(Rest(address)),
            _ => match Grpc::connect(address) {
                Some(grpc) => Box::new(grpc),
                None => return,
            },
        };
        let mut last = None;
        for _ in 0..MOST {
            let event = self.ask(binding.as_mut(), &name, &mut last, chance);
            self.events.lock().unwrap().entry(name.clone()).or_default().push(event);
            if event.answer == Answer::Unknown {
                return;
            }
        }
    }

    /// Makes a call. `last` is the id and version that the client saw last: a patch is on the condition that they still are there.
    fn ask(&self, client: &mut dyn Client, name: &str, last: &mut Option<(String, u64)>, chance: &mut Chance) -> Event {
        let token = self.tokens.fetch_add(1, Ordering::SeqCst);
        let text = content::token("k", token.into(), 10);
        let called = self.clock.fetch_add(1, Ordering::SeqCst);
        let (call, answer) = match (chance.below(10), last.clone()) {
            (0..5, Some((id, version))) => {
                let patched = client.patch(name, content::patch(&text), &id, version);
                (Call::Patch { expected: version, token }, patched)
            }
            // None is deleted: the clients patch one incarnation, by its id, of which the model knows nothing.
            (5..8, _) => (Call::Get, client.get(name)),
            _ => (Call::Create { token }, client.create(content::document(name, &text))),
        };
        let answered = self.clock.fetch_add(1, Ordering::SeqCst);
        let answer = match answer {
            crash::Answer::Done(document, _) => {
                let metadata = &document["metadata"];
                let id = metadata["id"].as_str().unwrap().to_owned();
                let (version, token) = state(&document);
                *last = Some((id, version));
                Answer::Done(version, token)
            }
            crash::Answer::Refused if matches!(call, Call::Patch { .. }) => Answer::Declined,
            crash::Answer::Refused => Answer::Refused,
            crash::Answer::Gone => return Event { called, answered: u64::MAX, call, answer: Answer::Unknown },
        };
        Event { called, answered, call, answer }
    }

    /// A last look at each resource.
    fn look(&self, address: SocketAddr) {
        for resource in 0..RESOURCES {
            let name = self.name(resource);
            let called = self.clock.fetch_add(1, Ordering::SeqCst);
            let answer = match Rest(address).get(&name) {
                crash::Answer::Done(document, _) => {
                    let (version, token) = state(&document);
                    Answer::Done(version, token)
                }
                crash::Answer::Refused => Answer::Refused,
                crash::Answer::Gone => panic!("the server is there"),
            };
            let answered = self.clock.fetch_add(1, Ordering::SeqCst);
            let look = Event { called, answered, call: Call::Get, answer };
            self.events.lock().unwrap().entry(name).or_default().push(look);
        }
    }

    /// Checks each history. Returns how many answers were unknown.
    fn check(&self, told: &HashMap<String, Vec<State>>) -> usize {
        let mut unknown = 0;
        for (name, events) in self.events.lock().unwrap().iter_mut() {
            events.sort_by_key(|event| event.called);
            let states = told.get(name).map_or(&[][..], Vec::as_slice);
            assert!(is_linear_with(events, states), "{name} has no order:\n{states:?}\n{events:#?}");
            unknown += events.iter().filter(|event| event.answer == Answer::Unknown).count();
        }
        unknown
    }
}

/// The version of a document, and the number of its token.
fn state(document: &Value) -> (u64, u32) {
    let token = content::token_of(document).unwrap_or_else(|why| panic!("{why}"));
    let number = token.split('-').nth(1).unwrap().parse().unwrap();
    (document["metadata"]["resourceVersion"].as_u64().unwrap(), number)
}

/// The states of all resources after a cursor, by name, as a watch reports them up to the newest revision; the cursor moves on.
fn told(address: SocketAddr, cursor: &mut String) -> HashMap<String, Vec<State>> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let query = format!("watch=true&from={cursor}&bookmarkSeconds=1");
    // An answer to HTTP/1.0 has no chunks.
    write!(stream, "GET {LIST}?{query} HTTP/1.0\r\nhost: {address}\r\naccept: application/jsonl\r\n\r\n").unwrap();
    let mut states: HashMap<String, Vec<State>> = HashMap::new();
    let lines = BufReader::new(stream).lines().map(Result::unwrap).skip_while(|line| !line.is_empty()).skip(1);
    for line in lines {
        let event: Value = serde_json::from_str(&line).unwrap();
        *cursor = event["cursor"].as_str().unwrap().to_owned();
        let object = &event["object"];
        let state = match event["type"].as_str().unwrap() {
            // It comes after a second in which nothing happened.
            "BOOKMARK" => return states,
            "DELETED" => None,
            _ => Some(state(object)),
        };
        states.entry(object["metadata"]["name"].as_str().unwrap().to_owned()).or_default().push(state);
    }
    panic!("the watch has ended")
}
