//! YAML text to the builder, by way of granit-parser, which no other file names.

use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag};

use super::builder::{Builder, Expects};
use super::document::Document;
use super::failure::{LONE_SURROGATE, ReadError, shown};
use super::limits::Limits;
use super::scalar::{self, Scalar};
use super::spot;
use crate::json::Json;

/// Reads documents that are not empty, at most so many.
pub(crate) fn read(text: &str, builder: Builder<'_>, limits: &Limits, most: usize) -> Result<Vec<Document>, ReadError> {
    let mut reader = Reader { text, builder, styles: Vec::new(), is_empty: false, end: 0 };
    let mut documents = Vec::new();
    for next in parser(text, limits) {
        let (event, span) = next.map_err(|error| reader.refused(&error))?;
        if matches!(event, Event::DocumentEnd) {
            let document = reader.builder.finish();
            // A `---` at the end begins a document without content, which nobody means as one.
            documents.extend(document.filter(|_| !reader.is_empty));
            if documents.len() == most {
                break;
            }
        } else {
            reader.event(event, &span)?;
        }
    }
    Ok(documents)
}

/// How many characters a key may have, unless it is marked by `? `. A collection on one line may turn out to be a key up
/// to here, and the parser holds its tokens of more than 200 bytes each until it knows.
const LONGEST_KEY: usize = 1 << 15;

fn parser<'t>(text: &'t str, limits: &Limits) -> Parser<'t, StrInput<'t>> {
    // One level more than the builder takes, so that the builder refuses; the parser does when it looks further ahead.
    let nesting = limits.depth.min(512) + 1;
    let mut options = granit_parser::options! {
        simple_key_max_lookahead: LONGEST_KEY,
        flow_nesting_limit: nesting,
        block_nesting_limit: nesting,
    };
    // Comments are the formatter's business; here they would be events to skip.
    options.set_emit_comments(false);
    Parser::new_from_str_with_options(text, options)
}

