//! Wakes the watches of a server: a writer wakes one task, whatever their number, and that task wakes those of them, in
//! groups, where something has changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kindstore::backend::{RevisionListener, RevisionNotifier};
use kindstore::store::Changed;
use kindstore::{Revision, Store, Watch};
use tokio::task::{AbortHandle, yield_now};
use tokio::time::sleep;

use super::scopes::Scopes;

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
    scopes: Arc<Scopes>,
    sent: Sent,
    task: AbortHandle,
    /// The task has a weak reference to it, so that it never keeps a store open.
    _store: Arc<Store>,
}

impl Wakes {
    /// Begins to wake watches after each new revision of a store.
    pub(crate) fn begin(store: Store) -> Self {
        let (scopes, sent, store) = (Arc::<Scopes>::default(), Sent::default(), Arc::new(store));
        let round = Round { scopes: Arc::clone(&scopes), sent: sent.clone(), group: 1, unpaused: 0 };
        let task = wake(round, Arc::downgrade(&store));
        Self { scopes, sent, task: tokio::spawn(task).abort_handle(), _store: store }
    }

    /// Returns the watch, which is woken here and no longer by writers.
    pub(crate) fn attach(&self, watch: Watch) -> Watch {
        let notifier = self.scopes.notifier(watch.scope());
        watch.wake_by(notifier)
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

async fn wake(mut round: Round, store: Weak<Store>) {
    let Some(mut seen) = store.upgrade().map(|store| store.revision()) else { return };
    loop {
        let Some((listener, changed)) = store.upgrade().map(|store| next(&store, &round.scopes, seen)) else { return };
        seen = changed.upto;
        for notifier in round.scopes.of(changed.scopes.as_deref()) {
            round.wake(&notifier).await;
        }
        if let Some(listener) = listener {
            listener.await;
        }
    }
}

/// Returns what changed next, and a listener to wait for unless there is more already.
fn next(store: &Store, scopes: &Scopes, seen: Revision) -> (Option<RevisionListener>, Changed) {
    // The listener comes first, so that a revision after this look begins another one.
    let (listener, newest) = (store.revision_changed(), store.revision());
    let nothing = Changed { scopes: Some(Vec::new()), upto: newest };
    if newest == seen || scopes.is_unwatched() {
        // A watch that comes now looks for itself when it begins to listen.
        return (Some(listener), nothing);
    }
    // Where it cannot be said what changed, each watch finds out, and what keeps it from being said.
    let changed = store.changed_since(seen).unwrap_or(Changed { scopes: None, ..nothing });
    ((changed.upto >= newest).then_some(listener), changed)
}

/// Wakes watches, not too many at once.
struct Round {
    scopes: Arc<Scopes>,
    sent: Sent,
    /// How many are woken next.
    group: usize,
    /// How many bytes were passed on since the last pause.
    unpaused: usize,
}

impl Round {
    /// Wakes those who listen.
    async fn wake(&mut self, notifier: &RevisionNotifier) {
        // Those that listen again meanwhile have seen the revision already, so that they are not counted.
        let mut left = notifier.listeners();
        self.group = 1;
        while left > 0 {
            notifier.notify_some(self.group);
            left = left.saturating_sub(self.group);
            yield_now().await;
            let passed = self.sent.take();
            self.group = if passed < LARGE { GROUP } else { 1 };
            self.unpaused += passed;
            if self.unpaused >= MAX_UNPAUSED {
                self.unpaused = 0;
                sleep(PAUSE).await;
            }
        }
    }
}
