//! The budget of bytes that requests in flight hold: one for the whole server, over all protocols. Messages count with
//! what they are in memory, so after inflation, until the store is done with them.
//!
//! Small messages have a part of it to themselves, so that they never wait for large ones, and each connection has a share,
//! so that none takes it all. A message that does not fit waits for a moment and then is refused.

mod growth;
mod held;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use self::growth::Growth;
pub(crate) use self::held::{Held, hold, reserve, scope};
use crate::fault::Fault;

/// The largest message that counts as small, in bytes.
pub(crate) const SMALL: usize = 64 << 10;

/// The least that a message counts with: what its request takes besides.
const LEAST: usize = 4 << 10;

/// The least budget, in bytes: with less, the largest transaction with its compressed form would not fit into the share of
/// its connection.
pub(crate) const MIN_BYTES: usize = 60 << 20;

/// How long a message waits for others to be done.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// How long a client that was refused should wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// In how many bytes the budget is counted.
const UNIT: usize = 1 << 10;

/// The budget.
#[derive(Debug)]
pub(crate) struct Budget {
    small: Part,
    large: Part,
}

/// A part of the budget, for messages of some sizes.
#[derive(Debug)]
struct Part {
    all: Arc<Semaphore>,
    /// How much of it one connection may hold.
    share: usize,
}

/// How much of the budget a connection may still hold.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// A part of the budget that somebody holds, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    _of_share: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        let bytes = bytes.max(MIN_BYTES);
        let part = |bytes: usize, share: usize| Part { all: semaphore(bytes), share };
        let small = bytes / 4;
        let large = bytes - small;
        Arc::new(Self { small: part(small, small / 4), large: part(large, large / 4 * 3) })
    }

    /// The share of a new connection.
    pub(crate) fn share(&self) -> Share {
        Share { small: semaphore(self.small.share), large: semaphore(self.large.share) }
    }

    /// Reserves bytes for a message.
    ///
    /// # Errors
    /// `Unavailable` when there are none for a while.
    async fn reserve(&self, share: &Share, bytes: usize) -> Result<Reserved, Fault> {
        self.reserve_within(share, bytes, MAX_WAIT).await
    }

    async fn reserve_within(&self, share: &Share, bytes: usize, wait: Duration) -> Result<Reserved, Fault> {
        let (all, share) = match bytes <= SMALL {
            true => (&self.small.all, &share.small),
            false => (&self.large.all, &share.large),
        };
        let units = u32::try_from(bytes.max(LEAST).div_ceil(UNIT)).unwrap_or(u32::MAX);
        // The share comes first: who waits for it keeps nobody else from the rest.
        let reserving = async {
            let of_share = Arc::clone(share).acquire_many_owned(units).await;
            let of_all = Arc::clone(all).acquire_many_owned(units).await;
            of_share.ok().zip(of_all.ok())
        };
        let reserved = tokio::time::timeout(wait, reserving).await.ok().flatten();
        reserved.map(|(_of_share, _of_all)| Reserved { _of_share, _of_all }).ok_or_else(exhausted)
    }
}

fn semaphore(bytes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(bytes / UNIT))
}

fn exhausted() -> Fault {
    let message = "the server has too many large requests at once; nothing was changed, try again in a second";
    Fault::exhausted(message, RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Reason;

    /// Whether bytes are there without a wait of seconds.
    async fn fits(budget: &Budget, share: &Share, bytes: usize) -> Option<Reserved> {
        tokio::time::timeout(Duration::from_millis(20), budget.reserve(share, bytes)).await.ok()?.ok()
    }

    #[tokio::test]
    async fn a_connection_takes_its_share_and_leaves_the_rest_to_others() {
        let budget = Budget::new(64 << 20);
        let (one, other) = (budget.share(), budget.share());
        let held = fits(&budget, &one, 33 << 20).await.expect("the first fits");
        assert!(fits(&budget, &one, 4 << 20).await.is_none(), "its share is used");
        let others = fits(&budget, &other, 12 << 20).await.expect("others have their own");
        let third = budget.share();
        assert!(fits(&budget, &third, 4 << 20).await.is_none(), "all of it is used");
        assert!(fits(&budget, &one, SMALL).await.is_some(), "small messages do not wait for large ones");
        drop((held, others));
        assert!(fits(&budget, &third, 33 << 20).await.is_some(), "what was held is back");
    }

    #[tokio::test]
    async fn many_small_messages_of_a_connection_leave_some_to_others() {
        let budget = Budget::new(0);
        let (one, other) = (budget.share(), budget.share());
        let mut held = Vec::new();
        while let Some(reserved) = fits(&budget, &one, 1).await {
            held.push(reserved);
        }
        assert_eq!(held.len() * LEAST, budget.small.share, "each counts with the least");
        assert!(fits(&budget, &other, 1).await.is_some());
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_after_a_while() {
        let budget = Budget::new(0);
        let share = budget.share();
        let wait = Duration::from_millis(10);
        let fault = budget.reserve_within(&share, 1 << 30, wait).await.expect_err("more than there is");
        assert_eq!((fault.reason, fault.retry_after), (Reason::exhausted(), Some(RETRY_AFTER)));
    }
}
