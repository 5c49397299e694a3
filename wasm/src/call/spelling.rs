//! Numbers that are told apart by their spelling: where a string is declared, 1.20 and 1.2 are two strings.

use std::collections::BTreeMap;

use kindstore::Json;
use kindstore::manifest::{Number, Tree, write_compact_json};

/// What begins a string that stands for a number. Strings of a document that begin so get it once more.
const MARK: char = '\0';

/// The numbers of documents that are compared, each of which has a string in its place.
// Values compare numbers by value, and must: a store would otherwise see a change in every other spelling.
#[derive(Default)]
pub(super) struct Spellings {
    numbers: Vec<Number>,
    /// The index of the number with a spelling.
    indexes: BTreeMap<String, usize>,
}

impl Spellings {
    /// Takes the numbers out of a document that are not in their normal form. Equal spellings become equal strings.
    pub(super) fn take(&mut self, value: &mut Json) {
        match value {
            Json::Number(number) if number.is_spelled() => {
                let index = *self.indexes.entry(number.text()).or_insert(self.numbers.len());
                if index == self.numbers.len() {
                    self.numbers.push(number.clone());
                }
                *value = Json::String(format!("{MARK}{index}"));
            }
            Json::String(text) if text.starts_with(MARK) => text.insert(0, MARK),
            Json::Array(items) => items.iter_mut().for_each(|item| self.take(item)),
            Json::Object(members) => members.values_mut().for_each(|member| self.take(member)),
            _ => {}
        }
    }

    /// Returns a value that was made of such documents as JSON, each number as it was written.
    pub(super) fn text(&self, value: &Json) -> String {
        let mut value = value.clone();
        self.put(&mut value);
        write_compact_json(&Tree::spelled(&value))
    }

    fn put(&self, value: &mut Json) {
        match value {
            Json::String(text) if text.starts_with(MARK) => {
                let rest = &text[MARK.len_utf8()..];
                let number = rest.parse::<usize>().ok().and_then(|index| self.numbers.get(index));
                *value = number.map_or_else(|| Json::from(rest), |number| Json::Number(number.clone()));
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.put(item)),
            Json::Object(members) => members.values_mut().for_each(|member| self.put(member)),
            _ => {}
        }
    }
}
