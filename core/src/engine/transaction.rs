//! Writes of several resources as one: all or nothing, under one revision. Each goes through the steps of a single write,
//! over what those before it made.

mod faults;
mod operation;

use std::collections::HashMap;
use std::sync::Arc;

use self::faults::{Faults, subject, twice, within};
pub use self::operation::{CommitOperation, CommitOptions, MAX_COMMIT};
use super::overlay::{Overlay, check_bytes};
use super::pipeline::{self, Change, Passes, Request};
use super::read::View;
use super::store::Store;
use super::write::{Step, Write, speaks_of_state};
use super::{Inner, WriteOutcome, turn};
use crate::backend::{Backend, Batch, CommitError, Completion};
use crate::error::{Error, Result};

/// How often one operation begins anew within a pass: once for a name that is taken, and no other can be in its way.
const MAX_ROUNDS: u32 = 8;

impl Store {
    /// Does all these writes in a namespace under one revision, or none of them. They are done in their order, and each
    /// sees what those before it made: a resource can be created together with one that refers to it. What none of them
    /// changed must still be as they saw it when all is stored. The answers are in the order of the operations.
    ///
    /// # Errors
    /// `Invalid` with every problem of every operation, at `/operations/INDEX/document/...`; [`Error::InTransaction`] with
    /// the first operation that is refused for another reason; `BadRequest` for more than [`MAX_COMMIT`] operations, for a
    /// resource that two of them are about, and for more than can be stored at once.
    pub fn commit(
        &self,
        namespace: &str,
        operations: Vec<CommitOperation>,
        options: CommitOptions,
    ) -> Write<Vec<WriteOutcome>> {
        let requests = match operation::requests(&self.inner.registry, namespace, operations) {
            Ok(requests) => requests,
            Err(error) => return Write::refused(error),
        };
        let kind = self.inner.registry.namespace().name.to_string();
        let conflict = Error::Conflict { kind, key: namespace.to_owned() };
        let backend = Arc::clone(&self.inner.backend);
        let barrier = Box::new(move || backend.commit(Batch::barrier()));
        let (inner, namespace, is_dry_run) = (Arc::clone(&self.inner), namespace.to_owned(), options.dry_run);
        let mut transaction = Transaction { inner, namespace, requests, is_dry_run, has_waited: false, count: 0 };
        Write::begin(Box::new(move || transaction.pass()), barrier, conflict)
    }
}

/// What is asked for, and what its passes hand on to each other.
struct Transaction {
    inner: Arc<Inner>,
    namespace: String,
    requests: Vec<Request>,
    is_dry_run: bool,
    /// Whether the last pass only waited for what was committed before it.
    has_waited: bool,
    count: u32,
}

impl Transaction {
    /// One pass over current state: every operation over an overlay, then one commit.
    fn pass(&mut self) -> Result<Step<Vec<WriteOutcome>>> {
        let inner = Arc::clone(&self.inner);
        let is_again = self.count > 0;
        if is_again && self.deletes() && !std::mem::replace(&mut self.has_waited, false) {
            // What stands in the way may be a reference that is committed and not yet seen by a scan.
            self.has_waited = true;
            return Ok(Step::Staged(inner.backend.commit(Batch::barrier())));
        }
        // Held until the commit is judged, which it is before this returns.
        let _turns =
            (self.count > turn::LOCK_AFTER_CONFLICTS).then(|| inner.turns.take_all(self.requests.iter().map(address)));
        self.count += 1;
        inner.open_namespace(&self.namespace, View::Pending)?;
        let looks = is_again || self.is_dry_run;
        let Staged { overlay, staging, written } = match self.stage(looks) {
            // What was taken for granted may hide an operation that would have been refused before this one.
            Err(error) if !looks && speaks_of_state(&error) => self.stage(true)?,
            staged => staged?,
        };
        if self.is_dry_run {
            let unstored = |written| WriteOutcome { revision: None, ..written };
            return Ok(Step::Done(written.into_iter().map(unstored).collect()));
        }
        let batch = overlay.batch()?;
        // Held until the commit is submitted, which it is before this returns.
        let _noted = inner.index.catch_up(&staging.index);
        let completion = inner.backend.commit(batch);
        if self.requests.iter().any(|request| inner.registry.supplies_defaults(&request.kind)) {
            inner.defaults.forget();
        }
        Ok(submitted(Arc::clone(&inner), staging, completion, written))
    }

