//! Scalars as YAML: on a line, plain where that is safe, or as a block of lines.

use std::borrow::Cow;

use super::plain::{is_plain, is_printable};
use crate::json::Number;

/// A value that is no collection, or an empty one.
pub(super) enum Scalar<'a> {
    /// Text that means itself: `null`, `{}`.
    Word(&'static str),
    Number(&'a Number),
    /// A number as it was written.
    Spelled(Cow<'a, str>),
    Text(Cow<'a, str>),
}

/// The longest key that every reader takes in its short form (libyaml looks 1024 bytes ahead).
const LONGEST_KEY: usize = 1000;

/// Writes `name:`, in its long form where it has to be.
pub(super) fn key(out: &mut String, name: &str, indent: usize) {
    let start = out.len();
    line(out, name);
    if out.len() - start > LONGEST_KEY {
        out.insert_str(start, "? ");
        out.push('\n');
        spaces(out, indent);
    }
    out.push(':');
}

/// Writes `"name": ` within braces, in its long form where it has to be.
pub(super) fn flow_key(out: &mut String, name: &str) {
    let start = out.len();
    quoted(out, name);
    if out.len() - start > LONGEST_KEY {
        out.insert_str(start, "? ");
    }
    out.push_str(": ");
}

/// Writes a scalar of a collection at `indent`, with the line's end.
pub(super) fn value(out: &mut String, scalar: Scalar<'_>, indent: usize) {
    out.push(' ');
    match scalar {
        Scalar::Text(text) if is_literal(&text) => block(out, &text, indent + 2),
        scalar => {
            scalar_line(out, scalar);
            out.push('\n');
        }
    }
}

/// Writes a scalar on its line.
pub(super) fn scalar_line(out: &mut String, scalar: Scalar<'_>) {
    match scalar {
        Scalar::Word(word) => out.push_str(word),
        Scalar::Number(value) => number(out, &value.to_string()),
        Scalar::Spelled(text) => out.push_str(&text),
        Scalar::Text(text) => line(out, &text),
    }
}

/// The normal form of a number as YAML has it.
pub(super) fn normalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 3);
    number(&mut out, text);
    out
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

/// Writes a string in double quotes.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        // What stands for itself is copied at once.
        let plain =
            rest.bytes().take_while(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')).count();
        out.push_str(&rest[..plain]);
        let mut letters = rest[plain..].chars();
        let Some(letter) = letters.next() else { break };
        escape(out, letter);
        rest = letters.as_str();
    }
    out.push('"');
}

/// Writes a character of a string in double quotes.
fn escape(out: &mut String, letter: char) {
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

/// Writes so many spaces.
pub(super) fn spaces(out: &mut String, count: usize) {
    const SPACES: &str = "                                                                ";
    match SPACES.get(..count) {
        Some(spaces) => out.push_str(spaces),
        None => out.extend(std::iter::repeat_n(' ', count)),
    }
}
