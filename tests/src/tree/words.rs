//! Words that the project does not use, because others already have a word for the same thing.

use std::path::Path;

use super::root;

/// Whole words, in any case, singular or plural.
const REJECTED: [&str; 9] = ["room", "grave", "horizon", "witness", "tally", "riser", "door", "mend", "whoever"];

/// The beginning of rejected names; bounds are called `MAX_`.
const REJECTED_PREFIX: &str = "MOST_";

/// Files and folders that are read.
const PLACES: [&str; 9] = ["core", "server", "clients", "proto", "wasm", "tests", "web-demo", "docs", "README.md"];

/// The kinds of files that are read.
const ENDINGS: [&str; 9] = ["rs", "md", "proto", "ts", "mjs", "js", "py", "html", "toml"];

/// Folders of code that others wrote or that is generated.
const FOREIGN: [&str; 7] = ["target", "node_modules", "dist", "pkg", "corpus", "golden", ".venv"];

/// Places with rejected words in them, which are skipped.
const NOT_YET: [&str; 11] = [
    "core/src/engine",
    "core/src/engine.rs",
    "core/kinds",
    "server",
    "clients",
    "proto",
    "wasm",
    "tests",
    "web-demo",
    "docs",
    "README.md",
]; // to go

#[test]
fn rejected_words_stay_out() {
    let mut found = Vec::new();
    for place in PLACES {
        count(&root().join(place), &mut found);
    }
    assert!(found.is_empty(), "rejected words:\n{}", found.join("\n"));
}

fn count(path: &Path, found: &mut Vec<String>) {
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    let last = path.file_name().unwrap().to_str().unwrap();
    if NOT_YET.contains(&&*name) || FOREIGN.contains(&last) || last.starts_with('.') {
        return;
    }
    if path.is_dir() {
        let mut inside: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        inside.sort();
        return inside.iter().for_each(|path| count(path, found));
    }
    let is_read = path.extension().is_some_and(|extension| ENDINGS.iter().any(|ending| extension == *ending));
    // This file has to name the words.
    if is_read && !name.ends_with("tree/words.rs") {
        let text = std::fs::read_to_string(path).unwrap();
        let counts = rejected(&text);
        if !counts.is_empty() {
            let counts: Vec<_> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
            found.push(format!("  {name}: {}", counts.join(", ")));
        }
    }
}

/// The rejected words in a text, each with how often it is there. Parts of names count, as in `has_room`.
fn rejected(text: &str) -> Vec<(&'static str, usize)> {
    let is_letter = |letter: char| letter.is_alphanumeric();
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|letter| !is_letter(letter)).collect();
    let is_same = |word: &str, other: &str| {
        let plurals = [word.to_owned(), format!("{word}s"), format!("{word}es")];
        let plural = word.strip_suffix('y').map(|stem| format!("{stem}ies"));
        plurals.into_iter().chain(plural).any(|form| form == other)
    };
    let counts = REJECTED.iter().map(|word| (*word, words.iter().filter(|other| is_same(word, other)).count()));
    let names = text.split(|letter: char| !is_letter(letter) && letter != '_');
    let prefixed = names.filter(|name| name.starts_with(REJECTED_PREFIX)).count();
    counts.chain([(REJECTED_PREFIX, prefixed)]).filter(|(_, count)| *count > 0).collect()
}

#[test]
fn rejected_words_are_found_as_words_and_parts_of_names_only() {
    assert_eq!(
        rejected("A room, has_room and ROOMS; tallies. fn MOST_KEYS"),
        [("room", 3), ("tally", 1), ("MOST_", 1)]
    );
    assert_eq!(rejected("mushrooms are indoors, amend, tombstone, ALMOST_ALL"), []);
}
