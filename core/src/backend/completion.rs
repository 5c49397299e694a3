//! The promise of a commit: a thread can wait on it, a task can await it, and it belongs to no runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::sync::{Condvar, Mutex, MutexGuard};
use super::{Precondition, Revision};
use crate::error::Error;

/// Why a batch was not committed, or may not have been.
#[derive(Clone, Debug)]
pub enum CommitError {
    /// This precondition does not hold; nothing was changed.
    Conflict(Precondition),
    /// Refused or failed: `Unavailable` when nothing was changed, `OutcomeUnknown` when the batch may be stored.
    Failed(Error),
}

/// How a commit ended.
pub(crate) type Outcome = Result<Revision, CommitError>;

/// A commit under way, waited on or awaited by its one owner. Dropping it does not take the commit back.
#[derive(Debug)]
pub struct Completion(Arc<Slot>);

/// The writer's end of a [`Completion`]. Dropping it without an outcome ends the commit as `OutcomeUnknown`, so that no
/// caller waits for ever.
#[derive(Debug)]
pub(crate) struct Promise(Arc<Slot>);

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
    /// A completion that has ended already.
    pub fn ready(outcome: Result<Revision, CommitError>) -> Self {
        let (promise, completion) = promise();
        promise.resolve(outcome);
        completion
    }

    /// The outcome, if it is there already.
    pub fn outcome(&self) -> Option<Result<Revision, CommitError>> {
        self.0.state().outcome.clone()
    }

    /// Waits for the outcome on this thread, at the longest until `deadline`; `None` when that passes first.
    pub fn wait(&self, deadline: Option<Instant>) -> Option<Result<Revision, CommitError>> {
        let mut state = self.0.state();
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
}

impl Future for Completion {
    type Output = Result<Revision, CommitError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state();
        if let Some(outcome) = &state.outcome {
            return Poll::Ready(outcome.clone());
        }
        // Only the latest waker counts: a task may move between polls, and a completion has one owner.
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

/// Both ends of a commit.
pub(crate) fn promise() -> (Promise, Completion) {
    let slot = Arc::<Slot>::default();
    (Promise(Arc::clone(&slot)), Completion(slot))
}

impl Promise {
    /// Ends the commit.
    pub(crate) fn resolve(self, outcome: Outcome) {
        self.0.resolve(outcome);
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.0.resolve(Err(CommitError::Failed(Error::OutcomeUnknown)));
    }
}

impl Slot {
    /// The first outcome counts.
    fn resolve(&self, outcome: Outcome) {
        let mut state = self.state();
        if state.outcome.is_some() {
            return;
        }
        state.outcome = Some(outcome);
        // The waker runs foreign code, so it is called without the lock.
        let waker = state.waker.take();
        drop(state);
        self.done.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a commit without preconditions, or one that nobody else can be in the way of.
///
/// # Errors
/// The error of the commit; `OutcomeUnknown` for a conflict.
pub(crate) fn settled(completion: Completion) -> Result<(), Error> {
    match completion.wait(None) {
        Some(Ok(_)) => Ok(()),
        Some(Err(CommitError::Failed(error))) => Err(error),
        Some(Err(CommitError::Conflict(_))) | None => Err(Error::OutcomeUnknown),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::Duration;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_ready_completion_answers_at_once_in_every_way() {
        let completion = Completion::ready(Ok(7));
        assert!(matches!(completion.outcome(), Some(Ok(7))));
        assert!(matches!(completion.wait(Some(Instant::now())), Some(Ok(7))));
        let waker = Waker::from(Arc::new(Count::default()));
        assert!(matches!(pin!(completion).poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(7))));
    }

    #[test]
    fn a_wait_ends_at_its_deadline() {
        let (promise, completion) = promise();
        assert!(completion.wait(Some(Instant::now())).is_none());
        assert!(completion.wait(Some(Instant::now() + Duration::from_millis(1))).is_none());
        assert!(completion.outcome().is_none());
        promise.resolve(Ok(1));
        assert!(matches!(completion.outcome(), Some(Ok(1))));
    }

    #[test]
    fn a_thread_that_waits_is_woken() {
        let (promise, completion) = promise();
        let waiting = std::thread::spawn(move || completion.wait(None));
        promise.resolve(Ok(3));
        assert!(matches!(waiting.join().expect("the waiting thread does not panic"), Some(Ok(3))));
    }

    #[test]
    fn a_task_is_woken_once_through_its_newest_waker() {
        let (promise, completion) = promise();
        let (old, new) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut completion = pin!(completion);
        for count in [&old, &new] {
            let waker = Waker::from(Arc::clone(count));
            assert!(completion.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        promise.resolve(Ok(1));
        assert_eq!((old.0.load(Ordering::SeqCst), new.0.load(Ordering::SeqCst)), (0, 1));
    }

    #[test]
    fn a_dropped_promise_is_an_unknown_outcome() {
        let (promise, completion) = promise();
        drop(promise);
        assert!(matches!(completion.wait(None), Some(Err(CommitError::Failed(Error::OutcomeUnknown)))));
    }

    #[test]
    fn a_dropped_completion_harms_nobody() {
        let (promise, completion) = promise();
        drop(completion);
        promise.resolve(Ok(1));
    }
}
