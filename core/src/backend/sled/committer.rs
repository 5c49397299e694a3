//! The one thread that writes: it takes waiting batches, makes them durable, and notifies readers and writers.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use ::sled::Db;

use super::super::Key;
use super::frame;
use super::group::{Group, Old, Writing};
use super::guard::{guarded, panic_message, source};
use super::meta::Meta;
use super::probe::probe;
use super::queue::{self, Phase, Waiting};
use super::recount;
use super::refusal::closed;
use super::shared::Shared;
use super::space::{self, SpaceLeft};
use super::{settle, store};
use crate::error::Error;

type Result<T, E = Error> = std::result::Result<T, E>;

/// How long a failing read leaves sled alone after the last time: a page that cannot be read stays so, and opening the
/// store again for each attempt would stop all others.
const READ_RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// How often space is looked for while writes are refused for want of it.
const PROBE_INTERVAL: Duration = Duration::from_millis(100);

/// How often the marker records the durable revision. sled repairs a log by cutting it off at the first place that it cannot
/// read; only the marker shows then how much is missing.
const MARKER_INTERVAL: Duration = Duration::from_secs(10);

/// How long after a failed attempt to open sled again the next one is made at the earliest.
const REOPEN_INTERVAL: Duration = Duration::from_secs(1);

/// Why a group was not made durable.
enum Failure {
    /// It was not begun, and sled is well.
    Refused(Error),
    /// It was not begun, and sled is not to be trusted.
    Unwritten(Error),
    /// It was begun, and may be stored in part.
    Unknown(Error),
}

/// When something was done last that is not to be done all the time.
#[derive(Default)]
struct Attempts {
    /// When sled was opened again because a read had failed.
    reading: Option<Instant>,
    /// When opening sled again failed.
    opening: Option<Instant>,
    /// When the marker was brought up to date.
    marking: Option<Instant>,
}

fn is_over(last: Option<Instant>, pause: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() > pause)
}

/// Writes group after group until the store is dropped. Calls to sled and the disk are guarded one by one; a panic that
/// gets here is a mistake of ours, and must not leave writers without a committer.
pub(super) fn run(shared: &Arc<Shared>) {
    while let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(shared))) {
        tracing::error!(panic = panic_message(&*panic), "the committer has panicked; the store is opened again");
        close(shared, &mut Attempts::default(), Vec::new(), &closed());
    }
}

fn work(shared: &Arc<Shared>) {
    let mut attempts = Attempts::default();
    // The order of groups is the order of revisions, because this thread alone takes them off the queue.
    while let Some(group) = next_group(shared) {
        if group.is_empty() {
            shared.asked.store(false, Ordering::Relaxed);
            look(shared, &mut attempts);
            if shared.is_wanted.swap(false, Ordering::Relaxed)
                && let Err(error) = probe(shared)
            {
                tracing::error!(error = source(&error), "a look for space has failed");
            }
        } else {
            // Never look at sled with a group in hand: opening it again would give the group's revisions to others.
            carry_out(shared, &mut attempts, group);
            settle::step(shared);
        }
    }
    settle::all(shared);
}

/// Someone met an error of sled, or found it closed.
fn look(shared: &Arc<Shared>, attempts: &mut Attempts) {
    let (is_suspect, is_closed) = {
        let view = shared.view();
        (view.suspect.swap(false, Ordering::Relaxed), view.store.is_none())
    };
    if is_closed && is_over(attempts.opening, REOPEN_INTERVAL) {
        open(shared, attempts);
    } else if is_suspect && is_over(attempts.reading, READ_RETRY_INTERVAL) {
        attempts.reading = Some(Instant::now());
        tracing::error!("a read has failed; the store is opened again");
        close(shared, attempts, Vec::new(), &closed());
    }
}

