//! Checks all that is stored: every record, every name, and every change in the change log.
//!
//! Others may write meanwhile, so what looks wrong is read again before it is reported.

mod change_log;
mod entries;
mod flaw;
#[cfg(test)]
mod tests;
mod version;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;

pub use self::flaw::{CheckReport, Flaw};
use crate::backend::{Backend, Key, Versioned};
use crate::error::{Error, Result};
use crate::object::ResourceId;
use crate::registry::Registry;

/// How long the check waits for a store that recovers from a failed read.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// How often something that looks wrong is read.
const LOOKS: u32 = 3;

/// A check under way.
struct Check<'a> {
    registry: &'a Registry,
    backend: &'a dyn Backend,
    report: CheckReport,
    /// Keys that are in the report already.
    flagged: HashSet<Key>,
    /// Stretches of keys that no scan could read: after the first, up to the second, or to the end.
    gaps: Vec<(Key, Option<Key>)>,
    /// The superseded version that was looked at last, with its record.
    newer: Option<(ResourceId, u64, Bytes)>,
    /// Whether the store did not come back.
    is_given_up: bool,
}

/// A stored entry under check.
#[derive(Clone, Copy)]
struct Entry<'e> {
    key: &'e Key,
    value: &'e Bytes,
}

/// Checks all that is stored in a backend.
pub(super) fn check(registry: &Registry, backend: &dyn Backend) -> CheckReport {
    let (report, flagged) = (CheckReport::default(), HashSet::new());
    let mut check = Check { registry, backend, report, flagged, gaps: Vec::new(), newer: None, is_given_up: false };
    if let Err(error) = check.patiently(|backend| backend.verify()) {
        check.report.add(Flaw::of_all(&error));
    }
    check.entries();
    check.history();
    check.report.revision = backend.revision();
    check.report
}

impl Check<'_> {
    /// Reads, and waits for a store that is recovering from an earlier read that failed.
    fn patiently<T>(&mut self, read: impl Fn(&dyn Backend) -> Result<T>) -> Result<T> {
        let mut begun: Option<Instant> = None;
        loop {
            match read(self.backend) {
                Err(Error::Unavailable { .. })
                    if !self.is_given_up && begun.get_or_insert_with(Instant::now).elapsed() < MAX_WAIT =>
                {
                    std::thread::sleep(PAUSE);
                }
                Err(error @ Error::Unavailable { .. }) => {
                    // A store that did not come back once is not waited for again, or each of its keys would cost a
                    // minute.
                    self.is_given_up = true;
                    return Err(error);
                }
                answer => return answer,
            }
        }
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Versioned>> {
        self.patiently(|backend| backend.get(key))
    }

    /// Reports a key, once.
    fn flag(&mut self, key: &Key, message: impl Into<String>) {
        if self.report.is_full() {
            // Nobody will see whether it is flagged twice.
            self.report.more += 1;
        } else if self.flagged.insert(key.clone()) {
            self.report.add(Flaw::at(key, message));
        }
    }
}
