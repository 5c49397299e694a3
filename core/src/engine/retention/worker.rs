//! The thread that works beside the writers: it forgets the past, and builds the index.

mod past;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use self::past::Past;
use super::super::index::Index;
use super::Compactor;
use crate::error::{Error, Result};

/// How often it looks whether there is anything to forget.
const TICK: Duration = Duration::from_secs(1);

/// How often all versions are looked at, for those that are too old.
const SWEEP: Duration = Duration::from_secs(12 * 3600);

/// For each stretch of work of this length the building of the index rests so long.
const STEP: Duration = Duration::from_micros(250);
const REST: Duration = Duration::from_micros(500);

/// The thread, as long as the store is open.
pub(in crate::engine) struct Worker {
    compactor: Arc<Compactor>,
    wake: Arc<Wake>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Wake {
    is_stopping: Mutex<bool>,
    condition: Condvar,
}

impl Worker {
    /// Starts the thread.
    pub(in crate::engine) fn start(compactor: &Arc<Compactor>, index: &Arc<Index>) -> Result<Self> {
        let wake = Arc::new(Wake::default());
        let (working, waiting, index) = (Arc::clone(compactor), Arc::clone(&wake), Arc::clone(index));
        let thread = std::thread::Builder::new().name("kindstore-work".to_owned());
        let thread = thread.spawn(move || run(&working, &index, &waiting)).map_err(Error::backend)?;
        Ok(Self { compactor: Arc::clone(compactor), wake, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.compactor.is_stopping.store(true, Ordering::Relaxed);
        *self.wake.is_stopping.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.condition.notify_all();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread beside the writers has panicked");
        }
    }
}

fn run(compactor: &Compactor, index: &Index, wake: &Wake) {
    let (mut past, mut swept) = (Past::default(), None);
    let is_interrupted = compactor.was_interrupted().unwrap_or(true);
    // What was just opened was looked through by an earlier run, unless that was cut short.
    if !is_interrupted {
        swept = Some(Instant::now());
    }
    loop {
        if index.is_due()
            && let Err(error) = index.build(&*compactor.backend, &compactor.registry, resting(compactor))
        {
            tracing::warn!(%error, "the index cannot be built now; lists look at all resources");
        }
        if wake.is_over() {
            return;
        }
        if let Err(error) = work(compactor, &mut past, &mut swept) {
            tracing::warn!(%error, "the past cannot be forgotten now");
        }
    }
}

/// Rests between the steps of a building, since others need the processor and the cache more; and ends it early.
fn resting(compactor: &Compactor) -> impl FnMut() -> bool {
    let mut begun = Instant::now();
    move || {
        std::thread::sleep(REST * (begun.elapsed().as_micros() / STEP.as_micros()).min(8) as u32);
        begun = Instant::now();
        compactor.is_stopping()
    }
}

fn work(compactor: &Compactor, past: &mut Past, swept: &mut Option<Instant>) -> Result<()> {
    let target = past.target(&compactor.retention, Instant::now(), compactor.backend.revision());
    let (floor, removed) = (compactor.backend.floor(), compactor.removed.load(Ordering::Relaxed));
    compactor.advance_to(target)?;
    let (new_floor, now_removed) = (compactor.backend.floor(), compactor.removed.load(Ordering::Relaxed));
    if new_floor > floor {
        tracing::debug!(floor = new_floor, removed = now_removed - removed, "the past below the floor is forgotten");
    }
    if swept.is_none_or(|swept| swept.elapsed() > SWEEP) {
        compactor.sweep()?;
        *swept = Some(Instant::now());
    }
    Ok(())
}

impl Wake {
    /// Waits for the next look; whether there is none.
    fn is_over(&self) -> bool {
        let is_stopping = self.is_stopping.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.condition.wait_timeout_while(is_stopping, TICK, |is_stopping| !*is_stopping);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
