//! Counts all live keys again after a stop that was not in order, while the store is in use.
//!
//! The count walks through the keys in order, a page at a time, and each page is read under the view's lock. A commit
//! that becomes durable meanwhile changes the count of keys that were passed already; it is applied to the count in the same locked
//! section that makes it visible. Keys ahead are counted when they are reached. So at the end the count is that of the
//! view's revision, and it must equal the store's own checksum.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::super::sync::Mutex;
use super::super::sync::thread;
use super::super::{Key, MAX_PAGE, fault};
use super::guard::source;
use super::refusal::closed;
use super::shared::Shared;
use crate::error::Result;

/// Begins to count a store that was opened just now.
pub(super) fn start(shared: &Arc<Shared>, opened: u64) {
    let counting = Arc::clone(shared);
    let thread = thread::Builder::new().name("kindstore-recount".to_owned()).spawn(move || run(&counting, opened));
    match thread {
        Ok(thread) => {
            let earlier = shared.recounting().replace(thread);
            // It ends at its next step, and nobody else would wait for it.
            let _ = earlier.map(thread::JoinHandle::join);
        }
        Err(error) => tracing::warn!(%error, "the store is not counted again"),
    }
}

/// Counts all keys on this thread, together with a count that is under way. Returns damage that was found now or before.
pub(super) fn verify(shared: &Shared) -> Result<()> {
    // Also asks for sled to be opened, if it is closed.
    shared.read(|_| Ok(()))?;
    let opened = {
        let mut view = shared.view_mut();
        view.recount = Some(Mutex::default());
        view.opened
    };
    run(shared, opened);
    match shared.damage.get() {
        Some(why) => Err(fault(why.as_str())),
        // Opened again or closed meanwhile, so that the count did not come to its end.
        None if shared.view().opened != opened || shared.view().store.is_none() => Err(closed()),
        None => Ok(()),
    }
}

fn run(shared: &Shared, opened: u64) {
    loop {
        match step(shared, opened) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return shared.found_damage(&source(&error)),
        }
    }
}

/// Counts one page. `false` when the count is over.
fn step(shared: &Shared, opened: u64) -> Result<bool> {
    let view = shared.view();
    let Some(recount) = &view.recount else { return Ok(false) };
    // A newer opening has its own count; this thread belongs to files that are gone.
    if view.opened != opened || view.store.is_none() || shared.stopping.load(Ordering::Relaxed) {
        return Ok(false);
    }
    let mut recount = recount.lock().unwrap_or_else(PoisonError::into_inner);
    // Durable keys only, under the view lock: the page is of exactly one revision.
    let (found, more) = view.walk(&Key::new(), Some(recount.passed()), MAX_PAGE)?;
    for (key, found) in found {
        recount.pass(key, found.modified());
    }
    let (counted, told) = (recount.counted(), view.checksum);
    match more {
        true => {}
        false if counted == told => shared.verified.store(true, Ordering::Release),
        false => {
            let why =
                format!("it has {} keys and should have {}, or their revisions differ", counted.count, told.count);
            shared.found_damage(&why);
        }
    }
    Ok(more)
}
