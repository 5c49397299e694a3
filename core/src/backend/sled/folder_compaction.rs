//! Compaction of a folder: sled's files never shrink, so the content is copied to new files, which then replace the old ones.
//!
//! The copy is whole and on stable storage before anything is renamed. An opening that finds a compaction cut short
//! finishes it with the old files or the new ones.

use std::fs;
use std::io;
use std::path::Path;

use ::sled::Db;

use super::super::Revision;
use super::folder::Folder;
use super::folder_copy::{self, CompactionProgress, io_error};
use super::guard::guarded;
use super::marker::Marker;
use super::options::SledOptions;
use super::store;
use super::{fingerprint, space};
use crate::error::{Error, Result};

/// What a copy takes that has nothing in it.
const LEAST: u64 = 4 << 20;

/// Result of a compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactionReport {
    /// How many bytes its files had.
    pub before: u64,
    /// How many bytes they have.
    pub after: u64,
}

/// The space that a compaction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompactionSpace {
    /// How many bytes the copy needs.
    pub needed: u64,
    /// How many bytes it can take where it is written.
    pub free: u64,
}

impl CompactionSpace {
    /// Returns the space for a copy of so many stored bytes in a folder, or where it will be made.
    pub(super) fn of(stored: u64, folder: &Path, options: &SledOptions) -> Result<Self> {
        let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        let free = options.disk.free_bytes(existing).map_err(io_error)?.saturating_sub(options.last_reserve());
        // Written in the order of the keys, sled's files have one and a half times of what is in them, and twice as much where
        // the values are large.
        Ok(Self { needed: LEAST.saturating_add(stored.saturating_mul(2)), free })
    }

    fn check(self) -> Result<()> {
        if self.needed <= self.free {
            return Ok(());
        }
        let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
        let (needed, free) = (mebibytes(self.needed), self.free >> 20);
        Err(Error::Unavailable {
            why: format!("the copy needs {needed} MiB, {free} MiB are free; nothing was changed"),
        })
    }
}

/// Returns how many bytes the keys and values of a store have.
pub(super) fn stored_bytes(db: &Db) -> Result<u64> {
    let (mut entries, mut bytes) = (db.iter(), 0);
    while let Some((key, value)) = guarded(|| entries.next().transpose())? {
        bytes += (key.len() + value.len()) as u64;
    }
    Ok(bytes)
}

/// Compacts a folder that no process has open.
pub(super) fn compact(
    path: &Path,
    options: &SledOptions,
    progress: &mut dyn FnMut(CompactionProgress),
) -> Result<CompactionReport> {
    let folder = Folder::open(path).map_err(Error::Open)?;
    let (data, copy) = (folder.data(), folder.copy());
    let before = size(&data).map_err(io_error)?;
    let revision = copied(&folder, &copy, options, progress)?;
    // From here on the files are other ones than those that a fingerprint was taken of.
    let marker = Marker { clean: true, durable: revision, fingerprint: None, ..folder.marker() };
    folder.mark(marker).map_err(Error::Open)?;
    fs::rename(&data, folder.former()).map_err(io_error)?;
    folder.finish_compaction().map_err(Error::Open)?;
    let fingerprint = options.check_files.then(|| fingerprint::take(&data).ok()).flatten();
    folder.mark(Marker { fingerprint, ..marker }).map_err(Error::Open)?;
    Ok(CompactionReport { before, after: size(&data).map_err(io_error)? })
}

/// Writes a compacted copy of a store into an empty folder, and leaves the store as it is. Its marker comes last: what was cut
/// short opens as no store.
pub(super) fn compact_to(
    path: &Path,
    target: &Path,
    options: &SledOptions,
    progress: &mut dyn FnMut(CompactionProgress),
) -> Result<CompactionReport> {
    let folder = Folder::open(path).map_err(Error::Open)?;
    let before = size(&folder.data()).map_err(io_error)?;
    let (directory, _lock) = Folder::take_empty(target).map_err(Error::Open)?;
    let (data, copy) = (directory.path().join("sled"), directory.path().join("sled.new"));
    let revision = copied(&folder, &copy, options, progress)?;
    fs::rename(&copy, &data).and_then(|()| directory.sync()).map_err(io_error)?;
    let fingerprint = options.check_files.then(|| fingerprint::take(&data).ok()).flatten();
    // Revisions that readers of the old store have seen are not used again by the new one.
    let marker = Marker { clean: true, durable: revision, fingerprint, ..folder.marker() };
    marker.write(&directory).map_err(io_error)?;
    Ok(CompactionReport { before, after: size(&data).map_err(io_error)? })
}

