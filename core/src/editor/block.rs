//! Scans YAML by its indentation: keys, dashes and their values, line by line.

use std::ops::Range;

use super::flow;
use super::scan::{Layout, ROOT, Scan, Shape, Spot};
use super::token::{
    goes_on, is_blank, is_break, is_closed, key, line_end, next_line, plain_end, quoted_end, skip_blanks, trimmed,
};

/// Scans a document that begins at `start`.
pub(super) fn document(scan: &mut Scan<'_>, start: usize) {
    let mut block = Block { scan, levels: Vec::new() };
    let mut line = Some(start);
    while let Some(start) = line {
        let end = block.line(start);
        line = next_line(block.scan.text, line_end(block.scan.text, end));
    }
}

/// A map or a list that is open, and the slot in it that came last.
struct Level {
    indent: usize,
    slot: usize,
    is_list: bool,
    last: usize,
}

struct Block<'s, 't> {
    scan: &'s mut Scan<'t>,
    levels: Vec<Level>,
}

/// A stretch of one line.
#[derive(Clone, Copy)]
struct Rest {
    /// Where the line begins.
    line: usize,
    at: usize,
    end: usize,
}

impl Rest {
    fn column(self) -> usize {
        self.at - self.line
    }
}

/// Where a value stands that is about to be read.
#[derive(Clone, Copy)]
struct Behind {
    slot: usize,
    layout: Layout,
    /// The column of the map or list around it.
    indent: Option<usize>,
}

impl Block<'_, '_> {
    /// Reads the content that begins in a line. Returns where it ends.
    fn line(&mut self, start: usize) -> usize {
        let end = line_end(self.scan.text, start);
        let at = skip_blanks(self.scan.text, start, end);
        let cursor = self.scan.at;
        if at == end || self.scan.text.as_bytes()[at] == b'#' {
            if (start..=at).contains(&cursor) {
                let spot = self.empty_line(cursor - start, cursor);
                self.scan.settle(spot);
            }
            self.scan.settle_within(start..end, None);
            return end;
        }
        if (start..at).contains(&cursor) {
            self.scan.settle(None);
        }
        let end = self.content(Rest { line: start, at, end });
        // Nothing can be completed behind a value in its line.
        self.scan.settle_within(start..line_end(self.scan.text, end), None);
        end
    }

    /// The spot in an empty line at a column.
    fn empty_line(&self, column: usize, cursor: usize) -> Option<Spot> {
        let here = cursor..cursor;
        let open = self.levels.iter().rposition(|level| level.indent <= column);
        let Some((index, level)) = open.map(|index| (index, &self.levels[index])) else {
            let is_empty = self.scan.slots[ROOT].shape == Shape::Empty;
            return is_empty.then(|| Spot::value(ROOT, here, Layout::Line));
        };
        // Further in than the innermost open level: the line belongs to the value of its last key.
        if level.indent < column {
            let is_empty = self.scan.slots[level.last].shape == Shape::Empty;
            return is_empty.then(|| Spot::value(level.last, here, Layout::Line));
        }
        match self.map_below(index) {
            Some(map) => Some(Spot::key(map, None, here, Layout::Line)),
            None => Some(Spot::value(level.slot, here, Layout::Line)),
        }
    }

    /// The map that has its keys in the column of a level: the level itself, or the one that a list at the same column
    /// belongs to.
    fn map_below(&self, index: usize) -> Option<usize> {
        // YAML allows the dashes of a list in the column of the key that holds it.
        let level = &self.levels[index];
        let below = index.checked_sub(1).map(|index| &self.levels[index]).filter(|below| below.indent == level.indent);
        if level.is_list { below.map(|below| below.slot) } else { Some(level.slot) }
    }

    fn content(&mut self, mut rest: Rest) -> usize {
        let text = self.scan.text;
        while is_dash(text, rest) {
            let item = self.open_item(rest);
            let dash = rest.at;
            rest.at = skip_blanks(text, dash + 1, rest.end);
            let is_comment = text.as_bytes().get(rest.at) == Some(&b'#');
            if rest.at == rest.end || is_comment {
                return self.gap(Behind { slot: item, layout: Layout::Line, indent: None }, dash + 1, rest);
            }
            if (dash..rest.at).contains(&self.scan.at) {
                self.scan.settle(None);
            }
        }
        match key(text, rest.at, rest.end) {
            Some((range, colon)) => self.member(rest, range, colon),
            None => self.word_line(rest),
        }
    }

    /// Behind a dash or a colon at `after` nothing stands but perhaps a comment.
    fn gap(&mut self, behind: Behind, after: usize, rest: Rest) -> usize {
        let cursor = self.scan.at;
        let is_free = rest.at == rest.end || cursor < rest.at;
        if is_free && (after..=rest.at).contains(&cursor) {
            let spot = Spot::value(behind.slot, cursor..cursor, behind.layout);
            self.scan.settle(Some(Spot { needs_space: cursor == after, ..spot }));
        }
        rest.end
    }

