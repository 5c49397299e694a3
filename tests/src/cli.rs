//! The command line as users meet it: the real binary, against a server and on a folder, to the exit code and the line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
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
      artifact: {kind: JAR, flinkVersion: 1.20}
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
    assert!(binary.exists(), "build the command first: cargo build --package kindstore-server");
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

#[test]
fn apply_creates_then_configures_then_leaves_as_it_is() {
    on_both(|bench| {
        bench.file("shop/a.yaml", TARGET);
        bench.file("shop/b.yml", CLICKS);
        bench.file("shop/notes.txt", "not read");
        bench.file("shop/deep/c.json", r#"{"kind": "SessionCluster", "metadata": {"name": "one"}, "spec": {}}"#);
        let created = "deployment-target/jobs created\ndeployment/clicks created\n";
        assert_eq!(bench.out(&["apply", "-f", "shop"]), created);
        assert_eq!(bench.out(&["apply", "-f", "shop"]), created.replace("created", "unchanged"));
        bench.file("shop/b.yml", &CLICKS.replace("1.20", "1.30"));
        assert_eq!(bench.out(&["apply", "-f", "shop/b.yml"]), "deployment/clicks configured\n");
        let version = "-ojsonpath={.spec.template.spec.artifact.flinkVersion}";
        assert_eq!(bench.out(&["get", "deploy", "clicks", version]), "1.30\n");
        assert!(bench.refused(1, &["apply", "-R", "-f", "shop"]).contains("shop/deep/c.json:1: the SessionCluster"));
    });
}

#[test]
fn create_refuses_what_is_there_and_replace_what_is_not() {
    on_both(|bench| {
        let bench = bench.filled();
        assert!(bench.refused(1, &["create", "-f", "clicks.yaml"]).contains("already exists"));
        bench.file("new.yaml", &CLICKS.replace("clicks", "views"));
        assert!(bench.refused(1, &["replace", "-f", "new.yaml"]).contains("no Deployment \"views\""));
        assert_eq!(bench.out(&["create", "-f", "new.yaml"]), "deployment/views created\n");
        bench.file("new.yaml", &CLICKS.replace("clicks", "views").replace("web", "data"));
        assert_eq!(bench.out(&["replace", "-f", "new.yaml"]), "deployment/views replaced\n");
        assert_eq!(bench.out(&["replace", "-f", "new.yaml"]), "deployment/views unchanged\n");
        bench.file("old.yaml", &CLICKS.replace("clicks\n", "views\n  resourceVersion: 1\n"));
        assert!(bench.refused(1, &["replace", "-f", "old.yaml"]).contains("expected version 1"));
    });
}

#[test]
fn get_prints_every_form() {
    on_both(|bench| {
        let bench = bench.filled();
        let table = bench.out(&["get", "deployments"]);
        assert!(table.starts_with("NAME     STATE       VERSION   AGE\nclicks   CANCELLED   1         "), "{table}");
        let wide = bench.out(&["get", "deploy", "-o", "wide"]);
        assert!(wide.contains("ID  ") && wide.contains("team=web,tier=front"), "{wide}");
        assert_eq!(bench.out(&["get", "Deployment", "clicks", "-o", "name"]), "deployment/clicks\n");
        let yaml = bench.out(&["get", "deploy/clicks", "-o", "yaml"]);
        assert!(yaml.starts_with("kind: Deployment\napiVersion: v1\nmetadata:\n  id: "), "{yaml}");
        assert!(yaml.contains("flinkVersion: \"1.20\"\n"), "{yaml}");
        let json: serde_json::Value = serde_json::from_str(&bench.out(&["get", "deploy", "-o", "json"])).unwrap();
        assert_eq!((&json["kind"], &json["items"][0]["metadata"]["name"]), (&"List".into(), &"clicks".into()));
        let path = "jsonpath={range .items[*]}{.metadata.name}={.status.state}{\"\\n\"}{end}";
        assert_eq!(bench.out(&["get", "deploy", "-o", path]), "clicks=CANCELLED\n");
        let many = bench.out(&["get", "deploy/clicks", "target/jobs"]);
        assert!(many.contains("deployment/clicks") && many.contains("deployment-target/jobs"), "{many}");
        assert!(bench.out(&["get", "all", "-A"]).contains("NAMESPACE   NAME"));
        assert!(bench.out(&["get", "dd"]).contains("deployment-defaults"));
        assert_eq!(bench.out(&["get", "ns", "-o", "name"]), "namespace/default\n");
        let none = bench.run(&["get", "sc"]);
        assert_eq!((none.code, none.out.as_str()), (0, ""));
        assert!(none.err.contains("No resources found"), "{none:?}");
    });
}

#[test]
fn what_get_prints_can_be_applied() {
    on_both(|bench| {
        let bench = bench.filled();
        for form in ["yaml", "json"] {
            let list = bench.out(&["get", "deploy,target", "-o", form]);
            let again = bench.run_with(&list, &["apply", "-f", "-"]);
            assert_eq!(again.out, "deployment/clicks unchanged\ndeployment-target/jobs unchanged\n", "{again:?}");
        }
    });
}

#[test]
fn a_selector_selects() {
    on_both(|bench| {
        let bench = bench.filled();
        bench.file("views.yaml", &CLICKS.replace("clicks", "views").replace("web", "data"));
        bench.out(&["create", "-f", "views.yaml"]);
        for (selector, expected) in [
            ("team=web", "deployment/clicks\n"),
            ("team in (data,x),tier", "deployment/views\n"),
            ("team!=web,tier=front", "deployment/views\n"),
            ("!team", ""),
        ] {
            assert_eq!(bench.run(&["get", "deploy", "-o", "name", "-l", selector]).out, expected, "{selector}");
        }
        assert!(bench.refused(2, &["get", "deploy", "-l", "a of b"]).contains("is no selector"));
        assert_eq!(bench.out(&["delete", "deploy", "-l", "team=data"]), "deployment/views deleted\n");
    });
}

#[test]
fn patch_changes_parts_and_says_what_is_wrong() {
    on_both(|bench| {
        let bench = bench.filled();
        let patch = "metadata: {labels: {team: null, extra: yes}}";
        assert_eq!(bench.out(&["patch", "deploy", "clicks", "-p", patch]), "deployment/clicks patched\n");
        assert_eq!(bench.out(&["patch", "deploy", "clicks", "-p", patch]), "deployment/clicks unchanged\n");
        let labels = bench.out(&["get", "deploy", "clicks", "-ojsonpath={.metadata.labels}"]);
        assert_eq!(labels, "{\"extra\":\"yes\",\"tier\":\"front\"}\n");
        bench.file("patch.yaml", "spec:\n  state: FLYING\n");
        let error = bench.refused(1, &["patch", "deploy/clicks", "--patch-file", "patch.yaml"]);
        assert!(error.contains("error: patch.yaml:1: the Deployment is not valid\n  spec.state: "), "{error}");
        assert!(error.contains("(line 2)"), "{error}");
        assert_eq!(bench.out(&["patch", "dd", "-p", "spec: {state: RUNNING}"]), "deployment-defaults patched\n");
        assert!(bench.refused(1, &["patch", "target", "jobs", "-p", "{}"]).contains("does not support patch"));
        assert!(bench.refused(1, &["patch", "deploy", "clicks", "-p", "{\"a\": ["]).contains("-p:1:8"));
    });
}

#[test]
fn diff_says_by_its_exit_code_whether_anything_differs() {
    on_both(|bench| {
        let bench = bench.filled();
        assert_eq!(bench.out(&["diff", "-f", "clicks.yaml"]), "");
        bench.file("clicks.yaml", &CLICKS.replace("1.20", "1.30"));
        let differs = bench.run(&["diff", "-f", "clicks.yaml", "-f", "target.yaml"]);
        assert_eq!(differs.code, 1, "{differs:?}");
        assert!(
            differs.out.contains("-        flinkVersion: \"1.20\"\n+        flinkVersion: \"1.30\"\n"),
            "{differs:?}"
        );
        bench.file("clicks.yaml", "kind: Deployment\nmetadata: {name: clicks}\n");
        bench.refused(2, &["diff", "-f", "clicks.yaml"]);
        bench.refused(2, &["diff", "-f", "nothing.yaml"]);
        let version = bench.out(&["get", "deploy", "clicks", "-ojsonpath={.metadata.resourceVersion}"]);
        assert_eq!(version, "1\n", "diff stores nothing");
    });
}

#[test]
fn delete_removes_by_name_and_by_file() {
    on_both(|bench| {
        let bench = bench.filled();
        assert_eq!(bench.out(&["delete", "deploy", "clicks", "--dry-run"]), "deployment/clicks deleted (dry run)\n");
        let gone = "deployment/clicks deleted\ndeployment-target/jobs deleted\n";
        assert_eq!(bench.out(&["delete", "-f", "target.yaml", "-f", "clicks.yaml"]), gone);
        assert!(bench.refused(1, &["delete", "deploy", "clicks"]).contains("no Deployment \"clicks\""));
        assert_eq!(bench.out(&["delete", "deploy", "clicks", "--ignore-not-found"]), "");
        assert!(bench.refused(2, &["delete", "deploy"]).contains("name what to delete"));
    });
}

#[test]
fn describe_shows_what_is_known_and_what_refers_to_it() {
    on_both(|bench| {
        let bench = bench.filled();
        let id = bench.out(&["get", "deploy", "clicks", "-ojsonpath={.metadata.id}"]);
        let savepoint = format!("kind: Savepoint\nmetadata: {{deploymentId: {}}}\nspec: {{}}\n", id.trim());
        let made = bench.run_with(&savepoint, &["create", "-f", "-", "-o", "jsonpath={.metadata.id}"]);
        let text = bench.out(&["describe", "deploy", "clicks"]);
        for part in ["Name:        clicks\n", "Labels:      team=web\n             tier=front\n", "Spec:\n  deployment"]
        {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        assert!(text.contains("savepoints:\n") && text.contains(made.out.trim()), "{text}");
        let applied = bench.run_with(&savepoint, &["apply", "-f", "-"]);
        assert_eq!(applied.code, 1, "what has no name cannot be applied: {applied:?}");
    });
}

#[test]
fn edit_opens_the_editor_until_the_text_is_taken() {
    on_both(|bench| {
        let bench = bench.filled();
        let edit = |editor: &str| {
            let mut command = bench.command(&["edit", "deploy", "clicks"]);
            command.env("EDITOR", editor);
            ended(command, "")
        };
        assert_eq!(edit("true").err, "nothing was changed\n");
        assert_eq!(edit("sed -i s/front/back/").out, "deployment/clicks edited\n");
        // The first time it is wrong; the second time the reason is there and it is mended.
        bench.file(
            "editor.sh",
            "if grep -q 'not one of' $1; then sed -i s/FLYING/RUNNING/ $1\nelse sed -i s/CANCELLED/FLYING/ $1; fi\n",
        );
        assert_eq!(edit("sh editor.sh").out, "deployment/clicks edited\n");
        assert_eq!(bench.out(&["get", "deploy", "clicks", "-ojsonpath={.spec.state}"]), "RUNNING\n");
        let given_up = edit("sed -i s/RUNNING/FLYING/");
        assert_eq!(given_up.code, 1, "{given_up:?}");
        let kept = given_up.err.lines().find_map(|line| line.strip_prefix("hint: what you typed is in ")).unwrap();
        assert!(std::fs::read_to_string(kept).unwrap().contains("state: FLYING"));
        assert!(edit("false").err.starts_with("error: the editor \"false\" ended"));
        assert!(bench.refused(1, &["edit", "ns", "default"]).contains("cannot be changed"));
    });
}

#[test]
fn an_edit_of_what_can_only_be_patched_keeps_its_secrets() {
    on_both(|bench| {
        let secret = "kind: SecretValue\nmetadata: {name: pass}\nspec: {kind: PLAIN, value: hunter2}\n";
        let plain = if bench._server.is_some() { vec![] } else { vec!["--plain-secrets"] };
        let run = |arguments: &[&str], editor: &str, input: &str| {
            let mut command = bench.command(&[&plain, arguments].concat());
            command.env("EDITOR", editor);
            ended(command, input)
        };
        assert_eq!(run(&["create", "-f", "-"], "", secret).out, "secret-value/pass created\n");
        let edited = run(&["edit", "secret", "pass"], "sed -i 's/name: pass/name: pass\\n  labels: {a: b}/'", "");
        assert_eq!(edited.out, "secret-value/pass edited\n", "{edited:?}");
        let value = "-ojsonpath={.spec.value}{.metadata.labels.a}";
        assert_eq!(run(&["get", "secret", "pass", "--reveal", value], "", "").out, "hunter2b\n");
        assert_eq!(run(&["get", "secret", "pass", value], "", "").out, "b\n");
        assert!(bench.refused(2, &["get", "secret", "--reveal"]).contains("--reveal goes with one resource"));
    });
}

#[test]
fn a_bad_document_among_several_is_told_with_its_line_and_the_others_are_done() {
    on_both(|bench| {
        let bad = "kind: Deployment\nmetadata:\n  name: Not_Good\nspec:\n  deploymentTargetId: x\n";
        bench.file("three.yaml", &format!("{TARGET}---\n{bad}---\n{}", TARGET.replace("jobs", "more")));
        let ended = bench.run(&["apply", "-f", "three.yaml"]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert_eq!(ended.out, "deployment-target/jobs created\ndeployment-target/more created\n");
        let lines: Vec<_> = ended.err.lines().collect();
        assert_eq!(lines[0], "error: three.yaml:6: the Deployment is not valid");
        assert!(lines[1].starts_with("  metadata.name: ") && lines[1].ends_with("(line 8)"), "{ended:?}");
        assert!(lines[2].starts_with("  spec.deploymentTargetId: ") && lines[2].ends_with("(line 10)"), "{ended:?}");
        assert!(lines[3].starts_with("  spec.template: is required"), "{ended:?}");
        assert_eq!(lines[4..], ["1 of 3 failed"]);
    });
}

#[test]
fn nothing_is_written_when_a_text_cannot_be_read() {
    on_both(|bench| {
        bench.file("good.yaml", TARGET);
        bench.file("bad.yaml", "kind: Deployment\n  metadata: [\n");
        bench.file("none.yaml", "metadata: {}\n---\nkind: Pod\n");
        let error =
            bench.refused(1, &["apply", "-f", "good.yaml", "-f", "bad.yaml", "-f", "none.yaml", "-f", "gone.yaml"]);
        for part in ["bad.yaml:2:", "none.yaml:1: the document has no kind", "unknown kind \"Pod\"", "gone.yaml cannot"]
        {
            assert!(error.contains(part), "{part:?} in {error}");
        }
        assert_eq!(bench.run(&["get", "target", "-o", "name"]).out, "");
        assert!(bench.refused(2, &["apply"]).contains("-f FILE"));
        assert!(bench.refused(1, &["apply", "-f", "-"]).contains("no document"));
    });
}

#[test]
fn a_dry_run_stores_nothing_and_a_namespace_is_made_when_asked_for() {
    on_both(|bench| {
        bench.file("shop.yaml", &format!("{TARGET}---\n{CLICKS}"));
        let dry = bench.out(&["apply", "-f", "shop.yaml", "--dry-run"]);
        assert_eq!(dry, "deployment-target/jobs created (dry run)\ndeployment/clicks created (dry run)\n");
        assert_eq!(bench.run(&["get", "all", "-o", "name"]).out, "");
        assert!(bench.refused(1, &["apply", "-n", "shop", "-f", "shop.yaml"]).contains("no Namespace \"shop\""));
        let dry = bench.run(&["apply", "-n", "shop", "-f", "shop.yaml", "--create-namespace", "--dry-run=server"]);
        assert!(dry.out.starts_with("namespace/shop created (dry run)\ndeployment-target/jobs not checked"), "{dry:?}");
        let made = bench.out(&["apply", "-n", "shop", "-f", "shop.yaml", "--create-namespace"]);
        assert_eq!(made, "namespace/shop created\ndeployment-target/jobs created\ndeployment/clicks created\n");
        bench.file("shop.yaml", &CLICKS.replace("1.20", "1.30").replace("name:", "namespace: shop\n  name:"));
        assert_eq!(bench.out(&["apply", "-f", "shop.yaml", "--dry-run"]), "deployment/clicks configured (dry run)\n");
        bench.file("ns.yaml", "kind: Namespace\nmetadata: {name: shop}\n");
        assert_eq!(bench.out(&["apply", "-f", "ns.yaml"]), "namespace/shop unchanged\n");
    });
}

#[test]
fn colours_are_for_those_who_want_them() {
    let bench = Bench::folder().filled();
    let apply = |variables: &[(&str, &str)], color: &str| {
        let mut command = bench.command(&["apply", "-f", "clicks.yaml", "--color", color]);
        command.envs(variables.iter().copied());
        ended(command, "").out
    };
    let (plain, escape) = ("deployment/clicks unchanged\n", "\u{1b}[");
    assert_eq!(apply(&[], "auto"), plain, "a pipe is no terminal");
    assert_eq!(apply(&[("NO_COLOR", "1")], "auto"), plain);
    assert_eq!(apply(&[("TERM", "xterm")], "never"), plain);
    assert!(apply(&[], "always").contains(escape));
}

#[test]
fn exit_codes_and_errors_tell_what_to_do() {
    let bench = Bench::server();
    assert!(bench.refused(1, &["get", "deploy", "nothing"]).contains("no Deployment \"nothing\" in namespace"));
    assert!(bench.refused(1, &["get", "pods"]).contains("hint: the kinds are deployment-defaults, "));
    assert_eq!(bench.run(&["get"]).code, 2);
    assert_eq!(bench.run(&["fly"]).code, 2);
    // A port that was free just now: nobody answers there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = format!("http://{free}");
    let error = bench.refused(3, &["get", "deploy", "--server", &gone]);
    assert!(error.contains(&gone) && error.contains("kindstore serve"), "{error}");
    assert!(bench.refused(2, &["get", "deploy", "--server", "https://x"]).contains("use http://HOST:PORT"));
    assert!(bench.refused(1, &["get", "deploy", "--store", "sled:none"]).contains("there is no store in none"));
    assert!(!bench.folder.path().join("none").exists(), "reading makes no store");
    assert!(bench.refused(2, &["get", "deploy", "--store", "redis:x"]).contains("sled:PATH or memory:"));
    let mut command = bench.command(&["get", "ns", "-o", "name"]);
    command.env("KINDSTORE_STORE", "sled:elsewhere");
    assert_eq!(ended(command, "").out, "namespace/default\n", "that variable is for serve");
}

#[test]
fn an_answer_that_does_not_come_leaves_a_read_undone_and_a_write_unknown() {
    let bench = Bench::server().filled();
    // The editor stops the server, so that it takes the write and never answers.
    let server = bench._server.as_ref().unwrap().child.id();
    let mut command = bench.command(&["edit", "deploy", "clicks", "--timeout", "300ms"]);
    command.env("EDITOR", format!("kill -STOP {server}; sed -i s/web/data/"));
    let unknown = ended(command, "");
    assert_eq!(unknown.code, 4, "{unknown:?}");
    assert!(unknown.err.contains("outcome of the write is unknown"), "{unknown:?}");
    assert!(bench.refused(3, &["get", "deploy", "--timeout", "300ms"]).contains("time for an answer has passed"));
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let bench = Bench::server();
    let mut child = bench
        .command(&["explain", "deploy", "--recursive"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!((child.wait().unwrap().code(), error.as_str()), (Some(0), ""));
}

#[test]
fn documents_come_from_a_url_on_this_machine_only() {
    let bench = Bench::server();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/shop.yaml", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4];
        stream.read_exact(&mut request).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", TARGET.len());
        stream.write_all(format!("{head}{TARGET}").as_bytes()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    assert_eq!(bench.out(&["apply", "-f", &url]), "deployment-target/jobs created\n");
    server.join().unwrap();
    assert!(bench.refused(2, &["apply", "-f", "http://example.com/x.yaml"]).contains("on this machine"));
}

#[test]
fn contexts_choose_the_store_and_the_namespace() {
    let bench = Bench::server();
    let run = |arguments: &[&str]| {
        let mut command = command(bench.folder.path());
        command.args(arguments);
        ended(command, "")
    };
    assert_eq!(
        run(&["config", "set-context", "here", "--server", &bench.place[1], "--current"]).out,
        "context here created\n"
    );
    assert_eq!(run(&["config", "set-context", "there", "--store", "sled:there", "-n", "shop"]).code, 0);
    assert!(bench.folder.path().join(".config/kindstore/config.yaml").exists());
    assert_eq!(run(&["config", "current-context"]).out, "here\n");
    assert_eq!(run(&["get", "ns", "-o", "name"]).out, "namespace/default\n");
    bench.file("target.yaml", TARGET);
    let made = run(&["--context", "there", "apply", "-f", "target.yaml", "--create-namespace"]);
    assert_eq!(made.out, "namespace/shop created\ndeployment-target/jobs created\n", "{made:?}");
    assert_eq!(run(&["config", "use-context", "there"]).code, 0);
    assert_eq!(run(&["get", "target", "-o", "jsonpath={.items[0].metadata.namespace}"]).out, "shop\n");
    let table = run(&["config", "get-contexts"]).out;
    assert!(table.contains("*         there   sled:there") && table.starts_with("CURRENT   NAME"), "{table}");
    assert!(run(&["config", "view"]).out.contains("currentContext: there\n"));
    let unknown = run(&["config", "use-context", "nowhere"]);
    assert!(unknown.code == 2 && unknown.err.contains("the contexts are here, there"), "{unknown:?}");
}

#[test]
fn kinds_are_listed_and_explained() {
    on_both(|bench| {
        let bench = bench.filled();
        let table = bench.out(&["api-resources"]);
        assert!(table.starts_with("NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND\n"), "{table}");
        assert!(table.contains("deployments           deploy,dep   v1           true         Deployment\n"), "{table}");
        assert!(bench.out(&["api-resources", "-o", "wide"]).contains("list,get,create,upsert,patch,delete"));
        let text = bench.out(&["explain", "deploy.spec.state"]);
        assert!(text.contains("The state that the owner wants.\n  One of RUNNING, SUSPENDED, CANCELLED.\n"), "{text}");
        assert!(
            bench.out(&["explain", "deploy.spec.template.spec"]).contains("artifact            <object> -required-")
        );
        assert!(bench.refused(1, &["explain", "deploy.spec.nope"]).contains("hint: it has deploymentTargetId"));
    });
}

#[test]
fn completion_knows_kinds_names_and_namespaces() {
    let bench = Bench::server().filled();
    // What bash runs on TAB for the last of these words.
    let complete = |words: &[&str]| {
        let mut command = command(bench.folder.path());
        command.env("KINDSTORE_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
        command.env("KINDSTORE_SERVER", &bench.place[1]).env("_CLAP_IFS", " ").arg("--").args(words);
        ended(command, "").out
    };
    assert_eq!(complete(&["kindstore", "api"]), "api-resources");
    assert_eq!(complete(&["kindstore", "get", "deployment"]), "deployment-defaults deployment-targets deployments");
    assert_eq!(complete(&["kindstore", "get", "deploy", "cl"]), "clicks");
    assert_eq!(complete(&["kindstore", "delete", "target/"]), "target/jobs");
    assert_eq!(complete(&["kindstore", "get", "deploy", "-n", ""]), "default");
    assert_eq!(complete(&["kindstore", "get", "deploy", "-o", "ya"]), "yaml");
    assert_eq!(complete(&["kindstore", "explain", "deploy.spec.st"]), "deploy.spec.state");
    let (scheme, rest) = bench.place[1].split_once("//").unwrap();
    let (host, port) = rest.split_once(':').unwrap();
    let cut = ["kindstore", "--server", scheme.trim_end_matches(':'), ":", &format!("//{host}"), ":", port];
    assert_eq!(complete(&[&cut[..], &["get", "deploy", "c"]].concat()), "clicks", "bash cuts words at colons");
    for shell in ["bash", "zsh", "fish"] {
        let mut command = command(bench.folder.path());
        command.args(["completion", shell]);
        let script = ended(command, "").out;
        assert!(script.contains("KINDSTORE_COMPLETE") && script.contains("kindstore"), "{script}");
    }
}

#[test]
fn help_is_worth_reading() {
    let bench = Bench::folder();
    let help = bench.out(&["--help"]);
    for part in ["serve", "apply", "api-resources", "Exit codes", "3  the server cannot be reached"] {
        assert!(help.contains(part), "{part:?} in {help}");
    }
    for name in [
        "get",
        "describe",
        "apply",
        "diff",
        "create",
        "replace",
        "patch",
        "edit",
        "delete",
        "api-resources",
        "explain",
        "config",
        "completion",
    ] {
        let help = bench.out(&[name, "--help"]);
        assert!(help.contains("Examples:\n  ") && help.contains("kindstore"), "{name}: {help}");
    }
    let serve = ended(
        {
            let mut it = command(bench.folder.path());
            it.args(["-n", "x", "serve"]);
            it
        },
        "",
    );
    assert_eq!(serve.code, 2, "{serve:?}");
}
