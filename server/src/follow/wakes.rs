//! Wakes the watches of a server: a writer wakes one task, whatever their number, and that task wakes them in groups.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kindstore::backend::RevisionNotifier;
use kindstore::{Store, Watch};
use tokio::task::{AbortHandle, yield_now};
use tokio::time::sleep;

/// How many watches are woken before other tasks have their turn: thousands at once would hold up every other request.
// The time that a group takes is no guide: another worker may go on with this task before its watches have run.
const GROUP: usize = 8;

/// Watches that pass on so many bytes are woken one by one.
// A large event takes long to hand to the system for each client. One task after the other keeps one worker busy and leaves the
// others to everybody else; and the first one reads the event and writes its form, for which more at once would wait.
const LARGE: usize = 64 << 10;

/// How many bytes watches may pass on until there is a pause for all others.
// As long as workers have tasks they seldom look at sockets, and the system has clients to run beside this server.
const MAX_UNPAUSED: usize = 1 << 20;

/// How long a pause is.
const PAUSE: Duration = Duration::from_millis(1);

/// How many bytes watches have passed on to their connections since somebody asked last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(Arc<AtomicUsize>);

impl Sent {
    /// Adds bytes.
    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// The task that wakes watches. It ends when this is dropped.
pub(crate) struct Wakes {
    notifier: Arc<RevisionNotifier>,
    sent: Sent,
    task: AbortHandle,
    /// The task has a weak reference to it, so that it never keeps a store open.
    _store: Arc<Store>,
}

impl Wakes {
    /// Begins to wake watches after each new revision of a store.
    pub(crate) fn begin(store: Store) -> Self {
        let (notifier, sent, store) = (Arc::new(RevisionNotifier::default()), Sent::default(), Arc::new(store));
        let task = wake(Arc::downgrade(&notifier), Arc::downgrade(&store), sent.clone());
        Self { notifier, sent, task: tokio::spawn(task).abort_handle(), _store: store }
    }

    /// Returns the watch, which is woken here and no longer by writers.
    pub(crate) fn attach(&self, watch: Watch) -> Watch {
        watch.wake_by(Arc::clone(&self.notifier))
    }

    /// Returns the count of bytes that bodies of watches add to.
    pub(crate) fn sent(&self) -> Sent {
        self.sent.clone()
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn wake(notifier: Weak<RevisionNotifier>, store: Weak<Store>, sent: Sent) {
    loop {
        let listener = match store.upgrade() {
            Some(store) => store.revision_changed(),
            None => return,
        };
        // The listener comes first, so that a revision during this round begins another one.
        let Some(notifier) = notifier.upgrade() else { return };
        // Those that listen again meanwhile have seen the revision already, so that they are not counted.
        let (mut left, mut group, mut unpaused) = (notifier.listeners(), 1, 0);
        while left > 0 {
            notifier.notify_some(group);
            left = left.saturating_sub(group);
            yield_now().await;
            let passed = sent.take();
            group = if passed < LARGE { GROUP } else { 1 };
            unpaused += passed;
            if unpaused >= MAX_UNPAUSED {
                unpaused = 0;
                sleep(PAUSE).await;
            }
        }
        drop(notifier);
        listener.await;
    }
}
