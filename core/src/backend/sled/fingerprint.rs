//! A checksum over sled's files, taken when they were closed in order and compared before they are opened again.
//!
//! sled repairs a seemingly torn end by cutting the file there, also when a single flipped bit in the middle is
//! all that is wrong. So damage has to be found before sled sees it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::checksum;

/// The checksum over names, lengths and bytes of all files in a folder; not of folders in it.
pub(super) fn take(folder: &Path) -> io::Result<u32> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name());
        }
    }
    // Folders are listed in no certain order, and the checksum depends on it.
    names.sort();
    let (mut hasher, mut buffer) = (checksum::Hasher::new(), vec![0; 1024 * 1024]);
    for name in names {
        let mut file = File::open(folder.join(&name))?;
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
