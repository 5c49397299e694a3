//! Scans JSON and the flow style of YAML: words and marks one after another, with the open brackets.

use super::scan::{Layout, ROOT, Scan, Shape, Spot};
use super::token::{
    goes_on, is_blank, is_break, is_closed, line_end, line_start, next_line, quoted_end, skip_blanks, trimmed,
};
use crate::manifest::Format;

/// Scans a document of JSON.
pub(super) fn document(scan: &mut Scan<'_>, start: usize) {
    let end = within(scan, ROOT, start, None);
    scan.settle_within(end..scan.text.len(), None);
}

/// Scans the value that begins at `start`. Returns where it ends. Around it is a map or a list at the column `indent`:
/// a line that is not further in ends it, whichever brackets are open.
pub(super) fn within(scan: &mut Scan<'_>, slot: usize, start: usize, indent: Option<usize>) -> usize {
    let frames = vec![Frame { slot, state: State::Value(slot) }];
    let mut flow = Flow { scan, indent, frames, maps: 0, lists: 0, at: start };
    while !flow.frames.is_empty() {
        let before = flow.at;
        let goes_on = flow.skip();
        flow.settle_between(before, goes_on);
        if !goes_on {
            break;
        }
        flow.step();
    }
    flow.at
}

/// The expected token in an open map or list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The name of a member.
    Key,
    /// The colon behind the name of this one.
    Colon(usize),
    /// The value of this member, or of the document.
    Value(usize),
    /// An item.
    Item,
    /// A comma or the closing bracket of a map.
    MapComma,
    /// A comma or the closing bracket of a list.
    ListComma,
}

struct Frame {
    slot: usize,
    state: State,
}

struct Flow<'s, 't> {
    scan: &'s mut Scan<'t>,
    indent: Option<usize>,
    /// The open collections; the first is the value itself.
    frames: Vec<Frame>,
    /// How many of the frames are maps, and how many lists.
    maps: usize,
    lists: usize,
    at: usize,
}

impl Flow<'_, '_> {
    fn byte(&self) -> Option<u8> {
        self.scan.text.as_bytes().get(self.at).copied()
    }

    fn is_yaml(&self) -> bool {
        self.scan.format == Format::Yaml
    }

    fn state(&mut self) -> Option<&mut State> {
        self.frames.last_mut().map(|frame| &mut frame.state)
    }

    /// Goes to the next word or mark; `false` when there is none.
    fn skip(&mut self) -> bool {
        let text = self.scan.text;
        let begin = self.at;
        while let Some(byte) = self.byte() {
            match byte {
                _ if is_blank(byte) => self.at += 1,
                b'#' if self.is_yaml() && (self.at == begin || !self.is_in_word()) => {
                    let end = line_end(text, self.at);
                    self.scan.settle_within(self.at + 1..end, None);
                    self.at = end;
                }
                _ if is_break(byte) => {
                    if !self.goes_on() {
                        self.at = line_end(text, begin);
                        return false;
                    }
                    self.at += 1;
                }
                _ => return true,
            }
        }
        // Empty lines at the end may belong to what is around.
        self.at = if self.indent.is_some() { line_end(text, begin) } else { self.at };
        false
    }

    fn is_in_word(&self) -> bool {
        let before = self.at.checked_sub(1).map(|before| self.scan.text.as_bytes()[before]);
        before.is_some_and(|before| !is_blank(before) && !is_break(before))
    }

    /// Whether the text behind a line break can belong to the value.
    fn goes_on(&self) -> bool {
        let text = self.scan.text;
        let next = next_line(text, self.at).map(|start| skip_blanks(text, start, text.len()));
        // A closing bracket may stand further out than the value; people write it so.
        let closes = next.and_then(|next| text.as_bytes().get(next)).is_some_and(|next| matches!(next, b'}' | b']'));
        closes || goes_on(text, self.at, self.indent)
    }

