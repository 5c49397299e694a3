//! Documents with whatever can be done to them: members that are missing, twice, misspelt, or of another type.

use kindstore::Json;

use crate::chance::Chance;

/// A value as it will be written.
#[derive(Clone)]
pub(crate) enum Shape {
    /// A word that is written as it is: a number in some spelling, a flag, null.
    Word(String),
    Text(String),
    Items(Vec<Shape>),
    Members(Vec<(String, Shape)>),
}

/// Numbers at the edges of what fits, and words that are one thing in YAML 1.1 and another in YAML 1.2.
const WORDS: &str = "null ~ true false True yes NO on 0 -0 -0.0 1 -1 1.10 3.0 1e2 1E+3 .5 1. 0.1 0.30000000000000004 1e21 1e-7 5e-324 \
    1.7976931348623157e308 1e400 1e-400 .inf .nan 2147483648 4294967295 4294967296 9007199254740993 9223372036854775808 \
    18446744073709551615 18446744073709551616 -9223372036854775809 123456789012345678901234567890 0x1F 017 0o17 1_000 12:30:45 \
    2024-01-01";

const TEXTS: [&str; 36] = [
    "", " ", "a", "jobs", "default", "RUNNING", "running", "2Gi", "2G", "1.5", "yes", "null", "1.10", "é🦀",
    "\u{fffd}", "İxß", "a\nb\n", "\n", "a\n\n b", "a\r\nb", "\ta", "\0", "\u{feff}", "\u{85}", "\u{2028}", "# x",
    "a: b", "- a", "*a", "&a", "!!str x", "%TAG", "'\"", "\\u0041", "a/b~c", "${x}",
];

const NAMES: [&str; 14] =
    ["", "a", "kind", "spec", "metadata", "name", "labels", "<<", "1", "null", "a.b/c", "é🦀", "state", "template"];

impl From<&Json> for Shape {
    fn from(value: &Json) -> Self {
        match value {
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) => Self::Items(items.iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Members(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
            other => Self::Word(other.to_text()),
        }
    }
}

impl Shape {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A member of these members.
    pub(crate) fn get(&self, name: &str) -> Option<&Shape> {
        let Self::Members(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Sets a member, as the first one if it is new; nothing of what is no object.
    pub(crate) fn set(&mut self, name: &str, value: Shape) {
        let Self::Members(members) = self else { return };
        match members.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => members.insert(0, (name.to_owned(), value)),
        }
    }

    /// A place somewhere within, with its JSON pointer.
    pub(crate) fn anywhere(&mut self, chance: &mut Chance) -> (String, &mut Shape) {
        let count = match self {
            Self::Items(items) => items.len(),
            Self::Members(members) => members.len(),
            _ => 0,
        };
        if count == 0 || chance.one_in(6) {
            return (String::new(), self);
        }
        let index = chance.below(count);
        match self {
            Self::Items(items) => {
                let (pointer, found) = items[index].anywhere(chance);
                (format!("/{index}{pointer}"), found)
            }
            Self::Members(members) => {
                let (name, value) = &mut members[index];
                let (pointer, found) = value.anywhere(chance);
                (format!("/{}{pointer}", name.replace('~', "~0").replace('/', "~1")), found)
            }
            other => (String::new(), other),
        }
    }

    /// Does something to some place, maybe with a part of another document.
    pub(crate) fn change(&mut self, chance: &mut Chance, other: &Shape) {
        let (pointer, place) = self.anywhere(chance);
        // What is done to the whole leaves little of it.
        let change = if pointer.is_empty() && !chance.one_in(8) { 3 + chance.below(5) } else { chance.below(8) };
        match (change, place) {
            (0, place) => *place = odd(chance),
            (1, place) => *place = other.clone().anywhere(chance).1.clone(),
            (2, place) => *place = Self::Items(vec![place.clone(), place.clone()]),
            (3, Self::Members(members)) if !members.is_empty() => {
                let index = chance.below(members.len());
                members.remove(index);
            }
            (4, Self::Members(members)) if !members.is_empty() => {
                let index = chance.below(members.len());
                misspell(&mut members[index].0, chance);
            }
            (5, Self::Members(members)) if !members.is_empty() && chance.one_in(4) => {
                let twice = chance.one_of(members).0.clone();
                members.push((twice, odd(chance)));
            }
            (_, Self::Members(members)) => members.push((chance.pick(&NAMES).to_owned(), odd(chance))),
            (_, Self::Items(items)) => items.push(odd(chance)),
            (_, place) => *place = odd(chance),
        }
    }
}

/// A value that somebody may not have thought of.
pub(crate) fn odd(chance: &mut Chance) -> Shape {
    match chance.below(12) {
        0 => Shape::Items(Vec::new()),
        1 => Shape::Members(Vec::new()),
        2 => Shape::Items(vec![odd(chance), odd(chance)]),
        3 => Shape::Members(vec![(chance.pick(&NAMES).to_owned(), odd(chance))]),
        4 => Shape::Text(chance.pick(&TEXTS).repeat(1 + chance.below(300))),
        5..8 => Shape::text(chance.pick(&TEXTS)),
        _ => Shape::Word(chance.word(WORDS).to_owned()),
    }
}

/// Drops, doubles or changes the case of one character.
fn misspell(name: &mut String, chance: &mut Chance) {
    let mut characters: Vec<char> = name.chars().collect();
    if characters.is_empty() {
        return;
    }
    let index = chance.below(characters.len());
    match chance.below(3) {
        0 => drop(characters.remove(index)),
        1 => characters.insert(index, characters[index]),
        _ => characters[index] = characters[index].to_ascii_uppercase(),
    }
    *name = characters.into_iter().collect();
}
