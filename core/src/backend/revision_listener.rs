//! Wakes threads and tasks that wait for the next durable revision.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::Instant;

#[cfg(not(target_family = "wasm"))]
use event_listener::Listener;
use event_listener::{Event, EventListener};

/// Notifies listeners of each new durable revision. For implementors of backends, and for programs with many watches, which wake
/// them in groups; see [`Watch::wake_by`](crate::Watch::wake_by).
#[derive(Debug, Default)]
pub struct RevisionNotifier(Event);

impl RevisionNotifier {
    /// Begins to listen. Earlier revisions are not notified.
    pub fn listen(&self) -> RevisionListener {
        RevisionListener(self.0.listen())
    }

    /// Wakes all listeners.
    pub fn notify(&self) {
        // Every watch waits on its own listener, and each of them has to look.
        self.0.notify(usize::MAX);
    }

    /// Wakes so many more listeners, those that have listened longest.
    pub fn notify_some(&self, count: usize) {
        self.0.notify_additional(count);
    }

    /// Returns how many listeners there are.
    pub fn listeners(&self) -> usize {
        self.0.total_listeners()
    }
}

/// Ends at the next durable revision: a thread can wait for it, a task can await it.
#[derive(Debug)]
#[must_use = "nothing waits until it is waited for"]
pub struct RevisionListener(EventListener);

impl RevisionListener {
    /// Waits on this thread, at the longest until the deadline. Returns whether there is a new revision.
    #[cfg(not(target_family = "wasm"))]
    pub fn wait(self, deadline: Option<Instant>) -> bool {
        match deadline {
            None => {
                self.0.wait();
                true
            }
            Some(deadline) => self.0.wait_deadline(deadline).is_some(),
        }
    }
}

impl Future for RevisionListener {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context)
    }
}
