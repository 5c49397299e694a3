//! The command line as users meet it: the real binary, against a server and on a folder, to the exit code and the line.

mod atomic;
mod check;
mod compact;
mod edit;
mod explain;
mod format;
mod history;
mod json;
mod read;
mod schema;
mod secret;
mod set;
mod terminal;
mod validate;
mod watch;
mod write;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const TARGET: &str = "kind: DeploymentTarget\napiVersion: v1\nmetadata: {name: jobs}\nspec: {kubernetes: {}}\n";
const CLICKS: &str = "\
kind: Deployment
apiVersion: v1
metadata:
  name: clicks
  labels: {team: web, tier: front}
spec:
  deploymentTargetName: jobs
  template:
    spec:
      artifact: {kind: JAR, jarUri: 's3://apps/clicks.jar', flinkVersion: 1.20}
";

/// A place to run commands in: a folder with files, and a store behind a server or in that folder.
struct Bench {
    folder: tempfile::TempDir,
    place: [String; 2],
    /// Kept while the bench is used.
    _server: Option<Server>,
}

struct Server {
    child: Child,
    /// Kept open, so that the server can go on printing.
    _lines: Box<dyn Iterator<Item = String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join("kindstore");
    assert!(binary.exists(), "build the command first: cargo build --package kindstore-cli");
    binary
}

/// The command without anything that the machine's own environment says.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", folder).env("TMPDIR", folder);
    command
}

impl Bench {
    fn server() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut serve = command(folder.path());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--store", "memory:", "--plain-secrets"]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.trim_start().starts_with("gRPC")).expect("the server says where it is");
        let url = format!("http://{}", line.split_whitespace().nth(1).unwrap());
        let server = Server { child, _lines: Box::new(lines) };
        Self { folder, place: ["--server".to_owned(), url], _server: Some(server) }
    }

    fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sled:{}", folder.path().join("store").display());
        Self { folder, place: ["--store".to_owned(), address], _server: None }
    }

    /// A bench with a target and a Deployment.
    fn filled(self) -> Self {
        self.file("target.yaml", TARGET);
        self.file("clicks.yaml", CLICKS);
        assert_eq!(self.run(&["apply", "-f", "target.yaml", "-f", "clicks.yaml"]).code, 0);
        self
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.folder.path());
        command.args(&self.place).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments), "")
    }

    fn run_with(&self, input: &str, arguments: &[&str]) -> Ended {
        ended(self.command(arguments), input)
    }

    /// What a command prints that must go well.
    fn out(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{arguments:?}: {ended:?}");
        ended.out
    }

    /// What a command says that must be refused with this exit code.
    fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(ended.err.starts_with("error: "), "{arguments:?}: {ended:?}");
        ended.err
    }
}

fn ended(mut command: Command, input: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that does not read may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs a test against a server and on a folder: both must answer the same.
fn on_both(test: impl Fn(Bench)) {
    test(Bench::server());
    test(Bench::folder());
}
