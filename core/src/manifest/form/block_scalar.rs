//! Block scalars are taken out of a text before it is formatted and put back afterwards: the formatter changes some of them, and
//! fails at others. A word stands for each meanwhile.

use std::ops::Range;

use super::scalars::scalars;
use crate::json::Json;
use crate::manifest::Document;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text without its block scalars.
pub(super) struct Taken {
    pub(super) text: String,
    /// The word that stands for a scalar, before its number.
    word: String,
    scalars: Vec<BlockScalar>,
    /// Places in the text, and those that they had before, in order.
    places: Vec<(usize, usize)>,
}

/// A block scalar without its indentation.
struct BlockScalar {
    /// `|` or `>`, with `+` or `-`.
    header: String,
    /// The lines as they are written, less the indentation of all.
    lines: Vec<String>,
    /// Whether its first line begins with white space, so that the header has to say how far all are indented.
    begins_indented: bool,
}

/// Takes the block scalars out of a text.
pub(super) fn take(text: &str, documents: &[Document]) -> Taken {
    // Places are looked up one by one, which takes long in a large text; most have no block scalar.
    let has_header = text.lines().any(|line| in_line(line).is_some());
    let found = if has_header { scalars(documents) } else { Vec::new() };
    let string = |(range, value): (Range<usize>, &'_ Json)| value.as_str().map(|text| (range, text.to_owned()));
    let mut strings: Vec<(Range<usize>, String)> = found.into_iter().filter_map(string).collect();
    // A value that an alias copied is written once.
    strings.sort_by_key(|(range, _)| range.start);
    strings.dedup_by_key(|(range, _)| range.start);
    let mut word = "block".to_owned();
    while text.contains(&word) {
        word.push('k');
    }
    let mut taken = Taken { text: String::with_capacity(text.len()), word, scalars: Vec::new(), places: Vec::new() };
    // The formatter drops it, and counts from behind it.
    let mut at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    taken.places.push((0, at));
    for (range, value) in strings {
        let Some(found) = find(text, range.start, &value).filter(|found| found.header.start >= at) else { continue };
        taken.text.push_str(&text[at..found.header.start]);
        taken.text.push_str(&format!("{}{}", taken.word, taken.scalars.len()));
        taken.text.push_str(&text[found.header.end..found.content.start]);
        at = found.content.end;
        taken.places.push((taken.text.len(), at));
        taken.scalars.push(found.scalar);
    }
    taken.text.push_str(&text[at..]);
    taken
}

impl Taken {
    /// The place in the original text of a place in this one.
    pub(super) fn place(&self, offset: usize) -> usize {
        let before = self.places.iter().rev().find(|(here, _)| *here <= offset);
        before.map_or(offset, |(here, there)| there + offset - here)
    }

    /// Puts the scalars back into the formatted text. `None` when one has lost its place.
    pub(super) fn put_back(&self, formatted: &str) -> Option<String> {
        let mut out = String::with_capacity(formatted.len() + 64);
        let mut next = 0;
        for line in formatted.split_inclusive('\n') {
            let word = format!("{}{next}", self.word);
            let Some((before, after)) = line.split_once(&word).filter(|_| next < self.scalars.len()) else {
                out.push_str(line);
                continue;
            };
            out.push_str(before);
            self.scalars[next].write(after, column(before), &mut out);
            next += 1;
        }
        (next == self.scalars.len()).then_some(out)
    }
}

impl BlockScalar {
    /// Writes the header, what follows it in its line, and the lines at a column.
    fn write(&self, after: &str, column: usize, out: &mut String) {
        let (style, chomping) = self.header.split_at(1);
        let indentation = if self.begins_indented { "2" } else { "" };
        out.push_str(&format!("{style}{indentation}{chomping}{}", after.trim_end_matches('\n')));
        for line in &self.lines {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&" ".repeat(column));
                out.push_str(line);
            }
        }
        if after.ends_with('\n') {
            out.push('\n');
        }
    }
}

/// The column of the lines of a scalar whose header stands behind this: two behind its key, or behind the dash of its item.
fn column(before: &str) -> usize {
    let mut rest = before;
    loop {
        let trimmed = rest.trim_start_matches(' ');
        match trimmed.strip_prefix(['-', '?']).filter(|behind| behind.starts_with(' ')) {
            Some(behind) => rest = behind,
            None => {
                let start = before.len() - trimmed.len();
                // Behind a dash there is nothing or a tag; a key, and the document itself, stand at the column.
                let is_item = start > 0 && rest.len() < before.len() && !trimmed.contains(": ");
                return if is_item { start } else { start + 2 };
            }
        }
    }
}

/// Where a block scalar is written.
struct Found {
    header: Range<usize>,
    content: Range<usize>,
    scalar: BlockScalar,
}

/// Finds the block scalar that has a value at a place; `None` for scalars of other styles, and for one whose lines are not
/// indented.
fn find(text: &str, start: usize, value: &str) -> Option<Found> {
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |length| at + length + 1);
    let header_range = header(text, start)?;
    let header = &text[header_range.clone()];
    let content_start = line_end(header_range.end);
    let is_kept = header.contains('+');
    let indentation = indentation(&text[content_start..], value);
    let (mut lines, mut end, mut at) = (Vec::new(), content_start, content_start);
    // The lines up to the last that is not blank.
    let mut count = 0;
    while at < text.len() {
        let next = line_end(at);
        let line = text[at..next].trim_end_matches(['\n', '\r']);
        let blanks = line.len() - line.trim_start_matches(' ').len();
        if blanks < line.len() && (indentation == Some(0) || blanks < indentation.unwrap_or(usize::MAX)) {
            break;
        }
        lines.push(indentation.and_then(|indentation| line.get(indentation..)).unwrap_or_default().to_owned());
        at = next;
        // Blanks beyond the indentation are text.
        if is_kept || blanks < line.len() || indentation.is_some_and(|indentation| line.len() > indentation) {
            (count, end) = (lines.len(), at);
        }
    }
    lines.truncate(count);
    if indentation == Some(0) {
        return None;
    }
    let begins_indented = lines.iter().find(|line| !line.is_empty()).is_some_and(|line| line.starts_with([' ', '\t']));
    let header_text = header.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let scalar = BlockScalar { header: header_text, lines, begins_indented };
    Some(Found { header: header_range, content: content_start..end, scalar })
}

