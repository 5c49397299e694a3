//! Forgets the old end of the change log, in steps that readers and the committer hardly notice.

use super::super::Revision;
use super::chunk::MAX_VALUE;
use super::log;
use super::meta::FLOOR;
use super::shared::Shared;
use super::space;
use super::view::View;
use crate::error::Result;

/// How many parts of the log are removed together.
const STEP: usize = 64;

/// Removes the log up to a floor.
pub(super) fn compact(shared: &Shared, floor: Revision) -> Result<()> {
    // Also asks for sled to be opened, if it is closed.
    shared.read(|_| Ok(()))?;
    check_space(shared)?;
    let floor = raise_floor(&mut shared.view_mut(), floor)?;
    // The lock is released between steps, so that readers and the committer wait for one step at most.
    while shared.read(|view| remove_parts(view, floor))? == STEP {
        shared.flush()?;
        check_space(shared)?;
    }
    Ok(())
}

/// Refuses a step that could meet a full disk. Parts that are left below the floor are removed by the next compaction.
fn check_space(shared: &Shared) -> Result<()> {
    shared.check_last_reserve(space::weight((STEP * MAX_VALUE) as u64, STEP)).map(drop)
}

/// Raises the compaction floor before parts are removed, and under the lock that excludes readers: a reader must not take
/// half a log for a whole one.
fn raise_floor(view: &mut View, floor: Revision) -> Result<Revision> {
    let floor = floor.min(view.revision).max(view.floor);
    let db = view.db()?;
    view.guarded(|| db.insert(FLOOR, &floor.to_be_bytes()))?;
    view.floor = floor;
    Ok(floor)
}

/// Removes the next parts that are wholly at or below the floor. Returns how many.
fn remove_parts(view: &View, floor: Revision) -> Result<usize> {
    let (mut batch, mut count) = (::sled::Batch::default(), 0);
    let db = view.db()?;
    let mut parts = db.range(log::part_key(0, 0)..log::end());
    while count < STEP
        && let Some((key, part)) = view.guarded(|| parts.next().transpose())?
    {
        let last = log::decode(&part).and_then(|changes| changes.last().map(|last| last.revision));
        // A part with a change above the floor stays whole. An unreadable part stays as evidence.
        if last.is_none_or(|last| last > floor) {
            break;
        }
        batch.remove(key);
        count += 1;
    }
    view.guarded(|| db.apply_batch(batch))?;
    Ok(count)
}
