//! Words that the project does not use, because others already have a word for the same thing.

use std::path::Path;

use super::root;

/// Whole words, in any case, singular or plural.
const REJECTED: [&str; 9] = ["room", "grave", "horizon", "witness", "tally", "riser", "door", "mend", "whoever"];

/// The beginning of rejected names; bounds are called `MAX_`.
const REJECTED_PREFIX: &str = "MOST_";

/// Files and folders that are read.
const PLACES: [&str; 11] = [
    "core",
    "server",
    "clients",
    "proto",
    "wasm",
    "tests",
    "web-demo",
    "docs",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
];

/// The kinds of files that are read.
const ENDINGS: [&str; 10] = ["rs", "md", "proto", "ts", "mjs", "js", "py", "html", "toml", "yaml"];

/// Folders of code that others wrote or that is generated.
const FOREIGN: [&str; 7] = ["target", "node_modules", "dist", "pkg", "corpus", "golden", ".venv"];

#[test]
fn rejected_words_stay_out() {
    let mut found = Vec::new();
    for place in PLACES {
        count(&root().join(place), &mut found);
    }
    assert!(found.is_empty(), "rejected words:\n{}", found.join("\n"));
}

fn count(path: &Path, found: &mut Vec<String>) {
    let last = path.file_name().unwrap().to_str().unwrap();
    if FOREIGN.contains(&last) || last.starts_with('.') {
        return;
    }
    if path.is_dir() {
        let mut inside: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        inside.sort();
        return inside.iter().for_each(|path| count(path, found));
    }
    let is_read = path.extension().is_some_and(|extension| ENDINGS.iter().any(|ending| extension == *ending));
    // This file has to name the words.
    if is_read && !path.ends_with("tree/words.rs") {
        let counts = rejected(&std::fs::read_to_string(path).unwrap());
        if !counts.is_empty() {
            let counts: Vec<_> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
            found.push(format!("  {}: {}", path.strip_prefix(root()).unwrap().display(), counts.join(", ")));
        }
    }
}

/// The rejected words in a text, each with how often it is there. Parts of names count, as in `has_room`.
fn rejected(text: &str) -> Vec<(&'static str, usize)> {
    let mut counts = [0; REJECTED.len()];
    let mut prefixed = 0;
    let mut before = b' ';
    // Byte by byte, since an unoptimized build takes many times as long for characters: the words are ASCII, and only a
    // match looks at the characters around it.
    for (start, &byte) in text.as_bytes().iter().enumerate() {
        if byte.is_ascii_alphabetic() && !before.is_ascii_alphanumeric() {
            if let Some(place) = REJECTED.iter().position(|word| is_at(text, start, word)) {
                counts[place] += 1;
            }
            if byte == b'M' && before != b'_' && text[start..].starts_with(REJECTED_PREFIX) && begins(text, start) {
                prefixed += 1;
            }
        }
        before = byte;
    }
    let counts = REJECTED.into_iter().zip(counts).chain([(REJECTED_PREFIX, prefixed)]);
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Whether this word, or its plural, is a whole word of the text at this place.
fn is_at(text: &str, start: usize, word: &str) -> bool {
    let bytes = &text.as_bytes()[start..];
    if bytes[0] | 0x20 != word.as_bytes()[0] {
        return false;
    }
    let length = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(bytes.len());
    let is = |stem: &str, ending: &str| {
        let found = (length == stem.len() + ending.len()).then(|| bytes.split_at(stem.len()));
        found.is_some_and(|(begin, rest)| {
            begin.eq_ignore_ascii_case(stem.as_bytes()) && rest[..ending.len()].eq_ignore_ascii_case(ending.as_bytes())
        })
    };
    let is_form = ["", "s", "es"].iter().any(|ending| is(word, ending))
        || word.strip_suffix('y').is_some_and(|stem| is(stem, "ies"));
    is_form && begins(text, start) && !text[start + length..].starts_with(char::is_alphanumeric)
}

/// Whether no letter is right before this place, of any alphabet.
fn begins(text: &str, start: usize) -> bool {
    !text[..start].ends_with(char::is_alphanumeric)
}

#[test]
fn rejected_words_are_found_as_words_and_parts_of_names_only() {
    assert_eq!(
        rejected("A room, has_room and ROOMS; tallies. fn MOST_KEYS"),
        [("room", 3), ("tally", 1), ("MOST_", 1)]
    );
    assert_eq!(rejected("“Rooms”—witnesses"), [("room", 1), ("witness", 1)]);
    assert_eq!(rejected("mushrooms are indoors, amend, tombstone, ALMOST_ALL, IS_MOST_OF"), []);
    assert_eq!(rejected("éroom, roomé, room2, roomy"), []);
}
