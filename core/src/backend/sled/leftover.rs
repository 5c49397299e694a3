//! What a compaction leaves: sled's own files go, files of others move to the data that took their place.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::is_sleds;

/// Removes a folder with former files of sled. What is not sled's moves to `data`. A second call goes on where one was cut short.
pub(super) fn remove(folder: &Path, data: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_file = entry.file_type()?.is_file();
        if is_file && is_sleds(&entry.file_name()) {
            fs::remove_file(entry.path())?;
        } else {
            rescue(&entry.path(), data, &entry.file_name())?;
        }
    }
    fs::remove_dir(folder)
}

/// Moves a file or a folder of others into a folder, and merges folders of the same name.
fn rescue(path: &Path, into: &Path, name: &OsString) -> io::Result<()> {
    let target = into.join(name);
    // A link is moved as it is, not what it leads to.
    let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if !is_folder(path) || !is_folder(&target) {
        let target = free(target);
        tracing::warn!(file = %target.display(), "a file that is not part of the store is kept");
        return fs::rename(path, target);
    }
    // sled makes one with no files in it.
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        rescue(&entry.path(), &target, &entry.file_name())?;
    }
    fs::remove_dir(path)
}

/// The path, or with a number behind it where there is something already.
fn free(path: PathBuf) -> PathBuf {
    let numbered = (1_u32..).map(|number| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    });
    let mut paths = std::iter::once(path.clone()).chain(numbered);
    paths.find(|path| fs::symlink_metadata(path).is_err()).unwrap_or_else(|| path.clone())
}
