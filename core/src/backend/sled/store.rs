//! Opens sled and checks that its files are as they were left.

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{io, thread};

use ::sled::Db;

use super::super::{Change, Revision};
use super::deferred::Deferred;
use super::directory;
use super::files::Files;
use super::folder::{Folder, failed};
use super::guard::{guarded, panic_message, source};
use super::marker::Marker;
use super::meta::{FLOOR, META, Meta};
use super::options::SledOptions;
use super::{fingerprint, log, space};
use crate::error::{Error, OpenError};

/// How many of the newest revisions are recalled, so that a restart does not turn every guarded delete into a conflict.
const RECALLED_REVISIONS: u64 = 4096;

/// The most changes that are recalled, rounded up to whole parts of the log: one revision can have thousands.
const MAX_RECALLED_CHANGES: usize = 65_536;

/// How long sled may take to stop. It waits for its own threads, for ever if one of them has panicked.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// sled, open and checked, with its records.
pub(super) struct Store {
    pub(super) db: Db,
    /// Our own descriptor of sled's data file: sled's `flush` does not sync, this does.
    pub(super) file: Arc<File>,
    pub(super) meta: Meta,
    pub(super) floor: Revision,
    pub(super) deferred: Deferred,
    pub(super) recent: Vec<Change>,
    /// Every change after this revision is in `recent`.
    pub(super) complete_after: Revision,
}

/// Opens the sled of a folder. Existing files are not replaced, and no record is written.
pub(super) fn open(folder: &Folder, options: &SledOptions) -> Result<Store, OpenError> {
    let data = folder.data();
    // First of all: between two renames there is no data folder, and sled would create an empty store.
    folder.finish_compaction()?;
    remove_unfinished_snapshots(&data).map_err(|error| failed(folder.path(), &error))?;
    space::release_for_opening(folder, options).map_err(|error| failed(folder.path(), &error))?;
    check_files(folder, &data, options)?;
    let db = start(folder.path(), &config(&data, options))?;
    // sled reports most damage by panicking while it reads; `read` and `check` touch what every later call depends on.
    let store = read(folder, db).map_err(|error| damaged(folder.path(), &source(&error)))?;
    check(folder, &store)?;
    // What sled recovered may be in the system's cache only, and it is about to be shown to readers.
    guarded(|| options.disk.sync(&store.file))
        .map_err(|error| failed(folder.path(), &io::Error::other(source(&error))))?;
    Ok(store)
}

/// How sled is run on these files.
pub(super) fn config(data: &Path, options: &SledOptions) -> ::sled::Config {
    ::sled::Config::new()
        .path(data)
        .cache_capacity(options.cache_bytes)
        // sled collects its garbage in this thread only; our own flushes and syncs do not replace it.
        .flush_every_ms(Some(500))
        .use_compression(false)
}

/// Refuses files that sled would not read as they were left: it repairs what looks torn, and begins anew what is missing.
fn check_files(folder: &Folder, data: &Path, options: &SledOptions) -> Result<(), OpenError> {
    let failed = |error| failed(folder.path(), &error);
    let files = Files::list(data).map_err(failed)?;
    for name in &files.others {
        tracing::warn!(file = %data.join(name).display(), "a file that is not part of the store is ignored");
    }
    if let Some(copy) = files.copied_snapshot() {
        let name = data.join(copy).display().to_string();
        return Err(failed(io::Error::other(format!(
            "{name} is no file of the store, and sled would read it; move it away"
        ))));
    }
    let marker = folder.marker();
    let Some(expected) = marker.fingerprint else { return Ok(()) };
    if let Some(missing) = files.missing() {
        return Err(damaged(folder.path(), &format!("its file sled/{missing} is missing")));
    }
    if options.check_files && !fingerprint::matches(data, expected).map_err(failed)? {
        return Err(damaged(folder.path(), "its files are not as they were left"));
    }
    // From here on sled may change them, also when opening does not come to its end.
    folder.mark(Marker { fingerprint: None, ..marker })
}

