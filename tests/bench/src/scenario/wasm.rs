//! The module for browsers: judging beside the same natively, a merge patch beside what JavaScript has, how soon it is there,
//! whether its memory stays, and its size. What `make wasm` has built is measured, by `tests/bench/wasm.mjs` in Node.

use std::io::Write;
use std::process::{Command, Stdio};

use kindstore::manifest::to_yaml;
use kindstore_wasm::call::{judge, kinds};
use serde_json::{Value, json};

use super::documents::{in_turns, time};
use crate::document;
use crate::metrics::{Metrics, Sizes};

/// How often Node is started to judge beside us.
const ROUNDS: usize = 7;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let target = document::Texts::new().text(0);
    let value: Value = serde_json::from_str(&target).expect("it is JSON");
    let text = to_yaml(&value.into());
    let patches: Vec<String> = (0..64).map(|number| document::patch(number).to_string()).collect();
    let given = json!({"text": text, "target": target, "patches": patches, "calls": sizes.resources}).to_string();
    let registry = kinds::registry(&[]).expect("the definitions load");
    let natively = |_| judge::validate(&registry, &text, None);
    assert_eq!(natively(0).as_deref(), Ok("[]"));
    let in_node = || node(&["judging"], &given).get("wasm.validate").expect("it is measured");
    let rounds = in_turns(ROUNDS, in_node, || time(sizes.resources / 50, natively));
    let mut metrics = node(&["patching", "starting", "growing", "size"], &given);
    metrics.pair("wasm.validate", "wasm.native-validate", rounds);
    metrics
}

/// Figures of the package.
fn node(figures: &[&str], given: &str) -> Metrics {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/wasm.mjs");
    let mut command = Command::new("node");
    command.arg(script).args(figures).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("Node.js is there");
    child.stdin.take().expect("it is piped").write_all(given.as_bytes()).expect("the script reads it");
    let output = child.wait_with_output().expect("the script runs");
    assert!(output.status.success(), "wasm.mjs failed; does `make wasm` succeed?");
    let text = String::from_utf8_lossy(&output.stdout);
    Metrics::parse(text.lines().last().unwrap_or_default()).expect("it prints its figures")
}
