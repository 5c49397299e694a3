//! Writes what waits under its own keys, in the order of the keys, and removes their bundles: a step between two
//! groups of the committer, so that no writer waits long.

use super::super::fault;
use super::bundle;
use super::chunk::MAX_VALUE;
use super::frame;
use super::guard::source;
use super::shared::Shared;
use super::space;
use super::view::View;
use crate::error::Result;

/// How many entries, or parts of bundles, a step takes: more than a group brings, so that it comes to an end.
const STEP: usize = 256;

/// How many bytes of values a step writes.
const STEP_BYTES: usize = 256 << 10;

/// Takes a step, if enough waits.
pub(super) fn step(shared: &Shared) {
    let limit = shared.options.deferred_bytes();
    if shared.damage.get().is_none() && shared.view().deferred.is_due(limit) {
        report(shared, take_step(shared));
    }
}

/// Writes all that waits.
pub(super) fn all(shared: &Shared) {
    while shared.damage.get().is_none() && !shared.view().deferred.is_empty() {
        let taken = take_step(shared).and_then(|()| shared.flush());
        if taken.is_err() {
            return report(shared, taken);
        }
    }
}

/// What could not be written goes on waiting.
fn report(shared: &Shared, taken: Result<()>) {
    let Err(error) = taken else { return };
    if shared.refusals.allows() {
        tracing::warn!(error = source(&error), "values go on waiting to be written under their keys");
    }
}

fn take_step(shared: &Shared) -> Result<()> {
    if !shared.view().deferred.is_settling() {
        let mut view = shared.view_mut();
        let through = view.revision;
        view.deferred.begin(through);
    }
    let next = shared.view().deferred.next(STEP, STEP_BYTES);
    if let Some((last, _)) = next.last() {
        let mut batch = ::sled::Batch::default();
        let mut bytes = 0;
        for (key, state) in &next {
            bytes += key.len() + state.value.len();
            batch.insert(&**key, frame::encode(key, state, 0, None).head);
        }
        write(shared, batch, bytes)?;
        shared.view_mut().deferred.wrote(last.clone());
        return Ok(());
    }
    // sled keeps the order of writes: without these entries the bundles are there as well.
    let parts = shared.read(parts)?;
    if parts.is_empty() {
        let settled = shared.view_mut().deferred.end();
        // Without the lock, as it takes a while.
        drop(settled);
        return Ok(());
    }
    if parts.first().is_some_and(|first| shared.view().deferred.has_removed(first)) {
        // Where its tree is damaged, a walk shows what a look-up does not find.
        let why = format!("a bundle is there after its removal: {}", parts[0].escape_ascii());
        shared.found_damage(&why);
        return Err(fault(why));
    }
    let mut batch = ::sled::Batch::default();
    let bytes = parts.len() * MAX_VALUE;
    parts.iter().for_each(|key| batch.remove(key));
    write(shared, batch, bytes)?;
    shared.view_mut().deferred.removed(parts.last().map(|last| last.to_vec()));
    Ok(())
}

/// The keys of the next parts of bundles that settle.
fn parts(view: &View) -> Result<Vec<::sled::IVec>> {
    let mut parts = view.db()?.range(bundle::through(view.deferred.through())).keys().take(STEP);
    std::iter::from_fn(|| view.guarded(|| parts.next().transpose()).transpose()).collect()
}

/// Hands a change to sled, which is made durable with the next group.
fn write(shared: &Shared, batch: ::sled::Batch, bytes: usize) -> Result<()> {
    let weight = space::weight(bytes as u64, STEP);
    let left = shared.check_last_reserve(weight)?;
    shared.growth().measure(left.length(), weight);
    shared.read(|view| {
        let db = view.db()?;
        view.guarded(|| db.apply_batch(batch))
    })
}
