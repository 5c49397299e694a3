//! The limits of history.

use std::time::Duration;

use crate::kind::Kind;

/// How long history is kept. Recent revisions are kept whole, as long as both their number and their age allow. Of older
/// ones, some versions of each resource are kept. Limits in bytes win over all others: history beyond them is removed, the
/// oldest first, and the compaction floor rises as far as that needs.
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
    /// The most bytes that the superseded versions of a resource take.
    pub resource_bytes: u64,
    /// The most bytes that the superseded versions of all resources take; without a value a quarter of the volume that the
    /// store is on, and at most 10 GiB.
    pub store_bytes: Option<u64>,
}

/// The most bytes of history by default.
const MAX_STORE_BYTES: u64 = 10 << 30;

impl Default for Retention {
    fn default() -> Self {
        Self {
            versions: 10,
            age: Duration::from_secs(30 * 24 * 3600),
            revisions: 100_000,
            time: Duration::from_secs(3600),
            resource_bytes: 16 << 20,
            store_bytes: None,
        }
    }
}

impl Retention {
    /// Keeps all history.
    pub fn forever() -> Self {
        Self {
            versions: usize::MAX,
            age: Duration::MAX,
            revisions: u64::MAX,
            time: Duration::MAX,
            resource_bytes: u64::MAX,
            store_bytes: Some(u64::MAX),
        }
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

    /// Sets the most bytes that the superseded versions of a resource take.
    #[must_use]
    pub fn resource_bytes(mut self, bytes: u64) -> Self {
        self.resource_bytes = bytes;
        self
    }

    /// Sets the most bytes that the superseded versions of all resources take.
    #[must_use]
    pub fn store_bytes(mut self, bytes: u64) -> Self {
        self.store_bytes = Some(bytes);
        self
    }

    /// Returns the most bytes of history of a store on a volume of this size.
    pub(super) fn bytes_on(&self, volume: Option<u64>) -> u64 {
        self.store_bytes.unwrap_or_else(|| volume.map_or(MAX_STORE_BYTES, |bytes| MAX_STORE_BYTES.min(bytes / 4)))
    }

    /// Returns the number and the age of kept versions for a kind.
    pub(crate) fn of(&self, kind: &Kind) -> (usize, Duration) {
        let limits = kind.history.unwrap_or_default();
        let age = limits.hours.map(|hours| Duration::from_secs(3600 * u64::from(hours)));
        (limits.versions.map_or(self.versions, |versions| versions as usize), age.unwrap_or(self.age))
    }
}
