//! The promise of a commit: a thread can wait on it, a task can await it, and it belongs to no runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::{Precondition, Revision};
use crate::error::Error;

/// Why a batch was not committed, or may not have been.
#[derive(Clone, Debug)]
pub enum CommitError {
    /// This precondition does not hold; nothing was changed.
    Conflict(Precondition),
    /// Refused or failed: `Unavailable` when nothing was changed, `OutcomeUnknown` when nobody knows.
    Failed(Error),
}

/// How a commit ended.
pub(crate) type Outcome = std::result::Result<Revision, CommitError>;

/// A commit under way. Dropping it does not take the commit back.
#[derive(Clone, Debug)]
pub struct Completion(Arc<Slot>);

#[derive(Debug, Default)]
struct Slot {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

impl Completion {
    /// A completion that [`Completion::resolve`] will end.
    pub fn pending() -> Self {
        Self(Arc::default())
    }

    /// A completion that has ended already.
    pub fn ready(outcome: Result<Revision, CommitError>) -> Self {
        let completion = Self::pending();
        completion.resolve(outcome);
        completion
    }

    /// Ends the completion; the first call counts.
    pub fn resolve(&self, outcome: Result<Revision, CommitError>) {
        let mut state = self.state();
        if state.outcome.is_none() {
            state.outcome = Some(outcome);
            self.0.done.notify_all();
            if let Some(waker) = state.waker.take() {
                drop(state);
                waker.wake();
            }
        }
    }

    /// The outcome, if it is there already.
    pub fn outcome(&self) -> Option<Result<Revision, CommitError>> {
        self.state().outcome.clone()
    }

    /// Waits for the outcome on this thread, at the longest until `deadline`; `None` when that passes first.
    pub fn wait(&self, deadline: Option<Instant>) -> Option<Result<Revision, CommitError>> {
        let mut state = self.state();
        loop {
            if let Some(outcome) = &state.outcome {
                return Some(outcome.clone());
            }
            state = match deadline {
                None => self.0.done.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.checked_duration_since(Instant::now())?;
                    self.0.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Future for Completion {
    type Output = Result<Revision, CommitError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state();
        match &state.outcome {
            Some(outcome) => Poll::Ready(outcome.clone()),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
