//! Real disks that are full or take no writes: small ones in memory, seen by the program under test only.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kindstore::Json;

use crate::crash::example;
use crate::exchange::{send, send_json};
use crate::process::{command, serve, serve_by};
use crate::soak::rounds;

const LIST: &str = "/api/v1/namespaces/default/deployment-targets";

/// The server refuses writes below 64 MiB.
const SIZE: &str = "128m";
const BALLAST: usize = 70 << 20;

/// How long a change of the disk may take to be noticed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program in mounts of its own, with a disk of this size at the folder.
pub(super) fn on_disk(folder: &Path, size: &str, program: &Command) -> Command {
    let script = r#"mount -t tmpfs -o "size=$1" tmpfs "$0" && shift && exec "$@""#;
    in_own_mounts(folder, script, &[size], program)
}

fn in_own_mounts(folder: &Path, script: &str, arguments: &[&str], program: &Command) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(folder).args(arguments);
    command.arg(program.get_program()).args(program.get_args());
    command
}

/// How writes ended.
#[derive(Default)]
struct Ends {
    acknowledged: Mutex<Vec<String>>,
    refused: Mutex<Vec<String>>,
    /// Those whose answer says that they may have happened.
    unknown: Mutex<Vec<String>>,
    /// How many refusals named the full disk as the reason.
    named: AtomicUsize,
}

impl Ends {
    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    fn refused_by_name(&self) -> usize {
        self.named.load(Ordering::Relaxed)
    }

    /// Writes until it is told to stop; each write is done, or refused as one that can be tried again. What is under way when
    /// sled itself meets the full disk has an outcome that nobody knows, and for a moment the store recovers.
    fn write(&self, address: SocketAddr, writer: usize, is_over: &AtomicBool) {
        for number in 0.. {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            let name = format!("w{writer}-{number}");
            let document = format!(r#"{{"metadata": {{"name": "{name}"}}, "spec": {{"kubernetes": {{}}}}}}"#);
            let reply = send_json(address, "POST", LIST, &document);
            match reply.status {
                201 => self.acknowledged.lock().unwrap().push(name),
                503 => {
                    let message = reply.text("/message");
                    let is_named = message.contains("the disk is full");
                    assert!(is_named || message.contains("it is recovering from a failure"), "{message}");
                    self.named.fetch_add(usize::from(is_named), Ordering::Relaxed);
                    self.refused.lock().unwrap().push(name);
                }
                500 if reply.text("/reason") == "OutcomeUnknown" => self.unknown.lock().unwrap().push(name),
                other => panic!("{other}: {}", String::from_utf8_lossy(&reply.body)),
            }
        }
    }
}

/// Tells the writers to stop, also when a check fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The names that are served; none while sled, which has met the full disk itself, is closed.
fn names(address: SocketAddr) -> Option<Vec<String>> {
    let listed = send(address, "GET", LIST, &[], b"");
    let json = listed.json();
    if listed.status == 503 {
        let message = json.get("message").and_then(Json::as_str).unwrap();
        assert!(["the disk is full", "it is recovering"].iter().any(|why| message.contains(why)), "{message}");
        return None;
    }
    assert_eq!(listed.status, 200);
    let items = json.get("items").unwrap().as_array().unwrap();
    Some(items.iter().map(|item| item.at("/metadata/name").and_then(Json::as_str).unwrap().to_owned()).collect())
}

#[test]
fn a_full_disk_refuses_writes_serves_reads_and_is_got_over_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = serve_by(on_disk(folder.path(), SIZE, &command(folder.path())));
    let (address, ends, is_over) = (running.address, Ends::default(), AtomicBool::new(false));
    // What the server sees there.
    let inside = PathBuf::from(format!("/proc/{}/root{}", running.child.id(), folder.path().display()));
    let mut wait = |what: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !what() {
            assert!(running.child.try_wait().unwrap().is_none(), "the server goes on");
            assert!(begun.elapsed() < PATIENCE, "{} writes were done", ends.acknowledged());
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        let _over = Over(&is_over);
        for writer in 0..4 {
            let (ends, is_over) = (&ends, &is_over);
            scope.spawn(move || ends.write(address, writer, is_over));
        }
        for is_all_full in [false, true] {
            let done = ends.acknowledged();
            wait(&|| ends.acknowledged() >= done + 50);
            let mut refuse = |name: &str, bytes| {
                fill(&inside.join(name), bytes);
                let refused = ends.refused_by_name();
                wait(&|| ends.refused_by_name() >= refused + 50);
            };
            // First less than the server wants; then, when no write is under way any more, nothing at all.
            refuse("ballast", Some(BALLAST));
            if is_all_full {
                refuse("more", None);
            }
            let done = ends.acknowledged.lock().unwrap().clone();
            let served = names(address);
            let served = served.expect("reads go on, also on a disk without any space");
            assert!(done.iter().all(|name| served.contains(name)), "reads go on");
            std::fs::remove_file(inside.join("ballast")).unwrap();
            wait(&|| ends.acknowledged() >= done.len() + 50);
        }
    });
    let served = names(address).unwrap();
    let [acknowledged, refused, unknown] =
        [ends.acknowledged, ends.refused, ends.unknown].map(|names| names.into_inner().unwrap());
    assert!(acknowledged.iter().all(|name| served.contains(name)), "nothing that was acknowledged is lost");
    assert!(refused.iter().all(|name| !served.contains(name)), "what was refused changed nothing");
    let happened = unknown.iter().filter(|name| served.contains(name)).count();
    assert_eq!(served.len(), acknowledged.len() + happened);
}

/// Fills a file with so many bytes, or until the disk is full.
fn fill(path: &Path, bytes: Option<usize>) {
    let (mut file, piece, mut left) = (File::create(path).unwrap(), vec![1; 1 << 16], bytes.unwrap_or(usize::MAX));
    while left > 0 {
        match file.write(&piece[..left.min(piece.len())]) {
            Ok(written) => left -= written,
            Err(error) => {
                assert!(bytes.is_none() && error.kind() == std::io::ErrorKind::StorageFull, "{error}");
                return;
            }
        }
    }
}

#[test]
fn a_store_whose_disk_filled_up_under_sled_comes_back_with_all_that_was_acknowledged() {
    for round in 0..rounds(2, 30) {
        let folder = tempfile::tempdir().unwrap();
        let mut program = Command::new(example("full_disk"));
        program.arg(folder.path());
        let size = format!("{}m", 20 + round);
        let output = on_disk(folder.path(), &size, &program).output().unwrap();
        let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains("came back"), "{size}: {}\n{out}\n{error}", output.status);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_with_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve(folder.path());
    let document = r#"{"metadata": {"name": "one"}, "spec": {"kubernetes": {}}}"#;
    assert_eq!(send_json(running.address, "POST", LIST, document).status, 201);
    drop(running);
    let script = r#"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@""#;
    let output = in_own_mounts(folder.path(), script, &[], &command(folder.path())).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    let lines: Vec<_> = error.lines().filter(|line| line.starts_with("kindstore: ")).collect();
    let [line] = lines[..] else { panic!("{error}") };
    assert!(line.contains("cannot be used: Read-only file system") && line.contains("store"), "{line}");
    // Nothing happened to it.
    let running = serve(folder.path());
    assert_eq!(names(running.address).unwrap(), ["one"]);
}
