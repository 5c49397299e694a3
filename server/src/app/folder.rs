//! The files of a folder, all of them read, within bounds; nothing from outside of the folder.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most files, and the most folders.
const MAX_FILES: usize = 200;

/// The most bytes of all files together.
const MAX_BYTES: usize = 32 << 20;

/// The folder of the app cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// The system does not let us read.
    #[error("the app cannot be read: {}: {why}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        why: io::Error,
    },
    /// A link to a folder or out of the folder, or something that has no content.
    #[error("the app has {}, which is no file or folder of its own; put a copy there", .0.display())]
    Foreign(PathBuf),
    /// A name that no path of a request has.
    #[error("the app has {0:?}, whose name is not UTF-8; rename it")]
    Name(PathBuf),
    /// More files or folders than are served.
    #[error("the app {} has more than {MAX_FILES} files or folders; is it the folder that the app was built into?", .0.display())]
    Many(PathBuf),
    /// More bytes than are served.
    #[error("the app {} has more than {} MiB; is it the folder that the app was built into?", .0.display(), MAX_BYTES >> 20)]
    Large(PathBuf),
    /// There is no page to begin with.
    #[error("the app {} has no index.html; give the folder that the app was built into", .0.display())]
    Page(PathBuf),
}

type Files = BTreeMap<String, Vec<u8>>;

/// Every file below a folder by its path with slashes. What is hidden is left out.
///
/// # Errors
/// The first thing that cannot be read or must not be served, and a folder that is too large.
pub(crate) fn read(folder: &Path) -> Result<Files, FolderError> {
    read_within(folder, MAX_FILES, MAX_BYTES)
}

fn read_within(folder: &Path, max_files: usize, max_bytes: usize) -> Result<Files, FolderError> {
    let root = fs::canonicalize(folder).map_err(wrong(folder))?;
    let (mut files, mut left) = (Files::new(), max_bytes);
    // Links to folders are not followed, so that this ends.
    let mut folders = vec![(root.clone(), String::new())];
    let mut next = 0;
    while let Some((path, prefix)) = folders.get(next).cloned() {
        next += 1;
        for entry in fs::read_dir(&path).map_err(wrong(&path))? {
            let entry = entry.map_err(wrong(&path))?;
            let Some(name) = name(&entry)? else { continue };
            let name = format!("{prefix}{name}");
            if entry.file_type().map_err(wrong(&entry.path()))?.is_dir() {
                folders.push((entry.path(), name + "/"));
            } else {
                let bytes =
                    content(&entry.path(), &root, left)?.ok_or_else(|| FolderError::Large(folder.to_owned()))?;
                left -= bytes.len();
                files.insert(name, bytes);
            }
            if files.len() > max_files || folders.len() > max_files {
                return Err(FolderError::Many(folder.to_owned()));
            }
        }
    }
    Ok(files)
}

fn wrong(path: &Path) -> impl FnOnce(io::Error) -> FolderError + use<> {
    let path = path.to_owned();
    |why| FolderError::Read { path, why }
}

/// The name of a file or folder; none if it is hidden.
fn name(entry: &DirEntry) -> Result<Option<String>, FolderError> {
    let name = entry.file_name().into_string().map_err(|_| FolderError::Name(entry.path()))?;
    // Hidden files are an editor's or git's, and no page names them.
    Ok((!name.starts_with('.')).then_some(name))
}

/// Reads a file, or the file of the same folder that it links to; none if it has more than so many bytes.
fn content(path: &Path, root: &Path, most: usize) -> Result<Option<Vec<u8>>, FolderError> {
    let real = fs::canonicalize(path).map_err(wrong(path))?;
    // A link out of the folder would publish a file that is not part of the app.
    if !real.starts_with(root) || !fs::metadata(&real).map_err(wrong(path))?.is_file() {
        return Err(FolderError::Foreign(path.to_owned()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(&real).map_err(wrong(path))?;
    // One byte beyond the limit shows that the file is larger.
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(wrong(path))?;
    Ok((bytes.len() <= most).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it is below the folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        folder
    }

    #[test]
    fn every_file_is_read_but_those_that_are_hidden() {
        let files = [("index.html", "page"), ("a/b/c.js", "code"), (".git/config", "x"), ("a/.hidden", "y")];
        let folder = folder(&files);
        symlink(folder.path().join("index.html"), folder.path().join("start.html")).expect("a link");
        let found = read(folder.path()).expect("read");
        let expected = [("a/b/c.js", "code"), ("index.html", "page"), ("start.html", "page")];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into());
    }

    #[test]
    fn a_folder_is_read_within_its_bounds() {
        let folder = folder(&[("a", "12345"), ("b/c", "67890")]);
        assert_eq!(read_within(folder.path(), 2, 10).expect("it just fits").len(), 2);
        assert!(matches!(read_within(folder.path(), 1, 10), Err(FolderError::Many(_))));
        assert!(matches!(read_within(folder.path(), 2, 9), Err(FolderError::Large(_))));
        // Folders count too, so that empty ones are bounded.
        fs::create_dir_all(folder.path().join("d/e/f")).expect("made");
        assert!(matches!(read_within(folder.path(), 4, 10), Err(FolderError::Many(_))));
        assert_eq!(read_within(folder.path(), 5, 10).expect("it just fits").len(), 2);
    }

    #[test]
    fn what_is_outside_or_no_file_is_refused_by_its_name() {
        let outside = folder(&[("secret", "s")]);
        for target in [outside.path().join("secret"), outside.path().to_owned(), PathBuf::from("."), "/dev/zero".into()]
        {
            let folder = folder(&[("index.html", "page")]);
            symlink(&target, folder.path().join("link")).expect("a link");
            let why = read(folder.path()).expect_err("it leads out");
            assert!(matches!(&why, FolderError::Foreign(path) if path.ends_with("link")), "{target:?}: {why}");
        }
        let folder = folder(&[]);
        symlink("nowhere", folder.path().join("link")).expect("a link");
        assert!(matches!(read(folder.path()), Err(FolderError::Read { .. })));
        assert!(matches!(read(&folder.path().join("none")), Err(FolderError::Read { .. })));
    }

    #[test]
    fn a_name_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&[]);
        let name = std::ffi::OsStr::from_bytes(b"a\xff");
        if fs::write(folder.path().join(name), "").is_ok() {
            assert!(matches!(read(folder.path()), Err(FolderError::Name(_))));
        }
    }
}
