//! Members that nobody declared, and what was probably meant.

use super::{Judge, Path};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::kind::Schema;

/// The longest word that is compared with others, in characters.
const LONGEST: usize = 64;

impl Judge<'_> {
    pub(super) fn unknown(
        &mut self,
        schema: &Schema,
        variant: Option<&Schema>,
        name: &str,
        severity: Severity,
        path: &Path<'_>,
    ) {
        let message = match elsewhere(schema, name) {
            // That no variant is chosen is a problem already; nothing more can be said of its members.
            Some(_) if variant.is_none() && demands_variant(schema) => return,
            Some(value) if variant.is_some() => format!("belongs to the variant {value} and means nothing here"),
            _ => "is not a known member".to_owned(),
        };
        let mut remark = Diagnostic::error(path.pointer(), Code::IsUnknown, message);
        if self.suggestions > 0 {
            self.suggestions -= 1;
            let known = [Some(schema), variant].into_iter().flatten().flat_map(|schema| schema.properties.keys());
            remark = remark.with_suggestion(suggestion(name, known.map(String::as_str)));
        }
        self.remarks.add(severity, remark);
    }
}

fn demands_variant(schema: &Schema) -> bool {
    schema.discriminator.as_ref().is_some_and(|by| schema.required.contains(&by.property_name))
}

/// The variant that declares a member.
fn elsewhere<'s>(schema: &'s Schema, name: &str) -> Option<&'s str> {
    let owner = schema.variants.iter().find(|variant| variant.properties.contains_key(name))?;
    schema.variant_value(owner)
}

/// The word that was probably meant by one that is none of them, if one of them is near.
pub fn suggestion<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let folded = fold(word);
    let most = length.div_ceil(3).min(3);
    known
        .filter(|other| *other != word)
        .map(|other| (strsim::osa_distance(&folded, &fold(other)), other))
        .filter(|(distance, _)| *distance <= most)
        // Of those that differ in case only, the one that is written as the word is.
        .min_by_key(|(distance, other)| (*distance, strsim::osa_distance(word, other)))
        .map(|(_, other)| other)
}

/// What is left of a word when case and the marks between its parts do not count.
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