    /// Settles the spot of a cursor between two words or marks.
    fn settle_between(&mut self, begin: usize, goes_on: bool) {
        let (cursor, text) = (self.scan.at, self.scan.text);
        let next = self.byte().filter(|_| goes_on);
        let is_mark = next.is_none_or(|next| matches!(next, b',' | b':' | b'}' | b']'));
        // Where no line follows that belongs to it, empty lines do that are further in.
        let end = if goes_on { self.at } else { self.open_end() };
        if cursor < begin || cursor > end || (cursor == end && !is_mark) {
            return;
        }
        let Some(&Frame { slot, state }) = self.frames.last() else { return };
        let here = cursor..cursor;
        let spot = match state {
            State::Key => {
                // Another member follows directly; the inserted one must be separated from it.
                let needs_comma = !is_mark;
                Some(Spot { needs_comma, ..Spot::key(slot, None, here, Layout::Flow) })
            }
            State::Value(member) if is_mark && next != Some(b':') => {
                let needs_space = self.is_yaml() && text[..cursor].ends_with(':');
                Some(Spot { needs_space, ..Spot::value(member, here, Layout::Flow) })
            }
            // An empty item has no slot yet; completion needs one to find its schema.
            State::Item if is_mark => {
                let item = self.scan.add(slot, None, cursor);
                Some(Spot::value(item, here, Layout::Flow))
            }
            _ => None,
        };
        self.scan.settle(spot);
    }

    /// Where the value ends that is open while nothing follows it any more: the cursor is still in it when it is further in.
    fn open_end(&self) -> usize {
        let (cursor, text) = (self.scan.at, self.scan.text);
        if cursor <= self.at {
            return self.at;
        }
        let is_empty = text[self.at..cursor].bytes().all(|byte| is_blank(byte) || is_break(byte));
        let column = cursor - line_start(text, cursor);
        if is_empty && self.indent.is_none_or(|indent| column > indent) { cursor } else { self.at }
    }

    fn step(&mut self) {
        let Some(byte) = self.byte() else { return };
        let mark = self.at..self.at + 1;
        match byte {
            b'{' | b'[' => self.open(byte == b'{'),
            b'}' | b']' => self.close(byte == b'}'),
            b',' => {
                if let Some(state) = self.state() {
                    *state = match *state {
                        State::ListComma | State::Item => State::Item,
                        // A value outside of brackets is over.
                        State::Value(ROOT) => State::Value(ROOT),
                        _ => State::Key,
                    };
                }
                self.at = mark.end;
            }
            b':' if self.is_colon() => {
                if let Some(state) = self.state()
                    && let State::Colon(member) = *state
                {
                    *state = State::Value(member);
                }
                self.at = mark.end;
            }
            _ => self.word(),
        }
    }

    /// Whether a colon stands here rather than a word that begins with one.
    fn is_colon(&self) -> bool {
        let next = self.scan.text.as_bytes().get(self.at + 1);
        let is_awaited = matches!(self.frames.last().map(|frame| frame.state), Some(State::Colon(_)));
        // In YAML a colon within a word, as in a URL, belongs to the word.
        !self.is_yaml() || is_awaited || next.is_none_or(|next| ends_word(*next))
    }

    fn open(&mut self, is_map: bool) {
        let at = self.at;
        let shape = if is_map { Shape::Map } else { Shape::List };
        let slot = match self.frames.last() {
            Some(Frame { state: State::Value(slot), .. }) => *slot,
            Some(Frame { slot, state: State::Item | State::ListComma }) => {
                let list = *slot;
                self.scan.add(list, None, at)
            }
            _ => self.scan.add_lost(shape, at),
        };
        self.scan.fill(slot, shape, at..at);
        *(if is_map { &mut self.maps } else { &mut self.lists }) += 1;
        self.after_value();
        self.frames.push(Frame { slot, state: if is_map { State::Key } else { State::Item } });
        self.at = at + 1;
    }

