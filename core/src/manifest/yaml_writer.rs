//! Writes values as YAML that every parser reads alike: block style, two spaces, no anchors, no folding. Only what is very
//! deep stands on one line.

use std::borrow::Cow;

use super::tree::Tree;
use super::yaml_scalar::{Scalar, flow_key, key, quoted, scalar_line, spaces, value};
use super::yaml_text::{self, DEEPEST_INDENT};
use crate::json::{Json, read_own};

/// A value as YAML, with a line break at the end.
///
/// ```
/// use kindstore::Json;
/// use kindstore::manifest::to_yaml;
/// let value = Json::from(serde_json::json!({"args": ["yes", "--x"], "script": "a\nb\n", "cpu": 1.5}));
/// assert_eq!(to_yaml(&value), "args:\n  - \"yes\"\n  - \"--x\"\ncpu: 1.5\nscript: |\n  a\n  b\n");
/// ```
pub fn to_yaml(value: &Json) -> String {
    write_yaml(&Tree::Value(value))
}

/// A tree as YAML, with a line break at the end.
pub fn write_yaml(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    match Node::from(tree) {
        Node::Scalar(scalar) => {
            scalar_line(&mut out, scalar);
            out.push('\n');
        }
        node => collection(&mut out, node, 0),
    }
    out
}

/// Appends a tree as one more item of a list that is the value of a member of the document: what lists are written by that
/// flow piece by piece.
///
/// ```
/// use kindstore::manifest::{Tree, append_yaml_item};
/// let mut list = "items:\n".to_owned();
/// append_yaml_item(&mut list, &Tree::Json(r#"{"a":1,"b":[true]}"#));
/// append_yaml_item(&mut list, &Tree::Text("x"));
/// assert_eq!(list, "items:\n  - a: 1\n    b:\n      - true\n  - x\n");
/// ```
pub fn append_yaml_item(out: &mut String, tree: &Tree<'_>) {
    spaces(out, 2);
    out.push('-');
    item(out, Node::from(tree), 2);
}

/// A value to write: a scalar on its line, or a collection on lines of its own.
enum Node<'a> {
    Scalar(Scalar<'a>),
    Members(Vec<(&'a str, Node<'a>)>),
    Items(Vec<Node<'a>>),
    /// The text of a JSON object with members, or of an array with items.
    Json(&'a str),
}

impl<'a> From<&Tree<'a>> for Node<'a> {
    fn from(tree: &Tree<'a>) -> Self {
        match tree {
            Tree::Value(value) => Node::from(*value),
            Tree::Text(text) => Node::Scalar(Scalar::Text(Cow::Borrowed(text))),
            Tree::Json(text) => yaml_text::scalar(text).map_or(Node::Json(text), Node::Scalar),
            Tree::Number(number) => Node::Scalar(Scalar::Spelled(number.spelling())),
            Tree::Unkept(text) => Node::Scalar(Scalar::Spelled(Cow::Borrowed(text))),
            Tree::Members(members) => {
                Node::members(members.iter().map(|(name, tree)| (*name, Node::from(tree))).collect())
            }
            Tree::Items(items) => Node::items(items.iter().map(Node::from).collect()),
        }
    }
}

impl<'a> From<&'a Json> for Node<'a> {
    fn from(value: &'a Json) -> Self {
        match value {
            Json::Null => Node::Scalar(Scalar::Word("null")),
            Json::Bool(flag) => Node::Scalar(Scalar::Word(if flag.value() { "true" } else { "false" })),
            Json::Number(number) => Node::Scalar(Scalar::Number(number)),
            Json::String(text) => Node::Scalar(Scalar::Text(Cow::Borrowed(text))),
            Json::Array(items) => Node::items(items.iter().map(Node::from).collect()),
            Json::Object(members) => {
                Node::members(members.iter().map(|(name, value)| (name.as_str(), Node::from(value))).collect())
            }
        }
    }
}

impl<'a> Node<'a> {
    fn members(members: Vec<(&'a str, Node<'a>)>) -> Self {
        if members.is_empty() { Node::Scalar(Scalar::Word("{}")) } else { Node::Members(members) }
    }

