//! Transactions in both bindings: their bounds, and the thread that they run on.

use std::sync::Arc;

use kindstore::store::MAX_COMMIT;
use kindstore::{Error, Json, WriteOutcome};
use tokio::sync::Semaphore;

use crate::budget;
use crate::document::MAX_BODY;
use crate::fault::Fault;

/// How many values all documents of a transaction may have together.
pub(crate) const MAX_NODES: usize = 800_000;

/// How many transactions of more than a document are carried out at once.
// Their values take several times as much memory as their text. They keep a processor busy, so that more at once would
// hardly be done sooner.
const LARGE_AT_ONCE: usize = 1;

/// The turns of large transactions.
#[derive(Debug)]
pub(crate) struct Turns(Arc<Semaphore>);

impl Turns {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_AT_ONCE)))
    }

    /// Carries out a transaction of this many bytes, away from the tasks. It goes on when its caller has gone, and so keeps
    /// what the request holds of the budget.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        size: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = match size > MAX_BODY {
            true => Arc::clone(&self.0).acquire_owned().await.ok(),
            false => None,
        };
        let held = budget::hold();
        let work = move || {
            let done = work();
            drop((turn, held));
            done
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => Ok(done),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The server is being stopped.
                Err(_) => Err(Error::OutcomeUnknown),
            },
        }
    }
}

/// Reserves for the values of a transaction of this many bytes. A large one has its turn instead.
///
/// # Errors
/// `Unavailable` when the budget is used up.
pub(crate) async fn reserve(size: usize, values: impl FnOnce() -> usize) -> Result<(), Fault> {
    if size > MAX_BODY { Ok(()) } else { budget::reserve_values(values()).await }
}

/// Whether a transaction can have so many operations.
// The store checks the same, but only after all operations were parsed; that would be a cheap way to keep it busy.
pub(crate) fn check_count(count: usize) -> Result<(), Error> {
    if count <= MAX_COMMIT {
        return Ok(());
    }
    let message = format!("a transaction has at most {MAX_COMMIT} operations, this one has {count}; split it");
    Err(Error::bad_request(message))
}

/// The commit of a transaction; none when nothing was stored.
pub(crate) fn revision(written: &[WriteOutcome]) -> Option<u64> {
    written.iter().find_map(|written| written.revision)
}

/// How many values a value is, with all within it.
pub(crate) fn nodes(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(nodes).sum::<usize>(),
        Json::Object(members) => 1 + members.values().map(nodes).sum::<usize>(),
        _ => 1,
    }
}