    fn close(&mut self, is_map: bool) {
        self.at += 1;
        let count = if is_map { self.maps } else { self.lists };
        // A bracket that closes nothing is passed over; one that closes more than its own closes that too.
        while count > 0 && self.frames.len() > 1 {
            let Some(frame) = self.frames.pop() else { break };
            let shape = self.scan.slots[frame.slot].shape;
            *(if shape == Shape::Map { &mut self.maps } else { &mut self.lists }) -= 1;
            if (shape == Shape::Map) == is_map {
                break;
            }
        }
        // The outermost frame is the value itself, so it is complete.
        if self.frames.len() == 1 {
            self.frames.clear();
        }
    }

    /// A value was read, or begins.
    fn after_value(&mut self) {
        if let Some(state) = self.state() {
            *state = match *state {
                State::Item | State::ListComma => State::ListComma,
                _ => State::MapComma,
            };
        }
    }

    fn word(&mut self) {
        let range = self.at..self.word_end();
        self.at = range.end;
        let is_one_line = !self.scan.text[range.clone()].bytes().any(is_break);
        let Some(&Frame { slot, state }) = self.frames.last() else { return };
        let spot = match state {
            State::Value(_) | State::Item | State::ListComma => {
                let own = match state {
                    State::Value(own) => own,
                    _ => self.scan.add(slot, None, range.start),
                };
                self.scan.fill(own, Shape::Word(false), range.clone());
                self.after_value();
                Spot::value(own, range.clone(), Layout::Flow)
            }
            // Behind a name without colon and a value without comma, another name begins.
            State::Key | State::Colon(_) | State::MapComma => {
                let member = self.scan.add(slot, Some(range.clone()), range.end);
                self.state().into_iter().for_each(|state| *state = State::Colon(member));
                let next = skip_blanks(self.scan.text, range.end, self.scan.text.len());
                let has_colon = self.scan.text[next..].starts_with(':');
                Spot { has_colon, ..Spot::key(slot, Some(member), range.clone(), Layout::Flow) }
            }
        };
        self.scan.settle_within(range, is_one_line.then_some(spot));
        if self.frames.len() == 1 {
            self.frames.clear();
        }
    }

    fn word_end(&self) -> usize {
        let text = self.scan.text;
        let (bytes, start) = (text.as_bytes(), self.at);
        if bytes[start] == b'"' || (bytes[start] == b'\'' && self.is_yaml()) {
            let goes_on = |line_break: usize| self.is_yaml() && goes_on(text, line_break, self.indent);
            // A quote that is closed only by the next text in quotes was not closed at all.
            let end = quoted_end(text, start, text.len(), goes_on).filter(|end| is_closed(text, *end));
            return end.unwrap_or_else(|| self.cut_end(start + 1));
        }
        let is_end = |at: usize| match bytes[at] {
            b':' if self.is_yaml() => bytes.get(at + 1).is_none_or(|next| ends_word(*next)),
            b'#' if self.is_yaml() => at > start && is_blank(bytes[at - 1]),
            byte => is_break(byte) || matches!(byte, b',' | b'[' | b']' | b'{' | b'}' | b':'),
        };
        let end = (start..bytes.len()).find(|at| is_end(*at)).unwrap_or(bytes.len());
        trimmed(text, start..end.max(start + 1).min(bytes.len())).end
    }

    /// Where a word ends whose quote was not closed: at the next mark.
    fn cut_end(&self, from: usize) -> usize {
        let bytes = self.scan.text.as_bytes();
        let is_end = |at: &usize| is_break(bytes[*at]) || matches!(bytes[*at], b',' | b'}' | b']' | b':');
        let end = (from..bytes.len()).find(is_end).unwrap_or(bytes.len());
        trimmed(self.scan.text, from - 1..end).end
    }
}

/// Whether a colon before this byte ends a word of YAML between brackets.
fn ends_word(next: u8) -> bool {
    is_blank(next) || is_break(next) || matches!(next, b',' | b'[' | b']' | b'{' | b'}')
}
