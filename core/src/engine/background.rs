//! The worker: the thread beside the writers that compacts history, builds the index, brings older stores up to date and
//! finishes what was left undone.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::open::{TombstoneNaming, catch_up};
use super::retention::{CompactionTarget, Compactor};
use super::write::Writer;
use crate::error::{Error, Result};

/// How often the worker looks for work.
const TICK: Duration = Duration::from_secs(1);

/// How often the worker looks whether history takes too many bytes: a second of writes can be many.
const LOOK: Duration = Duration::from_millis(250);

/// How often all versions are checked for their age.
const SWEEP: Duration = Duration::from_secs(12 * 3600);

/// While it goes through a whole store, the worker rests this long for each stretch of work of that length.
const STEP: Duration = Duration::from_micros(250);
const REST: Duration = Duration::from_micros(500);

/// The worker's thread, which ends when this is dropped.
pub(crate) struct Worker {
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
    pub(crate) fn start(
        compactor: &Arc<Compactor>,
        writer: &Arc<Writer>,
        naming: &Arc<TombstoneNaming>,
    ) -> Result<Self> {
        let wake = Arc::new(Wake::default());
        let (working, waiting) = (Arc::clone(compactor), Arc::clone(&wake));
        let (writer, naming) = (Arc::clone(writer), Arc::clone(naming));
        let thread = std::thread::Builder::new().name("kindstore-work".to_owned());
        let thread = thread.spawn(move || run(&working, &writer, &naming, &waiting)).map_err(Error::backend)?;
        Ok(Self { compactor: Arc::clone(compactor), wake, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The thread holds the backend: only when it has ended is a folder free to be opened again. A run under way
        // ends after the resource that it is at.
        self.compactor.stop();
        *self.wake.is_stopping.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.condition.notify_all();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the background worker has panicked");
        }
    }
}

fn run(compactor: &Compactor, writer: &Arc<Writer>, naming: &TombstoneNaming, wake: &Wake) {
    let (mut target, mut swept, mut failure) = (CompactionTarget::default(), None, Failure::default());
    let index = &writer.index;
    // A mark that cannot be read counts as one that is there: a sweep too many costs time only.
    let is_interrupted = compactor.was_interrupted().unwrap_or(true);
    // An earlier run has pruned everything up to its floor, unless it was cut short and left its mark.
    if !is_interrupted {
        swept = Some(Instant::now());
    }
    loop {
        if index.is_due()
            && let Err(error) = index.build(&*compactor.backend, resting(compactor))
        {
            tracing::warn!(%error, "the index cannot be built now; lists scan all resources");
        }
        if let Err(error) = naming.run(&*compactor.backend, resting(compactor)) {
            tracing::warn!(%error, "the deleted resources of an older store cannot be indexed by name now; will retry");
        }
        let (rest, mut is_well) = (Instant::now(), true);
        while rest.elapsed() < TICK {
            if wake.is_over() {
                return;
            }
            // After an error all history may have to be counted again, which is left to the next round.
            if is_well && let Err(error) = compactor.keep_within_bytes() {
                is_well = false;
                // What follows meets the same error, and warns of it.
                tracing::debug!(%error, "history beyond the limits in bytes could not be removed; will retry");
            }
        }
        let worked = work(compactor, &mut target, &mut swept);
        if worked.is_err() && compactor.was_interrupted().unwrap_or(true) {
            // The floor has risen, and versions below it are left that only a look at all versions finds.
            swept = None;
        }
        // After history is removed, which may be what makes space for the rest.
        failure.note(worked.and_then(|()| catch_up(writer)));
    }
}

/// The failure of the last attempt. One that lasts is logged once: on a full disk of all places the log must not grow.
#[derive(Default)]
struct Failure(Option<String>);

impl Failure {
    fn note(&mut self, result: Result<()>) {
        let failure = result.err().map(|error| error.to_string());
        if let Some(error) = &failure
            && failure != self.0
        {
            tracing::warn!(error, "background work failed; will retry");
        }
        self.0 = failure;
    }
}

/// Rests between the steps through a whole store, since writers need the processor and the cache more, and ends it early when the
/// store closes.
fn resting(compactor: &Compactor) -> impl FnMut() -> bool {
    let mut begun = Instant::now();
    move || {
        // The rest has an upper bound: a step that took long because of the disk says nothing of how busy the processor
        // is.
        std::thread::sleep(REST * (begun.elapsed().as_micros() / STEP.as_micros()).min(8) as u32);
        begun = Instant::now();
        compactor.is_stopping()
    }
}

fn work(compactor: &Compactor, target: &mut CompactionTarget, swept: &mut Option<Instant>) -> Result<()> {
    let target = target.target(&compactor.retention, Instant::now(), compactor.backend.revision());
    let before = compactor.state();
    compactor.keep_to(target)?;
    let after = compactor.state();
    if after.floor > before.floor {
        let removed = after.removed - before.removed;
        tracing::debug!(floor = after.floor, removed, "history below the compaction floor is removed");
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
        let waited = self.condition.wait_timeout_while(is_stopping, LOOK, |is_stopping| !*is_stopping);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
