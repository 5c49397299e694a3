//! The limits of history.

use std::time::Duration;

use crate::kind::Kind;

/// How long history is kept. Recent revisions are kept whole, as long as both their number and their age allow. Of older
/// ones, some versions of each resource are kept.
///
/// ```
/// use kindstore::{Retention, Store};
/// let store = Store::builder().retention(Retention::default().versions(3)).open()?;
/// # Ok::<(), kindstore::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// The number of superseded versions of a resource that are kept, not counting those that changed the status only. A kind
    /// may set its own.
    pub versions: usize,
    /// How long a version is kept after it was superseded, and a deleted resource after its deletion. A kind may set its own.
    pub age: Duration,
    /// The number of newest revisions that stay readable as a whole, for watches and lists.
    pub revisions: u64,
    /// How long a revision stays readable as a whole.
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
    /// Keeps all history.
    pub fn forever() -> Self {
        Self { versions: usize::MAX, age: Duration::MAX, revisions: u64::MAX, time: Duration::MAX }
    }

    /// Sets the number of superseded versions of a resource that are kept.
    #[must_use]
    pub fn versions(mut self, versions: usize) -> Self {
        self.versions = versions;
        self
    }

    /// Sets how long a superseded version, or a deleted resource, is kept.
    #[must_use]
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Sets the number of newest revisions that stay readable as a whole.
    #[must_use]
    pub fn revisions(mut self, revisions: u64) -> Self {
        self.revisions = revisions;
        self
    }

    /// Sets how long a revision stays readable as a whole.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Returns the number and the age of kept versions for a kind.
    pub(crate) fn of(&self, kind: &Kind) -> (usize, Duration) {
        let limits = kind.history.unwrap_or_default();
        let age = limits.hours.map(|hours| Duration::from_secs(3600 * u64::from(hours)));
        (limits.versions.map_or(self.versions, |versions| versions as usize), age.unwrap_or(self.age))
    }
}
