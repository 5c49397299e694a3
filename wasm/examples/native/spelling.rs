//! How shapes are written: as JSON, and as YAML with all that people and programs do there. And how texts are damaged.

use kindstore::Json;
use serde_json::value::RawValue;

use crate::chance::Chance;
use crate::shape::Shape;

/// A shape as text in one of the two languages.
pub(crate) fn written(shape: &Shape, chance: &mut Chance) -> String {
    if chance.one_in(3) { json(shape) } else { yaml(shape, chance) }
}

pub(crate) fn json(shape: &Shape) -> String {
    match shape {
        Shape::Word(word) if serde_json::from_str::<&RawValue>(word).is_ok() => word.clone(),
        Shape::Word(text) | Shape::Text(text) => Json::from(text.as_str()).to_text(),
        Shape::Items(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Shape::Members(members) => {
            let member =
                |(name, value): &(String, Shape)| format!("{}: {}", Json::from(name.as_str()).to_text(), json(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
    }
}

pub(crate) fn yaml(shape: &Shape, chance: &mut Chance) -> String {
    let mut writer = Writer { chance, anchors: 0, out: String::new() };
    writer.value(shape, 0);
    writer.out.trim_start_matches(['\n', ' ']).to_owned() + "\n"
}

struct Writer<'c> {
    chance: &'c mut Chance,
    /// How many anchors there are: `&a0`, `&a1`, ...
    anchors: usize,
    out: String,
}

impl Writer<'_> {
    /// A value behind a colon, a dash, or nothing.
    fn value(&mut self, shape: &Shape, depth: usize) {
        self.out.push(' ');
        if self.anchors > 0 && self.chance.one_in(40) {
            let anchor = self.chance.below(self.anchors);
            self.out.push_str(&format!("*a{anchor}"));
            return;
        }
        let anchor = self.chance.one_in(25).then_some(self.anchors);
        if let Some(number) = anchor {
            self.out.push_str(&format!("&a{number} "));
        }
        match shape {
            Shape::Members(members) if !members.is_empty() && !self.chance.one_in(8) => self.members(members, depth),
            Shape::Items(items) if !items.is_empty() && !self.chance.one_in(8) => self.items(items, depth),
            Shape::Text(text) => self.text(text, depth),
            Shape::Word(word) => self.out.push_str(word),
            flow => self.out.push_str(&json(flow)),
        }
        // What is within itself is refused, which is tried often enough elsewhere.
        self.anchors += usize::from(anchor.is_some());
        if self.chance.one_in(20) {
            self.out.push_str(" # remark");
        }
    }

    fn members(&mut self, members: &[(String, Shape)], depth: usize) {
        if self.anchors > 0 && self.chance.one_in(12) {
            let anchor = self.chance.below(self.anchors);
            self.line(depth, &format!("<<: *a{anchor}"));
        }
        for (name, value) in members {
            let is_plain = !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric());
            let name = if is_plain { name.clone() } else { Json::from(name.as_str()).to_text() };
            self.line(depth, &format!("{name}:"));
            self.value(value, depth + 1);
        }
    }

    fn items(&mut self, items: &[Shape], depth: usize) {
        for item in items {
            self.line(depth, "-");
            self.value(item, depth + 1);
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.out.push('\n');
        self.out.push_str(&"  ".repeat(depth));
        self.out.push_str(text);
    }

    fn text(&mut self, text: &str, depth: usize) {
        let is_plain = !text.is_empty() && text.chars().all(|one| one.is_alphanumeric() || "-./".contains(one));
        match self.chance.below(if text.contains('\n') { 4 } else { 12 }) {
            0 => self.block(text, depth),
            1 => self.out.push_str(&format!("'{}'", text.replace('\'', "''"))),
            // This may be no text at all, or end the document.
            2 if self.chance.one_in(4) => self.out.push_str(text),
            3.. if is_plain => self.out.push_str(text),
            _ => self.out.push_str(&Json::from(text).to_text()),
        }
    }

    fn block(&mut self, text: &str, depth: usize) {
        self.out.push_str(self.chance.pick(&["|", ">", "|-", ">+"]));
        for line in text.lines() {
            self.line(depth + 1, line);
        }
    }
}

/// A text with up to three things done to it that no editor does.
pub(crate) fn damage(text: &mut String, chance: &mut Chance, other: &str) {
    const JUNK: [&str; 30] = [
        "\t", "\r", "\n", "  ", ":", ": ", "- ", "? ", "{", "}", "[", "]", ",", "\"", "'", "#", "&a ", "*a ", "<<: ",
        "|\n", "!!int ", "---\n", "...\n", "%YAML\n", "@", "`", "\0", "\u{feff}", "🦀", "\u{85}",
    ];
    for _ in 0..1 + chance.below(3) {
        let (one, two) = (place(text, chance), place(text, chance));
        let (from, to) = (one.min(two), one.max(two));
        match chance.below(10) {
            0 => text.truncate(from),
            1 => text.replace_range(from..to.min(text.ceil_char_boundary(from + 8)), ""),
            2 => {
                let twice = text[from..to.min(text.ceil_char_boundary(from + 200))].to_owned();
                text.insert_str(to, &twice);
            }
            3 => *text = text.replace('\n', "\r\n"),
            4 => text.insert(0, '\u{feff}'),
            5 => text.push_str(&format!("---\n{other}")),
            // Deeper than a document may be, or nearly so.
            6 => text.insert_str(from, &chance.pick(&["[", "{a: ", "- ", "? "]).repeat(chance.below(300))),
            _ => text.insert_str(from, chance.pick(&JUNK)),
        }
    }
}

/// A place between two characters.
fn place(text: &str, chance: &mut Chance) -> usize {
    text.floor_char_boundary(chance.below(text.len() + 1))
}
