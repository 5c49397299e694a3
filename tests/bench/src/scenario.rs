//! What is measured, each in a process of its own.

mod documents;
mod embedded;
mod grpc;
mod raw;
mod rest;

use crate::metrics::{Metrics, Sizes};

/// A scenario: what it measures, by names.
pub(crate) type Scenario = fn(&Sizes) -> Metrics;

/// The scenario of that name.
pub(crate) fn find(name: &str) -> Option<Scenario> {
    Some(match name {
        "documents" => documents::run,
        "raw-lone" => raw::lone,
        "raw" => raw::run,
        "embedded-lone" => embedded::lone,
        "embedded" => embedded::run,
        "grpc" => grpc::run,
        "rest" => rest::run,
        _ => return None,
    })
}
