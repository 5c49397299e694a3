//! How a store on sled is run.

use std::fmt;
use std::sync::Arc;

use super::disk::{Disk, SystemDisk};

/// How a store on sled is run.
#[derive(Clone)]
#[non_exhaustive]
pub struct SledOptions {
    /// Size of sled's cache in bytes. The process may grow by a few times of this.
    pub cache_bytes: u64,
    /// Below this many free bytes on the disk, writes are refused: sled does not survive a full disk.
    pub min_free_bytes: u64,
    /// Whether the files are read as a whole when the store is closed and before it is opened, so that damage is found
    /// before sled makes it worse. Takes about a second for a gigabyte.
    pub check_files: bool,
    /// The disk; another one than [`SystemDisk`] is for tests.
    pub disk: Arc<dyn Disk>,
}

impl fmt::Debug for SledOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SledOptions")
            .field("cache_bytes", &self.cache_bytes)
            .field("min_free_bytes", &self.min_free_bytes)
            .field("check_files", &self.check_files)
            .finish_non_exhaustive()
    }
}

impl Default for SledOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 256 * 1024 * 1024,
            min_free_bytes: 64 * 1024 * 1024,
            check_files: true,
            disk: Arc::new(SystemDisk),
        }
    }
}
