//! Names and values as they have to be written at the cursor: with quotes, a colon, and the indentation of the next line.

use super::scan::{Layout, Scan, Spot};
use super::token::{is_break, line_end, next_line, skip_blanks};
use crate::json::Json;
use crate::kind::{JsonType, Schema};
use crate::manifest::{Format, is_plain, to_yaml};

/// The replacement of the word, and the place of the cursor in it.
pub(super) type Insert = (String, usize);

/// How to write at the cursor.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    format: Format,
    is_flow: bool,
    line_break: &'static str,
    /// The text before the name or value.
    lead: String,
    /// The indentation of further lines.
    indent: String,
    /// The quote in which the word stands by now.
    quote: Option<char>,
    has_colon: bool,
    needs_comma: bool,
    /// Whether the lines below already hold the value of the member.
    is_followed: bool,
    /// Whether a map or a list has to begin on the next line.
    is_behind_key: bool,
}

impl Writer {
    pub(super) fn new(scan: &Scan<'_>, spot: &Spot) -> Self {
        let key = scan.slots[spot.slot].key.as_ref().filter(|_| spot.layout == Layout::Inline);
        let lead = if spot.needs_space { " " } else { "" };
        let indent = scan.indent(key.map_or(spot.word.start, |key| key.start));
        let indent = if spot.layout == Layout::Line { indent + lead } else { indent };
        let word = &scan.text[spot.word.clone()];
        Self {
            format: scan.format,
            is_flow: spot.layout == Layout::Flow,
            // Mixed line breaks show up as changes of whole files in version control.
            line_break: if scan.text.contains("\r\n") { "\r\n" } else { "\n" },
            lead: lead.to_owned(),
            quote: word.chars().next().filter(|first| matches!(first, '"' | '\'')),
            has_colon: spot.has_colon,
            needs_comma: spot.needs_comma,
            is_followed: spot.layout == Layout::Line && !word.is_empty() && is_followed(scan, spot, indent.len()),
            is_behind_key: spot.layout == Layout::Inline,
            indent,
        }
    }

    /// How to write a map or a list: behind a key, on the next line.
    pub(super) fn within(mut self) -> Self {
        if std::mem::take(&mut self.is_behind_key) {
            self.indent.push_str("  ");
            self.lead = format!("{}{}", self.line_break, self.indent);
        }
        self
    }

    /// How to write an item of a list.
    pub(super) fn item(self) -> Self {
        let mut writer = self.within();
        writer.lead.push_str("- ");
        writer.indent.push_str("  ");
        writer
    }

    /// The lead alone.
    pub(super) fn begin(&self) -> Insert {
        (self.lead.clone(), self.lead.len())
    }

    /// The name of a member of this schema, and how its value begins; `only` is the one value that it may have.
    pub(super) fn member(&self, name: &str, schema: Option<&Schema>, only: Option<&Json>) -> Insert {
        let mut text = self.lead.clone() + &self.word(name) + if self.has_colon { "" } else { ":" };
        let mut caret = None;
        let json_type = schema.and_then(|schema| schema.json_type);
        match (only, json_type) {
            // The value is there already; inserting the beginning of another one would break it.
            _ if self.has_colon || self.is_followed => {}
            (Some(value), _) => text = text + " " + &self.scalar(value),
            (None, Some(JsonType::Object)) if !self.is_flow => text = text + self.line_break + &self.indent + "  ",
            (None, Some(JsonType::Array)) if !self.is_flow => text = text + self.line_break + &self.indent + "  - ",
            (None, json_type) => {
                text.push(' ');
                caret = Some(text.len() + 1);
                match json_type {
                    Some(JsonType::Object) => text.push_str("{}"),
                    Some(JsonType::Array) => text.push_str("[]"),
                    Some(JsonType::String) if self.format == Format::Json => text.push_str("\"\""),
                    _ => caret = Some(text.len()),
                }
            }
        }
        let caret = caret.unwrap_or(text.len());
        if self.needs_comma {
            text.push_str(", ");
        }
        (text, caret)
    }

    /// A value.
    pub(super) fn value(&self, value: &Json) -> Insert {
        let is_collection = match value {
            Json::Object(members) => !members.is_empty(),
            Json::Array(items) => !items.is_empty(),
            _ => false,
        };
        let text = match is_collection && !self.is_flow {
            true => {
                let writer = self.clone().within();
                // Written by the writer of manifests, so that quoting and nesting follow its rules.
                let lines: Vec<String> = to_yaml(value).lines().map(str::to_owned).collect();
                writer.lead + &lines.join(&format!("{}{}", self.line_break, writer.indent))
            }
            false => self.lead.clone() + &self.scalar(value),
        };
        let caret = text.len();
        (text, caret)
    }

    /// A pair of brackets with the cursor in between.
    pub(super) fn brackets(&self, brackets: &str) -> Insert {
        let text = self.lead.clone() + brackets;
        let caret = text.len() - 1;
        (text, caret)
    }

    fn scalar(&self, value: &Json) -> String {
        value.as_str().map_or_else(|| value.to_text(), |text| self.word(text))
    }

    /// A string, in the quotes that there are by now, or in some where it needs them.
    fn word(&self, text: &str) -> String {
        let is_json = self.format == Format::Json;
        match self.quote {
            // Single quotes have no escapes, so a control character forces double quotes.
            Some('\'') if !is_json && !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', "''")),
            None if !is_json && is_plain(text) && !(self.is_flow && text.contains([',', '[', ']', '{', '}'])) => {
                text.to_owned()
            }
            _ => Json::from(text).to_text(),
        }
    }
}

/// Whether the line below the word is further in than the column, or an item in it.
fn is_followed(scan: &Scan<'_>, spot: &Spot, column: usize) -> bool {
    let text = scan.text;
    let mut next = next_line(text, line_end(text, spot.word.end));
    while let Some(start) = next {
        let at = skip_blanks(text, start, text.len());
        match text.as_bytes().get(at) {
            None => return false,
            Some(byte) if is_break(*byte) => next = next_line(text, at),
            Some(byte) => return at - start > column || (at - start == column && *byte == b'-'),
        }
    }
    false
}
