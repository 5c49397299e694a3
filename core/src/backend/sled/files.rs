//! The files in sled's folder: those that sled reads, and others that somebody left there.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::Path;

/// The names of the files in a folder, sorted.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Files that sled reads.
    pub(super) sleds: Vec<OsString>,
    /// Regular files that sled does not look at.
    pub(super) others: Vec<OsString>,
}

impl Files {
    /// Lists a folder. One that is missing has no files.
    ///
    /// # Errors
    /// Also when something with the name of one of sled's files is no regular file: through a symbolic link, sled would write
    /// anywhere.
    pub(super) fn list(folder: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let (name, is_file) = (entry.file_name(), entry.file_type()?.is_file());
            match (is_sleds(&name), is_file) {
                (true, true) => files.sleds.push(name),
                (true, false) => {
                    let what =
                        format!("{} is a symbolic link or a folder and should be a file", entry.path().display());
                    return Err(io::Error::other(what));
                }
                (false, true) => files.others.push(name),
                (false, false) => {}
            }
        }
        // Folders are listed in no certain order.
        files.sleds.sort();
        files.others.sort();
        Ok(files)
    }

    /// The first file without which sled would begin an empty store or refuse, if it is missing.
    pub(super) fn missing(&self) -> Option<&'static str> {
        ["conf", "db"].into_iter().find(|name| !self.sleds.iter().any(|found| found == name))
    }

    /// The first file that sled would take for a snapshot although its name is none that sled gives, such as a copy.
    pub(super) fn copied_snapshot(&self) -> Option<&OsString> {
        self.sleds.iter().find(|name| is_snapshot(name) && !is_named_by_sled(name))
    }
}

/// Whether sled reads a file of this name.
pub(super) fn is_sleds(name: &OsStr) -> bool {
    name == "db" || name == "conf" || is_snapshot(name)
}

/// Whether sled reads the file as a snapshot: it takes the last name that begins like this.
fn is_snapshot(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"snap.")
}

fn is_named_by_sled(name: &OsStr) -> bool {
    let digits = name.as_encoded_bytes().strip_prefix(b"snap.");
    digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit))
}
