//! One bounded step through the records of a collection, in the order of their ids.

use super::reader::Reader;
use crate::backend::{Revision, Scan};
use crate::engine::filter::Filter;
use crate::engine::stored::{CollectionRef, Record, record};
use crate::error::Result;
use crate::object::ResourceId;

/// The most records that one step looks at.
pub(crate) const STEP: usize = 64;

/// A step to take.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) collection: CollectionRef<'a>,
    pub(crate) filter: &'a Filter,
    /// Only records with greater ids.
    pub(crate) after: Option<ResourceId>,
    /// The most records that it returns.
    pub(crate) limit: usize,
}

/// The records that a step found.
pub(crate) struct Walked {
    pub(crate) records: Vec<Record>,
    /// The last record that was looked at.
    pub(crate) last: Option<ResourceId>,
    /// Whether there may be more behind it.
    pub(crate) more: bool,
    /// The revision that all records were current at.
    pub(crate) revision: Revision,
}

impl Step<'_> {
    /// Returns the scan that reads the records of this step.
    pub(super) fn scan(&self) -> Scan {
        let after = self.after.map(|id| self.collection.record(id));
        // With a filter, few of the records may be selected: look at as many as a step may.
        let limit = if self.filter.is_empty() { self.limit.min(STEP) } else { STEP };
        Scan { prefix: self.collection.records(), after, limit }
    }
}

impl Reader {
    /// Takes a step over the current records.
    pub(crate) fn step(&self, step: Step<'_>) -> Result<Walked> {
        let page = self.backend.scan(&step.scan())?;
        let mut walked = Walked { records: Vec::new(), last: None, more: page.more, revision: page.revision };
        for (index, (_, entry)) in page.entries.iter().enumerate() {
            let record = record::decode(step.collection, &entry.value)?;
            walked.last = Some(record.object.metadata.id);
            if step.filter.matches(step.collection.kind, &record) {
                walked.records.push(record);
            }
            if walked.records.len() == step.limit {
                walked.more |= index + 1 < page.entries.len();
                break;
            }
        }
        Ok(walked)
    }
}
