//! The command line as a second observer of a watch: it asks the same server and must report the same.

use std::net::SocketAddr;
use std::process::Command;

use kindstore::Json;
use kindstore::kind::Kind;
use kindstore::manifest::{Format, Limits};

use crate::case::answer::Answer;
use crate::case::step::Step;
use crate::process::binary;

/// Runs `kindstore watch` for a step, and compares what it prints with the answer. It shows no bookmarks.
pub(super) fn agree(address: SocketAddr, kind: &Kind, step: &Step, answer: &Answer) {
    let is_change = |item: &&Json| item.get("object").is_some();
    let expected: Vec<Json> = answer.items.iter().flatten().filter(is_change).cloned().collect();
    if answer.status < 300 && expected.is_empty() {
        // It would wait for something to show.
        return;
    }
    let output = command(address, step, expected.len().max(1)).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), answer.status < 300, "{}", String::from_utf8_lossy(&output.stderr));
    let read = |line: &str| kindstore::manifest::read(line.as_bytes(), Format::Json, &Limits::default()).unwrap().value;
    let found: Vec<Json> = printed.lines().map(read).collect();
    assert_eq!(found.len(), expected.len(), "{printed}");
    for (found, expected) in found.iter().zip(&expected) {
        // The command shows every kind in the same form.
        let names: &[&str] = if kind.flat.is_some() { &["type", "cursor"] } else { &["type", "cursor", "object"] };
        for name in names {
            assert_eq!(found.get(name), expected.get(name), "the command line and gRPC differ");
        }
    }
}

fn command(address: SocketAddr, step: &Step, count: usize) -> Command {
    let mut command = Command::new(binary());
    // Nothing that the machine's own environment says.
    command.env_clear().env("KINDSTORE_CLI_CONFIG", "/nowhere/cli.yaml");
    command.args(["--server", &format!("http://{address}"), "watch", &step.kind]);
    command.args(Some(&step.key).filter(|key| !key.is_empty()));
    command.args(["--output", "json", "--count", &count.to_string()]);
    let from = Some(&step.begin).filter(|from| !from.is_empty());
    let selectors = [("--selector", &step.label_selector), ("--field-selector", &step.field_selector)];
    let selectors = selectors.into_iter().filter(|(_, text)| !text.is_empty());
    for (flag, value) in selectors
        .chain(from.map(|from| ("--from", from)))
        .chain(step.namespace.iter().map(|name| ("--namespace", name)))
    {
        command.arg(format!("{flag}={value}"));
    }
    command
}
