//! How the command line meets people and shells: colours, exit codes, contexts, completion, help.

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;

use super::{Bench, TARGET, command, ended};

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
fn nothing_in_a_resource_or_a_name_steers_the_terminal() {
    let text = "kind: DeploymentTarget\nmetadata:\n  name: jobs\n  labels: {a: \"x\\e[2Jy\\x9b1m\\u202ez\\x7f\"}\n  \
        annotations: {b: \"one\\ntwo\\e]0;t\\a\"}\n\"odd\\e[31m\\u202e\": 1\nspec: {kubernetes: {}}\n";
    super::on_both(|bench| {
        bench.file("odd\u{1b}[31m\u{202e}.yaml", text);
        let named = ["apply", "-f", "odd\u{1b}[31m\u{202e}.yaml", "--color", "always"];
        let applied = bench.run(&named);
        assert_eq!(applied.code, 0, "{applied:?}");
        assert!(applied.err.contains("odd\\u001b[31m\\u202e"), "{applied:?}");
        let again = bench.file("other.yaml", &text.replace("x\\e", "w\\e"));
        let again = again.to_str().unwrap();
        for arguments in [
            &["get", "target"][..],
            &["get", "target", "-o", "wide"],
            &["get", "target", "-o", "json"],
            &["get", "target", "-o", "yaml"],
            &["describe", "target", "jobs"],
            &["watch", "target", "--from", "list", "--count", "1"],
            &["watch", "target", "--from", "list", "--count", "1", "-o", "json"],
            &["history", "target", "jobs", "-o", "json"],
            &["history", "target", "jobs", "-o", "wide"],
            &["diff", "-f", again],
            &["validate", "-f", again],
            &["validate", "-f", again, "-o", "json"],
            &["validate", "-f", again, "-o", "github"],
            &["apply", "-f", again],
        ] {
            let ended = bench.run(&[arguments, &["--color", "never"]].concat());
            for (at, letter) in ended.out.char_indices().chain(ended.err.char_indices()) {
                let is_fine = letter == '\n' || (!letter.is_control() && !('\u{202a}'..='\u{202e}').contains(&letter));
                assert!(is_fine, "{arguments:?}: {letter:?} at {at} in {ended:?}");
            }
        }
        let described = bench.out(&["describe", "target", "jobs"]);
        assert!(described.contains("a=w\\u001b[2Jy\\u009b1m\\u202ez\\u007f\n"), "{described}");
        assert!(described.contains("b=one\\ntwo\\u001b]0;t\\u0007\n"), "{described}");
        // A value that is asked for comes as it is.
        let value = bench.out(&["get", "target", "jobs", "-o", "jsonpath={.metadata.annotations.b}"]);
        assert_eq!(value, "one\ntwo\u{1b}]0;t\u{7}\n");
    });
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

#[test]
fn errors_about_arguments_show_what_steers_a_terminal_as_escapes() {
    let bench = Bench::folder();
    for arguments in [
        &["get", "target", "--timeout", "a\u{1b}[31m"][..],
        &["get\u{1b}[31m"],
        &["get", "--fl\u{1b}[31mag"],
        &["get", "target", "-l", "a>\u{1b}[31m"],
        &["get", "\u{1b}[31m", "\u{9b}31m", "-o", "\u{202e}"],
    ] {
        let ended = bench.run(arguments);
        assert_ne!(ended.code, 0, "{ended:?}");
        let steers = ['\u{1b}', '\u{9b}', '\u{202e}'];
        assert!(!ended.err.contains(steers) && !ended.out.contains(steers), "{ended:?}");
        assert!(ended.err.contains("\\u"), "{ended:?}");
    }
}

#[test]
fn a_refusal_names_the_way_out() {
    let bench = Bench::folder().filled();
    let refused = bench.refused(1, &["patch", "target", "jobs", "-p", "{metadata: {labels: {a: b}}}"]);
    assert!(refused.contains("hint: upsert is `kindstore apply -f FILE`"), "{refused}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut serve = command(bench.folder.path());
    serve.args(["serve", "--listen", &taken.local_addr().unwrap().to_string(), "--store", "sled:fresh"]);
    let ended = ended(serve, "");
    assert!(ended.code == 1 && ended.err.contains("; --listen chooses another address"), "{ended:?}");
    assert!(!bench.folder.path().join("fresh").exists());
}
