//! Chance for proofs: numbers from a seed that a failure tells, so that what was found can be played again.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Numbers that look random and follow from a seed (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    /// Chance from the seed in `KINDSTORE_SEED`, else from a new one. Either is told.
    #[expect(clippy::print_stderr, reason = "shown when the proof fails, and the only way to see it again")]
    pub(crate) fn new() -> Self {
        let given = std::env::var("KINDSTORE_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        eprintln!("chance comes from KINDSTORE_SEED={seed}");
        Self::from_seed(seed)
    }

    /// Chance from this seed.
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// Chance of its own for another thread.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
