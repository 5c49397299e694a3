//! The space on the disk: how much there is, how much sled grows by, and what is held back for it.
//!
//! sled does not survive a full disk, and it grows by other amounts than it is given: it writes ahead in segments, rewrites
//! whole leaves, also for removals, and collects garbage by copying. So its growth is measured as it runs. Some space is held
//! back in two ways: writes are refused while less than a reserve is free, and space behind the end of sled's file is
//! allocated for it, so that other programs that fill the disk do not stop what sled does by itself.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use ::sled::Db;

use super::files::Files;
use super::folder::Folder;
use super::guard::{guarded, source};
use super::options::SledOptions;
use super::refusal::full;
use crate::error::{Error, Result};

/// Bytes of a block as the system counts them.
const BLOCK: u64 = 512;

/// What an operation weighs beside its bytes: sled writes headers and inner nodes for each.
const OPERATION: u64 = 1 << 10;

/// Growth that does not depend on what is written: segments that are begun and not full yet.
const LEAST: u64 = 1 << 20;

/// The growth is learned anew after so many bytes.
const WINDOW: u64 = 2 << 20;

/// The growth per byte before anything is measured, and its bounds.
const FIRST_RATIO: f64 = 3.0;
const RATIOS: (f64, f64) = (0.0, 16.0);

/// The growth per byte up to which sled counts as writing to the free space inside of its file.
const REUSING: f64 = 0.25;

/// The part of what is freed by which the file may grow again for ordinary writes, while there is less space than the reserve.
const REGAINED: u64 = 4;

/// How long the free space inside of sled's file counts as known.
const INSIDE_INTERVAL: Duration = Duration::from_secs(1);

/// What the store's other files take: the marker is replaced from time to time.
const OWN: u64 = 256 << 10;

/// What opening takes beside sled's snapshot.
const OPENING: u64 = 2 << 20;

/// How much sled's file grows by what is written to it, as it was measured.
#[derive(Debug)]
pub(super) struct Growth {
    /// The length of the file when it was measured last.
    length: u64,
    /// What was written since the ratio was learned, and what the file grew by.
    written: u64,
    grown: u64,
    ratio: f64,
    inside: Inside,
    /// The length beyond which ordinary writes do not count on the free space inside of the file, while there is less space
    /// than the reserve. Each time that sled seems to write there and does not, it takes of the reserve; without this bound
    /// ordinary writes would take all of it, before anything is freed.
    ceiling: Option<u64>,
    /// Whether the last change frees space: the file grows by that as well, and gets more by it.
    is_freeing: bool,
}

/// The free space inside of sled's file: segments without live pages, which sled writes to before its file grows.
#[derive(Debug, Default)]
struct Inside {
    bytes: u64,
    known_at: Option<Instant>,
}

/// What a change weighs: the bytes that it stores and removes, and its operations.
pub(super) fn weight(bytes: u64, operations: usize) -> u64 {
    bytes.saturating_add(OPERATION.saturating_mul(operations as u64))
}

impl Growth {
    /// The growth of a file of this length, of which nothing is known yet.
    pub(super) fn of(length: u64) -> Self {
        let inside = Inside::default();
        Self { length, written: 0, grown: 0, ratio: FIRST_RATIO, inside, ceiling: None, is_freeing: false }
    }

    /// Records the length of the file, which it has before a change of this weight.
    pub(super) fn measure(&mut self, length: u64, weight: u64) {
        let grown = length.saturating_sub(self.length);
        if std::mem::take(&mut self.is_freeing) {
            self.raise_ceiling(grown);
        }
        self.grown = self.grown.saturating_add(grown);
        self.length = length;
        if self.written.max(self.grown) >= WINDOW {
            let measured = self.grown as f64 / self.written.max(1) as f64;
            // At once up, and slowly down: garbage is collected by fits.
            self.ratio = measured.max(f64::midpoint(self.ratio, measured)).clamp(RATIOS.0, RATIOS.1);
            (self.written, self.grown) = (0, 0);
        }
        self.written = self.written.saturating_add(weight);
        self.inside.bytes = self.inside.bytes.saturating_sub(weight);
    }

