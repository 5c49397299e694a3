//! A checksum over sled's files, taken when they were closed in order and compared before they are opened again.
//!
//! sled repairs a seemingly torn end by cutting the file there, also when a single flipped bit in the middle is
//! all that is wrong. So damage has to be found before sled sees it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::files::Files;
use crate::checksum;

/// The checksum over names, lengths and bytes of sled's own files.
pub(super) fn take(folder: &Path) -> io::Result<u32> {
    over(folder, &Files::list(folder)?.sleds)
}

/// Whether the files are those that the fingerprint was taken of.
pub(super) fn matches(folder: &Path, fingerprint: u32) -> io::Result<bool> {
    let Files { sleds, others } = Files::list(folder)?;
    if over(folder, &sleds)? == fingerprint {
        return Ok(true);
    }
    // Earlier programs took the fingerprint over all files that were there.
    let mut all = [sleds, others].concat();
    all.sort();
    Ok(over(folder, &all)? == fingerprint)
}

fn over(folder: &Path, names: &[std::ffi::OsString]) -> io::Result<u32> {
    let (mut hasher, mut buffer) = (checksum::Hasher::new(), vec![0; 1024 * 1024]);
    for name in names {
        let mut file = File::open(folder.join(name))?;
        hasher.update(name.as_encoded_bytes());
        hasher.update(&file.metadata()?.len().to_be_bytes());
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => hasher.update(&buffer[..read]),
            }
        }
    }
    Ok(hasher.finalize())
}
