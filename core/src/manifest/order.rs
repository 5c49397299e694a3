//! Documents in the order in which they were written, and trees to JSON for people.

use super::document::Document;
use super::yaml_writer::Tree;
use crate::json::Json;
use crate::json::text::{display, write_string};
use crate::json::write;

impl Document {
    /// The value with its members in the order in which the text has them. A member that an alias or a merge key copied has
    /// the order of where it was written first.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits, read, write_json, write_yaml};
    /// let document = read(b"{\"spec\": {\"b\": [], \"a\": 1}, \"kind\": \"x\"}", Format::Json, &Limits::default())?;
    /// assert_eq!(write_yaml(&document.tree()), "spec:\n  b: []\n  a: 1\nkind: x\n");
    /// assert_eq!(write_json(&document.tree()), "{\n  \"spec\": {\n    \"b\": [],\n    \"a\": 1\n  },\n  \"kind\": \"x\"\n}\n");
    /// # Ok::<(), kindstore::manifest::ReadError>(())
    /// ```
    pub fn tree(&self) -> Tree<'_> {
        match self.index_of_root() {
            Some(index) if !self.text().is_empty() => self.ordered(&self.value, index),
            _ => Tree::Value(&self.value),
        }
    }

    /// Writes the value whose mark has this index. The recursion is bounded by the depth limit of the parser.
    fn ordered<'v>(&'v self, value: &'v Json, index: usize) -> Tree<'v> {
        let marks = self.marks();
        let children = || marks.children(index);
        match value {
            Json::Array(items) if children().count() == items.len() => {
                Tree::Items(items.iter().zip(children()).map(|(item, child)| self.ordered(item, child)).collect())
            }
            Json::Object(members) => {
                let mut written = Vec::with_capacity(members.len());
                let mut rest = members.clone();
                for child in children() {
                    let name = marks.name(&marks.list[child], self.text());
                    if let Some((name, value)) = members.get_key_value(name)
                        && rest.remove(name).is_some()
                    {
                        written.push((name.as_str(), self.ordered(value, child)));
                    }
                }
                let unwritten = members.iter().filter(|(name, _)| rest.contains_key(*name));
                written.extend(unwritten.map(|(name, value)| (name.as_str(), Tree::Value(value))));
                Tree::Members(written)
            }
            _ => Tree::Value(value),
        }
    }
}

/// A tree as JSON that is indented by two spaces, with a line break at the end.
pub fn write_json(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    indented(&mut out, tree, 0);
    out.push('\n');
    out
}

fn indented(out: &mut String, tree: &Tree<'_>, depth: usize) {
    match tree {
        Tree::Text(text) => write_string(text, out),
        Tree::Members(members) => collection(out, ['{', '}'], depth, members, |out, (name, member)| {
            write_string(name, out);
            out.push_str(": ");
            indented(out, member, depth + 1);
        }),
        Tree::Items(items) => collection(out, ['[', ']'], depth, items, |out, item| indented(out, item, depth + 1)),
        Tree::Value(Json::Object(members)) => {
            let members: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), Tree::Value(value))).collect();
            indented(out, &Tree::Members(members), depth);
        }
        Tree::Value(Json::Array(items)) => {
            indented(out, &Tree::Items(items.iter().map(Tree::Value).collect()), depth);
        }
        Tree::Value(Json::Number(number)) => display(number, out),
        Tree::Value(value) => write(value, out),
    }
}

fn collection<T>(
    out: &mut String,
    [open, close]: [char; 2],
    depth: usize,
    parts: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    };
    out.push(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, depth + 1);
        write(out, part);
    }
    if !parts.is_empty() {
        line(out, depth);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::manifest::{Format, Limits, read, write_json, write_yaml};

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

    proptest! {
        #[test]
        fn in_order_or_sorted_it_says_the_same(text in "[a-c]{1,2}: [0-9a-c{}:,\\[\\]& *\n]{0,40}") {
            if let Ok(document) = read(text.as_bytes(), Format::Yaml, &Limits::default()) {
                let again = |text: String, format| read(text.as_bytes(), format, &Limits::default()).expect("readable").value;
                prop_assert_eq!(&again(write_yaml(&document.tree()), Format::Yaml), &document.value);
                prop_assert_eq!(&again(write_json(&document.tree()), Format::Json), &document.value);
            }
        }
    }
}
