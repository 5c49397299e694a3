//! The budget of bytes that requests in flight hold: one for the whole server, over all protocols. Messages count with
//! what they are in memory, so after inflation, until the store is done with them; the values that are read from them count
//! too, before they are read.
//!
//! Small messages have a part of it to themselves, so that they never wait for large ones, and each connection has a share,
//! so that none takes it all. A message that does not fit waits for a moment and then is refused.

mod growth;
mod held;
mod values;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use self::growth::Growth;
pub(crate) use self::held::{Held, hold, reserve, reserve_values, scope};
pub(crate) use self::values::size as size_of_values;
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
    messages: Parts,
    /// As much again for the values that are read from messages. Those who wait for it have their message already: in one
    /// budget, all of it could be held by messages that wait for more.
    values: Parts,
}

/// The parts of a budget.
#[derive(Debug)]
struct Parts {
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
    messages: PartsShare,
    values: PartsShare,
}

/// How much of the parts of a budget a connection may still hold.
#[derive(Clone, Debug)]
struct PartsShare {
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
        Arc::new(Self { messages: Parts::new(bytes), values: Parts::new(bytes) })
    }

    /// The share of a new connection.
    pub(crate) fn share(&self) -> Share {
        Share { messages: self.messages.share(), values: self.values.share() }
    }

    /// Reserves bytes for a message.
    ///
    /// # Errors
    /// `Unavailable` when there are none for a while.
    async fn reserve(&self, share: &Share, bytes: usize) -> Result<Reserved, Fault> {
        self.messages.reserve(&share.messages, bytes, MAX_WAIT).await
    }

    /// Reserves bytes for the values of a message. Who would need more than there is for one connection gets all of that.
    ///
    /// # Errors
    /// `Unavailable` when there are none for a while.
    async fn reserve_values(&self, share: &Share, bytes: usize) -> Result<Reserved, Fault> {
        self.values.reserve(&share.values, bytes.min(self.values.large.share), MAX_WAIT).await
    }
}

impl Parts {
    fn new(bytes: usize) -> Self {
        let part = |bytes: usize, share: usize| Part { all: semaphore(bytes), share };
        let small = bytes / 4;
        let large = bytes - small;
        Self { small: part(small, small / 4), large: part(large, large / 4 * 3) }
    }

    fn share(&self) -> PartsShare {
        PartsShare { small: semaphore(self.small.share), large: semaphore(self.large.share) }
    }

    async fn reserve(&self, share: &PartsShare, bytes: usize, wait: Duration) -> Result<Reserved, Fault> {
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
        assert_eq!(held.len() * LEAST, budget.messages.small.share, "each counts with the least");
        assert!(fits(&budget, &other, 1).await.is_some());
    }

    #[tokio::test]
    async fn the_largest_values_are_read_alone_and_messages_do_not_wait_for_them() {
        let budget = Budget::new(0);
        let [one, other] = [budget.share(), budget.share()];
        let held = budget.reserve_values(&one, usize::MAX).await.expect("it is read alone");
        let reserving = budget.reserve_values(&other, 20 << 20);
        assert!(tokio::time::timeout(Duration::from_millis(20), reserving).await.is_err(), "nearly all is held");
        assert!(fits(&budget, &one, 33 << 20).await.is_some(), "messages have their own");
        drop(held);
        budget.reserve_values(&other, 20 << 20).await.expect("what was held is back");
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_after_a_while() {
        let budget = Budget::new(0);
        let share = budget.share();
        let wait = Duration::from_millis(10);
        let fault = budget.messages.reserve(&share.messages, 1 << 30, wait).await.expect_err("more than there is");
        assert_eq!((fault.reason, fault.retry_after), (Reason::exhausted(), Some(RETRY_AFTER)));
    }
}
