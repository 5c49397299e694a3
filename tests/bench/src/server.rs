//! The servers that are measured, each a process of its own on loopback.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::fill;

/// A server process, killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: String,
    /// How long it took until it said where it is.
    pub(crate) starting: Duration,
    // Kept open, so that the process can go on printing.
    _output: Box<dyn std::any::Any>,
}

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The server of this project, as it is by default, on a folder, which has what the resources refer to.
pub(crate) fn kindstore(folder: &Path) -> Process {
    kindstore_with(folder, &[])
}

/// The same with other settings.
pub(crate) fn kindstore_with(folder: &Path, settings: &[&str]) -> Process {
    fill::folder(folder, 0..0);
    let mut command = Command::new(beside("kindstore"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder).args(settings);
    start(command, |line| line.trim_start().strip_prefix("gRPC")?.split_whitespace().next().map(str::to_owned))
}

/// A bare peer: `tonic` or `axum`.
pub(crate) fn bare(name: &str) -> Process {
    let mut command = Command::new(beside("kindstore-bench"));
    command.args(["bare", name]);
    start(command, |line| Some(line.to_owned()))
}

/// etcd, one node, with its defaults, which sync each commit.
pub(crate) fn etcd(folder: &Path) -> Process {
    let free = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("it is bound")
    };
    let (client, peer) = (free(), free());
    let [client_url, peer_url] = [client, peer].map(|address| format!("http://{address}"));
    let mut command = Command::new("etcd");
    command.arg("--data-dir").arg(folder).args(["--log-level", "error", "--quota-backend-bytes", "8589934592"]);
    command.args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url]);
    command.args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url]);
    command.args(["--initial-cluster", &format!("default={peer_url}")]);
    let begun = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("etcd is installed");
    for _ in 0..400 {
        if std::net::TcpStream::connect(client).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Process { child, address: client.to_string(), starting: begun.elapsed(), _output: Box::new(()) }
}

fn start(mut command: Command, address: impl Fn(&str) -> Option<String>) -> Process {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
    let output = child.stdout.take().expect("it was asked for");
    let mut lines = BufReader::new(output).lines();
    let address = lines.by_ref().map_while(Result::ok).find_map(|line| address(&line)).expect("it says where it is");
    Process { child, address, starting: begun.elapsed(), _output: Box::new(lines) }
}

/// A program that was built along with this one.
pub(crate) fn beside(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("this program is a file");
    own.with_file_name(name)
}
