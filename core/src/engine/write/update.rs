//! The steps by which an existing resource gets its next version.

use super::candidate::{Input, Successor, validated};
use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::request::Request;
use super::stage::Lookups;
use super::writer::Writer;
use crate::backend::{Batch, Operation, Precondition};
use crate::engine::stored::document::is_same;
use crate::engine::stored::{Stored, record, reference, version};
use crate::error::Result;

impl Writer {
    /// Replaces a resource by its next version, unless that would change nothing.
    pub(super) fn update(
        &self,
        request: &Request,
        input: Input<'_>,
        current: Stored,
    ) -> Result<Progress<WriteOutcome>> {
        let candidate = validated(self, request, input, Some(&current.record), Lookups::Fresh)?;
        let now = (self.clock)();
        let Successor { record, warnings, found } = candidate.into_successor(request, &current.record, now);
        // A document that is applied again and again must not make a version each time.
        if is_same(&record, &current.record) {
            let unchanged = WriteOutcome::unchanged(current.record.object, warnings);
            return Ok(Progress::settling(self.backend(), Ok(unchanged)));
        }
        let mut preconditions = vec![];
        if current.modified == 0 {
            // The first write of a singleton: its namespace must stay, and nobody else may have written it meanwhile.
            preconditions.extend(self.require_active(request.namespace.as_deref(), Lookups::Fresh)?);
            preconditions.push(Precondition::Absent(current.key.clone()));
        } else {
            preconditions.push(Precondition::At(current.key.clone(), current.modified));
        }
        preconditions.extend(found.hold(&current.record.targets));
        let collection = request.collection();
        let bytes = record::encode(&record);
        let successor = version::Successor { version: record.object.metadata.resource_version, bytes: &bytes };
        let kept = version::keep(collection, &current, Some(successor), now);
        let mut operations = vec![Operation::Put(current.key.clone(), bytes)];
        operations.extend(kept);
        let (id, old) = (record.object.metadata.id, &current.record.targets);
        operations.extend(reference::operations(collection, id, old, &record.targets));
        let outcome = WriteOutcome { warnings, ..WriteOutcome::changed(record.object) };
        self.submit(request, outcome, Batch { preconditions, operations })
    }
}
