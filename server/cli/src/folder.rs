//! The files of folders, and the format that the name of a file says.

use std::path::{Path, PathBuf};

use kindstore::manifest::Format;

use super::failure::{Failure, Result};

/// How deep folders may lie in each other; a loop of links ends here.
pub(crate) const MAX_DEPTH: usize = 32;

/// The files of a folder with documents, by their names, in the order of the names. What is hidden is left out: editors and
/// version control keep their own files there. A file that is named itself is read whatever its name is.
pub(crate) fn files(path: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let wrong = |error: std::io::Error| Failure::refused(format!("{} cannot be read: {error}", path.display()));
    let entries = std::fs::read_dir(path).map_err(wrong)?.collect::<std::io::Result<Vec<_>>>().map_err(wrong)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    // The order of a folder is that of the file system; sorted, a command does the same on every machine.
    paths.sort();
    let mut found = Vec::new();
    for path in paths.into_iter().filter(|path| !is_hidden(path)) {
        if path.is_dir() {
            if depth > 0 {
                found.append(&mut files(&path, depth - 1)?);
            }
        } else if has_ending(&path, &["yaml", "yml"]) || format(&path.to_string_lossy()).is_some() {
            found.push(path);
        }
    }
    Ok(found)
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