/// Waits for work. `None` at the end of the store, an empty group when something else is to be looked at.
fn next_group(shared: &Shared) -> Option<Vec<Waiting>> {
    let mut queue = shared.queue();
    loop {
        if shared.asked.load(Ordering::Relaxed) {
            return Some(Vec::new());
        }
        if !queue.is_empty() {
            return Some(queue.next_group(shared.is_short.load(Ordering::Relaxed)));
        }
        if queue.phase == Phase::Ending {
            return None;
        }
        if !shared.is_short.load(Ordering::Relaxed) {
            queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let (locked, waited) = shared.wake.wait_timeout(queue, PROBE_INTERVAL).unwrap_or_else(PoisonError::into_inner);
        queue = locked;
        // Nobody who writes waits for space: nothing is written on a disk that is short of it.
        if waited.timed_out() && shared.is_wanted.load(Ordering::Relaxed) {
            return Some(Vec::new());
        }
    }
}

fn carry_out(shared: &Arc<Shared>, attempts: &mut Attempts, group: Vec<Waiting>) {
    let changes = Group::new(&group);
    match write(shared, &changes, &group) {
        Ok(()) => {
            // The ledger forgets pending state only now that readers see it: a batch admitted meanwhile found the keys
            // pending.
            let keys = group.iter().flat_map(|waiting| waiting.admitted.changes.iter().map(|(key, _)| key));
            shared.queue().ledger.durable(changes.revision, keys);
            // After the view has moved: a caller whose write has ended must be able to read it.
            for Waiting { admitted, promise, .. } in group {
                promise.resolve(Ok(admitted.revision));
            }
            // Writers come before watchers: there may be thousands of these, and to wake each takes time.
            shared.notifier.notify();
            if is_over(attempts.marking, MARKER_INTERVAL) {
                attempts.marking = Some(Instant::now());
                shared.update_marker();
            }
        }
        Err(Failure::Refused(error)) => refuse(shared, group, &error),
        Err(Failure::Unwritten(error)) if !shared.view().suspect.load(Ordering::Relaxed) => {
            // sled is well and what it holds is not: opening it again would not help.
            shared.found_damage(&source(&error));
            refuse(shared, group, &closed());
        }
        Err(Failure::Unwritten(error)) => {
            tracing::error!(error = source(&error), "a write could not begin; the store is opened again");
            close(shared, attempts, group, &shared.why_closed());
        }
        Err(Failure::Unknown(error)) => {
            tracing::error!(error = source(&error), "a write may have failed; the store is opened again");
            close(shared, attempts, group, &Error::OutcomeUnknown);
        }
    }
}

/// Takes back a group that was not begun, and all batches that were admitted after it.
fn refuse(shared: &Shared, group: Vec<Waiting>, error: &Error) {
    // Batches behind the group were checked against its changes, so they fail with it.
    let durable = shared.view().revision;
    let behind = shared.queue().fail(durable);
    queue::refuse(group, error);
    queue::refuse(behind, error);
}

/// Makes a group durable and shows it to readers.
fn write(shared: &Shared, group: &Group, waiting: &[Waiting]) -> Result<(), Failure> {
    if group.is_empty() {
        return Ok(());
    }
    check_place(shared).map_err(|error| refused(shared, error))?;
    // A clone of the db must not outlive this function: sled closes with its last clone.
    let (db, file, old, checksum) = {
        let view = shared.view();
        let db = view.db().map_err(Failure::Unwritten)?.clone();
        let file = view.file().map_err(Failure::Unwritten)?;
        let old = group.old(&view, shared.options.deferred_bytes()).map_err(Failure::Unwritten)?;
        (db, file, old, view.checksum)
    };
    check_space(shared, (&db, &file), waiting, &old).map_err(|error| refused(shared, error))?;
    let key_changes = group.key_changes(&old);
    let mut meta = Meta { revision: group.revision, checksum };
    key_changes.iter().for_each(|(key, old, new)| meta.checksum.replace(key, *old, *new));
    let Writing { batch, deferred, bundled, raises_format } = group.writing(&old, meta);
    if raises_format {
        // Before the first value that an older program would take for damage, or would not see.
        shared.folder.raise_format(frame::FORMAT).map_err(|error| refused(shared, error))?;
    }
    // The old values must lie beside sled before sled sees the new ones: readers use them until the group is durable.
    shared.view_mut().in_flight = old.values;
    // From here on a failure leaves the outcome unknown: sled may have written any part of its log.
    guarded(|| db.apply_batch(batch)).map_err(Failure::Unknown)?;
    guarded(|| db.flush()).map_err(Failure::Unknown)?;
    // sled's flush hands the bytes to the system; only this brings them to stable storage.
    guarded(|| shared.options.disk.sync(&file)).map_err(Failure::Unknown)?;
    // Before readers see it: after a kill the note must not be behind an acknowledged write.
    shared.folder.note_durable(meta.revision);
    shared.tell(group);
    let mut view = shared.view_mut();
    view.revision = meta.revision;
    view.checksum = meta.checksum;
    let in_flight = std::mem::take(&mut view.in_flight);
    let before = |key: &Key| Ok(in_flight.get(key).cloned().flatten());
    view.deferred.apply(deferred, bundled, before).map_err(Failure::Unknown)?;
    if let Some(recount) = &mut view.recount {
        let recount = recount.get_mut().unwrap_or_else(PoisonError::into_inner);
        key_changes.iter().for_each(|(key, old, new)| recount.replace(key, *old, *new));
    }
    Ok(())
}

/// sled writes some of its files by their path. Once that leads elsewhere, it would write into another store.
pub(super) fn check_place(shared: &Shared) -> Result<()> {
    if shared.folder.is_in_place() {
        return Ok(());
    }
    let path = shared.folder.path().display();
    Err(Error::Unavailable {
        why: format!("its folder {path} was moved or replaced; move it back, or open it where it is now"),
    })
}

/// sled cannot be used any more once it met a full disk, so that it must not come to that.
fn check_space(shared: &Shared, (db, file): (&Db, &File), waiting: &[Waiting], old: &Old) -> Result<()> {
    let options = &shared.options;
    let left = SpaceLeft::of(&shared.folder, options, file)?;
    left.hold(options, file);
    // What is removed counts as well: sled rewrites what is left around it.
    let removed = old.values.values().flatten().map(|old| old.value.len() as u64).sum::<u64>();
    let stored = waiting.iter().map(|waiting| waiting.bytes as u64).sum::<u64>();
    let weight = space::weight(removed + stored, old.values.len());
    let mut growth = shared.growth();
    growth.measure(left.length(), weight);
    if !waiting.iter().any(Waiting::needs_reserve) {
        growth.free(removed.saturating_sub(stored));
        return left.check(growth.expected(weight), options.last_reserve());
    }
    let is_enough = left.check_ordinary(options, &mut growth, weight, db);
    shared.is_short.store(is_enough.is_err(), Ordering::Relaxed);
    is_enough
}

/// A group that was not begun.
fn refused(shared: &Shared, error: Error) -> Failure {
    if shared.refusals.allows() {
        tracing::error!(error = source(&error), "writes are refused");
    }
    Failure::Refused(error)
}

/// Closes sled after a failure and opens it again: what it holds in memory and on disk may differ, and the system may
/// have dropped data that it could not write. Waiting batches were never given to sled.
///
/// Waiting callers are resolved last: their next call finds the store open, if it can be opened at all.
fn close(shared: &Arc<Shared>, attempts: &mut Attempts, group: Vec<Waiting>, error: &Error) {
    let (behind, store) = {
        // In one locked section: no batch may be checked against state that is being taken back.
        let (mut queue, mut view) = (shared.queue(), shared.view_mut());
        if queue.phase == Phase::Open {
            queue.phase = Phase::Closed;
        }
        view.in_flight.clear();
        (queue.fail(view.revision), view.store.take())
    };
    if store.is_some_and(|store| !store::close(&shared.folder, store.db)) {
        tracing::error!("sled does not stop; the store cannot be opened again before the program ends");
    }
    open(shared, attempts);
    queue::refuse(group, error);
    queue::refuse(behind, &shared.why_closed());
}

/// Opens sled again. When that fails, the next reader or writer asks for another attempt.
fn open(shared: &Arc<Shared>, attempts: &mut Attempts) {
    attempts.opening = match shared.open_again() {
        Ok(opened) => {
            recount::start(shared, opened);
            None
        }
        Err(error) => {
            tracing::error!(%error, "the store cannot be opened again");
            Some(Instant::now())
        }
    };
}
