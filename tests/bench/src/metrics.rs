//! Figures by name, and how large a run is.

use std::collections::BTreeMap;
use std::fmt;

use crate::load::Load;

/// Figures by name. A scenario prints them as one line of JSON.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    pub(crate) fn set(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    /// Rate, percentiles and cost of a load.
    pub(crate) fn load(&mut self, name: &str, load: &Load) {
        self.set(&format!("{name}.rate"), load.rate());
        self.set(&format!("{name}.p50"), load.percentile(0.5));
        self.set(&format!("{name}.p99"), load.percentile(0.99));
        self.set(&format!("{name}.cpu"), load.cpu_per_operation());
    }

    /// Ours beside a peer, measured in turns: of all rounds the one whose ratio is in the middle.
    pub(crate) fn median(&mut self, ours: &str, peer: &str, mut rounds: Vec<(Load, Load)>) {
        rounds.sort_by(|a, b| (a.0.rate() / a.1.rate()).total_cmp(&(b.0.rate() / b.1.rate())));
        if let Some((our_load, peer_load)) = rounds.get(rounds.len() / 2) {
            self.load(ours, our_load);
            self.load(peer, peer_load);
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Resources of the ordinary scenarios.
    pub(crate) resources: usize,
    /// Resources of the large one.
    pub(crate) many: usize,
    /// Operations of a lone durable writer.
    pub(crate) lone: usize,
}

impl Sizes {
    /// Full sizes, or small ones when `QUICK` is set.
    pub(crate) fn from_environment() -> Self {
        match std::env::var_os("QUICK") {
            None => Self { resources: 100_000, many: 1_000_000, lone: 5_000 },
            Some(_) => Self { resources: 20_000, many: 100_000, lone: 1_000 },
        }
    }
}
