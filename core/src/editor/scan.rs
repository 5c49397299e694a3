//! The document that the cursor is in, as a tree of slots with their places, and the spot of the cursor. Every text has such
//! a tree; slots in impossible places have no parent.

use std::borrow::Cow;
use std::ops::Range;

use super::token::{decoded, line_start};
use crate::manifest::Format;

/// The slot of the whole document.
pub(super) const ROOT: usize = 0;

/// The parent of slots in impossible places.
const NOTHING: usize = usize::MAX;

/// The content of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Empty,
    /// A word; `true` when a line begins with it, so that it may become a key.
    Word(bool),
    /// Lines of text.
    Lines,
    List,
    Map,
}

/// A place for a value: the whole document, a member, or an item.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) parent: usize,
    /// The bytes of the key, if the slot is a member.
    pub(super) key: Option<Range<usize>>,
    pub(super) value: Range<usize>,
    pub(super) shape: Shape,
    /// Which of its parent's slots it is.
    pub(super) index: usize,
    /// How many slots it has itself.
    pub(super) count: usize,
    /// The column of its keys or dashes, when they stand on lines of their own.
    pub(super) column: Option<usize>,
}

/// The layout of inserted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// A key or a dash may stand here, on a line of its own or behind a dash.
    Line,
    /// Behind a colon in a line.
    Inline,
    /// Between brackets.
    Flow,
}

/// The spot of the cursor: what can be typed there.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The slot whose value, or the map whose member, is being typed.
    pub(super) slot: usize,
    /// Whether only the name of a member can stand here.
    pub(super) is_key: bool,
    /// The member whose name is being typed.
    pub(super) own: Option<usize>,
    /// The word that is being typed.
    pub(super) word: Range<usize>,
    pub(super) layout: Layout,
    /// Whether the word is followed by its colon.
    pub(super) has_colon: bool,
    /// Whether something blank has to come first.
    pub(super) needs_space: bool,
    /// Whether another member follows that a comma has to stand before.
    pub(super) needs_comma: bool,
}

impl Spot {
    /// A value is being typed.
    pub(super) fn value(slot: usize, word: Range<usize>, layout: Layout) -> Self {
        let (own, is_key, has_colon, needs_space, needs_comma) = (None, false, false, false, false);
        Self { slot, is_key, own, word, layout, has_colon, needs_space, needs_comma }
    }

    /// The name of a member of `slot` is being typed.
    pub(super) fn key(slot: usize, own: Option<usize>, word: Range<usize>, layout: Layout) -> Self {
        Self { is_key: true, own, ..Self::value(slot, word, layout) }
    }
}

/// A text that is being scanned, up to the end of the document of the cursor.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    pub(super) format: Format,
    /// The cursor.
    pub(super) at: usize,
    pub(super) slots: Vec<Slot>,
    /// The text with the documents that follow.
    pub(super) all: &'t str,
    spot: Option<Spot>,
    is_settled: bool,
}

impl<'t> Scan<'t> {
    /// A scan that has read nothing yet of the document from `start` to `end`, with the cursor at `at`.
    pub(super) fn new(all: &'t str, document: Range<usize>, at: usize, format: Format) -> Self {
        // Only up to the end of the document: an open bracket must not swallow the next one.
        let text = &all[..document.end];
        let mut scan = Self { text, format, at, slots: Vec::new(), all, spot: None, is_settled: false };
        scan.slots.push(scan.slot(NOTHING, None, document.start));
        scan
    }

    /// The spot of the cursor; `None` within comments, blocks of text, and between values.
    pub(super) fn spot(&self) -> Option<&Spot> {
        self.spot.as_ref()
    }

    /// Settles the spot of the cursor. Only the first call counts.
    pub(super) fn settle(&mut self, spot: Option<Spot>) {
        // Inner scanners settle before outer ones, and know the place better.
        if !std::mem::replace(&mut self.is_settled, true) {
            self.spot = spot;
        }
    }

    /// Settles the spot if the cursor is within a range or at either end of it.
    pub(super) fn settle_within(&mut self, range: Range<usize>, spot: Option<Spot>) {
        if (range.start..=range.end).contains(&self.at) {
            self.settle(spot);
        }
    }

    fn slot(&self, parent: usize, key: Option<Range<usize>>, at: usize) -> Slot {
        Slot { parent, key, value: at..at, shape: Shape::Empty, index: 0, count: 0, column: None }
    }

    /// A new slot of a list or a map.
    pub(super) fn add(&mut self, parent: usize, key: Option<Range<usize>>, at: usize) -> usize {
        let mut slot = self.slot(parent, key, at);
        if let Some(parent) = self.slots.get_mut(parent) {
            slot.index = parent.count;
            parent.count += 1;
        }
        self.slots.push(slot);
        self.slots.len() - 1
    }

    /// A slot without a parent, for a value in an impossible place.
    pub(super) fn add_lost(&mut self, shape: Shape, at: usize) -> usize {
        let slot = self.add(NOTHING, None, at);
        self.slots[slot].shape = shape;
        slot
    }

    /// Fills a slot.
    pub(super) fn fill(&mut self, slot: usize, shape: Shape, value: Range<usize>) {
        (self.slots[slot].shape, self.slots[slot].value) = (shape, value);
    }

    /// The slots directly within one.
    pub(super) fn children(&self, slot: usize) -> impl Iterator<Item = (usize, &Slot)> {
        let all = self.slots.iter().enumerate().skip(slot + 1);
        // The children of a slot follow it, so the search ends with the last of them.
        let count = self.slots[slot].count;
        all.filter(move |(_, other)| other.parent == slot).take(count)
    }

    /// The name of a member.
    pub(super) fn name(&self, slot: &Slot) -> Option<Cow<'t, str>> {
        Some(decoded(&self.text[slot.key.clone()?]))
    }

    /// The word that the member of that name holds.
    pub(super) fn word(&self, map: usize, name: &str) -> Option<Cow<'t, str>> {
        let (_, found) = self.children(map).find(|(_, slot)| self.name(slot).as_deref() == Some(name))?;
        matches!(found.shape, Shape::Word(_)).then(|| decoded(&self.text[found.value.clone()]))
    }

    /// The slots from the root to this one; none when it hangs on nothing.
    pub(super) fn path(&self, slot: usize) -> Option<Vec<usize>> {
        let mut path = vec![slot];
        let mut at = slot;
        while at != ROOT {
            at = self.slots[at].parent;
            if at == NOTHING {
                return None;
            }
            path.push(at);
        }
        path.reverse();
        Some(path)
    }

    /// The text before a place in its line, as blanks.
    pub(super) fn indent(&self, at: usize) -> String {
        let before = &self.text[line_start(self.text, at)..at];
        // Tabs stay tabs: the indentation has to look like that of the line above.
        before.chars().map(|letter| if letter == '\t' { '\t' } else { ' ' }).collect()
    }
}