    /// Records that the change that was recorded last frees so many bytes.
    pub(super) fn free(&mut self, bytes: u64) {
        self.is_freeing = true;
        self.raise_ceiling(bytes / REGAINED);
    }

    fn raise_ceiling(&mut self, bytes: u64) {
        self.ceiling = self.ceiling.map(|ceiling| ceiling.saturating_add(bytes));
    }

    /// Whether ordinary writes and probes may count on the free space inside of a file of this length.
    fn is_below_ceiling(&mut self, length: u64, options: &SledOptions) -> bool {
        length <= *self.ceiling.get_or_insert(length.saturating_add(options.last_reserve()))
    }

    /// Returns the free space inside of sled's file.
    fn inside(&mut self, db: &Db) -> u64 {
        if self.inside.known_at.is_none_or(|known| known.elapsed() > INSIDE_INTERVAL) {
            // Walks over sled's table of pages in memory.
            let live = guarded(|| Ok::<_, ::sled::Error>(db.size_on_disk()? as f64 / db.space_amplification()?));
            // sled empties segments of which less than half is live, and those that it keeps are three quarters live.
            let occupied = live.map_or(u64::MAX, |live| (live * 4.0 / 3.0) as u64);
            self.inside = Inside { bytes: self.length.saturating_sub(occupied), known_at: Some(Instant::now()) };
        }
        self.inside.bytes
    }

    /// Returns by how many bytes the file may grow for a change of this weight.
    pub(super) fn expected(&self, weight: u64) -> u64 {
        LEAST.saturating_add((weight as f64 * self.ratio) as u64)
    }
}

/// The space that sled can still take.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpaceLeft {
    /// Free on the disk.
    free: u64,
    /// Allocated for sled's file behind its end.
    spare: u64,
    /// The length of sled's file.
    length: u64,
}

impl SpaceLeft {
    /// Returns the space for a file in a folder.
    pub(super) fn of(folder: &Folder, options: &SledOptions, file: &File) -> Result<Self> {
        let unknown = |error: Error| Error::Unavailable {
            why: format!("the free space on the disk is not known: {}", source(&error)),
        };
        let free = guarded(|| options.disk.free_bytes(folder.path())).map_err(unknown)?;
        let metadata = guarded(|| file.metadata()).map_err(unknown)?;
        let (length, spare) = lengths(&metadata);
        Ok(Self { free, spare, length })
    }

    /// How many bytes sled can still write.
    pub(super) fn bytes(self) -> u64 {
        self.free.saturating_add(self.spare)
    }

    /// How many bytes of the disk sled's file takes.
    pub(super) fn used(self) -> u64 {
        self.length.saturating_add(self.spare)
    }

    /// Fails unless growth by so many bytes leaves the reserve free.
    pub(super) fn check(self, growth: u64, reserve: u64) -> Result<()> {
        if self.bytes() >= reserve.saturating_add(growth) { Ok(()) } else { Err(full()) }
    }

    /// Fails unless an ordinary write of this weight leaves its reserve free. Where less is free, the free space inside of sled's
    /// file counts as well, as long as sled writes to it: of what was freed, sled gives little back to the disk.
    pub(super) fn check_ordinary(self, options: &SledOptions, growth: &mut Growth, weight: u64, db: &Db) -> Result<()> {
        let expected = growth.expected(weight);
        let is_enough = self.check(expected, options.min_free_bytes);
        if is_enough.is_ok() {
            growth.ceiling = None;
            return is_enough;
        }
        if !growth.is_below_ceiling(self.length, options) || growth.ratio > REUSING {
            return is_enough;
        }
        self.check(expected, 2 * options.last_reserve())?;
        let inside = growth.inside(db);
        SpaceLeft { spare: self.spare.saturating_add(inside), ..self }.check(expected, options.min_free_bytes)
    }