    fn member(&mut self, rest: Rest, range: Range<usize>, colon: usize) -> usize {
        let (map, member) = self.open_member(rest, range.clone());
        let spot = Spot { has_colon: true, ..Spot::key(map, Some(member), range.clone(), Layout::Line) };
        self.scan.settle_within(range, Some(spot));
        if self.scan.at <= colon {
            self.scan.settle_within(rest.at..colon, None);
        }
        let at = skip_blanks(self.scan.text, colon + 1, rest.end);
        let behind = Behind { slot: member, layout: Layout::Inline, indent: Some(rest.column()) };
        let next = Rest { at, ..rest };
        if at == rest.end || self.scan.text.as_bytes()[at] == b'#' {
            return self.gap(behind, colon + 1, next);
        }
        if (colon + 1..at).contains(&self.scan.at) {
            self.scan.settle(None);
        }
        self.value(behind, next)
    }

    /// A line without a key: a value on a line of its own, a key that is half typed, or more lines of the value before.
    fn word_line(&mut self, rest: Rest) -> usize {
        let column = rest.column();
        self.close(column + 1);
        let end = plain_end(self.scan.text, rest.at, rest.end);
        let index = self.levels.len().checked_sub(1);
        let slot = match index.map(|index| &self.levels[index]) {
            Some(level) if level.indent == column => {
                if let Some(map) = index.and_then(|index| self.map_below(index)) {
                    // A word in the column of keys is most likely a key whose colon is still to be typed.
                    self.close_list(column);
                    self.half_key(map, rest.at..end);
                }
                return end;
            }
            Some(level) => level.last,
            None => ROOT,
        };
        let indent = self.levels.last().map(|level| level.indent);
        // More lines of a plain scalar: YAML folds them into the value before.
        if self.scan.slots[slot].shape != Shape::Empty {
            return end;
        }
        let end = self.value(Behind { slot, layout: Layout::Line, indent }, rest);
        let found = &mut self.scan.slots[slot];
        found.column = matches!(found.shape, Shape::Word(_)).then_some(column);
        end
    }

    /// A key whose colon is still to come.
    fn half_key(&mut self, map: usize, range: Range<usize>) {
        let member = self.scan.add(map, Some(range.clone()), range.end);
        if let Some(level) = self.levels.last_mut() {
            level.last = member;
        }
        self.scan.settle_within(range.clone(), Some(Spot::key(map, Some(member), range, Layout::Line)));
    }

    /// Reads the value that begins at `rest`. Returns where it ends.
    fn value(&mut self, behind: Behind, mut rest: Rest) -> usize {
        let text = self.scan.text;
        let begin = rest.at;
        // Anchors and tags stand before a value and are no part of it.
        while matches!(text.as_bytes()[rest.at], b'&' | b'!') {
            let word = &text.as_bytes()[rest.at..rest.end];
            let length = word.iter().position(|byte| is_blank(*byte)).unwrap_or(word.len());
            rest.at = skip_blanks(text, rest.at + length, rest.end);
            if rest.at == rest.end {
                return rest.end;
            }
        }
        if begin < rest.at && (begin..rest.at).contains(&self.scan.at) {
            self.scan.settle(None);
        }
        match text.as_bytes()[rest.at] {
            b'|' | b'>' => self.lines(behind, rest),
            b'"' | b'\'' => self.quoted(behind, rest),
            b'{' | b'[' => flow::within(self.scan, behind.slot, rest.at, behind.indent),
            b'#' => rest.end,
            _ => {
                let range = rest.at..plain_end(text, rest.at, rest.end);
                self.word(behind, range.clone());
                range.end
            }
        }
    }

    fn word(&mut self, behind: Behind, range: Range<usize>) {
        self.scan.fill(behind.slot, Shape::Word(behind.layout == Layout::Line), range.clone());
        let is_one_line = !self.scan.text[range.clone()].bytes().any(is_break);
        let spot = is_one_line.then(|| Spot::value(behind.slot, range.clone(), behind.layout));
        self.scan.settle_within(range, spot);
    }

    fn quoted(&mut self, behind: Behind, rest: Rest) -> usize {
        let text = self.scan.text;
        let goes_on = |line_break: usize| goes_on(text, line_break, behind.indent);
        let end =
            quoted_end(text, rest.at, text.len(), goes_on).filter(|end| *end <= rest.end || is_closed(text, *end));
        let end = end.unwrap_or_else(|| trimmed(text, rest.at..rest.end).end);
        self.word(behind, rest.at..end);
        end
    }

    /// A block of text, up to its last line that is not empty.
    fn lines(&mut self, behind: Behind, rest: Rest) -> usize {
        let end = self.further_in(rest.end, behind.indent);
        self.scan.fill(behind.slot, Shape::Lines, rest.at..end);
        self.scan.settle_within(rest.at..end, None);
        end
    }

