//! Comments on lines of their own stay in the block whose column they have: what was commented out at the end of a block belongs
//! there, and is the same again without its marks.

use std::collections::HashMap;

use yaml_parser::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::error::Refusal;

/// A comment of a text.
struct Comment {
    token: SyntaxToken,
    /// The column, when nothing but white space stands before it in its line, and no brackets are around it.
    column: Option<usize>,
    /// What stands before it and behind it and is no comment.
    before: Option<SyntaxToken>,
    behind: Option<SyntaxToken>,
}

/// Moves comments of a formatted text to the columns of the blocks that they have in the original.
///
/// # Errors
/// The two do not have the same comments and blocks.
pub(super) fn aligned(old: &SyntaxNode, text: &str, formatted: &str) -> Result<String, Refusal> {
    let changed = |offset: Option<usize>| Refusal { why: None, offset };
    let new = yaml_parser::parse(formatted).map_err(|_| changed(None))?;
    // Places are taken from the trees: these must be of all of the text.
    if old.text() != text || new.text() != formatted {
        return Err(changed(None));
    }
    let (old_comments, new_comments) = (comments(old, text), comments(&new, formatted));
    let is_same = |(old, new): (&Comment, &Comment)| old.token.text().trim_end() == new.token.text().trim_end();
    let kept = old_comments.iter().zip(&new_comments).take_while(|pair| is_same(*pair)).count();
    if kept < old_comments.len().max(new_comments.len()) {
        return Err(changed(old_comments.get(kept).map(|comment| start_of(&comment.token))));
    }
    let new_blocks: Vec<SyntaxNode> = blocks(&new).collect();
    let indexes: HashMap<SyntaxNode, usize> = blocks(old).enumerate().map(|(index, block)| (block, index)).collect();
    if indexes.len() != new_blocks.len() {
        return Err(changed(None));
    }
    let mut out = String::with_capacity(formatted.len());
    let mut at = 0;
    for (old, new) in old_comments.iter().zip(&new_comments) {
        let (Some(old_column), Some(new_column)) = (old.column, new.column) else { continue };
        let Some(index) = block(old, old_column, text).and_then(|block| indexes.get(&block)) else { continue };
        let begin = start_of(&new.token);
        out.push_str(&formatted[at..begin - new_column]);
        out.push_str(&" ".repeat(column_of(start(&new_blocks[*index]), formatted)));
        at = begin;
    }
    out.push_str(&formatted[at..]);
    Ok(out)
}

/// The innermost block that a comment continues or begins: one around what stands before it or behind it, that does not begin
/// to the right of the comment.
fn block(comment: &Comment, column: usize, text: &str) -> Option<SyntaxNode> {
    let around = |token: &Option<SyntaxToken>| token.clone().into_iter().flat_map(|token| token.parent_ancestors());
    let blocks = around(&comment.before).chain(around(&comment.behind)).filter(is_block);
    let is_item = comment.token.text().trim_start_matches('#').trim_start().starts_with("- ");
    let rank = |block: &SyntaxNode| {
        let column = column_of(start(block), text);
        // A list may stand at the column of its key: an item that was commented out belongs to the list.
        (column, (block.kind() == SyntaxKind::BLOCK_SEQ) == is_item, block.ancestors().count())
    };
    blocks.filter(|block| column_of(start(block), text) <= column).max_by_key(rank)
}

fn is_content(token: &SyntaxToken) -> bool {
    !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT)
}

fn is_block(node: &SyntaxNode) -> bool {
    matches!(node.kind(), SyntaxKind::BLOCK_MAP | SyntaxKind::BLOCK_SEQ)
}

/// The comments of a text, in its order.
fn comments(tree: &SyntaxNode, text: &str) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let (mut before, mut waiting) = (None, 0);
    for token in tree.descendants_with_tokens().filter_map(|part| part.into_token()) {
        if token.kind() == SyntaxKind::COMMENT {
            let begin = start_of(&token);
            let column = column_of(begin, text);
            let is_alone = text[begin - column..begin].bytes().all(|byte| byte == b' ');
            // Between brackets there is no block whose column it could have.
            let column = (is_alone && !is_in_flow(&token)).then_some(column);
            found.push(Comment { token, column, before: before.clone(), behind: None });
        } else if is_content(&token) {
            found[waiting..].iter_mut().for_each(|comment| comment.behind = Some(token.clone()));
            waiting = found.len();
            before = Some(token);
        }
    }
    found
}

