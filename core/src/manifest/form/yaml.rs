//! Formats YAML by a library that keeps comments. No other file names it. Inputs that make it fail are refused before.

use std::panic::catch_unwind;

use pretty_yaml::config::{FormatOptions, LanguageOptions, Quotes};
use yaml_parser::{SyntaxKind, SyntaxNode};

use super::error::FormatError;
use super::reach;
use crate::manifest::{Document, locate};

/// Formats a YAML text. The caller compares the values afterwards.
pub(super) fn formatted(text: &str, documents: &[Document]) -> Result<String, FormatError> {
    if let Some(offset) = reach::beyond(text, documents) {
        let (line, _) = locate(text, offset);
        let why = format!("line {line} begins more than {} columns to the right", reach::MAX_COLUMNS);
        return Err(FormatError::Unsupported { why });
    }
    // The formatter panics at some odd texts, at more of them in builds that check for overflow.
    let formatted = catch_unwind(|| printed(text));
    formatted.unwrap_or_else(|_| Err(unsupported("the formatter failed")))
}

fn printed(text: &str) -> Result<String, FormatError> {
    let tree = yaml_parser::parse(text).map_err(|error| unsupported(&error.to_string()))?;
    if !is_even(&tree) {
        return Err(unsupported("a line of a block scalar is less indented than its first one"));
    }
    let mut formatted = pretty_yaml::format_text(text, &options()).map_err(|error| unsupported(&error.to_string()))?;
    if text.ends_with('\n') && !formatted.ends_with('\n') {
        formatted.push('\n');
    }
    Ok(formatted)
}

fn unsupported(why: &str) -> FormatError {
    FormatError::Unsupported { why: why.to_owned() }
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

/// Whether no line of a block scalar is less indented than its first line: the formatter cuts that much off every line.
fn is_even(tree: &SyntaxNode) -> bool {
    let tokens = tree.descendants_with_tokens().filter_map(|part| part.into_token());
    let mut texts = tokens.filter(|token| token.kind() == SyntaxKind::BLOCK_SCALAR_TEXT);
    texts.all(|token| {
        let text = token.text();
        let Some(first) = text.find(|letter: char| !letter.is_ascii_whitespace()) else { return true };
        let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        text.lines().all(|line| line.trim().is_empty() || line.get(first - start..).is_some())
    })
}

/// Whether the formatted text has the comments of the original, in order.
pub(super) fn has_comments_of(text: &str, formatted: &str, documents: &[Document]) -> bool {
    let is_same = || catch_unwind(|| comments(formatted) == comments(text)).unwrap_or(false);
    // The result as well: formatting may indent a line further than the library itself can read.
    reach::beyond(formatted, documents).is_none() && is_same()
}

fn comments(text: &str) -> Option<Vec<String>> {
    let tree = yaml_parser::parse(text).ok()?;
    let tokens = tree.descendants_with_tokens().filter_map(|part| part.into_token());
    let comments = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    Some(comments.map(|token| token.text().trim_end().to_owned()).collect())
}
