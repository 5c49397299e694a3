//! What is measured, each in a process of its own.

mod documents;
mod embedded;
mod grpc;
mod history;
mod inflated;
mod labels;
mod large;
mod lists;
pub(crate) mod many;
mod memory;
mod probe;
mod raw;
mod redb;
mod rest;
mod tombstones;
mod unread;
mod wasm;
mod watch;
mod yaml;

use crate::metrics::{Metrics, Sizes};

/// A scenario: what it measures, by names.
pub(crate) type Scenario = fn(&Sizes) -> Metrics;

/// Those whose figures are compared over several rounds.
pub(crate) const IN_ROUNDS: [&str; 5] = ["documents", "raw-lone", "embedded-lone", "raw", "embedded"];

/// Those that take their own turns, or take long.
pub(crate) const ONCE: [&str; 16] = [
    "probe",
    "wasm",
    "redb",
    "grpc",
    "rest",
    "lists",
    "yaml",
    "inflated",
    "watch",
    "unread",
    "history",
    "large",
    "memory",
    "labels",
    "tombstones",
    "many",
];

/// The scenario of that name.
pub(crate) fn find(name: &str) -> Option<Scenario> {
    Some(match name {
        "documents" => documents::run,
        "embedded" => embedded::run,
        "embedded-lone" => embedded::lone,
        "grpc" => grpc::run,
        "history" => history::run,
        "inflated" => inflated::run,
        "labels" => labels::run,
        "large" => large::run,
        "lists" => lists::run,
        "many" => many::run,
        "memory" => memory::run,
        "probe" => probe::run,
        "raw" => raw::run,
        "raw-lone" => raw::lone,
        "redb" => redb::run,
        "rest" => rest::run,
        "tombstones" => tombstones::run,
        "unread" => unread::run,
        "wasm" => wasm::run,
        "watch" => watch::run,
        "yaml" => yaml::run,
        _ => return None,
    })
}
