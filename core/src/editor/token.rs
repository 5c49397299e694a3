//! The smallest parts of a text that is being typed: lines, keys, quoted and plain words.

use std::borrow::Cow;
use std::ops::Range;

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the line that `at` is in ends, its line break not counted.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|byte| is_break(*byte)).map_or(text.len(), |length| at + length)
}

/// Where the line begins that `at` is in.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|byte| is_break(*byte)).map_or(0, |before| before + 1)
}

/// Where the next line begins after one that ends at `end`, if there is one.
pub(super) fn next_line(text: &str, end: usize) -> Option<usize> {
    match text.as_bytes()[end..] {
        [] => None,
        [b'\r', b'\n', ..] => Some(end + 2),
        _ => Some(end + 1),
    }
}

/// The first byte from `from` to `end` that is no blank, or `end`.
pub(super) fn skip_blanks(text: &str, from: usize, end: usize) -> usize {
    text.as_bytes()[from..end].iter().position(|byte| !is_blank(*byte)).map_or(end, |length| from + length)
}

/// The range without the blanks at its end.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + text[range].trim_end_matches([' ', '\t']).len()
}

/// The key of a line and where its colon is, when a line (which ends at `end`) has one at `start`.
pub(super) fn key(text: &str, start: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    // A colon without a blank behind it is part of a word, as in `s3://apps`.
    let ends = |colon: usize| colon + 1 == end || is_blank(bytes[colon + 1]);
    match bytes.get(start)? {
        b'"' | b'\'' => {
            let close = quoted_end(text, start, end, |_| false)?;
            let colon = skip_blanks(text, close, end);
            (colon < end && bytes[colon] == b':' && ends(colon)).then_some((start..close, colon))
        }
        b'[' | b']' | b'{' | b'}' | b'#' | b'|' | b'>' | b'@' | b'`' | b'%' | b'!' | b'&' | b'*' | b',' => None,
        _ => {
            let is_over = |at: usize| bytes[at] == b'#' && at > start && is_blank(bytes[at - 1]);
            let stop = (start..end).find(|at| is_over(*at) || (bytes[*at] == b':' && ends(*at)))?;
            (bytes[stop] == b':').then(|| (trimmed(text, start..stop), stop))
        }
    }
}

/// Where a plain word of a line ends that begins at `start`: before a comment, and without blanks.
pub(super) fn plain_end(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let comment = (start + 1..end.max(start + 1)).find(|at| bytes[*at] == b'#' && is_blank(bytes[at - 1]));
    trimmed(text, start..comment.unwrap_or(end)).end
}

/// The place behind the closing quote of the quoted text at `start`, if it is before `end`. `goes_on` decides whether the
/// text goes on behind a line break.
pub(super) fn quoted_end(text: &str, start: usize, end: usize, goes_on: impl Fn(usize) -> bool) -> Option<usize> {
    let bytes = &text.as_bytes()[..end];
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' if quote == b'"' => at += 1,
            // In single quotes a quote is written twice.
            found if found == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            found if found == quote => return Some(at + 1),
            // A quote that was not closed would otherwise swallow the rest of the text.
            found if is_break(found) && !goes_on(at) => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a text in quotes that ends at `end` does so: a quote with a word behind it begins another text, and the one
/// before was not closed.
pub(super) fn is_closed(text: &str, end: usize) -> bool {
    !text[end..].starts_with(|next: char| next.is_alphanumeric() || matches!(next, '_' | '$' | '/'))
}

/// Whether the line behind a line break is empty, or further in than `indent`.
pub(super) fn goes_on(text: &str, line_break: usize, indent: Option<usize>) -> bool {
    let Some(start) = next_line(text, line_break) else { return true };
    let at = skip_blanks(text, start, text.len());
    at == text.len() || is_break(text.as_bytes()[at]) || indent.is_none_or(|indent| at - start > indent)
}

/// The text of a word without its quotes.
pub(super) fn decoded(raw: &str) -> Cow<'_, str> {
    match raw.as_bytes() {
        [b'"', .., b'"'] => match serde_json::from_str(raw) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(&raw[1..raw.len() - 1]),
        },
        [b'\'', .., b'\''] => Cow::Owned(raw[1..raw.len() - 1].replace("''", "'")),
        // The closing quote is still to be typed.
        _ => Cow::Borrowed(raw.trim_start_matches(['"', '\''])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_at_a_colon_with_something_blank_behind_it() {
        for (line, expected) in [
            ("kind: JAR", Some(("kind", 4))),
            ("kind:", Some(("kind", 4))),
            ("kind :\tx", Some(("kind", 5))),
            ("a:b: c", Some(("a:b", 3))),
            ("'it''s': x", Some(("'it''s'", 7))),
            (r#""a\"b" : x"#, Some((r#""a\"b""#, 7))),
            ("<<: *base", Some(("<<", 2))),
            ("é: x", Some(("é", 2))),
            ("s3://apps", None),
            ("word # kind: x", None),
            ("{kind: x}", None),
            ("\"open: x", None),
            ("*all: x", None),
            ("", None),
        ] {
            let found = key(line, 0, line.len());
            assert_eq!(found.map(|(range, colon)| (&line[range], colon)), expected, "{line:?}");
        }
    }

    #[test]
    fn what_a_word_says_is_read_without_its_quotes() {
        for (raw, said) in
            [("a b", "a b"), ("'it''s'", "it's"), (r#""\u00e9""#, "é"), (r#""\q""#, r"\q"), ("\"a", "a"), ("'", "")]
        {
            assert_eq!(decoded(raw), said, "{raw}");
        }
    }
}
