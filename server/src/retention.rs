//! How long a server keeps the past, as flags and as members of the settings file.

use std::time::Duration;

use kindstore::Retention;

/// Flags and members of the same names; what is not given is as by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct RetentionArguments {
    /// Versions that are kept of each resource, beside the newest; versions of the status do not count [default: 10]
    #[arg(long, env = "KINDSTORE_HISTORY_VERSIONS", value_name = "COUNT")]
    pub history_versions: Option<usize>,
    /// Days that old versions and deleted resources are kept [default: 30]
    #[arg(long, env = "KINDSTORE_HISTORY_DAYS", value_name = "DAYS")]
    pub history_days: Option<u32>,
    /// Newest commits that watches can go on from and lists can be read at [default: 100000]
    #[arg(long, env = "KINDSTORE_KEEP_REVISIONS", value_name = "COUNT")]
    pub keep_revisions: Option<u64>,
    /// Minutes that commits stay so, if there are not too many of them [default: 60]
    #[arg(long, env = "KINDSTORE_KEEP_MINUTES", value_name = "MINUTES")]
    pub keep_minutes: Option<u32>,
}

impl RetentionArguments {
    /// These, and where they say nothing, others.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            history_versions: self.history_versions.or(other.history_versions),
            history_days: self.history_days.or(other.history_days),
            keep_revisions: self.keep_revisions.or(other.keep_revisions),
            keep_minutes: self.keep_minutes.or(other.keep_minutes),
        }
    }

    /// What they come to.
    pub fn retention(self) -> Retention {
        let mut retention = Retention::default();
        retention.versions = self.history_versions.unwrap_or(retention.versions);
        retention.age =
            self.history_days.map_or(retention.age, |days| Duration::from_secs(24 * 3600 * u64::from(days)));
        retention.revisions = self.keep_revisions.unwrap_or(retention.revisions);
        retention.time =
            self.keep_minutes.map_or(retention.time, |minutes| Duration::from_secs(60 * u64::from(minutes)));
        retention
    }
}