/// Where the header of a block scalar is whose value begins at a place: behind blanks in its line, or behind blank lines.
fn header(text: &str, start: usize) -> Option<Range<usize>> {
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let is_blank = |line: &str| line.bytes().all(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    // Without any line the place is that of the header itself.
    if !is_blank(&text[line_start..start]) {
        let line = &text[line_start..start + text[start..].find('\n').unwrap_or(text.len() - start)];
        let found = in_line(line).map(|range| line_start + range.start..line_start + range.end);
        return found.filter(|range| range.start == start);
    }
    let before = text[..line_start].trim_end_matches([' ', '\r', '\n']);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    in_line(&before[line_start..]).map(|range| line_start + range.start..line_start + range.end)
}

/// Where the indicators of a block scalar are in the line that they end; a comment may follow.
fn in_line(line: &str) -> Option<Range<usize>> {
    let line = line.trim_end();
    let begins = line.match_indices(['|', '>']).map(|(index, _)| index);
    let mut begins = begins.filter(|index| *index == 0 || line[..*index].ends_with(' '));
    begins.find_map(|begin| {
        let indicators = line[begin + 1..].find(|letter| !matches!(letter, '+' | '-' | '0'..='9'));
        let end = indicators.map_or(line.len(), |length| begin + 1 + length);
        let is_last =
            line[end..].is_empty() || (line[end..].starts_with(' ') && line[end..].trim_start().starts_with('#'));
        // Within a comment it means nothing.
        (is_last && !line[..begin].contains(" #") && !line.starts_with('#')).then_some(begin..end)
    })
}

/// How far all lines of a scalar are indented, by its first line with a character in the value; `None` when it has none.
fn indentation(content: &str, value: &str) -> Option<usize> {
    let written = |line: &str| line.trim_end_matches('\r').len();
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let (line, text) = content.split('\n').zip(value.split('\n')).find(|(_, text)| !text.is_empty())?;
    // A line of white space is compared as a whole: its end is no part of the indentation.
    let is_blank = blanks(text) == text.len();
    let (line, text) = if is_blank { (written(line), text.len()) } else { (blanks(line), blanks(text)) };
    line.checked_sub(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Format, Limits, format};

    /// The formatted text, which reads as the same and is in form.
    fn formatted(text: &str) -> String {
        let once = format(text, Format::Yaml, &Limits::default()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(format(&once, Format::Yaml, &Limits::default()).as_ref(), Ok(&once), "{text:?}");
        once
    }

    #[test]
    fn block_scalars_keep_their_lines() {
        for (text, expected) in [
            ("a: |\n     x\n\n     y\n", "a: |\n  x\n\n  y\n"),
            ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
            ("a: |+\n\n\nb: 1\n", "a: |+\n\n\nb: 1\n"),
            ("a: |2\n    x\n  y\n", "a: |2\n    x\n  y\n"),
            ("a: |4-\n      x\n    y\n", "a: |2-\n    x\n  y\n"),
            ("a: >2\n    x\n", "a: >2\n    x\n"),
            ("a: |\n  \tx\n  y\n", "a: |2\n  \tx\n  y\n"),
            ("k:\n- |\n x\n- |2-\n   x\n", "k:\n  - |\n    x\n  - |2-\n     x\n"),
            ("k:\n- |+\n\n- b\n", "k:\n  - |+\n\n  - b\n"),
            ("a: | # c\n   x\n", "a: | # c\n  x\n"),
            ("a: &x |\n   x\nb: *x\n", "a: &x |\n  x\nb: *x\n"),
            ("a: |-\r\n   x\r\n   y\r\nb: 1\r\n", "a: |-\n  x\n  y\nb: 1\n"),
            ("a: |\n  block0\nb: block1\n", "a: |\n  block0\nb: block1\n"),
            ("a: # |\n  x\nb: \"y |\n  z\"\n", "a: # |\n  x\nb: \"y |\n  z\"\n"),
            ("a: |\n  x\n  # text\n# comment\n", "a: |\n  x\n  # text\n# comment\n"),
            ("a: |2\n     \n  x\n", "a: |2\n     \n  x\n"),
            ("a: |\n    x\n      \nb: 1\n", "a: |\n  x\n    \nb: 1\n"),
            ("a: |\n    x\n   \nb: 1\n", "a: |\n  x\n\nb: 1\n"),
            ("\u{feff}é: |\n   x\n   # y\n# é\nb: 1\n", "é: |\n  x\n  # y\n# é\nb: 1\n"),
        ] {
            assert_eq!(formatted(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_header_is_found_in_its_line_only() {
        for (line, expected) in [
            ("a: |", Some(3..4)),
            ("- >2- # c | d", Some(2..5)),
            ("|+", Some(0..2)),
            ("\"a | b\": |-", Some(9..11)),
            ("a: b|", None),
            ("a: # |", None),
            ("# |", None),
            ("a: | x", None),
        ] {
            assert_eq!(in_line(line), expected, "{line:?}");
        }
    }
}
