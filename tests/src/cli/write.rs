//! What changes resources: apply, create, replace, patch, delete, and what diff says of it before.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::{Bench, CLICKS, TARGET, on_both};

#[test]
fn apply_creates_then_configures_then_leaves_as_it_is() {
    on_both(|bench| {
        bench.file("shop/a.yaml", TARGET);
        bench.file("shop/b.yml", CLICKS);
        bench.file("shop/notes.txt", "not read");
        bench.file("shop/deep/c.json", r#"{"kind": "SessionCluster", "metadata": {"name": "one"}, "spec": {}}"#);
        let created = "deployment-target/jobs created\ndeployment/clicks created\n";
        // Whatever order the files are in, what others refer to is made first.
        bench.file("reversed/a.yaml", CLICKS);
        bench.file("reversed/b.yaml", TARGET);
        assert_eq!(bench.out(&["apply", "-f", "reversed"]), created);
        let deleted = bench.out(&["delete", "-f", "reversed/b.yaml", "-f", "reversed/a.yaml"]);
        assert_eq!(deleted, "deployment/clicks deleted\ndeployment-target/jobs deleted\n");
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
        for (version, code) in [
            ("\"1\"", 1),
            ("\" 1 \"", 1),
            ("\"\"", 0),
            ("\"2\"", 1),
            ("\"3\"", 0),
            ("0", 0),
            ("\"0\"", 0),
            ("null", 0),
            ("abc", 1),
            ("1.5", 1),
        ] {
            let text =
                CLICKS.replace("clicks\n", &format!("views\n  resourceVersion: {version}\n")).replace("web", "data");
            let ended = bench.run_with(&text, &["replace", "-f", "-"]);
            assert_eq!(ended.code, code, "{version}: {ended:?}");
        }
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
fn a_json_patch_is_applied_whole_or_not_at_all_and_says_where_it_fails() {
    on_both(|bench| {
        let bench = bench.filled();
        let patch = |text: &str| ["patch", "deploy", "clicks", "--type", "json", "-p", text].map(str::to_owned);
        let good =
            patch("[{op: test, path: /metadata/labels/team, value: web}, {op: remove, path: /metadata/labels/team}]");
        let good = good.each_ref().map(String::as_str);
        assert_eq!(bench.out(&good), "deployment/clicks patched\n");
        let again = bench.refused(1, &good);
        assert!(again.contains("[0].path: does not exist: there is no \"/metadata/labels/team\""), "{again}");
        assert!(!again.contains("(line"), "{again}");
        bench.file("patch.json", "[\n{\"op\": \"add\", \"path\": \"/spec/new\", \"value\": 1},\n{\"op\": \"add\", \"path\": \"/spec/state\", \"value\": \"FLYING\"}\n]");
        let error = bench.refused(1, &["patch", "deploy/clicks", "--type=json", "--patch-file", "patch.json"]);
        assert!(error.contains("patch.json:1: the Deployment is not valid\n  spec.state: "), "{error}");
        assert!(error.contains("(line 3)"), "{error}");
        assert_eq!(bench.out(&["get", "deploy", "clicks", "-ojsonpath={.spec.new}"]).trim(), "");
        assert!(
            bench.refused(2, &["patch", "deploy", "clicks", "--type", "strategic", "-p", "{}"]).contains("merge, json")
        );
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
        assert!(lines[2].starts_with("  spec.template.spec.artifact: is required"), "{ended:?}");
        assert!(lines[3].starts_with("  spec.deploymentTargetId: ") && lines[3].ends_with("(line 10)"), "{ended:?}");
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
        let dry = bench.run(&["apply", "-f", "shop.yaml", "--dry-run"]);
        assert_eq!(dry.code, 0, "{dry:?}");
        assert_eq!(dry.out, "deployment-target/jobs created (dry run)\ndeployment/clicks created (dry run)\n");
        assert_eq!(bench.run(&["get", "all", "-o", "name"]).out, "");
        assert!(bench.refused(1, &["apply", "-n", "shop", "-f", "shop.yaml"]).contains("no Namespace \"shop\""));
        let dry = bench.run(&["apply", "-n", "shop", "-f", "shop.yaml", "--create-namespace", "--dry-run=server"]);
        assert!(dry.out.starts_with("namespace/shop created (dry run)\ndeployment-target/jobs created"), "{dry:?}");
        let made = bench.out(&["apply", "-n", "shop", "-f", "shop.yaml", "--create-namespace"]);
        assert_eq!(made, "namespace/shop created\ndeployment-target/jobs created\ndeployment/clicks created\n");
        bench.file("shop.yaml", &CLICKS.replace("1.20", "1.30").replace("name:", "namespace: shop\n  name:"));
        assert_eq!(bench.out(&["apply", "-f", "shop.yaml", "--dry-run"]), "deployment/clicks configured (dry run)\n");
        bench.file("ns.yaml", "kind: Namespace\nmetadata: {name: shop}\n");
        assert_eq!(bench.out(&["apply", "-f", "ns.yaml"]), "namespace/shop unchanged\n");
    });
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
fn unknown_members_are_refused_told_or_passed_over_as_asked() {
    on_both(|bench| {
        let bench = bench.filled();
        let text = CLICKS.replace("metadata:", "foo: 1\nmetadata:");
        for command in ["create", "apply", "replace", "diff"] {
            let run = |how: &[&str]| {
                let text = if command == "create" { text.replace("clicks", "views") } else { text.clone() };
                bench.run_with(&text, &[&[command, "-f", "-"], how].concat())
            };
            let strict = run(&["--validate=strict"]);
            let code = if command == "diff" { 2 } else { 1 };
            assert_eq!(strict.code, code, "{command}: {strict:?}");
            assert!(strict.err.contains("foo: is not a known member"), "{command}: {strict:?}");
            let silent = run(&["--validate", "ignore"]);
            assert_eq!((silent.code, silent.err.as_str()), (0, ""), "{command}: {silent:?}");
        }
        let told = bench.run_with(&text, &["apply", "-f", "-"]);
        assert!(told.err.starts_with("warning: ") && told.err.contains("foo: is not a known member"), "{told:?}");
        let patch = |how: &str| bench.run(&["patch", "deploy", "clicks", "-p", "foo: 1", "--validate", how]);
        assert_eq!((patch("strict").code, patch("ignore").err.as_str()), (1, ""));
    });
}
