//! Runs a transaction: each operation goes through the passes of a single write over an overlay, which stages what is
//! written; at the end one batch is committed on the condition that nothing read meanwhile has changed.

use std::collections::HashMap;
use std::sync::Arc;

use super::faults::{Faults, subject, twice};
use crate::backend::{Backend, Batch, CommitError, Completion, Overlay, Revision, check_bytes};
use crate::engine::read::View;
use crate::engine::write::{
    Change, LOCK_AFTER_CONFLICTS, Lookups, Progress, Request, SingleWrite, Stage, Write, WriteOutcome, Writer,
    depends_on_state,
};
use crate::error::{Error, Result};

/// How often one operation begins again within a pass: once for a name that is taken, and nothing else can be in its way.
const MAX_CONFLICTS: u32 = 8;

/// A transaction as a write in passes.
pub(crate) struct TransactionWrite {
    pub(crate) writer: Arc<Writer>,
    pub(crate) namespace: String,
    pub(crate) requests: Vec<Request>,
    pub(crate) is_dry_run: bool,
}

/// The outcome of a transaction: one of each operation, in their order.
type Outcomes = Vec<WriteOutcome>;

impl Write for TransactionWrite {
    type Outcome = Outcomes;

    fn pass(&mut self, stage: Stage, conflicts: u32) -> Result<Progress<Outcomes>> {
        let Stage::Apply(lookups) = stage else { return Ok(Progress::behind_all(self.barrier())) };
        // Held until the commit is judged, which it is before this returns.
        let _locks = (conflicts > LOCK_AFTER_CONFLICTS)
            .then(|| self.writer.locks.take_all(self.requests.iter().map(Request::address)));
        self.apply(if self.is_dry_run { Lookups::Fresh } else { lookups })
    }

    fn barrier(&self) -> Completion {
        self.writer.backend().commit(Batch::barrier())
    }

    fn lags_at(&self) -> Option<Revision> {
        let backend = self.writer.backend();
        backend.lags().then(|| backend.revision())
    }

    fn relies_on_reads(&self) -> bool {
        true
    }

    fn conflict(&self) -> Error {
        let kind = self.writer.reader.registry.namespace().name.to_string();
        Error::Conflict { kind, key: self.namespace.clone() }
    }
}

impl TransactionWrite {
    /// Runs every operation over an overlay, then commits the batch.
    fn apply(&self, lookups: Lookups) -> Result<Progress<Outcomes>> {
        self.writer.check_current()?;
        self.writer.reader.require_namespace(&self.namespace, View::Pending)?;
        let Staged { overlay, staging, outcomes } = match self.stage(lookups) {
            // An operation may have been refused because an earlier one trusted a remembered look-up: look before saying so.
            Err(error) if lookups == Lookups::Remembered && depends_on_state(&error) => self.stage(Lookups::Fresh)?,
            staged => staged?,
        };
        if self.is_dry_run {
            let unstored = |outcome| WriteOutcome { revision: None, ..outcome };
            let outcomes = outcomes.into_iter().map(unstored).collect();
            return Ok(Progress::settling(self.writer.backend(), Ok(outcomes)));
        }
        // All that the passes read is a precondition of this batch. A conflict therefore runs every operation again:
        // each may depend on the results of those before it.
        let batch = overlay.batch()?;
        let is_deletion = |request: &Request| matches!(request.change, Change::Delete);
        let completion = match self.requests.iter().all(is_deletion) {
            true => self.writer.commit_freeing(batch)?,
            false => self.writer.commit(batch)?,
        };
        if self.requests.iter().any(|request| self.writer.reader.registry.supplies_defaults(&request.kind)) {
            self.writer.reader.defaults.forget();
        }
        let writer = Arc::clone(&self.writer);
        let progress = Progress::last(completion, move |revision| {
            // Only now: until the commit is durable, the time that it stores protects no id.
            writer.id_floor.catch_up(&staging.id_floor);
            let stored =
                |outcome: WriteOutcome| WriteOutcome { revision: outcome.revision.map(|_| revision), ..outcome };
            outcomes.into_iter().map(stored).collect()
        });
        let deletes = self.requests.iter().any(is_deletion);
        Ok(if deletes { progress.retry(Stage::Settle) } else { progress })
    }

