//! A write under way: a thread can wait on it, a task can await it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

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

/// A write that was begun. It owns its request and begins anew when others change the same resource in between (at most
/// 64 times, then `Conflict`). Dropping it does not take back what was submitted.
#[must_use = "a write can fail; wait for it or await it"]
pub struct Write<T> {
    pass: Pass<T>,
    conflict: Error,
    rounds: u32,
    state: State<T>,
}

enum State<T> {
    Ready(Result<T>),
    Waiting(Completion, Option<Answer<T>>),
    Taken,
}

impl<T> Write<T> {
    /// Runs the first pass at once. `conflict` is the answer when others win too often.
    pub(super) fn begin(pass: Pass<T>, conflict: Error) -> Self {
        let mut write = Self { pass, conflict, rounds: 0, state: State::Taken };
        write.run();
        write
    }

    /// A write that is refused before it begins.
    pub(super) fn refused(error: Error) -> Self {
        let pass: Pass<T> = Box::new(|| Err(Error::OutcomeUnknown));
        Self { pass, conflict: Error::OutcomeUnknown, rounds: 0, state: State::Ready(Err(error)) }
    }

    /// Waits on this thread until the write is durable or refused. Not for async tasks, which await instead.
    pub fn wait(self) -> Result<T> {
        self.wait_until(None)
    }

    /// Waits at the longest this long; then the answer is `OutcomeUnknown`, and the write may still happen.
    pub fn wait_for(self, limit: Duration) -> Result<T> {
        self.wait_until(Instant::now().checked_add(limit))
    }

    fn wait_until(mut self, deadline: Option<Instant>) -> Result<T> {
        loop {
            match std::mem::replace(&mut self.state, State::Taken) {
                State::Ready(result) => return result,
                State::Waiting(completion, answer) => match completion.wait(deadline) {
                    Some(outcome) => self.settle(outcome, answer),
                    None => return Err(Error::OutcomeUnknown),
                },
                State::Taken => return Err(Error::OutcomeUnknown),
            }
        }
    }

    /// Runs passes until one waits for durability or the answer is there.
    fn run(&mut self) {
        self.state = match (self.pass)() {
            Err(error) => State::Ready(Err(error)),
            Ok(Step::Done(value)) => State::Ready(Ok(value)),
            Ok(Step::Submitted(completion, answer)) => State::Waiting(completion, Some(answer)),
            Ok(Step::Staged(completion)) => State::Waiting(completion, None),
        };
    }

    fn settle(&mut self, outcome: std::result::Result<Revision, CommitError>, answer: Option<Answer<T>>) {
        match (outcome, answer) {
            (Ok(revision), Some(answer)) => self.state = State::Ready(Ok(answer(revision))),
            (Ok(_), None) => self.run(),
            (Err(CommitError::Failed(error)), _) => self.state = State::Ready(Err(error)),
            (Err(CommitError::Conflict(_)), _) if self.rounds < MAX_ROUNDS => {
                self.rounds += 1;
                self.run();
            }
            (Err(CommitError::Conflict(_)), _) => self.state = State::Ready(Err(self.conflict.clone())),
        }
    }
}

impl<T> Unpin for Write<T> {}

impl<T> Future for Write<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        loop {
            match std::mem::replace(&mut self.state, State::Taken) {
                State::Ready(result) => return Poll::Ready(result),
                State::Waiting(mut completion, answer) => match Pin::new(&mut completion).poll(context) {
                    Poll::Ready(outcome) => self.settle(outcome, answer),
                    Poll::Pending => {
                        self.state = State::Waiting(completion, answer);
                        return Poll::Pending;
                    }
                },
                State::Taken => return Poll::Ready(Err(Error::OutcomeUnknown)),
            }
        }
    }
}
