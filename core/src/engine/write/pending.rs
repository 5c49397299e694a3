//! A submitted write: a thread can wait on it, a task can await it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::Duration;
use std::time::Instant;

use super::progress::{Progress, Write};
use super::stage::{Lookups, Stage};
use crate::backend::{CommitError, Completion, Revision};
use crate::error::{Error, Result};

/// How often a write begins again when others change the same resource.
const MAX_CONFLICTS: u32 = 64;

/// A write that was submitted. It owns its request and begins again when others change the same resource in between, at
/// most 64 times; then the result is `Conflict`. Dropping it cancels nothing that was submitted.
///
/// Writes that are submitted before any of them is waited for share the sync of the disk.
#[must_use = "a write can fail; wait for it or await it"]
pub struct PendingWrite<T> {
    write: Box<dyn Write<Outcome = T>>,
    progress: Progress<T>,
    conflicts: u32,
    /// Whether a commit of this write has ended well and others are to follow.
    is_partial: bool,
    /// The newest revision that the last pass saw, if others may have been told of later ones.
    seen: Option<Revision>,
    /// Whether a pass was run again for what it had not seen.
    is_caught_up: bool,
}

impl<T: Send + 'static> PendingWrite<T> {
    /// Runs the first pass, and those after it until one waits for durability.
    pub(crate) fn submit(write: Box<dyn Write<Outcome = T>>) -> Self {
        // Where reads lag, what others were told may not be seen yet.
        let progress = match write.lags_at().is_some() && write.relies_on_reads() {
            true => Progress::behind_all(write.barrier()),
            false => Progress::Due(Stage::Apply(Lookups::Remembered)),
        };
        let mut pending = Self::of(write, progress);
        pending.run();
        pending
    }

    /// Returns a write that is refused before it begins.
    pub(crate) fn refused(error: Error) -> Self {
        let progress = Progress::Ended(Err(error));
        Self::of(Box::new(Refused(PhantomData)), progress)
    }

    fn of(write: Box<dyn Write<Outcome = T>>, progress: Progress<T>) -> Self {
        Self { write, progress, conflicts: 0, is_partial: false, seen: None, is_caught_up: false }
    }

    /// Waits on this thread until the write is durable or refused. Not for async tasks, which await instead.
    ///
    /// # Errors
    /// Those of the write; `OutcomeUnknown` when it may have happened or not.
    pub fn wait(self) -> Result<T> {
        self.wait_until(None)
    }

    /// Waits at most this long.
    ///
    /// # Errors
    /// As [`PendingWrite::wait`]; `OutcomeUnknown` when the time is up, and the write may still happen.
    #[cfg(not(target_family = "wasm"))]
    pub fn wait_for(self, limit: Duration) -> Result<T> {
        self.wait_until(Instant::now().checked_add(limit))
    }

    fn wait_until(mut self, deadline: Option<Instant>) -> Result<T> {
        loop {
            let waiting = match self.take() {
                Progress::Ended(result) => return result,
                waiting => waiting,
            };
            match &waiting {
                Progress::Committing { completion, .. } | Progress::Settling { barrier: completion, .. } => {
                    // The commit is submitted and may still become durable, so that nobody can say that it failed.
                    let Some(outcome) = completion.wait(deadline) else { return Err(Error::OutcomeUnknown) };
                    self.advance(waiting, outcome);
                }
                Progress::Due(_) | Progress::Ended(_) => self.progress = waiting,
            }
            self.run();
        }
    }

    /// Runs passes until one waits for durability or the write has ended. A conflict that is known at once is retried at
    /// once, so that a write which is dropped after this has been submitted all the same.
    fn run(&mut self) {
        loop {
            match self.take() {
                Progress::Due(stage) => {
                    self.seen = self.write.lags_at();
                    self.progress = match self.write.pass(stage, self.conflicts) {
                        Ok(progress) => progress,
                        Err(error) if self.is_partial => self.failed(error),
                        // The error may be about a commit that is pending. Should that be lost in a crash, the caller
                        // would have been told of a state that never was: it is returned once the state is durable.
                        Err(error) if depends_on_state(&error) => {
                            Progress::settled_by(self.write.barrier(), Err(error))
                        }
                        Err(error) => Progress::Ended(Err(error)),
                    };
                }
                Progress::Committing { completion, then, retry } => match completion.outcome() {
                    Some(outcome @ Err(CommitError::Conflict(_))) => {
                        self.advance(Progress::Committing { completion, then, retry }, outcome);
                    }
                    _ => {
                        self.progress = Progress::Committing { completion, then, retry };
                        return;
                    }
                },
                settled => {
                    self.progress = settled;
                    return;
                }
            }
        }
    }

    /// Moves on from a commit or a barrier that has ended.
    fn advance(&mut self, progress: Progress<T>, outcome: std::result::Result<u64, CommitError>) {
        self.progress = match (progress, outcome) {
            (Progress::Committing { then, .. }, Ok(revision)) => {
                let next = then(revision);
                self.is_partial |= matches!(&next, Progress::Due(stage) if stage.is_of_a_begun_deletion());
                next
            }
            // Others were told of what the pass did not see; once is enough, since the next one sees all that was acknowledged
            // before the call. A deletion that has begun has its result, and would not find what it deleted.
            (Progress::Settling { retry, .. }, Ok(revision))
                if self.seen.is_some_and(|seen| revision > seen) && !self.is_caught_up && !self.is_partial =>
            {
                self.is_caught_up = true;
                Progress::Due(retry)
            }
            (Progress::Settling { result, .. }, Ok(_)) => Progress::Ended(result),
            (Progress::Committing { retry, .. }, Err(CommitError::Conflict(_)))
            | (Progress::Settling { retry, .. }, Err(_))
                // A failed barrier says that commits which the pass saw are lost: the result may be wrong by now, so
                // that the pass runs again.
                if self.conflicts < MAX_CONFLICTS =>
            {
                self.conflicts += 1;
                Progress::Due(retry)
            }
            (_, Err(CommitError::Failed(error))) => self.failed(error),
            (_, Err(CommitError::Conflict(_))) => self.failed(self.write.conflict()),
            (progress, Ok(_)) => progress,
        };
    }

    /// Returns the end of a write by an error. Most errors say that nothing was changed, which is not so once a commit has ended
    /// well.
    fn failed(&self, error: Error) -> Progress<T> {
        if !self.is_partial {
            return Progress::Ended(Err(error));
        }
        tracing::warn!(%error, "a deletion is done in part; the rest follows");
        self.write.leave_unfinished();
        Progress::Ended(Err(Error::OutcomeUnknown))
    }

    /// Takes the progress, and leaves that of a write whose result was taken.
    fn take(&mut self) -> Progress<T> {
        std::mem::replace(&mut self.progress, Progress::Ended(Err(Error::OutcomeUnknown)))
    }
}