/// Writes a copy, whole and on stable storage, and closes the store. Returns the revision of both.
fn copied(
    folder: &Folder,
    copy: &Path,
    options: &SledOptions,
    progress: &mut dyn FnMut(CompactionProgress),
) -> Result<Revision> {
    // The copy needs it more: this store takes no writes any more.
    space::release(folder).map_err(io_error)?;
    let opened = store::open(folder, options).map_err(Error::Open)?;
    let revision = opened.meta.revision;
    let fits = || CompactionSpace::of(stored_bytes(&opened.db)?, copy, options)?.check();
    let written = fits().and_then(|()| folder_copy::write(copy, folder, options, (&opened, progress)));
    let is_closed = store::close(folder, opened.db);
    if written.is_err() || !is_closed {
        // Where this fails, the next opening removes the rest of the copy.
        let _ = fs::remove_dir_all(copy);
    }
    written?;
    match is_closed {
        true => Ok(revision),
        false => Err(Error::Unavailable { why: "sled does not stop; nothing was changed".to_owned() }),
    }
}

/// How many bytes the files below a folder have.
fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::{Backend, Batch, Key, Operation, Scan};
    use super::super::SledBackend;
    use super::super::directory::Directory;
    use super::*;

    fn open(path: &Path) -> SledBackend {
        SledBackend::open(path, SledOptions::default()).expect("it opens")
    }

    fn put(store: &SledBackend, key: &str, value: &str) {
        let operations = vec![Operation::Put(Key::from(key.to_owned()), value.to_owned().into())];
        store.commit(Batch { preconditions: Vec::new(), operations }).wait(None).expect("it ends").expect("it is put");
    }

    /// A store with some keys, changed often; and what is in it.
    fn filled(path: &Path) -> (u64, super::super::super::Page) {
        let store = open(path);
        for round in 0..40 {
            for number in 0..25 {
                put(&store, &format!("k{number}"), &format!("{round}{}", "x".repeat(6_000 + 400 * (number % 7))));
            }
        }
        (store.revision(), store.scan(&Scan { limit: 0, ..Scan::default() }).expect("it scans"))
    }

    #[test]
    fn what_is_written_anew_is_the_same_and_smaller() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (revision, page) = filled(folder.path());
        let mut told = Vec::new();
        let rewritten = compact(folder.path(), &SledOptions::default(), &mut |at| told.push(at)).expect("it is done");
        assert!(rewritten.after < rewritten.before, "{rewritten:?}");
        assert_eq!(told.last(), Some(&CompactionProgress { written: 25, total: 25 }));
        let store = open(folder.path());
        assert_eq!(store.revision(), revision);
        assert_eq!(store.scan(&Scan { limit: 0, ..Scan::default() }).expect("it scans"), page);
        assert_eq!(store.changes(0, 10_000).expect("they are kept").len(), 1_000);
        store.verify().expect("it is sound");
        put(&store, "k0", "after");
        assert_eq!(store.revision(), revision + 1);
    }

    #[test]
    fn a_rewrite_that_was_cut_short_is_finished_or_undone_at_the_next_opening() {
        // What is there of the files, of their copy and of what they were, and what comes of it.
        for (is_data, is_copy, is_former) in
            [(true, true, false), (false, true, true), (true, false, true), (false, false, true)]
        {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let (revision, page) = filled(folder.path());
            let path = |name: &str| folder.path().join(name);
            let directory = Directory::open(folder.path()).expect("a folder");
            let marker = Marker::read(&directory).expect("it reads").expect("it is there");
            Marker { fingerprint: None, ..marker }.write(&directory).expect("it is written");
            for (is_there, name) in [(is_copy, "sled.new"), (is_former, "sled.old")] {
                if is_there {
                    fs::create_dir(path(name)).expect("it is made");
                    for entry in fs::read_dir(path("sled")).expect("it lists") {
                        let entry = entry.expect("it lists");
                        if entry.path().is_file() {
                            fs::copy(entry.path(), path(name).join(entry.file_name())).expect("it is copied");
                        }
                    }
                }
            }
            if !is_data {
                fs::remove_dir_all(path("sled")).expect("it is removed");
            }
            let store = open(folder.path());
            assert_eq!(store.revision(), revision);
            assert_eq!(store.scan(&Scan { limit: 0, ..Scan::default() }).expect("it scans"), page);
            assert!(!path("sled.new").exists() && !path("sled.old").exists());
            drop(Arc::new(store));
        }
    }
}
