//! Documents in the order in which they were written, and trees to JSON for people.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::document::Document;
use super::literal;
use super::tree::Tree;
use crate::json::Json;
use crate::json::text::{display, write_string};
use crate::json::{read_own, write};

impl Document {
    /// The value with its members in the order in which the text has them, and its numbers as they were written. A member that
    /// an alias or a merge key copied has the order of where it was written first.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits, read, write_json, write_yaml};
    /// let document = read(b"{\"spec\": {\"b\": [], \"a\": 1}, \"kind\": \"x\"}", Format::Json, &Limits::default())?;
    /// assert_eq!(write_yaml(&document.tree()), "spec:\n  b: []\n  a: 1\nkind: x\n");
    /// assert_eq!(write_json(&document.tree()), "{\n  \"spec\": {\n    \"b\": [],\n    \"a\": 1\n  },\n  \"kind\": \"x\"\n}\n");
    /// # Ok::<(), kindstore::manifest::ReadError>(())
    /// ```
    pub fn tree(&self) -> Tree<'_> {
        self.tree_at("")
    }

    /// As [`Document::tree`] of the value at a JSON pointer; `null` when there is none.
    pub fn tree_at(&self, pointer: &str) -> Tree<'_> {
        let Some(value) = self.value.at(pointer) else { return Tree::Value(&Json::Null) };
        let unkept = self.problems.iter().filter_map(|problem| self.value.at(&problem.pointer)).collect();
        let ordering = Ordering { document: self, unkept };
        ordering.tree(value, self.index_of(pointer).filter(|_| !self.text().is_empty()))
    }
}

/// Writes the values of a document.
struct Ordering<'v> {
    document: &'v Document,
    /// The strings that stand for numbers that no value keeps.
    unkept: Vec<&'v Json>,
}

impl<'v> Ordering<'v> {
    /// Writes a value, whose mark has this index in the text. The recursion is bounded by the depth limit of the parser.
    fn tree(&self, value: &'v Json, index: Option<usize>) -> Tree<'v> {
        match (value, index) {
            (Json::Array(items), _) => self.items(items, index),
            (Json::Object(_), Some(index)) => self.members(value, index),
            (Json::Object(members), None) => {
                Tree::Members(members.iter().map(|(name, value)| (name.as_str(), self.tree(value, None))).collect())
            }
            (Json::Number(number), _) => Tree::Number(number),
            (Json::String(text), _) if self.unkept.iter().any(|unkept| std::ptr::eq(*unkept, value)) => {
                Tree::Unkept(text)
            }
            _ => Tree::Value(value),
        }
    }

    fn items(&self, items: &'v [Json], index: Option<usize>) -> Tree<'v> {
        let marks: Vec<usize> = index.map(|index| self.document.marks().children(index).collect()).unwrap_or_default();
        let mark = |at: usize| marks.get(at).copied().filter(|_| marks.len() == items.len());
        Tree::Items(items.iter().enumerate().map(|(at, item)| self.tree(item, mark(at))).collect())
    }

    fn members(&self, value: &'v Json, index: usize) -> Tree<'v> {
        let Json::Object(members) = value else { return Tree::Value(value) };
        let marks = self.document.marks();
        let mut written = Vec::with_capacity(members.len());
        let mut rest: BTreeSet<&str> = members.keys().map(String::as_str).collect();
        for child in marks.children(index) {
            let name = marks.name(&marks.list[child], self.document.text());
            if let Some((name, value)) = members.get_key_value(name)
                && rest.remove(name.as_str())
            {
                written.push((name.as_str(), self.tree(value, Some(child))));
            }
        }
        let unwritten = members.iter().filter(|(name, _)| rest.contains(name.as_str()));
        written.extend(unwritten.map(|(name, value)| (name.as_str(), self.tree(value, None))));
        Tree::Members(written)
    }
}

/// A tree as JSON that is indented by two spaces, with a line break at the end.
pub fn write_json(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    put(&mut out, tree, Some(0));
    out.push('\n');
    out
}

/// A tree as JSON without spaces and line breaks.
pub fn write_compact_json(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    put(&mut out, tree, None);
    out
}

/// Writes a tree at this depth; without one, nothing is indented.
fn put(out: &mut String, tree: &Tree<'_>, depth: Option<usize>) {
    let inner = depth.map(|depth| depth + 1);
    match tree {
        Tree::Text(text) => write_string(text, out),
        Tree::Number(number) if is_json_number(&number.spelling()) => out.push_str(&number.spelling()),
        // A spelling of YAML, such as 0x1F.
        Tree::Number(number) => display(number, out),
        Tree::Unkept(text) if is_json_number(text) => out.push_str(text),
        Tree::Unkept(text) => write_string(text, out),
        Tree::Json(text) => put(out, &Tree::Value(&read_own(text.as_bytes()).unwrap_or_default()), depth),
        Tree::Members(members) => collection(out, ['{', '}'], depth, members, |out, (name, member)| {
            write_string(name, out);
            out.push_str(if depth.is_some() { ": " } else { ":" });
            put(out, member, inner);
        }),
        Tree::Items(items) => collection(out, ['[', ']'], depth, items, |out, item| put(out, item, inner)),
        Tree::Value(Json::Object(members)) => {
            let members: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), Tree::Value(value))).collect();
            put(out, &Tree::Members(members), depth);
        }
        Tree::Value(Json::Array(items)) => {
            put(out, &Tree::Items(items.iter().map(Tree::Value).collect()), depth);
        }
        Tree::Value(Json::Number(number)) => display(number, out),
        Tree::Value(value) => write(value, out),
    }
}