    /// Where the lines end that follow one and are further in than `indent`, without the empty ones at their end.
    fn further_in(&self, end: usize, indent: Option<usize>) -> usize {
        let text = self.scan.text;
        let (mut last, mut next) = (end, next_line(text, end));
        while let Some(start) = next {
            let end = line_end(text, start);
            let at = skip_blanks(text, start, end);
            if at < end {
                if indent.is_some_and(|indent| at - start <= indent) {
                    break;
                }
                last = end;
            }
            next = next_line(text, end);
        }
        last
    }

    /// Closes the maps and lists at a column or further in.
    fn close(&mut self, column: usize) {
        // Levels are ordered by their columns, so the last ones are the innermost.
        while self.levels.last().is_some_and(|level| level.indent >= column) {
            self.levels.pop();
        }
    }

    /// Closes a list whose dashes are in the column of the keys around it.
    fn close_list(&mut self, column: usize) {
        let is_closed = self.levels.last().is_some_and(|level| level.is_list && level.indent == column)
            && self.map_below(self.levels.len() - 1).is_some();
        if is_closed {
            self.levels.pop();
        }
    }

    fn open(&mut self, indent: usize, slot: usize, is_list: bool) {
        self.levels.push(Level { indent, slot, is_list, last: slot });
    }

    /// The map that a key at this place belongs to, and the new member.
    fn open_member(&mut self, rest: Rest, range: Range<usize>) -> (usize, usize) {
        let column = rest.column();
        // A key ends every collection that is further in, and a list whose dashes are in the column of the key.
        self.close(column + 1);
        self.close_list(column);
        let map = match self.levels.last() {
            Some(level) if level.indent == column && !level.is_list => level.slot,
            Some(level) if level.indent == column => self.scan.add_lost(Shape::Map, rest.at),
            level => {
                let slot = level.map_or(ROOT, |level| level.last);
                match self.half_typed(slot, column) {
                    Some(_) if self.scan.slots[slot].column == Some(column) => slot,
                    half => self.as_map(half.unwrap_or(slot), column, rest.at),
                }
            }
        };
        let member = self.scan.add(map, Some(range.clone()), range.end);
        match self.levels.last_mut() {
            Some(level) if level.indent == column => level.last = member,
            _ => {
                self.open(column, map, false);
                self.levels.last_mut().into_iter().for_each(|level| level.last = member);
            }
        }
        (map, member)
    }

    /// When a slot holds a word that begins a line, and a key or a dash follows that is not further out, then that word is
    /// a key that is half typed, and the slot is a map.
    fn half_typed(&mut self, slot: usize, column: usize) -> Option<usize> {
        let found = &self.scan.slots[slot];
        let own = found.column.filter(|own| found.shape == Shape::Word(true) && *own <= column)?;
        let word = found.value.clone();
        self.scan.fill(slot, Shape::Map, word.start..word.start);
        let member = self.scan.add(slot, Some(word.clone()), word.end);
        self.levels.push(Level { indent: own, slot, is_list: false, last: member });
        Some(member)
    }

    /// A slot as the map that a key further in demands.
    fn as_map(&mut self, slot: usize, column: usize, at: usize) -> usize {
        let found = &self.scan.slots[slot];
        match found.shape {
            Shape::Map if found.column.is_some() => return slot,
            Shape::Empty | Shape::Word(_) => {}
            _ => return self.scan.add_lost(Shape::Map, at),
        }
        self.scan.fill(slot, Shape::Map, at..at);
        self.scan.slots[slot].column = Some(column);
        slot
    }

    fn open_item(&mut self, rest: Rest) -> usize {
        let column = rest.column();
        self.close(column + 1);
        let list = match self.levels.last() {
            Some(level) if level.indent == column && level.is_list => level.slot,
            level => {
                let slot = level.map_or(ROOT, |level| level.last);
                let slot = self.half_typed(slot, column).unwrap_or(slot);
                let list = match self.scan.slots[slot].shape {
                    Shape::Empty => slot,
                    Shape::List if self.scan.slots[slot].column.is_some() => slot,
                    _ => self.scan.add_lost(Shape::List, rest.at),
                };
                self.scan.fill(list, Shape::List, rest.at..rest.at);
                self.scan.slots[list].column = Some(column);
                self.open(column, list, true);
                list
            }
        };
        let item = self.scan.add(list, None, rest.at + 1);
        self.levels.last_mut().into_iter().for_each(|level| level.last = item);
        item
    }
}

/// Whether a dash of a list stands here.
fn is_dash(text: &str, rest: Rest) -> bool {
    let bytes = text.as_bytes();
    rest.at < rest.end && bytes[rest.at] == b'-' && (rest.at + 1 == rest.end || is_blank(bytes[rest.at + 1]))
}