    /// Every operation over a fresh overlay.
    fn stage(&self, looks: bool) -> Result<Staged> {
        let overlay = Arc::new(Overlay::over(Arc::clone(&self.inner.backend)));
        let staging = self.inner.over(Arc::clone(&overlay) as Arc<dyn Backend>);
        let written = stage(&staging, &self.requests, looks)?;
        Ok(Staged { overlay, staging, written })
    }

    fn deletes(&self) -> bool {
        self.requests.iter().any(|request| matches!(request.change, Change::Delete))
    }
}

/// What the operations made.
struct Staged {
    overlay: Arc<Overlay>,
    staging: Inner,
    written: Vec<WriteOutcome>,
}

/// Whose turn a request takes; the same as that of a single write.
fn address(request: &Request) -> (&str, Option<&str>, Option<&str>) {
    (&request.kind.name, request.namespace.as_deref(), request.key.as_deref())
}

fn submitted(
    inner: Arc<Inner>,
    staging: Inner,
    completion: Completion,
    written: Vec<WriteOutcome>,
) -> Step<Vec<WriteOutcome>> {
    let id_floor = staging.id_floor;
    Step::Submitted(
        completion,
        Box::new(move |revision| {
            inner.id_floor.catch_up(&id_floor);
            let stored =
                |written: WriteOutcome| WriteOutcome { revision: written.revision.map(|_| revision), ..written };
            written.into_iter().map(stored).collect()
        }),
    )
}

/// Does every operation over what those before it made.
fn stage(staging: &Inner, requests: &[Request], looks: bool) -> Result<Vec<WriteOutcome>> {
    let mut faults = Faults::default();
    let (mut all, mut bytes) = (Vec::with_capacity(requests.len()), 0);
    // Which operation is about the resource of this kind with that id or name.
    let mut touched: HashMap<(&str, String), usize> = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        if let Some(first) = request.key.as_ref().and_then(|key| touched.get(&(&*request.kind.name, key.clone()))) {
            return Err(twice(*first, index, &subject(request)));
        }
        let written = match carry_out(staging, request.clone(), looks) {
            Ok(written) => written,
            Err(Error::AlreadyExists { name, .. }) if touched.contains_key(&(&*request.kind.name, name.clone())) => {
                let first = touched[&(&*request.kind.name, name)];
                return Err(twice(first, index, &subject(request)));
            }
            Err(error) => {
                faults.add(index, request, error)?;
                continue;
            }
        };
        bytes += written.object.size();
        check_bytes(bytes)?;
        let metadata = &written.object.metadata;
        let name = metadata.name.clone().filter(|_| request.kind.has_name());
        for key in [Some(metadata.id.to_string()), name].into_iter().flatten() {
            if let Some(first) = touched.insert((&*request.kind.name, key), index) {
                return Err(twice(first, index, &subject(request)));
            }
        }
        all.push(written);
    }
    faults.end()?;
    Ok(all)
}

/// Runs the passes of one operation. Nothing here is waited for: the overlay answers at once.
fn carry_out(staging: &Inner, mut request: Request, looks: bool) -> Result<WriteOutcome> {
    let mut passes = if looks { Passes::again() } else { Passes::default() };
    let mut conflicts = 0;
    loop {
        let (completion, answer) = match pipeline::pass(staging, &mut request, &mut passes)? {
            Step::Done(written) => return Ok(written),
            Step::Submitted(completion, answer) => (completion, Some(answer)),
            Step::Staged(completion) => (completion, None),
        };
        match (completion.outcome(), answer) {
            (Some(Ok(revision)), Some(answer)) => return Ok(answer(revision)),
            (Some(Ok(_)), None) => {}
            (Some(Err(CommitError::Conflict(_))), _) if conflicts < MAX_ROUNDS => conflicts += 1,
            (Some(Err(CommitError::Failed(error))), _) => return Err(error),
            (Some(Err(CommitError::Conflict(_))), _) => {
                let (kind, key) = (request.kind.name.to_string(), request.key.unwrap_or_default());
                return Err(Error::Conflict { kind, key });
            }
            (None, _) => return Err(Error::OutcomeUnknown),
        }
    }
}

#[cfg(test)]
mod tests;
