//! The limits of what is kept of the past.

use std::time::Duration;

use crate::kind::Kind;

/// How long the past is kept. All that happened lately is: as long as both the time and the number of commits allow. Of what
/// was before, some versions of each resource are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// How many versions of a resource are kept that another one took the place of and that changed more than the status.
    /// A kind may say otherwise.
    pub versions: usize,
    /// How long a version is kept after another one took its place, and a deleted resource after its deletion. A kind may
    /// say otherwise.
    pub age: Duration,
    /// How many of the newest commits stay readable as a whole, for watches and lists of earlier revisions.
    pub revisions: u64,
    /// How long a commit stays readable as a whole.
    pub time: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            versions: 10,
            age: Duration::from_secs(30 * 24 * 3600),
            revisions: 100_000,
            time: Duration::from_secs(3600),
        }
    }
}

impl Retention {
    /// Keeps everything for ever.
    pub fn forever() -> Self {
        Self { versions: usize::MAX, age: Duration::MAX, revisions: u64::MAX, time: Duration::MAX }
    }

    /// How many versions of a resource of this kind are kept, and how long.
    pub(super) fn of(&self, kind: &Kind) -> (usize, Duration) {
        let limits = kind.history.unwrap_or_default();
        let age = limits.hours.map(|hours| Duration::from_secs(3600 * u64::from(hours)));
        (limits.versions.map_or(self.versions, |versions| versions as usize), age.unwrap_or(self.age))
    }
}
