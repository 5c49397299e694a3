//! What a request holds of the budget, from where its message comes in to where the store is done with it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Budget, Reserved, Share};
use crate::fault::Fault;

tokio::task_local! {
    /// What the request of this task holds.
    static HELD: Arc<Held>;
}

/// What a request holds. It is given back when the last of those who work for the request is done: the request itself, a
/// thread that it started, a write that goes on when the client has gone.
#[derive(Debug)]
pub(crate) struct Held {
    budget: Arc<Budget>,
    share: Share,
    reserved: Mutex<Vec<Reserved>>,
}

/// Answers a request of a connection with this share.
pub(crate) async fn scope<T>(budget: Arc<Budget>, share: Share, answer: impl Future<Output = T>) -> T {
    let held = Held { budget, share, reserved: Mutex::default() };
    HELD.scope(Arc::new(held), answer).await
}

/// Reserves bytes for the request of this task, for as long as somebody works for it.
///
/// # Errors
/// `Unavailable` when there are none for a while.
pub(crate) async fn reserve(bytes: usize) -> Result<(), Fault> {
    // Without a scope there is no server around it, and so no budget.
    let Some(held) = hold() else { return Ok(()) };
    let reserved = held.budget.reserve(&held.share, bytes).await?;
    held.reserved.lock().unwrap_or_else(PoisonError::into_inner).push(reserved);
    Ok(())
}

/// Reserves bytes for the values that the request of this task is about to read.
///
/// # Errors
/// `Unavailable` when there are none for a while.
pub(crate) async fn reserve_values(bytes: usize) -> Result<(), Fault> {
    let Some(held) = hold() else { return Ok(()) };
    let reserved = held.budget.reserve_values(&held.share, bytes).await?;
    held.reserved.lock().unwrap_or_else(PoisonError::into_inner).push(reserved);
    Ok(())
}

/// Holds what the request of this task holds, for work that may go on without it.
pub(crate) fn hold() -> Option<Arc<Held>> {
    HELD.try_with(Arc::clone).ok()
}
