//! The calls of the store to the disk beside sled, so that tests can make them fail.

use std::fs::File;
use std::io;
use std::path::Path;

/// The disk under a store. A test hands in one that fails, stalls or is full.
pub trait Disk: Send + Sync {
    /// Returns when all that was written to the file is on stable storage.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// How many bytes this process can still write where the path is.
    fn free_bytes(&self, path: &Path) -> io::Result<u64>;

    /// The size of the volume that the path is on, in bytes.
    fn total_bytes(&self, path: &Path) -> io::Result<u64> {
        let space = rustix::fs::statvfs(path)?;
        Ok(space.f_blocks.saturating_mul(space.f_frsize))
    }

    /// Allocates so many bytes for a file behind its end, which stays where it is. Not every file system can.
    fn allocate(&self, file: &File, end: u64, bytes: u64) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        return Ok(rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, end, bytes)?);
        #[cfg(not(target_os = "linux"))]
        return Err(io::Error::other(format!(
            "{file:?} has no space of {bytes} bytes behind {end}: not on this system"
        )));
    }
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        let space = rustix::fs::statvfs(path)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }
}
