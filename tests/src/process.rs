//! The real binary: starting, stopping, being killed, being refused.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::exchange::{Reply, send, send_json, try_send};
use crate::soak::rounds;

const LIST: &str = "/api/v1/namespaces/default/deployment-targets";

pub(crate) fn binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join("kindstore");
    assert!(binary.exists(), "build the server first: cargo build --package kindstore-cli");
    binary
}

/// A server process; it is killed when the test lets go of it.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Kept open, so that the server can go on printing.
    _output: Box<dyn Iterator<Item = String>>,
    pub(crate) address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn serve(folder: &Path) -> Running {
    serve_by(command(folder))
}

/// A server whose store is gone with it.
pub(crate) fn serve_in_memory(environment: &[(&str, &str)]) -> Running {
    let mut command = Command::new(binary());
    command.args(["serve", "--listen", "127.0.0.1:0", "--store", "memory:"]).envs(environment.iter().copied());
    serve_by(command)
}

/// Starts a server by a command and waits until it is there.
pub(crate) fn serve_by(mut command: Command) -> Running {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.trim_start().starts_with("gRPC")).expect("the server says where it is");
    let address = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    Running { child, _output: Box::new(lines), address }
}

pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder);
    command
}

fn signal(child: &Child, name: &str) {
    signal_process(&child.id().to_string(), name);
}

pub(crate) fn signal_process(id: &str, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), id.trim()]).status().unwrap().success());
}

fn target(name: &str) -> String {
    format!(r#"{{"metadata": {{"name": "{name}"}}, "spec": {{"kubernetes": {{}}}}}}"#)
}

#[test]
fn what_was_acknowledged_is_there_after_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged: Mutex<Vec<(String, Reply)>> = Mutex::default();
    for round in 0..rounds(3, 100) {
        let mut running = serve(folder.path());
        let address = running.address;
        thread::scope(|scope| {
            for writer in 0..4 {
                let acknowledged = &acknowledged;
                scope.spawn(move || {
                    for number in 0.. {
                        let name = format!("r{round}-w{writer}-{number}");
                        let headers = ["content-type: application/json"];
                        match try_send(address, "POST", LIST, &headers, target(&name).as_bytes()) {
                            Some(reply) if reply.status == 201 => acknowledged.lock().unwrap().push((name, reply)),
                            _ => break,
                        }
                    }
                });
            }
            let enough = (round + 1) * 100;
            while acknowledged.lock().unwrap().len() < enough {
                assert!(running.child.try_wait().unwrap().is_none(), "the server goes on until it is killed");
                thread::yield_now();
            }
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        });
    }
    let running = serve(folder.path());
    for (name, reply) in acknowledged.into_inner().unwrap() {
        let found = send(running.address, "GET", &format!("{LIST}/{name}"), &[], b"");
        assert_eq!(found.body, reply.body, "{name} is as it was acknowledged");
    }
    let listed = send(running.address, "GET", LIST, &[], b"").json();
    let items = listed.get("items").unwrap().as_array().unwrap();
    let ids: Vec<_> = items.iter().map(|item| item.at("/metadata/id").unwrap().as_str().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "the list is in order of creation");
}

#[test]
fn a_stop_finishes_what_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = serve(folder.path());
    let body = target("late");
    let mut stream = TcpStream::connect(running.address).unwrap();
    let head = format!(
        "POST {LIST} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body: the request is accepted, and now the server is told to stop.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    signal(&running.child, "TERM");
    while TcpStream::connect(running.address).is_ok() {
        thread::yield_now();
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert_eq!(Reply::parse(&reply).unwrap().status, 201);
    assert!(running.child.wait().unwrap().success());
    let again = serve(folder.path());
    assert_eq!(send(again.address, "GET", &format!("{LIST}/late"), &[], b"").status, 200);
}

#[test]
fn a_stop_ends_watches_and_does_not_wait_for_them() {
    let mut running = serve_in_memory(&[]);
    let mut watches: Vec<_> = ["text/event-stream", "application/jsonl"]
        .map(|form| {
            let mut stream = TcpStream::connect(running.address).unwrap();
            write!(stream, "GET {LIST}?watch=true HTTP/1.1\r\nhost: localhost\r\naccept: {form}\r\n\r\n").unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            BufReader::new(stream)
        })
        .into();
    for watch in &mut watches {
        let begun = watch.lines().map(Result::unwrap).find(|line| line.contains("BOOKMARK"));
        assert!(begun.is_some(), "the watch begins");
    }
    let begin = Instant::now();
    signal(&running.child, "TERM");
    for mut watch in watches {
        let mut rest = String::new();
        watch.read_to_string(&mut rest).unwrap();
        assert!(rest.ends_with("0\r\n\r\n"), "the answer ends as a whole: {rest:?}");
    }
    assert!(running.child.wait().unwrap().success());
    // Far below the time that a stop waits for what is under way.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn a_folder_that_is_in_use_or_foreign_is_refused_with_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve(folder.path());
    let error = refused(command(folder.path()));
    assert!(error.contains("in use by another process") && error.contains(&running.child.id().to_string()), "{error}");
    assert_eq!(send_json(running.address, "POST", LIST, &target("one")).status, 201);

    let foreign = tempfile::tempdir().unwrap();
    std::fs::create_dir(foreign.path().join("store")).unwrap();
    std::fs::write(foreign.path().join("store/notes.txt"), "mine").unwrap();
    let error = refused(command(foreign.path()));
    assert!(error.contains("not a kindstore folder"), "{error}");
    assert_eq!(std::fs::read_dir(foreign.path().join("store")).unwrap().count(), 1);
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    for (flags, part) in [
        (["--listen", "0.0.0.0:0"], "--allow-remote"),
        (["--listen", "here"], "HOST:PORT"),
        (["--store", "redis:x"], "sled:PATH or memory:"),
        (["--config", "/nowhere/settings.yaml"], "settings file"),
    ] {
        let mut command = Command::new(binary());
        command.arg("serve").args(flags).arg("--data-dir").arg(folder.path());
        let error = refused(command);
        assert!(error.contains(part), "{error}");
    }
}

/// What a command that must fail at once prints.
fn refused(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert_eq!(status.code(), Some(1));
    let error = String::from_utf8(stderr).unwrap();
    assert_eq!(error.lines().filter(|line| line.starts_with("kindstore: ")).count(), 1, "{error}");
    error
}

#[test]
fn the_command_tells_its_version_and_its_flags() {
    let output = |flag: &[&str]| {
        let output = Command::new(binary()).args(flag).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(output(&["--version"]), format!("kindstore {}\n", env!("CARGO_PKG_VERSION")));
    let help = output(&["serve", "--help"]);
    for word in ["--data-dir", "--listen", "--store", "--plain-secrets", "KINDSTORE_LISTEN", "--config"] {
        assert!(help.contains(word), "{word}");
    }
}
