//! Changes as they come: `watch` and `get --watch`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::{Bench, TARGET, on_both};

#[test]
fn what_happened_is_shown_in_every_form_and_from_any_place() {
    on_both(|bench| {
        let bench = bench.filled();
        bench.out(&["patch", "deploy", "clicks", "-p", "metadata: {labels: {team: data}}"]);
        let table = bench.out(&["watch", "deploy", "--from", "0", "--count", "2"]);
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().take(4).collect()).collect();
        let expected = [
            ["EVENT", "NAME", "STATE", "VERSION"],
            ["ADDED", "clicks", "CANCELLED", "1"],
            ["MODIFIED", "clicks", "CANCELLED", "2"],
        ];
        assert_eq!(rows, expected, "{table}");
        let lines = bench.out(&["watch", "deploy/clicks", "--from", "0", "--count", "2", "-o", "json"]);
        let events: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(told, ["ADDED", "MODIFIED"]);
        let cursor = events[0]["cursor"].as_str().unwrap();
        let rest = bench.out(&["watch", "deploy", "--from", cursor, "--count", "1", "-o", "yaml"]);
        assert!(rest.starts_with("---\n") && rest.contains("type: MODIFIED"), "{rest}");
        let names = bench.out(&["watch", "deploy", "-l", "team=web", "--from", "0", "--count", "2", "-o", "name"]);
        assert_eq!(names, "deployment/clicks\ndeployment/clicks\n", "it is added, and ceases to have the label");
        assert_eq!(
            bench.out(&["watch", "target", "--from", "list", "--count", "1", "-o", "name"]),
            "deployment-target/jobs\n"
        );
        assert!(bench.refused(1, &["watch", "deploy", "--from", "99999"]).contains("is not reached yet"));
        assert_eq!(bench.run(&["watch", "deploy", "--from", "soon"]).code, 2);
        assert!(bench.refused(2, &["watch", "deploy,target"]).contains("one kind is watched at a time"));
        assert!(bench.refused(2, &["get", "deploy", "-w", "-A"]).contains("leave out -A"));
    });
}

#[test]
fn get_shows_what_there_is_and_then_each_change() {
    let bench = Bench::server();
    bench.file("target.yaml", TARGET);
    bench.out(&["apply", "-f", "target.yaml"]);
    let mut child = bench.command(&["get", "target", "-w", "-o", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut version = || {
        let object: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        object["metadata"]["resourceVersion"].as_u64().unwrap()
    };
    assert_eq!(version(), 1);
    bench.file("target.yaml", &TARGET.replace("{name: jobs}", "{name: jobs, labels: {a: b}}"));
    bench.out(&["apply", "-f", "target.yaml"]);
    assert_eq!(version(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
}
