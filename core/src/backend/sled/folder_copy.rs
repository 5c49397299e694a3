//! The copy of a folder's content in new files of sled's.

use std::fs::{self, File};
use std::io;
use std::ops::Bound;
use std::path::Path;

use ::sled::{Batch, Db, IVec};

use super::super::FIRST_KEY_BYTE;
use super::folder::Folder;
use super::guard::guarded;
use super::key_checksum::KeyChecksum;
use super::options::SledOptions;
use super::store::{self, Store};
use super::{bundle, frame};
use crate::error::{Error, OpenError, Result};

/// How many bytes are written at once.
const BATCH: usize = 1 << 20;

/// After how many bytes they are brought to the disk, so that sled's memory stays small.
const FLUSH: usize = 64 << 20;

/// Progress of a compaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactionProgress {
    /// How many keys are written.
    pub written: u64,
    /// How many there are.
    pub total: u64,
}

/// Writes the copy, whole and on stable storage.
pub(super) fn write(
    copy: &Path,
    folder: &Folder,
    options: &SledOptions,
    (old, progress): (&Store, &mut dyn FnMut(CompactionProgress)),
) -> Result<()> {
    let new = store::start(copy, &store::config(copy, options)).map_err(Error::Open)?;
    let written = copy_all((folder, copy), options, old, &new, progress);
    // Also when it failed: its files must be free before they can be removed.
    drop(new);
    store::wait_until_free(&copy.join("db"));
    written?;
    let parent = copy.parent().unwrap_or(copy);
    sync_all(copy).and_then(|()| File::open(parent)?.sync_all()).map_err(io_error)
}

fn copy_all(
    (folder, copy): (&Folder, &Path),
    options: &SledOptions,
    old: &Store,
    new: &Db,
    progress: &mut dyn FnMut(CompactionProgress),
) -> Result<()> {
    let mut told = CompactionProgress { written: 0, total: old.meta.checksum.count };
    let (mut checksum, mut bytes, mut unflushed) = (KeyChecksum::default(), 0, 0);
    let (mut keys, mut batch) = (Batch::default(), Batch::default());
    let mut entries = entries(old);
    loop {
        let entry = entries.next().transpose()?;
        let is_over = entry.is_none();
        if let Some((key, value)) = entry {
            if key.first().is_some_and(|first| *first >= FIRST_KEY_BYTE) {
                let head = frame::decode(&value).ok_or_else(|| super::super::fault("a head cannot be read"))?.0;
                checksum.add(&key, head.modified);
                told.written += 1;
            }
            bytes += key.len() + value.len();
            keys.insert(key.clone(), IVec::default());
            batch.insert(key, value);
        }
        if is_over || bytes >= BATCH {
            check_space(copy, options, bytes)?;
            // The keys first: sled writes a leaf as a whole each time that it grows or is split.
            guarded(|| new.apply_batch(std::mem::take(&mut keys)))?;
            guarded(|| new.apply_batch(std::mem::take(&mut batch)))?;
            (bytes, unflushed) = (0, unflushed + bytes);
            progress(told);
        }
        // sled keeps pages in memory until they are flushed.
        if is_over || unflushed >= FLUSH {
            guarded(|| new.flush())?;
            unflushed = 0;
        }
        if is_over {
            break;
        }
    }
    // Proves that the copy is complete before the old files are given up.
    match checksum == old.meta.checksum {
        true => Ok(()),
        false => Err(Error::Open(OpenError::Damaged {
            path: folder.path().display().to_string(),
            why: format!("it has {} keys and should have {}", checksum.count, old.meta.checksum.count),
        })),
    }
}

/// All that a store has, with what waits under the keys that it will have.
fn entries(store: &Store) -> impl Iterator<Item = Result<(IVec, IVec)>> {
    let mut stored = store.db.iter();
    let stored = std::iter::from_fn(move || guarded(|| stored.next().transpose()).transpose());
    let is_hidden = |key: &[u8]| bundle::is_part(key) || store.deferred.get(key).is_some();
    let stored = stored.filter(move |entry| !entry.as_ref().is_ok_and(|(key, _)| is_hidden(key)));
    let waiting = store.deferred.range(Bound::Unbounded);
    stored.chain(waiting.map(|(key, state)| Ok((IVec::from(&**key), frame::encode(key, state, 0, None).head.into()))))
}

/// The estimate may be wrong, and others write to the disk as well.
fn check_space(copy: &Path, options: &SledOptions, bytes: usize) -> Result<()> {
    let free = options.disk.free_bytes(copy).map_err(io_error)?;
    // sled writes ahead in segments.
    if free >= options.last_reserve().saturating_add(4 * bytes as u64) {
        return Ok(());
    }
    Err(Error::Unavailable { why: "the disk has too little free space for the copy; nothing was changed".to_owned() })
}

fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { sync_all(&path)? } else { File::open(&path)?.sync_all()? }
    }
    File::open(folder)?.sync_all()
}

pub(super) fn io_error(error: io::Error) -> Error {
    Error::backend(error)
}