impl<T> Drop for PendingWrite<T> {
    fn drop(&mut self) {
        // The commit under way may be the first of several.
        if self.is_partial || matches!(self.progress, Progress::Committing { .. }) {
            self.write.leave_unfinished();
        }
    }
}

/// The write behind a refusal, which never runs a pass.
struct Refused<T>(PhantomData<fn() -> T>);

impl<T> Write for Refused<T> {
    type Outcome = T;

    fn pass(&mut self, _stage: Stage, _conflicts: u32) -> Result<Progress<T>> {
        Err(Error::OutcomeUnknown)
    }

    fn barrier(&self) -> Completion {
        Completion::ready(Ok(0))
    }

    fn conflict(&self) -> Error {
        Error::OutcomeUnknown
    }
}

/// Whether an error could be another one if the store were in another state.
pub(crate) fn depends_on_state(error: &Error) -> bool {
    let of_state = ["NotFound", "AlreadyExists", "PreconditionFailed", "Blocked", "Invalid"];
    of_state.contains(&error.reason())
}

impl<T> Unpin for PendingWrite<T> {}

impl<T> fmt::Debug for PendingWrite<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingWrite").field("conflicts", &self.conflicts).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Future for PendingWrite<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        loop {
            let mut waiting = match self.take() {
                Progress::Ended(result) => {
                    // Not unknown: a caller that polls once more has been given the outcome before.
                    let again = Error::bad_request("the write has ended, and its outcome was returned already");
                    self.progress = Progress::Ended(Err(again));
                    return Poll::Ready(result);
                }
                waiting => waiting,
            };
            match &mut waiting {
                Progress::Committing { completion, .. } | Progress::Settling { barrier: completion, .. } => {
                    match Pin::new(completion).poll(context) {
                        Poll::Ready(outcome) => self.advance(waiting, outcome),
                        Poll::Pending => {
                            self.progress = waiting;
                            return Poll::Pending;
                        }
                    }
                }
                Progress::Due(_) | Progress::Ended(_) => self.progress = waiting,
            }
            self.run();
        }
    }
}