    /// Whether a probe may show that sled writes to free space inside of its file. A probe makes the file grow where it does not.
    pub(super) fn is_worth_a_probe(self, options: &SledOptions, growth: &mut Growth, db: &Db) -> bool {
        self.check(LEAST, options.last_reserve()).is_ok()
            && growth.is_below_ceiling(self.length, options)
            && self.bytes().saturating_add(growth.inside(db)) >= options.min_free_bytes.saturating_add(LEAST)
    }

    /// The length of sled's file.
    pub(super) fn length(self) -> u64 {
        self.length
    }

    /// Allocates space behind the end of sled's file, where there is too little.
    pub(super) fn hold(self, options: &SledOptions, file: &File) {
        let held = options.held_bytes();
        let missing = held.saturating_sub(self.spare).min(self.free.saturating_sub(OWN));
        // A quarter of it may be used up before it is brought up again. On a full disk there is nothing to be had.
        if self.spare >= held - held / 4 || missing < OWN {
            return;
        }
        if let Err(error) = guarded(|| options.disk.allocate(file, self.length + self.spare, missing)) {
            tracing::debug!(error = source(&error), "no space can be held back for the store");
        }
    }
}

/// Returns the length of a file, and how many bytes are allocated behind its end.
fn lengths(metadata: &fs::Metadata) -> (u64, u64) {
    (metadata.len(), (metadata.blocks() * BLOCK).saturating_sub(metadata.len()))
}

/// Gives the disk the space that is held back for sled, where it is too full for opening: sled writes a snapshot then, and
/// the marker is replaced.
pub(super) fn release_for_opening(folder: &Folder, options: &SledOptions) -> io::Result<()> {
    let data = folder.data();
    let snapshots = || -> io::Result<u64> {
        let names = Files::list(&data)?.sleds.into_iter().filter(|name| *name != "db");
        names.map(|name| Ok(fs::metadata(data.join(name))?.len())).sum()
    };
    // The snapshot may have grown by as much as the store since the last one.
    let needed = OPENING + 2 * snapshots()?;
    if options.disk.free_bytes(folder.path())? >= needed {
        return Ok(());
    }
    tracing::warn!(path = %folder.path().display(), "the disk is full; the store opens with the space that it held back");
    release(folder)
}

/// Gives the disk the space that is held back for sled, which is not running.
pub(super) fn release(folder: &Folder) -> io::Result<()> {
    let Ok(file) = File::options().write(true).open(folder.data().join("db")) else { return Ok(()) };
    let (length, spare) = lengths(&file.metadata()?);
    if spare > 0 { file.set_len(length) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_learned_from_what_the_file_grew_by() {
        let mut growth = Growth::of(0);
        assert_eq!(growth.expected(1 << 20), 4 << 20);
        // Nothing grows: the expectation falls.
        for _ in 0..100 {
            growth.measure(0, 1 << 20);
        }
        assert!(growth.expected(1 << 20) < 2 << 20, "{growth:?}");
        // It grows by eight times of what is written.
        for step in 1..=4 {
            growth.measure(step * (8 << 20), 1 << 20);
        }
        assert!(growth.expected(1 << 20) >= 9 << 20, "{growth:?}");
        // A file that shrinks has not grown.
        growth.measure(0, 0);
        assert!(growth.expected(1 << 20) <= 17 << 20);
    }

    #[test]
    fn without_enough_space_the_file_grows_by_a_part_of_the_reserve_and_of_what_is_freed() {
        let options = SledOptions { min_free_bytes: 8 << 20, ..SledOptions::default() };
        let mut growth = Growth::of(100 << 20);
        assert!(growth.is_below_ceiling(100 << 20, &options));
        assert!(growth.is_below_ceiling(101 << 20, &options));
        assert!(!growth.is_below_ceiling(102 << 20, &options));
        // What is freed makes the file grow, and there is more to write to.
        growth.measure(101 << 20, 4 << 20);
        growth.free(4 << 20);
        growth.measure(103 << 20, 0);
        assert!(growth.is_below_ceiling(104 << 20, &options));
        // Other changes do not.
        growth.measure(106 << 20, 4 << 20);
        growth.measure(107 << 20, 0);
        assert!(!growth.is_below_ceiling(107 << 20, &options));
    }
}
