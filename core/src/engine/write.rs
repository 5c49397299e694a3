//! A write under way: a thread can wait on it, a task can await it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::Duration;
use std::time::Instant;

use crate::backend::{CommitError, Completion, Revision};
use crate::error::{Error, Result};

/// How often a write begins anew when others change the same resource.
const MAX_ROUNDS: u32 = 64;

/// How far one pass of a write came.
pub(super) enum Step<T> {
    /// Nothing needs to be committed.
    Done(T),
    /// The last commit is submitted; its revision makes the answer.
    Submitted(Completion, Answer<T>),
    /// A commit is submitted after which another pass is due.
    Staged(Completion),
}

/// Makes the answer of a write from the revision of its commit.
type Answer<T> = Box<dyn FnOnce(Revision) -> T + Send>;

/// One pass over current state; run again on a conflict.
pub(super) type Pass<T> = Box<dyn FnMut() -> Result<Step<T>> + Send>;

/// Begins to wait until all that a pass may have seen is durable.
pub(super) type Barrier = Box<dyn Fn() -> Completion + Send>;

/// A write that was begun. It owns its request and begins anew when others change the same resource in between (at most
/// 64 times, then `Conflict`). Dropping it does not take back what was submitted.
#[must_use = "a write can fail; wait for it or await it"]
pub struct Write<T> {
    pass: Pass<T>,
    barrier: Barrier,
    conflict: Error,
    rounds: u32,
    state: State<T>,
}

enum State<T> {
    Ready(Result<T>),
    /// A commit is under way.
    Waiting(Completion, Then<T>),
    Taken,
}

/// What follows a commit.
enum Then<T> {
    /// The answer of the write.
    Answer(Answer<T>),
    /// This answer, which needed no commit of its own: it speaks of what was seen, and that must be durable first.
    Settled(Result<T>),
    /// Another pass.
    Pass,
}

impl<T> Write<T> {
    /// Runs the first pass at once. `conflict` is the answer when others win too often.
    pub(super) fn begin(pass: Pass<T>, barrier: Barrier, conflict: Error) -> Self {
        let mut write = Self { pass, barrier, conflict, rounds: 0, state: State::Taken };
        write.run();
        write
    }

    /// A write that is refused before it begins.
    pub(super) fn refused(error: Error) -> Self {
        let pass: Pass<T> = Box::new(|| Err(Error::OutcomeUnknown));
        let barrier: Barrier = Box::new(|| Completion::ready(Ok(0)));
        Self { pass, barrier, conflict: Error::OutcomeUnknown, rounds: 0, state: State::Ready(Err(error)) }
    }

    /// Waits on this thread until the write is durable or refused. Not for async tasks, which await instead.
    pub fn wait(self) -> Result<T> {
        self.wait_until(None)
    }

    /// Waits at the longest this long; then the answer is `OutcomeUnknown`, and the write may still happen.
    #[cfg(not(target_family = "wasm"))]
    pub fn wait_for(self, limit: Duration) -> Result<T> {
        self.wait_until(Instant::now().checked_add(limit))
    }

    fn wait_until(mut self, deadline: Option<Instant>) -> Result<T> {
        loop {
            match std::mem::replace(&mut self.state, State::Taken) {
                State::Ready(result) => return result,
                State::Waiting(completion, then) => match completion.wait(deadline) {
                    Some(outcome) => self.settle(outcome, then),
                    None => return Err(Error::OutcomeUnknown),
                },
                State::Taken => return Err(Error::OutcomeUnknown),
            }
        }
    }

    /// Runs passes until one waits for durability or the answer is there.
    fn run(&mut self) {
        self.state = match (self.pass)() {
            Err(error) if !speaks_of_state(&error) => State::Ready(Err(error)),
            Err(error) => State::Waiting((self.barrier)(), Then::Settled(Err(error))),
            Ok(Step::Done(value)) => State::Waiting((self.barrier)(), Then::Settled(Ok(value))),
            Ok(Step::Submitted(completion, answer)) => State::Waiting(completion, Then::Answer(answer)),
            Ok(Step::Staged(completion)) => State::Waiting(completion, Then::Pass),
        };
    }

    fn settle(&mut self, outcome: std::result::Result<Revision, CommitError>, then: Then<T>) {
        match (outcome, then) {
            (Ok(revision), Then::Answer(answer)) => self.state = State::Ready(Ok(answer(revision))),
            (Ok(_), Then::Settled(result)) => self.state = State::Ready(result),
            (Ok(_), Then::Pass) => self.run(),
            // What was seen was taken back, or others were quicker: look again.
            (Err(_), Then::Settled(_)) | (Err(CommitError::Conflict(_)), _) if self.rounds < MAX_ROUNDS => {
                self.rounds += 1;
                self.run();
            }
            (Err(CommitError::Failed(error)), _) => self.state = State::Ready(Err(error)),
            (Err(CommitError::Conflict(_)), _) => self.state = State::Ready(Err(self.conflict.clone())),
        }
    }
}

/// Whether an error could be another one if the store were in another state.
pub(super) fn speaks_of_state(error: &Error) -> bool {
    let of_state = ["NotFound", "AlreadyExists", "PreconditionFailed", "Blocked", "Invalid"];
    of_state.contains(&error.reason())
}

impl<T> Unpin for Write<T> {}

impl<T> Future for Write<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        loop {
            match std::mem::replace(&mut self.state, State::Taken) {
                State::Ready(result) => return Poll::Ready(result),
                State::Waiting(mut completion, then) => match Pin::new(&mut completion).poll(context) {
                    Poll::Ready(outcome) => self.settle(outcome, then),
                    Poll::Pending => {
                        self.state = State::Waiting(completion, then);
                        return Poll::Pending;
                    }
                },
                State::Taken => return Poll::Ready(Err(Error::OutcomeUnknown)),
            }
        }
    }
}