/// Starts sled. Its background threads may hold its lock for a moment after it was closed; nobody else can, because the
/// folder is ours.
pub(super) fn start(folder: &Path, config: &::sled::Config) -> Result<Db, OpenError> {
    let begun = Instant::now();
    let data = config.get_path();
    // Before sled does, which would let all users read them.
    directory::create_private(&data).map_err(|error| failed(folder, &error))?;
    directory::close_to_others(&data);
    loop {
        let error = match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => return Ok(db),
            Ok(Err(error)) => error,
            Err(panic) => return Err(damaged(folder, panic_message(&*panic))),
        };
        // sled has no kind of error for this.
        if begun.elapsed() > STOP_TIMEOUT || !error.to_string().contains("could not acquire lock") {
            return Err(refused(folder, error));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Closes sled and waits until it has let go of its files. `false` when that did not end in time.
pub(super) fn close(folder: &Folder, db: Db) -> bool {
    let (sender, ended) = mpsc::channel();
    // Dropping sled joins its threads, and waits for ever if one of them has panicked. So it is dropped on a thread of
    // its own, and given up after a while.
    let closing = thread::Builder::new().name("kindstore-close".to_owned()).spawn(move || {
        let closed = catch_unwind(AssertUnwindSafe(|| drop(db))).is_ok();
        // Nobody listens any more when it took too long.
        let _ = sender.send(closed);
    });
    closing.is_ok() && ended.recv_timeout(STOP_TIMEOUT).unwrap_or(false) && wait_until_free(&folder.data().join("db"))
}

/// Waits until sled's background threads have ended: each of them holds the data file, and with it the lock.
pub(super) fn wait_until_free(path: &Path) -> bool {
    let begun = Instant::now();
    let Ok(file) = File::open(path) else { return false };
    while file.try_lock().is_err() {
        if begun.elapsed() > STOP_TIMEOUT {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Drops the system's cache of the data file. After a failed sync the cache may hold bytes that the disk does not have; the
/// next read must come from the disk.
pub(super) fn forget_cached(folder: &Folder) {
    let forget = || -> io::Result<()> {
        let file = File::open(folder.data().join("db"))?;
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
        drop(file);
        Ok(())
    };
    if let Err(error) = forget() {
        tracing::warn!(%error, "the system may show more than is on the disk");
    }
}

/// sled takes a snapshot that it was still writing when it was killed for a damaged one, and refuses to open.
fn remove_unfinished_snapshots(data: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(data) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::warn!(file = %entry.path().display(), "removing a snapshot that was never finished");
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn read(folder: &Folder, db: Db) -> Result<Store, Error> {
    let unreadable = |what: &str| super::super::fault(format!("{what} cannot be read"));
    let meta = match guarded(|| db.get(META))? {
        Some(bytes) => Meta::from_bytes(&bytes).ok_or_else(|| unreadable("its head"))?,
        // Without a head there must be nothing else: content without a head is a lost head, not a new store.
        None if guarded(|| db.iter().next().transpose())?.is_some() => return Err(unreadable("its head")),
        None => Meta::default(),
    };
    let floor = match guarded(|| db.get(FLOOR))? {
        Some(bytes) => u64::from_be_bytes((&*bytes).try_into().map_err(|_| unreadable("its floor"))?),
        None => 0,
    };
    let deferred = Deferred::read(&db)?;
    let (mut parts, mut count) = (Vec::new(), 0);
    for part in db.range(log::part_key(meta.revision.saturating_sub(RECALLED_REVISIONS), 0)..log::end()).rev() {
        let (_, part) = guarded(|| part)?;
        let part = log::decode(&part).ok_or_else(|| unreadable("its change log"))?;
        count += part.len();
        parts.push(part);
        if count >= MAX_RECALLED_CHANGES {
            break;
        }
    }
    let recent: Vec<Change> = parts.into_iter().rev().flatten().collect();
    // The first recalled part may begin in the middle of a commit; such a commit does not count as complete.
    let complete_after = match recent.first() {
        Some(first) if first.index == 0 => first.revision - 1,
        Some(first) => first.revision,
        None => meta.revision,
    };
    // For writing, because space is allocated for it.
    let file = guarded(|| File::options().read(true).write(true).open(folder.data().join("db")))?;
    Ok(Store { db, file: Arc::new(file), meta, floor, deferred, recent, complete_after })
}

/// Compares sled's revision with the marker: sled silently repairs a torn end by cutting it off, and the marker shows whether
/// acknowledged commits are missing.
fn check(folder: &Folder, store: &Store) -> Result<(), OpenError> {
    let (marker, revision) = (folder.marker(), store.meta.revision);
    let last = store.recent.last().map_or(0, |change| change.revision);
    if revision < marker.durable || (marker.clean && revision != marker.durable) {
        return Err(damaged(
            folder.path(),
            &format!("it is at revision {revision} and was left at {}", marker.durable),
        ));
    }
    // Every commit writes its changes to the log in the same sled batch as the head, so they cannot differ.
    if last != revision && revision > store.floor {
        return Err(damaged(folder.path(), &format!("it is at revision {revision}, its change log at {last}")));
    }
    Ok(())
}

fn refused(path: &Path, error: ::sled::Error) -> OpenError {
    match error {
        ::sled::Error::Io(error)
            if !matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            failed(path, &error)
        }
        error => OpenError::Damaged { path: path.display().to_string(), why: error.to_string() },
    }
}

fn damaged(folder: &Path, why: &str) -> OpenError {
    tracing::error!(path = %folder.display(), why, "the store is damaged");
    OpenError::Damaged { path: folder.display().to_string(), why: why.to_owned() }
}
