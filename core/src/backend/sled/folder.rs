//! The folder of a store: its lock, its marker, and whether it is a store's folder.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::super::Revision;
use super::directory::{self, Directory};
use super::durable_revision::DurableRevisionFile;
use super::leftover;
use super::marker::{MARKER, Marker};

use crate::error::{Error, OpenError};

const LOCK: &str = "kindstore.lock";

/// What file systems and desktops put into a folder by themselves: a folder with nothing else counts as empty.
const PUT_BY_SYSTEMS: [&str; 5] = ["lost+found", ".snapshot", ".DS_Store", "Thumbs.db", "desktop.ini"];

/// How long a lock is waited for. A process that was killed holds it until it is gone, and a program that another thread
/// is just starting holds all that is open here until it has begun.
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// A folder that this process has for itself until this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    directory: Directory,
    marker: Mutex<Marker>,
    /// The format in the marker, which is looked at with every write of a large value.
    format: AtomicU32,
    durable: DurableRevisionFile,
    /// Locked as long as it is open. The file stays when the process is gone; only the lock counts.
    _lock: File,
}

impl Folder {
    /// Takes a folder, and makes it a store's when it is missing or empty. A folder of others is not touched.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |error: io::Error| failed(path, &error);
        let directory = Directory::open(path).map_err(failed)?;
        // Before the lock file is created: a foreign folder stays untouched.
        if Marker::read(&directory)?.is_none() {
            check_empty(directory.path())?;
        }
        let lock = lock(&directory)?;
        // Another process may have made it a store, and left it again, before the lock was ours.
        let mut marker = match Marker::read(&directory)? {
            Some(marker) => marker,
            None => {
                check_empty(directory.path())?;
                Marker::default().write(&directory).map_err(failed)?;
                Marker::default()
            }
        };
        let durable = DurableRevisionFile::open(&directory).map_err(failed)?;
        // The note is newer after a kill, the marker after a power failure.
        marker.durable = marker.durable.max(durable.read().unwrap_or_default());
        let format = AtomicU32::new(marker.format);
        Ok(Self { directory, marker: Mutex::new(marker), format, durable, _lock: lock })
    }

    /// Takes a folder that is missing or empty, for a store that is copied there. Until its marker is written, the folder
    /// opens as none.
    pub(super) fn take_empty(path: &Path) -> Result<(Directory, File), OpenError> {
        let directory = Directory::open(path).map_err(|error| failed(path, &error))?;
        if Marker::read(&directory)?.is_some() {
            return Err(OpenError::Foreign { path: directory.path().display().to_string() });
        }
        check_empty(directory.path())?;
        let lock = lock(&directory)?;
        Ok((directory, lock))
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where sled keeps its files.
    pub(super) fn data(&self) -> PathBuf {
        self.path().join("sled")
    }

    /// Where a copy of them is written.
    pub(super) fn copy(&self) -> PathBuf {
        self.path().join("sled.new")
    }

    /// Where they are until a copy has taken their place.
    pub(super) fn former(&self) -> PathBuf {
        self.path().join("sled.old")
    }

    /// Whether the path still leads to this folder.
    pub(super) fn is_in_place(&self) -> bool {
        self.directory.is_in_place()
    }

    pub(super) fn marker(&self) -> Marker {
        *self.latest()
    }

    /// Replaces the marker, durably.
    pub(super) fn mark(&self, marker: Marker) -> Result<(), OpenError> {
        let mut latest = self.latest();
        // The marker may have been read before the format was raised.
        let marker = Marker { format: marker.format.max(latest.format), ..marker };
        marker.write(&self.directory).map_err(|error| failed(self.path(), &error))?;
        *latest = marker;
        Ok(())
    }

    /// The format in the marker.
    pub(super) fn format(&self) -> u32 {
        self.format.load(Ordering::Acquire)
    }

    /// Raises the format in the marker, durably, unless it is as high.
    ///
    /// # Errors
    /// `Unavailable` when the marker cannot be replaced.
    pub(super) fn raise_format(&self, format: u32) -> crate::error::Result<()> {
        if self.format() >= format {
            return Ok(());
        }
        // Locked as long as it takes, so that a format which is found raised is on stable storage.
        let mut latest = self.latest();
        if latest.format < format {
            let raised = Marker { format, ..*latest };
            raised.write(&self.directory).map_err(|error| Error::Unavailable {
                why: format!("the format of its folder cannot be raised: {}", failed(self.path(), &error)),
            })?;
            *latest = raised;
        }
        self.format.store(latest.format, Ordering::Release);
        Ok(())
    }

    /// Notes that a revision is on stable storage.
    pub(super) fn note_durable(&self, revision: Revision) {
        if let Err(error) = self.durable.write(revision) {
            tracing::warn!(%error, "the newest revision cannot be noted");
        }
    }

    /// Finishes a compaction that was cut short: where sled's files are missing, the copy takes their place. Removes what is
    /// left beside them; files of others among it move to the data.
    pub(super) fn finish_compaction(&self) -> Result<(), OpenError> {
        let (data, copy, former) = (self.data(), self.copy(), self.former());
        let finish = || -> io::Result<()> {
            // The copy was whole and on stable storage before sled's files were renamed.
            if !data.exists() && former.exists() {
                fs::rename(if copy.exists() { &copy } else { &former }, &data)?;
                self.directory.sync()?;
            }
            for left in [copy, former].iter().filter(|left| left.exists()) {
                leftover::remove(left, &data)?;
            }
            Ok(())
        };
        finish().map_err(|error| failed(self.path(), &error))
    }

    fn latest(&self) -> MutexGuard<'_, Marker> {
        self.marker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operating system refused.
pub(super) fn failed(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Io { path: path.display().to_string(), why: error.to_string() }
}

/// Refuses a folder with files that we did not leave there while making it a store.
fn check_empty(path: &Path) -> Result<(), OpenError> {
    for entry in fs::read_dir(path).map_err(|error| failed(path, &error))? {
        let name = entry.map_err(|error| failed(path, &error))?.file_name();
        let is_ours = name == LOCK || name == MARKER || name == *directory::unfinished(MARKER);
        if !is_ours && !PUT_BY_SYSTEMS.iter().any(|theirs| name == *theirs) {
            return Err(OpenError::Foreign { path: path.display().to_string() });
        }
    }
    Ok(())
}

fn lock(directory: &Directory) -> Result<File, OpenError> {
    let path = directory.path();
    let failed = |error: io::Error| failed(path, &error);
    let mut file = directory.open_file(LOCK).map_err(failed)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_TIMEOUT => thread::sleep(Duration::from_millis(5)),
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The process id only helps the reader of the message.
                let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(OpenError::InUse { path: path.display().to_string(), process });
            }
        }
    }
    // The process id is information only. The lock is the proof, so a stale number does no harm.
    let noted = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    match noted {
        // Reads need no space.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(file),
        noted => noted.map(|()| file).map_err(failed),
    }
}