    /// Runs every operation over a fresh overlay.
    fn stage(&self, lookups: Lookups) -> Result<Staged> {
        let overlay = Arc::new(Overlay::over(Arc::clone(&self.writer.reader.backend)));
        let staging = Arc::new(self.writer.over(Arc::clone(&overlay) as Arc<dyn Backend>));
        let outcomes = stage(&staging, &self.requests, lookups)?;
        Ok(Staged { overlay, staging, outcomes })
    }
}

/// The operations of a transaction, staged.
struct Staged {
    overlay: Arc<Overlay>,
    staging: Arc<Writer>,
    outcomes: Outcomes,
}

/// Runs every operation over the staged results of those before it.
fn stage(staging: &Arc<Writer>, requests: &[Request], lookups: Lookups) -> Result<Outcomes> {
    let mut faults = Faults::default();
    let (mut all, mut bytes) = (Vec::with_capacity(requests.len()), 0);
    // The operation that is about the resource of this kind with that id or name.
    let mut touched: HashMap<(&str, String), usize> = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        // The keys of the requests were compared before. Only outcomes show that a name and an id mean one resource.
        if let Some(first) = request.key.as_ref().and_then(|key| touched.get(&(&*request.kind.name, key.clone()))) {
            return Err(twice(*first, index, &subject(request)));
        }
        let outcome = match carry_out(staging, request.clone(), lookups) {
            Ok(outcome) => outcome,
            Err(Error::AlreadyExists { name, .. }) if touched.contains_key(&(&*request.kind.name, name.clone())) => {
                let first = touched[&(&*request.kind.name, name)];
                return Err(twice(first, index, &subject(request)));
            }
            Err(error) => {
                faults.add(index, request, error)?;
                continue;
            }
        };
        bytes += outcome.object.size();
        check_bytes(bytes)?;
        let metadata = &outcome.object.metadata;
        let name = metadata.name.clone().filter(|_| request.kind.has_name());
        for key in [Some(metadata.id.to_string()), name].into_iter().flatten() {
            if let Some(first) = touched.insert((&*request.kind.name, key), index) {
                return Err(twice(first, index, &subject(request)));
            }
        }
        all.push(outcome);
    }
    faults.end()?;
    Ok(all)
}

/// Runs the passes of one operation. Nothing is waited for: an overlay judges every commit at once.
fn carry_out(staging: &Arc<Writer>, request: Request, lookups: Lookups) -> Result<WriteOutcome> {
    let mut write = SingleWrite::new(Arc::clone(staging), request);
    let (mut stage, mut conflicts) = (Stage::Apply(lookups), 0);
    loop {
        match write.run(stage, conflicts)? {
            // The barrier of a result without a commit is left out: the transaction as a whole waits for one.
            Progress::Ended(result) | Progress::Settling { result, .. } => return result,
            Progress::Due(next) => stage = next,
            Progress::Committing { completion, then, retry } => match completion.outcome() {
                Some(Ok(revision)) => match then(revision) {
                    Progress::Due(next) => stage = next,
                    Progress::Ended(result) | Progress::Settling { result, .. } => return result,
                    Progress::Committing { .. } => return Err(Error::OutcomeUnknown),
                },
                // The overlay knows what is staged, and a remembered look-up may contradict it: the fresh pass finds
                // out.
                Some(Err(CommitError::Conflict(_))) if conflicts < MAX_CONFLICTS => {
                    (stage, conflicts) = (retry, conflicts + 1);
                }
                Some(Err(CommitError::Conflict(_))) => return Err(write.conflict()),
                Some(Err(CommitError::Failed(error))) => return Err(error),
                None => return Err(Error::OutcomeUnknown),
            },
        }
    }
}
