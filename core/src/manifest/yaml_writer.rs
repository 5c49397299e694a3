//! Writes values as YAML that every parser reads alike: block style, two spaces, no anchors, no folding. Only what is very
//! deep stands on one line.

use std::borrow::Cow;

use super::plain::{is_plain, is_printable};
use super::tree::Tree;
use crate::json::{Json, Number};

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

/// A value to write: a scalar on its line, or a collection on lines of its own.
enum Node<'a> {
    Scalar(Scalar<'a>),
    Members(Vec<(&'a str, Node<'a>)>),
    Items(Vec<Node<'a>>),
}

enum Scalar<'a> {
    /// Text that means itself: `null`, `{}`.
    Word(&'static str),
    Number(&'a Number),
    /// A number as it was written.
    Spelled(Cow<'a, str>),
    Text(&'a str),
}

impl<'a> From<&Tree<'a>> for Node<'a> {
    fn from(tree: &Tree<'a>) -> Self {
        match tree {
            Tree::Value(value) => Node::from(*value),
            Tree::Text(text) => Node::Scalar(Scalar::Text(text)),
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
            Json::String(text) => Node::Scalar(Scalar::Text(text)),
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
    }
}

/// The longest key that every reader takes in its short form (libyaml looks 1024 bytes ahead).
const LONGEST_KEY: usize = 1000;

fn key(out: &mut String, name: &str, indent: usize) {
    let start = out.len();
    line(out, name);
    if out.len() - start > LONGEST_KEY {
        out.insert_str(start, "? ");
        out.push('\n');
        spaces(out, indent);
    }
    out.push(':');
}

/// Collections further in than this are written on one line: else a text of many small values, deep within each other,
/// would become a hundred times as long by its indentation.
const DEEPEST_INDENT: usize = 40;

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
        Node::Scalar(Scalar::Text(text)) => quoted(out, text),
        Node::Scalar(scalar) => scalar_line(out, scalar),
        Node::Members(members) => {
            let mut between = "{";
            for (name, node) in members {
                out.push_str(std::mem::replace(&mut between, ", "));
                let start = out.len();
                quoted(out, name);
                if out.len() - start > LONGEST_KEY {
                    out.insert_str(start, "? ");
                }
                out.push_str(": ");
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
    }
}

/// Writes a scalar of a collection at `indent`, with the line's end.
fn value(out: &mut String, scalar: Scalar<'_>, indent: usize) {
    out.push(' ');
    match scalar {
        Scalar::Text(text) if is_literal(text) => block(out, text, indent + 2),
        scalar => {
            scalar_line(out, scalar);
            out.push('\n');
        }
    }
}

fn scalar_line(out: &mut String, scalar: Scalar<'_>) {
    match scalar {
        Scalar::Word(word) => out.push_str(word),
        Scalar::Number(value) => number(out, &value.to_string()),
        Scalar::Spelled(text) => out.push_str(&text),
        Scalar::Text(text) => line(out, text),
    }
}

/// A float with an exponent needs a point and a sign for YAML 1.1 to take it for a number.
fn number(out: &mut String, text: &str) {
    let Some((mantissa, exponent)) = text.split_once('e') else { return out.push_str(text) };
    out.push_str(mantissa);
    out.push_str(if mantissa.contains('.') { "e" } else { ".0e" });
    // YAML 1.1 takes `1e3` as a string.
    out.push_str(if exponent.starts_with(['-', '+']) { "" } else { "+" });
    out.push_str(exponent);
}

/// A string on one line, quoted where it has to be.
fn line(out: &mut String, text: &str) {
    if is_plain(text) { out.push_str(text) } else { quoted(out, text) }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_printable(letter) => out.push(letter),
            letter if (letter as u32) < 0x100 => out.push_str(&format!("\\x{:02X}", letter as u32)),
            letter => out.push_str(&format!("\\u{:04X}", letter as u32)),
        }
    }
    out.push('"');
}

/// Whether a string is better and safely written as a block of lines.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && text.bytes().any(|byte| byte != b'\n')
        && text.chars().all(|letter| letter == '\n' || is_printable(letter))
        // Readers differ on tabs at the beginning of a line, and on spaces in lines that have nothing else.
        && text.split('\n').all(|line| !line.starts_with('\t') && (line.is_empty() || line.bytes().any(|byte| byte != b' ')))
}

fn block(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    // Parsers detect the indentation by the first line that is not empty; one that begins with a space needs the
    // indicator.
    let is_indented = text.trim_start_matches('\n').starts_with(' ');
    out.push_str(if is_indented { "2" } else { "" });
    // The chomping indicator says how many line breaks at the end belong to the text: none, one, or all.
    let body = text.strip_suffix('\n');
    out.push_str(match body {
        None => "-",
        Some(body) if body.ends_with('\n') => "+",
        Some(_) => "",
    });
    out.push('\n');
    for line in body.unwrap_or(text).split('\n') {
        // No white space on empty lines, which editors would strip.
        if !line.is_empty() {
            spaces(out, indent);
        }
        out.push_str(line);
        out.push('\n');
    }
}

fn spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
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
