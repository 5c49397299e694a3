//! Suggests the known word that a misspelled one probably means.

/// The longest word that is compared with others, in characters.
const MAX_LENGTH: usize = 64;

/// Returns the known word that is most similar to an unknown one, if one is near.
///
/// ```
/// use kindstore::validation::suggestion;
/// let known = ["parallelism", "resources"];
/// assert_eq!(suggestion("paralelism", known.into_iter()), Some("parallelism"));
/// assert_eq!(suggestion("jarUri", known.into_iter()), None);
/// ```
pub fn suggestion<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let length = word.chars().count();
    // The distance takes time of the product of both lengths.
    if length > MAX_LENGTH {
        return None;
    }
    let folded = fold(word);
    // A third of the letters at the most: more would suggest words that have nothing in common.
    let most = length.div_ceil(3).min(3);
    known
        .filter(|other| *other != word)
        .map(|other| (strsim::osa_distance(&folded, &fold(other)), other))
        .filter(|(distance, _)| *distance <= most)
        // Of those that differ in case only, the one that is written as the word is.
        .min_by_key(|(distance, other)| (*distance, strsim::osa_distance(word, other)))
        .map(|(_, other)| other)
}

/// Removes case and separators from a word.
fn fold(word: &str) -> String {
    word.chars()
        .filter(|letter| !matches!(letter, '-' | '_' | '.' | ' '))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_found_and_no_other() {
        let known = ["parallelism", "resources", "kind", "jarUri", "taskmanager", "cpu"];
        for (word, expected) in [
            ("paralelism", Some("parallelism")),
            ("JarURI", Some("jarUri")),
            ("taskManager", Some("taskmanager")),
            ("task-manager", Some("taskmanager")),
            ("knid", Some("kind")),
            ("ressource", Some("resources")),
            ("gpu", Some("cpu")),
            ("TASKMANGER", Some("taskmanager")),
            ("kind", None),
            ("entirely", None),
            ("x", None),
        ] {
            assert_eq!(suggestion(word, known.into_iter()), expected, "{word}");
        }
        assert_eq!(suggestion(&"p".repeat(100), known.into_iter()), None);
    }
}
