//! What the server asks of the system before it acknowledges a write, seen from outside, by strace.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::chance::Chance;
use crate::exchange::send_json;
use crate::process::{command, serve_by, signal_process};
use crate::trace::{self, Call};

const LIST: &str = "/api/v1/namespaces/default/deployment-targets";

/// The file that sled keeps all values in.
const DATA: &str = "sled/db";

/// Writers at once.
const WRITERS: usize = 64;

/// Writes of each.
const EACH: usize = 4;

/// A name that is found again by its end: sled leaves out what the keys of a page have in common at their beginning.
fn name(writer: usize, number: usize) -> String {
    format!("{:016x}", Chance::from_seed((writer * EACH + number) as u64).next())
}

#[test]
fn a_write_is_synced_before_it_is_acknowledged_and_one_sync_serves_many() {
    let lone = traced(|address| (0..5).for_each(|number| create(address, &name(0, number))));
    for number in 0..5 {
        check(&lone, &name(0, number));
    }
    let crowd = traced(|address| {
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || (0..EACH).for_each(|number| create(address, &name(writer, number))));
            }
        });
    });
    for writer in 0..WRITERS {
        (0..EACH).for_each(|number| check(&crowd, &name(writer, number)));
    }
    let syncs = crowd.iter().filter(|call| call.is_sync() && call.is_on(DATA)).count();
    tell(syncs);
    assert!(syncs * 4 < WRITERS * EACH, "{syncs} syncs for {} writes", WRITERS * EACH);
}

#[expect(clippy::print_stderr, reason = "what the proof saw")]
fn tell(syncs: usize) {
    eprintln!("{syncs} syncs for {} writes of {WRITERS} writers", WRITERS * EACH);
}

fn create(address: SocketAddr, name: &str) {
    let document = format!(r#"{{"metadata": {{"name": "{name}"}}, "spec": {{"kubernetes": {{}}}}}}"#);
    assert_eq!(send_json(address, "POST", LIST, &document).status, 201);
}

/// How often a name is stored: in its record, as the key that leads there, and as that key in the change log.
const PLACES: usize = 3;

/// Between the arrival of the request and the answer, all of it was written to the data file and then synced.
fn check(calls: &[Call], name: &str) {
    let end = &name[6..];
    let has_name = |call: &&Call| call.text.contains(end);
    let arrival = calls.iter().filter(has_name).find(|call| call.is_received()).expect("the request arrives");
    let answer = calls.iter().filter(has_name).find(|call| call.is_sent()).expect("the request is answered");
    let synced = calls.iter().rfind(|call| call.is_sync() && call.is_on(DATA) && call.end < answer.begin);
    let synced = synced.unwrap_or_else(|| panic!("{name} was acknowledged before anything was synced"));
    let is_before = |call: &&Call| call.begin > arrival.end && call.end < synced.begin && call.result > 0;
    let written = calls.iter().filter(has_name).filter(|call| call.is_file_write() && call.is_on(DATA));
    let places: usize = written.filter(is_before).map(|call| call.text.matches(end).count()).sum();
    assert!(places >= PLACES, "{name} was acknowledged with {places} of its {PLACES} places synced");
}

/// The calls of a server while something is asked of it.
fn traced(ask: impl FnOnce(SocketAddr)) -> Vec<Call> {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let data = folder.path().join("data");
    let mut running = serve_by(strace(&trace, &command(&data)));
    ask(running.address);
    // strace itself would let go of the server and leave it running.
    signal_process(&std::fs::read_to_string(data.join("store/kindstore.lock")).unwrap(), "TERM");
    running.child.wait().unwrap();
    trace::read(&String::from_utf8_lossy(&std::fs::read(trace).unwrap()))
}

/// The same program under strace.
fn strace(trace: &Path, program: &Command) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "--seccomp-bpf", "-ttt", "-yy", "-s", "1000000", "-o"]).arg(trace);
    let calls = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fsync,fdatasync";
    // strace slows the server down more than the disk: a sync takes as long here as on a slow disk, and longer than the other
    // writers need to arrive when other tests use both cores.
    command.args(["-e", &format!("trace={calls}"), "-e", "inject=fdatasync:delay_enter=60000"]);
    command.arg(program.get_program()).args(program.get_args());
    command
}
