//! The last step of a write: the commit, which a dry run leaves out.

use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::request::{Change, Request};
use super::stage::{Lookups, Stage};
use super::writer::Writer;
use crate::backend::{Batch, Completion, Operation};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::stored::format;
use crate::error::{Error, Result};

/// The largest resource that is stored, in bytes. A document is smaller when it is sent, but patches add up.
const MAX_BYTES: usize = 2 << 20;

impl Writer {
    /// Commits a batch, unless the request is a dry run: that is the only step the two do not share.
    pub(super) fn submit(
        &self,
        request: &Request,
        outcome: WriteOutcome,
        batch: Batch,
    ) -> Result<Progress<WriteOutcome>> {
        // Before a dry run ends, which must find every error that the write would have.
        check_size(request, &batch)?;
        if request.options.dry_run {
            return Ok(Progress::settling(self.backend(), Ok(outcome)));
        }
        let completion = match request.change {
            Change::Delete => self.commit_freeing(batch)?,
            _ => self.commit(batch)?,
        };
        // After the commit was submitted: layers are read with pending commits, so one that is read from now on has it.
        if self.reader.registry.supplies_defaults(&request.kind) {
            self.reader.defaults.forget();
        }
        let progress = Progress::last(completion, move |revision| outcome.at(revision));
        Ok(progress.retry(match request.change {
            Change::Delete => Stage::Settle,
            _ => Stage::Apply(Lookups::Fresh),
        }))
    }
}

impl Writer {
    /// Submits a batch, after the format of the store was raised where an older program could not read it. Every batch with
    /// operations goes this way.
    ///
    /// # Errors
    /// `Unavailable` when the format cannot be raised; then nothing was submitted.
    pub(crate) fn commit(&self, batch: Batch) -> Result<Completion> {
        format::raise(self.backend(), &batch.operations)?;
        Ok(self.backend().commit(batch))
    }

    /// Submits a batch that frees space, as [`Writer::commit`].
    pub(crate) fn commit_freeing(&self, batch: Batch) -> Result<Completion> {
        format::raise(self.backend(), &batch.operations)?;
        Ok(self.backend().commit_freeing(batch))
    }
}

/// Checks that every stored value is small enough.
///
/// # Errors
/// `Invalid`.
pub(crate) fn check_size(request: &Request, batch: &Batch) -> Result<()> {
    let sizes = batch.operations.iter().map(|operation| match operation {
        Operation::Put(_, value) => value.len(),
        Operation::Delete(_) => 0,
    });
    match sizes.max() {
        Some(size) if size > MAX_BYTES => {
            let message = format!("would have {size} bytes; the limit is {MAX_BYTES}");
            let problems = vec![Diagnostic::error("", Code::IsInvalid, message)];
            Err(Error::Invalid { kind: request.kind.name.to_string(), problems })
        }
        _ => Ok(()),
    }
}
