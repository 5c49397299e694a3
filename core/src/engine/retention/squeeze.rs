//! The limits of history in bytes, which win over those in number and age.

use super::compactor::{Compactor, STEP};
use super::removals::{Removals, Squeeze};
use super::size::{HistorySize, size};
use crate::backend::{Key, Revision, Scan};
use crate::engine::stored::SupersededVersion;
use crate::error::Result;

/// The part of what is above the floor that is given up at once.
const PART: Revision = 8;

impl Compactor {
    /// Removes history beyond the limits in bytes.
    ///
    /// # Errors
    /// `Unavailable` while the store takes no writes.
    pub(crate) fn keep_within_bytes(&self) -> Result<()> {
        self.run(|size| self.enforce(size))
    }

    fn enforce(&self, size: &mut HistorySize) -> Result<()> {
        for versions in std::mem::take(&mut size.over) {
            if self.is_stopping() {
                return Ok(());
            }
            self.trim(&versions, size)?;
        }
        // What could not be removed the last time is not looked through again before as much has come as is removed at once.
        let limit = self.store_bytes.max(size.left.saturating_add(self.margin()));
        if size.is_known() && size.total > limit { self.squeeze(size) } else { Ok(()) }
    }

    /// Removes the oldest versions of a resource until it is within the limit. Where that needs it, the floor rises.
    fn trim(&self, versions: &Key, size: &mut HistorySize) -> Result<()> {
        let Some(end) = self.beyond(versions, size)? else { return Ok(()) };
        tracing::debug!(
            revision = end,
            "the history of a resource takes too many bytes; its oldest versions are removed"
        );
        self.advance_through(end, size, Squeeze::default())?;
        let mut removals = Removals::new(size, Squeeze::default());
        self.prune(versions, self.backend.floor(), &mut removals)?;
        self.finish(&mut removals)
    }

    /// Returns where the newest version ended that does not fit the limit of a resource; `None` when all fit.
    fn beyond(&self, versions: &Key, known: &mut HistorySize) -> Result<Option<Revision>> {
        let (mut total, mut after, mut end) = (0, None, None);
        loop {
            let page = self.backend.scan(&Scan { prefix: versions.clone(), after, limit: 0 })?;
            for (key, entry) in &page.entries {
                total += size(key, &entry.value);
                if end.is_none() && total > self.kept_bytes() {
                    end = Some(SupersededVersion::read(key, &entry.value, entry.created)?.ended);
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
        }
        known.set(versions, total);
        Ok(end.filter(|_| total > self.retention.resource_bytes))
    }

    /// Removes the oldest history of all resources until it is within the limit of the store: the floor rises step by step.
    /// Where that is not enough, fewer versions are kept below it.
    fn squeeze(&self, size: &mut HistorySize) -> Result<()> {
        let (newest, mut squeeze) = (self.backend.revision(), Squeeze::default());
        let enough = self.store_bytes - self.margin();
        size.left = 0;
        tracing::info!(
            bytes = size.total,
            limit = self.store_bytes,
            "history takes too many bytes; its oldest part is removed"
        );
        while size.total > enough && !self.is_stopping() {
            let floor = self.backend.floor();
            if floor < newest {
                let next = newest.min(floor + ((newest - floor) / PART).clamp(1, STEP));
                self.advance_through(next, size, squeeze)?;
            } else if let Some(next) = squeeze.next() {
                squeeze = next;
                self.sweep_through(size, squeeze)?;
            } else {
                size.left = size.total;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Returns by how much less than the limit of the store is kept when some of it is removed.
    fn margin(&self) -> u64 {
        self.store_bytes / 16
    }
}
