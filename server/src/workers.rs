//! Threads for the steps of lists.
//!
//! Each thread keeps memory of its own for what it writes. The runtime gives its threads their turns one after the other, so
//! that a single list would make all of them grow; here the thread that was busy last goes on.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

/// The most threads.
// The runtime has a few times as many, which all others share.
pub(crate) const MAX_WORKERS: usize = 8;

/// How long a thread waits for the next step.
const MAX_IDLE: Duration = Duration::from_secs(2);

type Step = Box<dyn FnOnce() + Send>;

/// Threads for the steps of lists.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    idle: Arc<Idle>,
    places: Arc<Semaphore>,
}

/// The threads that wait for a step; the last one was busy last.
type Idle = Mutex<Vec<Worker>>;

/// The way to a thread, which ends when this is dropped.
#[derive(Debug)]
struct Worker {
    steps: mpsc::Sender<Step>,
    identity: Arc<()>,
}

impl Workers {
    pub(crate) fn new() -> Self {
        Self { idle: Arc::default(), places: Arc::new(Semaphore::new(MAX_WORKERS)) }
    }

    /// Does a step on a thread that may block; `None` when it panicked, or the server stops.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let (sender, done) = oneshot::channel();
        let waiting = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (worker, idle) = (waiting.unwrap_or_else(|| begin(Arc::downgrade(&self.idle))), Arc::downgrade(&self.idle));
        let steps = worker.steps.clone();
        let step = move || {
            let result = work();
            // In this order: the next step finds this thread idle.
            if let Some(idle) = idle.upgrade() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
            }
            drop(place);
            // The caller may have gone.
            let _ = sender.send(result);
        };
        steps.send(Box::new(step)).ok()?;
        done.await.ok()
    }
}

/// Begins a thread. It is one of the runtime's, which waits for it when it ends, so that no step outlives the server.
fn begin(idle: Weak<Idle>) -> Worker {
    let (steps, next) = mpsc::channel::<Step>();
    let identity = Arc::new(());
    let worker = Worker { steps, identity: Arc::clone(&identity) };
    drop(tokio::task::spawn_blocking(move || {
        loop {
            match next.recv_timeout(MAX_IDLE) {
                Ok(step) => step(),
                Err(RecvTimeoutError::Timeout) if !leave(&idle, &identity) => {}
                Err(_) => return,
            }
        }
    }));
    worker
}

/// Takes a thread out of those that wait; `false` when it was chosen for a step just now.
fn leave(idle: &Weak<Idle>, identity: &Arc<()>) -> bool {
    let Some(idle) = idle.upgrade() else { return true };
    let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
    let place = idle.iter().position(|other| Arc::ptr_eq(&other.identity, identity));
    place.map(|place| idle.remove(place)).is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread::current;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_list_keeps_one_thread_busy() {
        let (workers, mut threads) = (Workers::new(), HashSet::new());
        for _ in 0..200 {
            threads.insert(workers.run(|| current().id()).await.expect("it is done"));
        }
        assert_eq!(threads.len(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_lists_share_a_few_threads() {
        let (workers, mut lists) = (Workers::new(), tokio::task::JoinSet::new());
        for _ in 0..50 {
            let workers = workers.clone();
            lists.spawn(async move {
                let mut threads = Vec::new();
                for _ in 0..20 {
                    threads.push(workers.run(|| current().id()).await.expect("it is done"));
                }
                threads
            });
        }
        let threads: HashSet<_> = lists.join_all().await.into_iter().flatten().collect();
        assert!(threads.len() <= MAX_WORKERS, "{}", threads.len());
        assert!(workers.idle.lock().expect("nobody panicked").len() <= MAX_WORKERS);
    }

    #[tokio::test]
    async fn a_step_that_panics_takes_no_place_with_it() {
        let workers = Workers::new();
        for _ in 0..MAX_WORKERS + 1 {
            assert_eq!(workers.run(|| -> u8 { panic!("as the test wants it") }).await, None);
        }
        assert_eq!(workers.run(|| 7).await, Some(7));
    }

    #[tokio::test]
    async fn a_step_goes_on_when_its_caller_has_gone() {
        let workers = Workers::new();
        let (begun, is_begun) = oneshot::channel();
        let mut step = Box::pin(workers.run(move || begun.send(())));
        tokio::select! {
            _ = &mut step => {}
            _ = is_begun => {}
        }
        drop(step);
        assert_eq!(workers.run(|| 7).await, Some(7));
    }
}
