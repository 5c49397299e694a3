//! Formats YAML by a library that keeps comments. No other file names it. Inputs that make it fail are refused before.

use std::panic::catch_unwind;

use pretty_yaml::config::{FormatOptions, LanguageOptions, Quotes};
use yaml_parser::{SyntaxError, SyntaxKind, SyntaxNode, SyntaxToken};

use super::error::{FormatError, Refusal};
use super::{block_scalar, comment, reach};
use crate::manifest::{Document, Format, Limits, read_all};

/// Formats a YAML text. The caller compares the values afterwards.
pub(super) fn formatted(text: &str, documents: &[Document], limits: &Limits) -> Result<String, FormatError> {
    check_reach(text, documents)?;
    let taken = block_scalar::take(text, documents);
    // The formatter panics at some odd texts, at more of them in builds that check for overflow.
    let printed = catch_unwind(|| printed(&taken.text, limits))
        .unwrap_or_else(|_| Err(unsupported("the formatter failed", None)));
    let printed = printed.map_err(|refusal| refusal.in_text(text, |offset| taken.place(offset)))?;
    let mut formatted = taken.put_back(&printed).ok_or(FormatError::Changed { line: None })?;
    if text.ends_with('\n') && !formatted.ends_with('\n') {
        formatted.push('\n');
    }
    Ok(formatted)
}

/// Refuses a text that the formatter cannot read; formatting, too, may indent a line further than it reads.
pub(super) fn check_reach(text: &str, documents: &[Document]) -> Result<(), FormatError> {
    let Some(offset) = reach::beyond(text, documents) else { return Ok(()) };
    let why = format!("it begins more than {} columns to the right", reach::MAX_COLUMNS);
    Err(unsupported(&why, Some(offset)).in_text(text, |offset| offset))
}

/// Formats a text without its block scalars. Few odd ones are left in it.
fn printed(text: &str, limits: &Limits) -> Result<String, Refusal> {
    let printed = printed_once(text, limits)?;
    // The formatter moves some comments between brackets further each time.
    let tree = yaml_parser::parse(text).ok();
    match tree.and_then(|tree| comment::in_flow(&tree)) {
        Some(offset) if printed_once(&printed, limits)? != printed => {
            Err(unsupported("a comment between brackets; write the collection in block style", Some(offset)))
        }
        _ => Ok(printed),
    }
}

fn printed_once(text: &str, limits: &Limits) -> Result<String, Refusal> {
    let unreadable = |error: &SyntaxError| unsupported(error.message(), Some(error.offset().min(text.len())));
    let tree = yaml_parser::parse(text).map_err(|error| unreadable(&error))?;
    if let Some(offset) = uneven(&tree) {
        return Err(unsupported("a line of a block scalar is less indented than its first one", Some(offset)));
    }
    let printed = pretty_yaml::format_text(text, &options()).map_err(|error| unreadable(&error))?;
    // The formatter's parser takes twice as long for each bracket that is not closed, so that it only gets what can be read.
    read_all(printed.as_bytes(), Format::Yaml, limits).map_err(|_| Refusal { why: None, offset: None })?;
    comment::aligned(&tree, text, &printed)
}

fn unsupported(why: &str, offset: Option<usize>) -> Refusal {
    Refusal { why: Some(why.to_owned()), offset }
}

fn options() -> FormatOptions {
    // White space at the end of a line may belong to a block scalar.
    let language = LanguageOptions {
        quotes: Quotes::PreferDouble,
        trim_trailing_whitespaces: false,
        ..LanguageOptions::default()
    };
    FormatOptions { language, ..FormatOptions::default() }
}

/// The place of a block scalar with a line that is less indented than its first one: the formatter cuts that much off every line.
fn uneven(tree: &SyntaxNode) -> Option<usize> {
    let tokens = tree.descendants_with_tokens().filter_map(|part| part.into_token());
    let mut texts = tokens.filter(|token| token.kind() == SyntaxKind::BLOCK_SCALAR_TEXT);
    let is_uneven = |token: &SyntaxToken| {
        let text = token.text();
        let Some(first) = text.find(|letter: char| !letter.is_ascii_whitespace()) else { return false };
        let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        text.lines().any(|line| !line.trim().is_empty() && line.get(first - start..).is_none())
    };
    texts.find(is_uneven).map(|token| usize::from(token.text_range().start()))
}
