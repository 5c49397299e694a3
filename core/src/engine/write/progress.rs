//! The state of a write under way.
//!
//! A commit's result moves this state only once its completion has ended well. A backend may judge a commit long after it
//! was submitted, so the submission alone says nothing.

use super::stage::{Lookups, Stage};
use crate::backend::{Backend, Batch, Completion, Revision};
use crate::error::{Error, Result};

/// How far a write has come.
pub(crate) enum Progress<T> {
    /// A pass is due.
    Due(Stage),
    /// A commit is under way. `then` follows when it has ended well; on a conflict, `retry` is due.
    Committing { completion: Completion, then: Then<T>, retry: Stage },
    /// No commit was needed. The result describes state that may not be durable yet, so a barrier is awaited first; if that
    /// fails, the state was taken back and `retry` is due.
    Settling { barrier: Completion, result: Result<T>, retry: Stage },
    /// The write has ended.
    Ended(Result<T>),
}

/// Makes the progress that follows a commit from its revision.
pub(crate) type Then<T> = Box<dyn FnOnce(Revision) -> Progress<T> + Send>;

/// A write that proceeds in passes.
pub(crate) trait Write: Send {
    /// The outcome.
    type Outcome;

    /// Runs one pass. An error ends the write once the state that it describes is durable.
    fn pass(&mut self, stage: Stage, conflicts: u32) -> Result<Progress<Self::Outcome>>;

    /// Submits a barrier, which ends when everything committed before it is durable.
    fn barrier(&self) -> Completion;

    /// Returns the newest revision that a pass sees now, if reads may lag behind commits that others were told of.
    fn lags_at(&self) -> Option<Revision> {
        None
    }

    /// Whether a pass relies on something that no precondition of its commit covers.
    fn relies_on_reads(&self) -> bool {
        false
    }

    /// Returns the error for a write that others overtook too often.
    fn conflict(&self) -> Error;

    /// Notes that nobody drives the write any further, although commits may be left.
    fn leave_unfinished(&self) {}
}

impl<T: Send + 'static> Progress<T> {
    /// Returns the progress of a last commit, whose revision completes the outcome.
    pub(crate) fn last(completion: Completion, outcome: impl FnOnce(Revision) -> T + Send + 'static) -> Self {
        let then: Then<T> = Box::new(move |revision| Progress::Ended(Ok(outcome(revision))));
        Progress::Committing { completion, then, retry: Stage::Apply(Lookups::Fresh) }
    }

    /// Returns the progress of a commit after which another pass is due; a conflict goes back to `retry`.
    pub(crate) fn then(completion: Completion, next: Stage, retry: Stage) -> Self {
        Progress::Committing { completion, then: Box::new(move |_| Progress::Due(next)), retry }
    }

    /// Returns the same progress, with another stage due after a conflict.
    pub(crate) fn retry(self, stage: Stage) -> Self {
        match self {
            Progress::Committing { completion, then, .. } => Progress::Committing { completion, then, retry: stage },
            other => other,
        }
    }

    /// Returns the progress of a write that ends without a commit.
    pub(crate) fn settling(backend: &dyn Backend, result: Result<T>) -> Self {
        Progress::settled_by(backend.commit(Batch::barrier()), result)
    }

    /// Returns the progress of a write that ends without a commit of its own, behind a barrier.
    pub(crate) fn settled_by(barrier: Completion, result: Result<T>) -> Self {
        Progress::Settling { barrier, result, retry: Stage::Apply(Lookups::Fresh) }
    }

    /// Returns the progress of a write that begins, or begins again after a conflict, behind all commits before it.
    pub(crate) fn behind_all(completion: Completion) -> Self {
        Progress::then(completion, Stage::Apply(Lookups::Fresh), Stage::Settle)
    }
}