/// Whether a text is a number in JSON.
pub fn is_json_number(text: &str) -> bool {
    let begins = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let mut cursor = Cursor::new(text);
    begins && literal::number(&mut cursor).is_ok() && cursor.at == text.len()
}

fn collection<T>(
    out: &mut String,
    [open, close]: [char; 2],
    depth: Option<usize>,
    parts: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    let line = |out: &mut String, inside: usize| {
        if let Some(depth) = depth {
            out.push('\n');
            (0..depth + inside).for_each(|_| out.push_str("  "));
        }
    };
    out.push(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, 1);
        write(out, part);
    }
    if !parts.is_empty() {
        line(out, 0);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::manifest::{Format, Limits, read, write_compact_json, write_json, write_yaml};

    fn told(text: &str) -> String {
        let document = read(text.as_bytes(), Format::Yaml, &Limits::default()).expect("readable");
        write_yaml(&document.tree())
    }

    #[test]
    fn members_stay_where_they_were_written() {
        assert_eq!(told("b: {d: 1, c: [{z: 1, x: 2}]}\na: x\n"), "b:\n  d: 1\n  c:\n    - z: 1\n      x: 2\na: x\n");
        assert_eq!(told("b: &x {d: 1, c: 2}\na: *x\n"), "b:\n  d: 1\n  c: 2\na:\n  d: 1\n  c: 2\n");
        assert_eq!(told("b: &x {d: 1, c: 2}\na: {e: 3, <<: *x}\n"), "b:\n  d: 1\n  c: 2\na:\n  e: 3\n  d: 1\n  c: 2\n");
        assert_eq!(told("\"b\\n\": 1\na: {}\nc: []\n"), "\"b\\n\": 1\na: {}\nc: []\n");
        assert_eq!(told("12"), "12\n");
    }

    #[test]
    fn numbers_stay_as_they_were_written() {
        let text = "a: 1.20\nb:\n  - 0x1F\n  - 1e3\n  - 017\nc: 1234e5678\nd: 123456789012345678901\ne: .inf\n";
        assert_eq!(told(text), text);
        let document = read(text.as_bytes(), Format::Yaml, &Limits::default()).expect("readable");
        let json = r#"{"a":1.20,"b":[31,1e3,17],"c":1234e5678,"d":123456789012345678901,"e":".inf"}"#;
        assert_eq!(write_compact_json(&document.tree()), json);
        assert_eq!(write_yaml(&document.tree_at("/b")), "- 0x1F\n- 1e3\n- 017\n");
        assert_eq!(write_yaml(&document.tree_at("/z")), "null\n");
        // A part that was taken out, and values that have moved, keep them as well.
        let mut moved = document.clone();
        moved.value = document.value.at("/b").expect("a list").clone();
        assert_eq!(write_compact_json(&moved.tree()), "[31,1e3,17]");
        assert_eq!(write_yaml(&document.clone().take("/b").expect("a list").tree()), "- 0x1F\n- 1e3\n- 017\n");
    }

    proptest! {
        #[test]
        fn in_order_or_sorted_it_says_the_same(text in "[a-c]{1,2}: [0-9a-c{}:,\\[\\]& *\n]{0,40}") {
            if let Ok(document) = read(text.as_bytes(), Format::Yaml, &Limits::default()) {
                let again = |text: String, format| read(text.as_bytes(), format, &Limits::default()).expect("readable").value;
                prop_assert_eq!(&again(write_yaml(&document.tree()), Format::Yaml), &document.value);
                prop_assert_eq!(&again(write_json(&document.tree()), Format::Json), &document.value);
                prop_assert_eq!(&again(write_compact_json(&document.tree()), Format::Json), &document.value);
            }
        }
    }
}