/// The properties that every node can have: anchor and tag.
struct Node {
    range: Range<usize>,
    anchor: Option<usize>,
    tag_at: usize,
    is_key: bool,
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder<'t>,
    /// The styles of the collections that are open.
    styles: Vec<StructureStyle>,
    /// Whether the document has nothing in it but its markers.
    is_empty: bool,
    /// Where the latest event ends.
    end: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), ReadError> {
        let range = span.byte_range().unwrap_or(self.end..self.end);
        self.end = range.end;
        // The parser reports keys and values alike; only the builder knows which comes next.
        let is_key = matches!(self.builder.expects(), Expects::Key);
        let tag_at = span.tag_start().and_then(|mark| mark.byte_offset()).unwrap_or(range.start);
        let node =
            |anchor: usize| Node { range: range.clone(), anchor: (anchor != 0).then_some(anchor), tag_at, is_key };
        match event {
            Event::DocumentStart(..) => self.is_empty = false,
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, tag.as_deref(), node(anchor))?,
            Event::Alias(anchor) if is_key => {
                let name = self.builder.alias_key(anchor, &range)?;
                self.builder.key(name, range, false)?;
            }
            Event::Alias(anchor) => self.builder.alias(anchor, range)?,
            Event::SequenceStart(style, anchor, tag) => self.open(true, style, tag.as_deref(), node(anchor))?,
            Event::MappingStart(style, anchor, tag) => self.open(false, style, tag.as_deref(), node(anchor))?,
            Event::SequenceEnd | Event::MappingEnd => {
                // A block collection has no closing bracket: it ends with its last value, while the parser reports the
                // start of the next token.
                let is_flow = self.styles.pop() == Some(StructureStyle::Flow);
                self.builder.close(is_flow.then_some(range.end))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, is_array: bool, style: StructureStyle, tag: Option<&Tag>, node: Node) -> Result<(), ReadError> {
        if node.is_key {
            return self.builder.fail(node.range.start, "a key must be a string, not a collection; write it in quotes");
        }
        let natural = if is_array { "seq" } else { "map" };
        match tag.map(|tag| (tag, core(tag))) {
            None | Some((_, Core::Natural)) => {}
            Some((_, Core::Type(name))) if name == natural => {}
            Some((tag, Core::Type(_))) => {
                let tag = original(tag);
                let message = format!("the tag {tag} does not fit a collection; remove it");
                return self.builder.fail(node.tag_at, message).map_err(|error| error.quoting(&tag));
            }
            Some((tag, Core::Unknown)) => return self.unknown(tag, node.tag_at),
        }
        // The parser takes a tab for one column of indentation.
        if style == StructureStyle::Block && spot::is_behind_tab(self.text, node.range.start) {
            return self.builder.fail(spot::tab(self.text, node.range.start), TAB);
        }
        self.styles.push(style);
        self.builder.open(is_array, node.range, node.anchor)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, node: Node) -> Result<(), ReadError> {
        let Node { anchor, tag_at, is_key, .. } = node;
        let range = self.trimmed(node.range, style);
        let is_plain = style == ScalarStyle::Plain;
        // Only plain: the quoted `"<<"` is an ordinary key.
        if is_key && is_plain && text == "<<" && tag.is_none() {
            return self.builder.merge_key(range);
        }
        let found = match tag.map(|tag| (tag, core(tag))) {
            // Quoted scalars are strings; only plain ones are resolved.
            None if is_plain => scalar::plain(text),
            None | Some((_, Core::Natural)) => Scalar::Value(Json::from(text)),
            Some((_, Core::Type(name))) => match scalar::tagged(name, text) {
                Some(found) => found,
                None => {
                    let text = format!("{:?}", shown(text));
                    let message = format!("{text} is not what the tag !!{name} says; remove the tag");
                    return self.builder.fail(tag_at, message).map_err(|error| error.quoting(&text));
                }
            },
            Some((tag, Core::Unknown)) => return self.unknown(tag, tag_at),
        };
        if is_key {
            return self.key(found, text, range, anchor);
        }
        if self.builder.in_array().is_none() {
            self.is_empty = is_plain && range.is_empty() && tag.is_none();
        }
        let value = match found {
            Scalar::Value(value) => value,
            Scalar::Unkept(why) => self.builder.unkept(text, why, range.clone())?,
        };
        self.builder.scalar(value, range, anchor)
    }

    /// Returns the text of a key. Null is refused: a key named `null` or `~` is always a mistake.
    fn key(&mut self, found: Scalar, text: &str, range: Range<usize>, anchor: Option<usize>) -> Result<(), ReadError> {
        if found == Scalar::Value(Json::Null) {
            return self
                .builder
                .fail(range.start, "a key is empty or null; write the key, in quotes if it is meant so");
        }
        self.builder.key(text.to_owned(), range, false)?;
        anchor.map_or(Ok(()), |anchor| self.builder.remember_key(anchor, text))
    }

    /// The range without the bytes behind the last character that granit counts to a block scalar.
    fn trimmed(&self, range: Range<usize>, style: ScalarStyle) -> Range<usize> {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return range;
        }
        let raw = self.text.get(range.clone()).unwrap_or_default();
        range.start..range.start + raw.trim_end_matches([' ', '\t', '\r', '\n']).len()
    }

    fn unknown(&self, tag: &Tag, offset: usize) -> Result<(), ReadError> {
        let tag = original(tag);
        let message =
            format!("the tag {tag} is not known; remove it (known are !!str !!int !!float !!bool !!null !!map !!seq)");
        self.builder.fail(offset, message).map_err(|error| error.quoting(&tag))
    }

    fn refused(&self, error: &ScanError) -> ReadError {
        use ErrorKind as Kind;
        let offset = error.marker().byte_offset().unwrap_or(self.end);
        let (offset, message) = match error.kind() {
            Kind::RecursionLimitExceeded => return self.builder.too_deep(offset),
            Kind::TabInIndentation
            | Kind::TabInBlockIndentation
            | Kind::TabNotAllowed
            | Kind::TabAtBlockScalarStart
            | Kind::TabInPlainScalar
            | Kind::InvalidBlockEntryWhitespace => (spot::tab(self.text, offset), TAB.to_owned()),
            Kind::InvalidLowSurrogateHexEscape
            | Kind::InvalidLowSurrogate
            | Kind::MissingLowSurrogate
            | Kind::UnpairedLowSurrogate => (spot::escape(self.text, offset), LONE_SURROGATE.to_owned()),
            Kind::UnknownQuotedScalarEscape | Kind::InvalidQuotedScalarHexEscape | Kind::InvalidUnicodeEscape => {
                (spot::escape(self.text, offset), ESCAPE.to_owned())
            }
            Kind::UnknownAnchor => (offset, ANCHOR.to_owned()),
            Kind::BomInsideDocument => (offset, BOM.to_owned()),
            // Not only at the end: also at a comma or a bracket.
            Kind::UnexpectedEofImplicitFlowMapping => (offset, "a value is expected here".to_owned()),
            Kind::UnexpectedCharacter { character } => (offset, unexpected(*character)),
            // The parser's own words may quote anything.
            _ => {
                let info = error.info().to_string();
                let message = format!("the text is not YAML: {info}");
                return ReadError::new(self.text, offset, message).quoting(&info);
            }
        };
        ReadError::new(self.text, offset, message)
    }
}

const TAB: &str = "a tab cannot indent in YAML; use spaces";
const ESCAPE: &str = "this escape is not known in YAML; write a backslash as \\\\, or use single quotes";
const ANCHOR: &str = "an alias names an anchor that is not there before it; a text that begins with * needs quotes";
const BOM: &str = "a byte order mark (U+FEFF) may stand only at the beginning; remove it";

fn unexpected(letter: char) -> String {
    let code = letter as u32;
    if letter.is_ascii_graphic() {
        return format!("a text cannot begin with {letter} here; write it in quotes");
    }
    let escape = if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{code:04x}") };
    format!("the character U+{code:04X} cannot stand in YAML; remove it, or write {escape} in double quotes")
}

/// The type that a tag demands.
enum Core<'t> {
    /// `!`: a string for a scalar, nothing for a collection.
    Natural,
    Type(&'t str),
    Unknown,
}

fn core(tag: &Tag) -> Core<'_> {
    match tag.core_suffix() {
        Some(name) => Core::Type(name),
        None if original(tag) == "!" => Core::Natural,
        None => Core::Unknown,
    }
}

fn original(tag: &Tag) -> String {
    shown(&tag.original())
}
