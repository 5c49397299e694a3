//! Finds out whether sled writes to the space that was freed inside of its file.
//!
//! sled reuses a segment some time after the last page in it was replaced, and shrinks its file only as it writes. While
//! writes are refused for want of space nothing is written, so that nobody could tell that there is space again. So a record
//! without a meaning is written, in place of the writes that wait, and the file's growth is measured.

use std::sync::atomic::Ordering;

use super::chunk::MAX_VALUE;
use super::guard::guarded;
use super::shared::Shared;
use super::space::SpaceLeft;
use crate::error::Result;

/// A key of the store's own, which is there during a probe only.
const KEY: &[u8] = &[0, b'p'];

/// How often the record is written: somewhat more than a segment of sled's.
const TIMES: usize = 76;

/// Writes about a segment and measures the growth, where that may show that ordinary writes are possible again.
pub(super) fn probe(shared: &Shared) -> Result<()> {
    let (db, file) = {
        let view = shared.view();
        (view.db()?.clone(), view.file()?)
    };
    let left = SpaceLeft::of(&shared.folder, &shared.options, &file)?;
    if !left.is_worth_a_probe(&shared.options, &mut shared.growth(), &db) {
        return Ok(());
    }
    let written = guarded(|| {
        for time in 0..TIMES {
            db.insert(KEY, vec![time as u8; MAX_VALUE - KEY.len()])?;
        }
        db.remove(KEY)?;
        db.flush()
    });
    written.inspect_err(|_| shared.view().suspect.store(true, Ordering::Relaxed))?;
    let left = SpaceLeft::of(&shared.folder, &shared.options, &file)?;
    shared.growth().measure(left.length(), (TIMES * MAX_VALUE) as u64);
    Ok(())
}
