//! What the store can do now: whether sled is open, what stops writes, and the space on the disk.

use std::fs::File;

use super::super::{BackendHealth, Space};
use super::committer::check_place;
use super::guard::guarded;
use super::shared::Shared;
use super::space::SpaceLeft;
use crate::error::Error;

/// Returns what the store can do now.
pub(super) fn health(shared: &Shared) -> BackendHealth {
    let file = shared.view().file();
    let space = file.as_ref().ok().and_then(|file| space(shared, file));
    let reads = file.map(drop).map_err(|_| shared.why_closed());
    let takes_batches = || shared.open_queue().map(drop).and_then(|()| check_place(shared));
    let writes = reads.clone().and_then(|()| takes_batches()).and_then(|()| shared.check_reserve(0));
    BackendHealth { reads: reads.map_err(why), writes: writes.map_err(why), space }
}

/// The reason of a refusal.
fn why(error: Error) -> String {
    match error {
        Error::Unavailable { why } => why,
        other => other.to_string(),
    }
}

/// Returns the space on the disk, if it is known.
fn space(shared: &Shared, file: &File) -> Option<Space> {
    let options = &shared.options;
    let left = SpaceLeft::of(&shared.folder, options, file).ok()?;
    let total = guarded(|| options.disk.total_bytes(shared.folder.path())).ok()?;
    let (reserve, last_reserve) = (options.min_free_bytes, options.last_reserve());
    Some(Space { free: left.bytes(), reserve, last_reserve, used: left.used(), total })
}
