//! What is done to one document of 2 KB: a merge patch beside serde_json and json-patch, a judgement beside jsonschema,
//! and YAML from text to diagnostics beside serde_yaml.

use std::time::Instant;

use kindstore::kind::SchemaDialect;
use kindstore::manifest::{Format, Limits};
use kindstore::patch::merge_patch;
use kindstore::validation::validate;
use kindstore::{Document, FieldValidation, Registry};

use crate::document;
use crate::metrics::{Metrics, Sizes};

const ROUNDS: usize = 21;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let texts = document::Texts::new();
    let inputs: Vec<_> = (0..64).map(|number| (texts.text(number), document::patch(number).to_string())).collect();
    for (target, patch) in &inputs {
        assert_eq!(ours(target, patch), peers(target, patch), "both give the same answer");
    }
    let times = sizes.resources / 20;
    metrics.pair(
        "documents.merge-patch",
        "documents.peer-merge-patch",
        in_turns(
            ROUNDS,
            || time(times, |number| ours(&inputs[number % 64].0, &inputs[number % 64].1)),
            || time(times, |number| peers(&inputs[number % 64].0, &inputs[number % 64].1)),
        ),
    );
    judgement(&texts.text(0), times, &mut metrics);
    diagnosis(&texts.text(0), times, &mut metrics);
    metrics
}

/// Judges a document that was read and fills its defaults, beside the verdict of jsonschema on the same schema.
fn judgement(text: &str, times: usize, metrics: &mut Metrics) {
    let registry = Registry::builtin().expect("the definitions load");
    let kind = registry.require(document::KIND).expect("the kind is there");
    let read = || kindstore::manifest::read(text.as_bytes(), Format::Json, &Limits::default()).expect("it is JSON");
    let schema = kind.schema.to_json_schema(SchemaDialect::Stored);
    let peer = jsonschema::validator_for(&schema).expect("a schema");
    let value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    assert!(peer.validate(&value).is_ok());
    let judge = |document: &mut Document| validate(kind, document, &[], FieldValidation::Warn);
    assert_eq!(judge(&mut read()), []);
    let document = read();
    let judged = |_| {
        let mut document = document.clone();
        drop(std::hint::black_box(judge(&mut document)));
        document
    };
    // Each is judged once, because judging brings it into form: a copy, whose making and dropping are taken off again.
    let ours = || time(times, judged) - time(times, |_| document.clone());
    let peers = || time(times, |_| peer.validate(&value).is_ok());
    metrics.pair("documents.judge", "documents.peer-judge", in_turns(ROUNDS, ours, peers));
}

/// Reads YAML and says what is wrong with it, which is nothing, beside serde_yaml reading it into a value.
fn diagnosis(text: &str, times: usize, metrics: &mut Metrics) {
    let registry = Registry::builtin().expect("the definitions load");
    let kind = registry.require(document::KIND).expect("the kind is there");
    let value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let text = kindstore::manifest::to_yaml(&value.into());
    let ours = |_| {
        let mut document =
            kindstore::manifest::read(text.as_bytes(), Format::Yaml, &Limits::default()).expect("it is YAML");
        validate(kind, &mut document, &[], FieldValidation::Warn)
    };
    let peers = |_| serde_yaml::from_str::<serde_yaml::Value>(&text).expect("it is YAML");
    assert_eq!(ours(0), []);
    let rounds = in_turns(ROUNDS, || time(times, ours), || time(times, peers));
    metrics.pair("documents.diagnose", "documents.peer-read-yaml", rounds);
}

/// Both in turns, so that what else the machine does meets both; of all rounds the one whose ratio is in the middle.
pub(super) fn in_turns(rounds: usize, ours: impl Fn() -> f64, peers: impl Fn() -> f64) -> (f64, f64) {
    let mut rounds: Vec<(f64, f64)> = (0..rounds).map(|_| (ours(), peers())).collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    rounds[rounds.len() / 2]
}

fn ours(target: &str, patch: &str) -> String {
    let read = |text: &str| {
        kindstore::manifest::read(text.as_bytes(), Format::Json, &Limits::default()).expect("it is JSON").value
    };
    let mut target = read(target);
    merge_patch(&mut target, &read(patch));
    target.to_text()
}

fn peers(target: &str, patch: &str) -> String {
    let mut target: serde_json::Value = serde_json::from_str(target).expect("it is JSON");
    let patch: serde_json::Value = serde_json::from_str(patch).expect("it is JSON");
    json_patch::merge(&mut target, &patch);
    serde_json::to_string(&target).expect("it serializes")
}

/// Microseconds for each call.
pub(super) fn time<T>(times: usize, call: impl Fn(usize) -> T) -> f64 {
    let begun = Instant::now();
    for number in 0..times {
        std::hint::black_box(call(number));
    }
    begun.elapsed().as_secs_f64() * 1e6 / times as f64
}
