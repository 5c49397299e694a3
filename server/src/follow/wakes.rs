//! Wakes the watches of a server: a writer wakes one task, whatever their number, and that task wakes them in groups.

use std::sync::{Arc, Weak};

use kindstore::backend::RevisionNotifier;
use kindstore::{Store, Watch};
use tokio::task::{AbortHandle, yield_now};

/// How many watches are woken before other tasks have their turn: thousands at once would hold up every other request.
// The time that a group takes is no guide: another worker may go on with this task before its watches have run.
const GROUP: usize = 8;

/// The task that wakes watches. It ends when this is dropped.
pub(crate) struct Wakes {
    notifier: Arc<RevisionNotifier>,
    task: AbortHandle,
    /// The task has a weak reference to it, so that it never keeps a store open.
    _store: Arc<Store>,
}

impl Wakes {
    /// Begins to wake watches after each new revision of a store.
    pub(crate) fn begin(store: Store) -> Self {
        let (notifier, store) = (Arc::new(RevisionNotifier::default()), Arc::new(store));
        let task = tokio::spawn(wake(Arc::downgrade(&notifier), Arc::downgrade(&store))).abort_handle();
        Self { notifier, task, _store: store }
    }

    /// Returns the watch, which is woken here and no longer by writers.
    pub(crate) fn attach(&self, watch: Watch) -> Watch {
        watch.wake_by(Arc::clone(&self.notifier))
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn wake(notifier: Weak<RevisionNotifier>, store: Weak<Store>) {
    loop {
        let listener = match store.upgrade() {
            Some(store) => store.revision_changed(),
            None => return,
        };
        // The listener comes first, so that a revision during this round begins another one.
        let Some(notifier) = notifier.upgrade() else { return };
        // Those that listen again meanwhile have seen the revision already, so that they are not counted.
        for _ in 0..notifier.listeners().div_ceil(GROUP) {
            notifier.notify_some(GROUP);
            yield_now().await;
        }
        drop(notifier);
        listener.await;
    }
}
