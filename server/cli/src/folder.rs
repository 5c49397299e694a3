//! The files of folders, and the format that the name of a file says.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kindstore::manifest::Format;

use super::failure::{Failure, Result};

/// How deep folders may lie in each other.
pub(crate) const MAX_DEPTH: usize = 32;

/// The files of a folder with documents, by their names, in the order of the names. What is hidden is left out: editors and
/// version control keep their own files there. So is what is no regular file, since a pipe may wait for ever; a link to a file counts
/// as that. A file that is named itself is read whatever it is.
pub(crate) fn files(path: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    walk(path, depth, &mut HashSet::new())
}

/// The files of a folder, if none of the links led to it before.
fn walk(path: &Path, depth: usize, seen: &mut HashSet<(u64, u64)>) -> Result<Vec<PathBuf>> {
    let wrong = |error: std::io::Error| Failure::refused(format!("{} cannot be read: {error}", path.display()));
    let folder = std::fs::metadata(path).map_err(wrong)?;
    if !seen.insert((folder.dev(), folder.ino())) {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(path).map_err(wrong)?.collect::<std::io::Result<Vec<_>>>().map_err(wrong)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    // The order of a folder is that of the file system; sorted, a command does the same on every machine.
    paths.sort();
    let mut found = Vec::new();
    for path in paths.into_iter().filter(|path| !is_hidden(path)) {
        let metadata = std::fs::metadata(&path);
        if metadata.as_ref().is_ok_and(std::fs::Metadata::is_dir) {
            if depth > 0 {
                found.append(&mut walk(&path, depth - 1, seen)?);
            }
            continue;
        }
        // A link that leads nowhere is an error of its own when it is read.
        let is_file = metadata.map_or(true, |metadata| metadata.is_file());
        if is_file && (has_ending(&path, &["yaml", "yml"]) || format(&path.to_string_lossy()).is_some()) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether a file of a folder is elsewhere: a link led to it.
pub(crate) fn is_outside(folder: &Path, file: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path);
    match (real(folder), real(file)) {
        (Ok(folder), Ok(file)) => !file.starts_with(folder),
        // What cannot be found is not read either.
        _ => false,
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The format of a file, where its name says it. A file for YAML may hold JSON, which YAML includes; one for JSON holds
/// JSON, as its other readers expect.
pub(crate) fn format(origin: &str) -> Option<Format> {
    let is_json = has_ending(Path::new(origin), &["json"]) || is_lines(origin);
    is_json.then_some(Format::Json)
}

/// Whether a file has a JSON document on each line.
pub(crate) fn is_lines(origin: &str) -> bool {
    has_ending(Path::new(origin), &["jsonl", "ndjson"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|name| endings.iter().any(|ending| name.eq_ignore_ascii_case(ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_that_it_is_json() {
        for name in ["a.json", "b/c.JSON", "http://127.0.0.1/a.json", "a.jsonl", "a.ndjson"] {
            assert_eq!(format(name), Some(Format::Json), "{name}");
        }
        for name in ["a.yaml", "a", "json", "standard input", "a.json.txt"] {
            assert_eq!(format(name), None, "{name}");
        }
    }
}
