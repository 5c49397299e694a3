//! What the store can do now: whether sled is open, what stops writes, and the space on the disk.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::super::{BackendHealth, Space};
use super::committer::check_place;
use super::guard::guarded;
use super::refusal::full;
use super::shared::Shared;
use crate::error::Error;

/// Bytes of a block as the system counts them.
const BLOCK: u64 = 512;

/// Returns what the store can do now.
pub(super) fn health(shared: &Shared) -> BackendHealth {
    let space = space(shared);
    let is_open = shared.view().store.is_some();
    let reads = if is_open { Ok(()) } else { Err(shared.why_closed()) };
    let takes_batches = || shared.open_queue().map(drop).and_then(|()| check_place(shared));
    let writes = reads.clone().and_then(|()| takes_batches()).and_then(|()| match space {
        Some(space) if space.free < space.reserve => Err(full()),
        _ => Ok(()),
    });
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
fn space(shared: &Shared) -> Option<Space> {
    let options = &shared.options;
    let free = guarded(|| options.disk.free_bytes(shared.folder.path())).ok()?;
    let used = fs::metadata(shared.folder.data().join("db")).map_or(0, |file| file.blocks() * BLOCK);
    Some(Space { free, reserve: options.min_free_bytes, last_reserve: options.min_free_bytes, used })
}
