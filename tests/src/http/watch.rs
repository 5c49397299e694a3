//! Watches to the letter: the fields of an event stream, where it begins, and what is refused or ends at once.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{JSON, LIST, TARGET, check, host};
use crate::exchange::{send, send_json};

const EVENTS: &str = "accept: text/event-stream";

/// So many lines of the body of a watch of one target, the line of the status before them; the connection is cut then.
fn lines(address: SocketAddr, query: &str, headers: &[&str], count: usize) -> Vec<String> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let fields: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    // An answer to HTTP/1.0 has no chunks.
    write!(stream, "GET {LIST}/one?watch=true{query} HTTP/1.0\r\nhost: {address}\r\n{fields}\r\n").unwrap();
    let mut read = BufReader::new(stream).lines().map(Result::unwrap);
    let status = read.next().unwrap();
    read.by_ref().find(String::is_empty).expect("the head ends");
    [status].into_iter().chain(read.take(count)).collect()
}

/// Two changes of a target; the place after the first.
fn changed(address: SocketAddr) -> String {
    assert_eq!(send_json(address, "POST", LIST, TARGET).status, 201);
    let told = lines(address, "&from=0", &[EVENTS], 1);
    let first = told[1].strip_prefix("id: ").unwrap().to_owned();
    let body = TARGET.replace(r#""name": "one""#, r#""labels": {"n": "2"}"#);
    let reply = send(address, "PUT", &format!("{LIST}/one"), &[JSON], body.as_bytes());
    assert_eq!(reply.status, 200, "{reply:?}");
    first
}

#[test]
fn an_event_stream_says_where_a_browser_goes_on_but_not_within_a_list() {
    let server = host();
    let first = changed(server.address);
    let told = lines(server.address, "&from=0", &[EVENTS], 6);
    assert_eq!(told[0], "HTTP/1.0 200 OK");
    assert_eq!(told[1], format!("id: {first}"));
    assert!(told[2].starts_with(&format!(r#"data: {{"type":"ADDED","cursor":"{first}","object":{{"#)), "{told:?}");
    assert_eq!(told[3], "");
    assert!(told[4].starts_with("id: "), "{told:?}");
    assert!(told[5].starts_with(r#"data: {"type":"MODIFIED","#), "{told:?}");
    let told = lines(server.address, "&from=list", &[EVENTS], 5);
    assert!(told[1].starts_with(r#"data: {"type":"ADDED","#), "{told:?}");
    assert!(told[3].starts_with("id: "), "{told:?}");
    assert!(told[4].starts_with(r#"data: {"type":"BOOKMARK","#), "{told:?}");
}

#[test]
fn where_a_browser_was_counts_before_what_its_address_says() {
    let server = host();
    let first = changed(server.address);
    let last = format!("last-event-id: {first}");
    for begin in ["&from=0", "&from=list", "&from=now", ""] {
        let told = lines(server.address, begin, &[EVENTS, &last], 2);
        assert!(told[2].starts_with(r#"data: {"type":"MODIFIED","#), "{begin}: {told:?}");
        // The same holds for those who take lines.
        let told = lines(server.address, begin, &[&last], 1);
        assert!(told[1].starts_with(r#"{"type":"MODIFIED","#), "{begin}: {told:?}");
    }
    let send = |header| send(server.address, "GET", &format!("{LIST}?watch=true&from=0"), &[EVENTS, header], b"");
    check(&send("last-event-id: yesterday"), 400, "BadRequest");
    check(&send("last-event-id: gestern-\u{fc}"), 400, "BadRequest");
    // A browser that saw no event yet was nowhere.
    for empty in ["last-event-id:", "last-event-id:  "] {
        let told = lines(server.address, "&from=list", &[EVENTS, empty], 1);
        assert!(told[1].starts_with(r#"data: {"type":"ADDED","#), "{told:?}");
    }
}

#[test]
fn a_watch_has_the_form_that_its_client_accepts_or_none() {
    let server = host();
    assert_eq!(send_json(server.address, "POST", LIST, TARGET).status, 201);
    for path in [LIST, &format!("{LIST}/one"), "/namespaces/v1/namespaces"] {
        let head = |accept: &str| {
            let accept = format!("accept: {accept}");
            send(server.address, "HEAD", &format!("{path}?watch=true"), &[&accept], b"")
        };
        for (accept, form) in [
            ("application/json", "application/jsonl"),
            ("application/jsonl", "application/jsonl"),
            ("application/x-ndjson", "application/x-ndjson"),
            ("text/event-stream", "text/event-stream"),
            ("text/event-stream, */*;q=0.1", "text/event-stream"),
            ("application/yaml, */*;q=0.1", "application/jsonl"),
            ("text/html, */*;q=0.8", "application/jsonl"),
        ] {
            assert_eq!(head(accept).header("content-type"), Some(form), "{path} {accept}");
        }
        for accept in ["application/yaml", "text/yaml", "application/x-yaml", "image/png"] {
            let refused = head(accept);
            assert_eq!(refused.status, 406, "{path} {accept}");
        }
    }
    let refused = send(server.address, "GET", &format!("{LIST}?watch=true"), &["accept: application/yaml"], b"");
    let text = String::from_utf8(refused.body).unwrap();
    assert!(
        text.contains("reason: NotAcceptable") && text.contains("accept application/jsonl or text/event-stream"),
        "{text}"
    );
}

#[test]
fn an_event_stream_is_for_watches_only() {
    let server = host();
    check(&send(server.address, "GET", LIST, &[EVENTS], b""), 406, "NotAcceptable");
    check(&send(server.address, "GET", &format!("{LIST}?watch=false"), &[EVENTS], b""), 406, "NotAcceptable");
    // What is refused before it begins is told as elsewhere.
    let refused = send(server.address, "GET", &format!("{LIST}?watch=true&from=x"), &[EVENTS], b"");
    check(&refused, 400, "BadRequest");
    assert_eq!(refused.header("content-type"), Some("application/json"));
}

#[test]
fn the_head_of_a_watch_ends() {
    let server = host();
    for (accept, form) in [("accept: */*", "application/jsonl"), (EVENTS, "text/event-stream")] {
        let head = send(server.address, "HEAD", &format!("{LIST}?watch=true"), &[accept], b"");
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, Some(form), 0));
    }
}

#[test]
fn every_watch_is_woken_by_what_it_watches() {
    const CHANGES: u64 = 60;
    let server = host();
    let address = server.address;
    let namespaces = ["default", "a", "b", "c"];
    for namespace in &namespaces[1..] {
        let body = format!(r#"{{"name": "namespaces/{namespace}"}}"#);
        assert_eq!(send_json(address, "POST", "/namespaces/v1/namespaces", &body).status, 200);
    }
    let list = |namespace: &str| LIST.replace("default", namespace);
    // In each namespace one change after the other, at a pace of its own, so that most find the watches at rest.
    let write = |pace: u64, namespace: &str| {
        for number in 1..=CHANGES {
            let body = format!(r#"{{"metadata": {{"labels": {{"n": "{number}"}}}}, "spec": {{"kubernetes": {{}}}}}}"#);
            let reply = send(address, "PUT", &format!("{}/one", list(namespace)), &[JSON], body.as_bytes());
            assert!(matches!(reply.status, 200 | 201), "{reply:?}");
            std::thread::sleep(Duration::from_millis(pace));
        }
    };
    // A change that a watch sleeps through would come with the next bookmark at the earliest, which is after this.
    let follow = |namespace: &str, begun: &std::sync::Barrier| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        write!(stream, "GET {}?watch=true HTTP/1.0\r\nhost: {address}\r\n\r\n", list(namespace)).unwrap();
        let mut read = BufReader::new(stream).lines().map(Result::unwrap);
        read.by_ref().find(|line| line.contains("BOOKMARK")).expect("it begins with a bookmark");
        begun.wait();
        for number in 1..=CHANGES {
            let line = read.next().expect("it goes on");
            assert!(line.contains(&format!(r#""n":"{number}""#)), "{namespace}: {number}: {line}");
        }
    };
    let begun = std::sync::Barrier::new(3 * namespaces.len());
    std::thread::scope(|scope| {
        for (namespace, pace) in namespaces.into_iter().zip([0, 7, 25, 40]) {
            let (write, follow, begun) = (&write, &follow, &begun);
            scope.spawn(move || follow(namespace, begun));
            scope.spawn(move || follow(namespace, begun));
            scope.spawn(move || {
                begun.wait();
                write(pace, namespace);
            });
        }
    });
}