/// The place of the first comment between brackets.
pub(super) fn in_flow(tree: &SyntaxNode) -> Option<usize> {
    let tokens = tree.descendants_with_tokens().filter_map(|part| part.into_token());
    let mut comments = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    comments.find(is_in_flow).map(|token| start_of(&token))
}

fn is_in_flow(token: &SyntaxToken) -> bool {
    let mut around = token.parent_ancestors();
    around.any(|node| matches!(node.kind(), SyntaxKind::FLOW_MAP | SyntaxKind::FLOW_SEQ))
}

fn blocks(tree: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> {
    tree.descendants().filter(is_block)
}

/// Where the first word of a block is.
fn start(block: &SyntaxNode) -> usize {
    let first = block.descendants_with_tokens().filter_map(|part| part.into_token()).find(is_content);
    first.map_or_else(|| usize::from(block.text_range().start()), |token| start_of(&token))
}

fn start_of(token: &SyntaxToken) -> usize {
    usize::from(token.text_range().start())
}

/// How many bytes are before a place in its line.
fn column_of(place: usize, text: &str) -> usize {
    place - text[..place].rfind(['\n', '\r']).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Format, Limits, format};

    #[test]
    fn comments_between_brackets_stay_where_they_are_or_the_text_does() {
        let formatted = |text: &str| format(text, Format::Yaml, &Limits::default());
        for text in [
            "a:\n  b: [ # c\n  ]\n",
            "a: { # c\n  }\n",
            "a: [\n  # only\n]\n",
            "a: {b: 1, # t\n   # c: 2\n   d: 3}\n",
            "a:\n  - [1, # x\n     2]\n",
        ] {
            if let Ok(once) = formatted(text) {
                assert_eq!(formatted(&once).as_ref(), Ok(&once), "{text:?}");
                assert!(!once.contains("\n# "), "{once:?}");
            }
        }
        let error = formatted("a: 1\nb: [ # c\n  ]\n").expect_err("it would move each time");
        assert!(error.to_string().starts_with("cannot be formatted at line 2: a comment between brackets"), "{error}");
        let once = formatted("a: {b: 1, # t\n   # c: 2\n   d: 3}\n").expect("it can be formatted");
        assert!(once.contains("  # c: 2\n"), "{once}");
    }

    #[test]
    fn comments_stay_in_the_block_of_their_column() {
        for (text, expected) in [
            (
                "spec:\n  t:\n    a: 1 # x\n    # b: 2\n    # c: 3\nm:\n  n: x # y\n  # l: {}\n",
                "spec:\n  t:\n    a: 1 # x\n    # b: 2\n    # c: 3\nm:\n  n: x # y\n  # l: {}\n",
            ),
            (
                "spec:\n    t:\n        a: 1 # x\n        # b: 2\n    # c: 3\n# d: 4\nm: 1\n",
                "spec:\n  t:\n    a: 1 # x\n    # b: 2\n  # c: 3\n# d: 4\nm: 1\n",
            ),
            ("k:\n- a # one\n# - b\nn: 1\n", "k:\n  - a # one\n  # - b\nn: 1\n"),
            ("k:\n- a # one\n# of n\nn: 1\n", "k:\n  - a # one\n# of n\nn: 1\n"),
            ("k:\n- a: 1 # one\n  # b: 2\n- c: 3\n", "k:\n  - a: 1 # one\n    # b: 2\n  - c: 3\n"),
            ("a:\n  # first\n  b: 1\n  # last", "a:\n  # first\n  b: 1\n  # last\n"),
            (
                "a: 1 # one\n\n\n# two\n---\n# three\nb: 2 # four\n# five\n",
                "a: 1 # one\n\n# two\n---\n# three\nb: 2 # four\n# five\n",
            ),
            ("a:\n  b: |\n    x\n  # c: 1\nd: 1\n", "a:\n  b: |\n    x\n  # c: 1\nd: 1\n"),
        ] {
            let once = format(text, Format::Yaml, &Limits::default()).expect("it can be formatted");
            assert_eq!(once.trim_end(), expected.trim_end(), "{text:?}");
            let again = format(&once, Format::Yaml, &Limits::default()).expect("it is in form");
            assert_eq!(again, once, "{text:?}");
        }
    }
}
