//! Places in text, counted in every way that editors count.

use std::ops::Range;

use serde::Serialize;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in its line, from 1.
    pub column: usize,
    /// The UTF-16 code unit in its line, from 1. The language server protocol counts the same from 0.
    pub utf16_column: usize,
    /// Bytes before it in the text.
    pub byte: usize,
    /// Characters before it in the text.
    pub character: usize,
    /// UTF-16 code units before it in the text.
    pub utf16: usize,
}

/// A part of a text, from its first character to just behind its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// Where it ends; an empty part ends where it begins.
    pub end: Position,
}

/// How far apart stops are, in bytes.
const STRIDE: usize = 4 << 10;

/// Positions in a text from which counting can go on, in order, the beginning first: problems far behind in a long text
/// are found without walking all the way to each.
#[derive(Clone, Debug)]
pub(crate) struct Stops(Vec<Position>);

impl Default for Stops {
    fn default() -> Self {
        Self(vec![Position::BEGINNING])
    }
}

impl Stops {
    /// The stops of a text; a short one has its beginning only.
    pub(crate) fn of(text: &str) -> Self {
        let mut stops = Self::default();
        if text.len() >= 4 * STRIDE {
            let offsets: Vec<usize> = (STRIDE..text.len()).step_by(STRIDE).collect();
            let found = positions(text, &stops, &offsets);
            stops.0.extend(found);
        }
        stops
    }

    /// The last stop that is not behind this byte.
    fn before(&self, byte: usize) -> Position {
        let behind = self.0.partition_point(|stop| stop.byte <= byte);
        behind.checked_sub(1).map_or(Position::BEGINNING, |index| self.0[index])
    }
}

/// The spans of byte ranges of a text, in the order of the ranges. One walk finds them all.
pub(crate) fn spans(text: &str, stops: &Stops, ranges: &[Range<usize>]) -> Vec<Span> {
    let mut offsets: Vec<usize> = ranges.iter().flat_map(|range| [range.start, range.end]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let positions = positions(text, stops, &offsets);
    let at = |offset: usize| offsets.binary_search(&offset).map_or(Position::BEGINNING, |index| positions[index]);
    ranges.iter().map(|range| Span { start: at(range.start), end: at(range.end) }).collect()
}

impl Position {
    const BEGINNING: Position = Position { line: 1, column: 1, utf16_column: 1, byte: 0, character: 0, utf16: 0 };

    /// The place behind so many ASCII characters within one line.
    fn along(self, count: usize) -> Self {
        Position {
            line: self.line,
            column: self.column + count,
            utf16_column: self.utf16_column + count,
            byte: self.byte + count,
            character: self.character + count,
            utf16: self.utf16 + count,
        }
    }

    /// The place behind a character that is here. A carriage return and a line feed together end one line.
    fn after(self, character: char, next: Option<char>) -> Self {
        let units = character.len_utf16();
        // No editor shows a byte order mark.
        let is_mark = character == '\u{feff}' && self.byte == 0;
        let here = Position {
            column: self.column + usize::from(!is_mark),
            utf16_column: self.utf16_column + if is_mark { 0 } else { units },
            byte: self.byte + character.len_utf8(),
            character: self.character + 1,
            utf16: self.utf16 + units,
            ..self
        };
        let ends_line = character == '\n' || (character == '\r' && next != Some('\n'));
        if ends_line { Position { line: self.line + 1, column: 1, utf16_column: 1, ..here } } else { here }
    }
}

/// The positions of sorted byte offsets. One within a character is the beginning of that character.
fn positions(text: &str, stops: &Stops, offsets: &[usize]) -> Vec<Position> {
    let mut positions = Vec::with_capacity(offsets.len());
    let mut here = Position::BEGINNING;
    for offset in offsets {
        let stop = stops.before(*offset);
        if stop.byte > here.byte {
            here = stop;
        }
        loop {
            here = here.along(plain_run(&text.as_bytes()[here.byte..(*offset).clamp(here.byte, text.len())]));
            let mut characters = text[here.byte..].chars();
            match characters.next() {
                Some(character) if here.byte + character.len_utf8() <= *offset => {
                    here = here.after(character, characters.next());
                }
                _ => break,
            }
        }
        positions.push(here);
    }
    positions
}

/// How many bytes from here on are ASCII and end no line.
// Nearly all of a long text is: without an end in the middle of a chunk, many bytes are looked at with one instruction.
fn plain_run(bytes: &[u8]) -> usize {
    const CHUNK: usize = 64;
    let is_plain = |byte: &u8| byte.is_ascii() & (*byte != b'\n') & (*byte != b'\r');
    let is_all_plain = |chunk: &&[u8]| chunk.iter().fold(true, |all, byte| all & is_plain(byte));
    let begin = bytes.chunks_exact(CHUNK).take_while(is_all_plain).count() * CHUNK;
    let rest = &bytes[begin..];
    begin + rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_every_way() {
        let text = "a: \u{1f980}b\r\nc: é\rd";
        let spans = spans(text, &Stops::of(text), &[text.find('d').expect("d")..text.len(), 3..7, 11..14]);
        let show = |position: Position| {
            let Position { line, column, utf16_column, byte, character, utf16 } = position;
            format!("{line}:{column} ({utf16_column}) {byte} {character} {utf16}")
        };
        let shown: Vec<_> = spans.iter().map(|span| [show(span.start), show(span.end)]).collect();
        assert_eq!(
            shown,
            [
                ["3:1 (1) 16 12 13", "3:2 (2) 17 13 14"],
                ["1:4 (4) 3 3 3", "1:5 (6) 7 4 5"],
                ["2:2 (2) 11 8 9", "2:4 (4) 13 10 11"],
            ]
        );
    }

    #[test]
    fn a_long_text_is_counted_from_its_stops_as_from_its_beginning() {
        let text = "a: \u{1f980}é\r\nb\rc\n".repeat(20_000);
        let (stops, beginning) = (Stops::of(&text), Stops::default());
        assert!(stops.0.len() > 8);
        let ranges: Vec<_> = (0..text.len()).step_by(997).rev().map(|start| start..start + 5).collect();
        assert_eq!(spans(&text, &stops, &ranges), spans(&text, &beginning, &ranges));
    }

    #[test]
    fn a_plain_run_ends_at_the_first_byte_that_is_not_plain() {
        for (length, place) in (0..140).flat_map(|length| (0..length).map(move |place| (length, place))) {
            for byte in [b'\n', b'\r', 0x80, 0xff] {
                let mut bytes = vec![b'a'; length];
                assert_eq!(plain_run(&bytes), length);
                (bytes[place], bytes[length - 1]) = (byte, byte);
                assert_eq!(plain_run(&bytes), place, "{byte} at {place} of {length}");
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let text = "\u{feff}a: b";
        let start = spans(text, &Stops::of(text), &[6..7, 0..1])[0].start;
        assert_eq!((start.column, start.utf16_column, start.byte, start.character), (4, 4, 6, 4));
    }

    #[test]
    fn places_beyond_the_text_are_its_end() {
        let found = spans("ab", &Stops::of("ab"), &[0..9, 1..9]);
        assert!(found.iter().all(|span| (span.end.column, span.end.byte) == (3, 2)));
    }
}
