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

    /// A figure of ours and that of a peer.
    pub(crate) fn pair(&mut self, ours: &str, peer: &str, (our, its): (f64, f64)) {
        self.set(ours, our);
        self.set(peer, its);
    }

    /// Ours beside a peer, measured in turns: of all rounds the one whose ratio is in the middle.
    pub(crate) fn median(&mut self, ours: &str, peer: &str, mut rounds: Vec<(Load, Load)>) {
        rounds.sort_by(|a, b| (a.0.rate() / a.1.rate()).total_cmp(&(b.0.rate() / b.1.rate())));
        if let Some((our_load, peer_load)) = rounds.get(rounds.len() / 2) {
            self.load(ours, our_load);
            self.load(peer, peer_load);
        }
    }

    /// The figures of a line that was printed.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok().map(Self)
    }

    /// For each figure the one in the middle of all rounds.
    pub(crate) fn medians(rounds: &[Self]) -> Self {
        let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (name, value) in rounds.iter().flat_map(|round| &round.0) {
            all.entry(name.clone()).or_default().push(*value);
        }
        let median = |(name, mut values): (String, Vec<f64>)| {
            values.sort_by(f64::total_cmp);
            (name, values[values.len() / 2])
        };
        Self(all.into_iter().map(median).collect())
    }

    /// Takes the figures of another scenario in.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All figures, by their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
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
    /// Patches of the one that patches few resources very often.
    pub(crate) patches: usize,
    /// Patches of one large resource.
    pub(crate) large: usize,
    /// Resources of the large one.
    pub(crate) many: usize,
    /// Operations of a lone durable writer.
    pub(crate) lone: usize,
    /// Rounds of what is compared over several.
    pub(crate) rounds: usize,
}

impl Sizes {
    /// Full sizes, or small ones when `QUICK` is set.
    pub(crate) fn from_environment() -> Self {
        // More of one kind takes long; a figure for more than usual is measured alone.
        let large = std::env::var("LARGE").ok().and_then(|patches| patches.parse().ok());
        match std::env::var_os("QUICK") {
            None => Self {
                resources: 100_000,
                patches: 1_000_000,
                large: large.unwrap_or(1_000),
                many: 1_000_000,
                lone: 5_000,
                rounds: 3,
            },
            Some(_) => Self {
                resources: 20_000,
                patches: 100_000,
                large: large.unwrap_or(200),
                many: 100_000,
                lone: 1_000,
                rounds: 1,
            },
        }
    }
}
