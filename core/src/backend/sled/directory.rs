//! The folder of a store as a descriptor. Its files are opened in it whatever its path leads to by now, never through a
//! symbolic link, and for their owner alone: a store can hold secrets.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// Ends the name of a file while it is being written; left behind by a crash it means nothing.
const UNFINISHED: &str = ".new";

/// Read, written and listed by the owner alone.
const PRIVATE_FOLDER: u32 = 0o700;

/// A folder, open.
#[derive(Debug)]
pub(super) struct Directory {
    /// Absolute and without symbolic links, so that a changed working directory changes nothing.
    path: PathBuf,
    file: File,
}

impl Directory {
    /// Opens a folder, which is created when it is missing.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        create_private(path)?;
        let path = fs::canonicalize(path)?;
        let file = File::open(&path)?;
        match file.metadata()?.is_dir() {
            true => Ok(Self { path, file }),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to this folder: it can be moved, and another one can be made in its place.
    pub(super) fn is_in_place(&self) -> bool {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let (here, there) = (self.file.metadata().map(identity), fs::metadata(&self.path).map(identity));
        matches!((here, there), (Ok(here), Ok(there)) if here == there)
    }

    /// Opens a file for reading and writing, which is created when it is missing.
    pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
        self.open_at(name, OFlags::RDWR | OFlags::CREATE)
    }

    /// Returns the content of a file, `None` when there is none.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let mut file = match self.open_at(name, OFlags::RDONLY) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut content = Vec::new();
        io::Read::read_to_end(&mut file, &mut content)?;
        Ok(Some(content))
    }

    /// Replaces a file, durably: after a crash it has the old content or this one.
    pub(super) fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let unfinished = unfinished(name);
        match rustix::fs::unlinkat(&self.file, &unfinished, rustix::fs::AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let mut file = self.open_at(&unfinished, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
        file.write_all(content)?;
        // The content before the name: after a crash a renamed file could be empty otherwise.
        file.sync_all()?;
        rustix::fs::renameat(&self.file, &unfinished, &self.file, name)?;
        self.sync()
    }

    /// Brings the names of the files to stable storage: a rename is durable when its folder is.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    fn open_at(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.file, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => Ok(file.into()),
            Err(Errno::LOOP) => {
                Err(io::Error::other(format!("{name} is a symbolic link; a store's files lie in its folder")))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns the name of a file while it is being replaced.
pub(super) fn unfinished(name: &str) -> String {
    format!("{name}{UNFINISHED}")
}

/// Creates a folder that is its owner's alone, and the folders above it. One that is there stays as it is.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(path)
}

/// Takes from everyone but its owner and the owner's group what they may do with a folder that an earlier program created.
pub(super) fn close_to_others(path: &Path) {
    let close = || -> io::Result<()> {
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o007 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o770))?;
        }
        Ok(())
    };
    if let Err(error) = close() {
        tracing::warn!(path = %path.display(), %error, "other users may be able to read the store's files");
    }
}