    fn items(items: Vec<Node<'a>>) -> Self {
        if items.is_empty() { Node::Scalar(Scalar::Word("[]")) } else { Node::Items(items) }
    }
}

/// Writes a collection whose first line is already indented, as after `- `.
fn collection(out: &mut String, node: Node<'_>, indent: usize) {
    let mut is_first = true;
    let mut begin = |out: &mut String| {
        if !std::mem::take(&mut is_first) {
            spaces(out, indent);
        }
    };
    match node {
        Node::Scalar(scalar) => scalar_line(out, scalar),
        Node::Members(members) => {
            for (name, node) in members {
                begin(out);
                key(out, name, indent);
                member(out, node, indent);
            }
        }
        Node::Items(items) => {
            for node in items {
                begin(out);
                out.push('-');
                item(out, node, indent);
            }
        }
        Node::Json(text) => {
            let begun = out.len();
            if yaml_text::collection(out, text, indent).is_none() {
                out.truncate(begun);
                collection(out, Node::from(&value_of(text)), indent);
            }
        }
    }
}

/// The value of a text that cannot be written as it stands.
fn value_of(text: &str) -> Json {
    read_own(text.as_bytes()).unwrap_or_default()
}

/// Writes the value behind `name:`.
fn member(out: &mut String, node: Node<'_>, indent: usize) {
    match node {
        Node::Scalar(scalar) => value(out, scalar, indent),
        node if indent >= DEEPEST_INDENT => flow_line(out, node),
        node => {
            out.push('\n');
            spaces(out, indent + 2);
            collection(out, node, indent + 2);
        }
    }
}

/// Writes the item behind `-`.
fn item(out: &mut String, node: Node<'_>, indent: usize) {
    match node {
        Node::Scalar(scalar) => value(out, scalar, indent),
        node if indent >= DEEPEST_INDENT => flow_line(out, node),
        node => {
            out.push(' ');
            collection(out, node, indent + 2);
        }
    }
}

fn flow_line(out: &mut String, node: Node<'_>) {
    out.push(' ');
    flow(out, node);
    out.push('\n');
}

/// Writes a collection on one line, all strings in quotes.
fn flow(out: &mut String, node: Node<'_>) {
    match node {
        Node::Scalar(Scalar::Text(text)) => quoted(out, &text),
        Node::Scalar(scalar) => scalar_line(out, scalar),
        Node::Members(members) => {
            let mut between = "{";
            for (name, node) in members {
                out.push_str(std::mem::replace(&mut between, ", "));
                flow_key(out, name);
                flow(out, node);
            }
            out.push('}');
        }
        Node::Items(items) => {
            let mut between = "[";
            for node in items {
                out.push_str(std::mem::replace(&mut between, ", "));
                flow(out, node);
            }
            out.push(']');
        }
        Node::Json(text) => {
            let begun = out.len();
            if yaml_text::flow(out, text).is_none() {
                out.truncate(begun);
                flow(out, Node::from(&value_of(text)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Format, Limits, read};

    #[test]
    fn what_is_very_deep_stands_on_one_line_and_reads_back() {
        let long = "k".repeat(2_000);
        let inner =
            format!(r#"[1, -2.5e-7, "a: b # c\n", "é\u0007", null, true, [], {{}}, {{"{long}": {{"": ["{{"]}}}}]"#);
        let inner = format!("[{}{inner}]", "[[1],2],".repeat(1_000));
        for (begin, end) in [("{\"a b\":", "}"), ("[", "]"), ("[0,{\"n\":", "}]")] {
            let text = begin.repeat(40) + &inner + &end.repeat(40);
            let value = read(text.as_bytes(), Format::Json, &Limits::default()).expect("readable").value;
            let yaml = to_yaml(&value);
            assert_eq!(read(yaml.as_bytes(), Format::Yaml, &Limits::default()).expect("readable").value, value);
            let other: serde_json::Value = serde_yaml::from_str(&yaml).expect("readable for others");
            assert_eq!(other, serde_json::Value::from(value));
            assert!(yaml.len() < 2 * text.len() + 8_000, "{} bytes of JSON, {} of YAML", text.len(), yaml.len());
        }
    }
}
