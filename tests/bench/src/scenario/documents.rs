//! A merge patch of three members into a document of 2 KB, text to text, beside serde_json and json-patch.

use std::time::Instant;

use kindstore::{Format, Limits, merge_patch};

use crate::document;
use crate::metrics::{Metrics, Sizes};

const ROUNDS: usize = 21;

/// Both in turns, so that what else the machine does meets both.
pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let texts = document::Texts::new();
    let inputs: Vec<_> = (0..64).map(|number| (texts.text(number), document::patch(number).to_string())).collect();
    for (target, patch) in &inputs {
        assert_eq!(ours(target, patch), peers(target, patch), "both give the same answer");
    }
    let times = sizes.resources / 20;
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            (
                time(times, |number| ours(&inputs[number % 64].0, &inputs[number % 64].1)),
                time(times, |number| peers(&inputs[number % 64].0, &inputs[number % 64].1)),
            )
        })
        .collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (ours, peers) = rounds[ROUNDS / 2];
    metrics.set("documents.merge-patch", ours);
    metrics.set("documents.peer-merge-patch", peers);
    metrics
}

fn ours(target: &str, patch: &str) -> String {
    let read =
        |text: &str| kindstore::read(text.as_bytes(), Format::Json, &Limits::default()).expect("it is JSON").value;
    let mut target = read(target);
    merge_patch(&mut target, read(patch));
    target.to_text()
}

fn peers(target: &str, patch: &str) -> String {
    let mut target: serde_json::Value = serde_json::from_str(target).expect("it is JSON");
    let patch: serde_json::Value = serde_json::from_str(patch).expect("it is JSON");
    json_patch::merge(&mut target, &patch);
    serde_json::to_string(&target).expect("it serializes")
}

/// Microseconds for each call.
fn time(times: usize, call: impl Fn(usize) -> String) -> f64 {
    let begun = Instant::now();
    for number in 0..times {
        std::hint::black_box(call(number));
    }
    begun.elapsed().as_secs_f64() * 1e6 / times as f64
}
