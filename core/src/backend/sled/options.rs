//! How a store on sled is run.

use std::fmt;
use std::sync::Arc;

use super::disk::{Disk, SystemDisk};

/// The share of the cache that old versions take which wait to be written, and the least of them.
const DEFERRED_SHARE: u64 = 32;
const LEAST_DEFERRED: usize = 16 << 10;

/// How a store on sled is run.
#[derive(Clone)]
#[non_exhaustive]
pub struct SledOptions {
    /// Size of sled's cache in bytes. The process may grow by a few times of this.
    pub cache_bytes: u64,
    /// Below this many free bytes on the disk, writes are refused: sled does not survive a full disk. Writes that free space
    /// go on down to an eighth of it, and a quarter of it is allocated behind the end of sled's file, so that other programs
    /// that fill the disk do not stop reads.
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

impl SledOptions {
    /// The free space below which writes that free space are refused as well.
    pub(super) fn last_reserve(&self) -> u64 {
        self.min_free_bytes / 8
    }

    /// How many bytes of old versions wait in memory until they are written under their keys.
    pub(super) fn deferred_bytes(&self) -> usize {
        usize::try_from(self.cache_bytes / DEFERRED_SHARE).unwrap_or(usize::MAX).max(LEAST_DEFERRED)
    }

    /// The space that is allocated behind the end of sled's file. More than the last reserve, so that space can be freed on a
    /// disk that other programs have filled.
    pub(super) fn held_bytes(&self) -> u64 {
        self.min_free_bytes / 4
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
