//! Wakes whoever waits for the next durable revision: threads and tasks alike.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::Instant;

#[cfg(not(target_family = "wasm"))]
use event_listener::Listener;
use event_listener::{Event, EventListener};

/// Tells of each rise of the durable revision. For backends.
#[derive(Debug, Default)]
pub struct RevisionNotifier(Event);

impl RevisionNotifier {
    /// Begins to listen. What has risen before is not told.
    pub fn listen(&self) -> RevisionListener {
        RevisionListener(self.0.listen())
    }

    /// Wakes all who listen.
    pub fn tell(&self) {
        self.0.notify(usize::MAX);
    }
}

/// The next rise of the durable revision: a thread can wait for it, a task can await it.
#[derive(Debug)]
#[must_use = "nothing waits until it is waited for"]
pub struct RevisionListener(EventListener);

impl RevisionListener {
    /// Waits on this thread, at the longest until the deadline, and says whether the revision has risen.
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
