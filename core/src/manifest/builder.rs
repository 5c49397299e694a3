//! Builds a document from the events of a reader: the one place for limits, duplicate keys, merge keys and positions.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::document::Document;
use super::failure::{ReadError, locate, shown};
use super::limits::Limits;
use super::mark::{Mark, Marks, Places, SharedStops};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Json, Members, join};

/// The most problems that are listed. A text with more is refused, so that messages stay bounded.
const MAX_PROBLEMS: usize = 100;

/// The most bytes of the pointers of all problems together: one pointer may be as long as the text.
const MAX_PLACES: usize = 256 << 10;

/// A document that is being built.
pub(crate) struct Builder<'t> {
    pub(super) text: &'t str,
    shared: Option<Arc<str>>,
    stops: SharedStops,
    pub(super) limits: Limits,
    pub(super) stack: Vec<Frame>,
    pub(super) marks: Marks,
    /// Makes the marks of the text afterwards, when this builder makes none.
    later: Option<fn(&str) -> Marks>,
    /// Each with where it is in the text.
    pub(super) problems: Vec<(Diagnostic, usize)>,
    /// Bytes of the places of problems so far in the whole text.
    places: usize,
    root: Option<Json>,
    /// Values so far in the whole text.
    pub(super) nodes: usize,
    /// Bytes of strings and keys so far in the document.
    pub(super) bytes: usize,
    /// Bytes of strings and keys that were copied so far in the whole text.
    pub(super) copied: usize,
    /// Where the value that was finished last ends.
    pub(super) end: usize,
    pub(super) anchors: HashMap<usize, Anchor>,
}

/// A collection that is open.
pub(super) struct Frame {
    pub items: Items,
    pub mark: usize,
    /// The levels of collections within this one.
    pub height: usize,
    pub anchor: Option<usize>,
    bytes: usize,
}

pub(super) enum Items {
    Array(Vec<Json>),
    Object(Open),
}

/// An object that is open.
#[derive(Default)]
pub(super) struct Open {
    pub members: Members,
    pub key: Option<Key>,
    /// The place of the merge key, if there was one.
    pub merged: Option<(u32, u32)>,
    pub merges: Vec<Merge>,
}

/// A value that aliases may copy.
pub(crate) struct Anchor {
    pub(super) value: Json,
    pub(super) marks: Vec<Mark>,
    pub(super) height: usize,
    pub(super) bytes: usize,
}

/// The extent of a finished value: the index of its mark, how many levels of collections it has, and the bytes of its
/// strings and keys.
pub(super) struct Extent {
    pub mark: usize,
    pub height: usize,
    pub bytes: usize,
}

/// A mapping that a merge key brings: its members and the marks of the whole mapping.
pub(crate) struct Merge {
    pub(super) members: Members,
    pub(super) marks: Vec<Mark>,
}

pub(super) enum Key {
    Name(String),
    Merge,
}

/// The event that must come next.
pub(crate) enum Expects {
    Item,
    Key,
    Value,
    /// The document is complete.
    Nothing,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str, limits: &Limits) -> Self {
        Self {
            text,
            shared: None,
            stops: SharedStops::default(),
            // A mark has 32 bits for the number of values.
            limits: Limits { depth: limits.depth.min(512), nodes: limits.nodes.min(1 << 30), ..*limits },
            stack: Vec::new(),
            marks: Marks::default(),
            later: None,
            problems: Vec::new(),
            places: 0,
            root: None,
            nodes: 0,
            bytes: 0,
            copied: 0,
            end: 0,
            anchors: HashMap::new(),
        }
    }

    /// A builder for text without anchors and merge keys. It makes no marks; `later` makes them from the text when a place is
    /// asked for.
    pub(crate) fn without_marks(text: &'t str, limits: &Limits, later: fn(&str) -> Marks) -> Self {
        Self { later: Some(later), ..Self::new(text, limits) }
    }

    pub(crate) fn expects(&self) -> Expects {
        match self.stack.last().map(|frame| &frame.items) {
            Some(Items::Array(_)) => Expects::Item,
            Some(Items::Object(open)) if open.key.is_none() => Expects::Key,
            Some(Items::Object(_)) => Expects::Value,
            None if self.root.is_some() => Expects::Nothing,
            None => Expects::Value,
        }
    }

    /// Whether an array is the innermost open collection, or an object, or neither.
    pub(crate) fn in_array(&self) -> Option<bool> {
        self.stack.last().map(|frame| matches!(frame.items, Items::Array(_)))
    }

    pub(crate) fn fail<T>(&self, offset: usize, message: impl Into<String>) -> Result<T, ReadError> {
        Err(ReadError::new(self.text, offset, message))
    }

    /// Begins a member. `is_verbatim`: the text has the name as it is, perhaps in quotes.
    pub(crate) fn key(&mut self, name: String, range: Range<usize>, is_verbatim: bool) -> Result<(), ReadError> {
        self.bytes += name.len();
        let Some(Frame { items: Items::Object(open), mark: parent, .. }) = self.stack.last_mut() else {
            return self.fail(range.start, "a key outside of an object");
        };
        // Members that come in order, as programs write them, need no look at those before.
        let is_last = open.members.last_key_value().is_none_or(|(last, _)| *last < name);
        // RFC 8259 leaves duplicate names open, and readers disagree on the winner. Refusing them is the only safe
        // reading.
        if !is_last && open.members.contains_key(&name) {
            let parent = *parent;
            let first = self.first_key(parent, &name);
            return self.duplicate(&name, first, range.start);
        }
        if self.later.is_none() {
            let mut mark = Mark { key: small(&range), size: 1, ..Mark::default() };
            if !is_verbatim {
                self.marks.set_name(&mut mark, &name, self.text);
            }
            self.marks.list.push(mark);
        }
        open.key = Some(Key::Name(name));
        Ok(())
    }

    /// Begins the member `<<`, whose value's members become members of the object.
    pub(crate) fn merge_key(&mut self, range: Range<usize>) -> Result<(), ReadError> {
        let Some(Frame { items: Items::Object(open), .. }) = self.stack.last_mut() else {
            return self.fail(range.start, "a key outside of an object");
        };
        // YAML readers differ on a second merge key.
        if let Some(first) = open.merged {
            return self.duplicate("<<", first.0, range.start);
        }
        open.merged = Some(small(&range));
        open.key = Some(Key::Merge);
        self.marks.list.push(Mark { key: small(&range), size: 1, ..Mark::default() });
        Ok(())
    }

    fn first_key(&self, parent: usize, name: &str) -> u32 {
        let mut children = self.marks.list.get(parent..).unwrap_or_default().iter().skip(1);
        let mut mark = children.next();
        while let Some(child) = mark {
            if self.marks.name(child, self.text) == name {
                return child.key.0;
            }
            mark = children.nth((child.size as usize).max(1) - 1);
        }
        0
    }

    fn duplicate(&self, name: &str, first: u32, second: usize) -> Result<(), ReadError> {
        let (line, column) = locate(self.text, first as usize);
        let name = format!("{:?}", shown(name));
        let message =
            format!("the key {name} is there twice, first at line {line}, column {column}; remove one of them");
        self.fail(second, message).map_err(|error| error.quoting(&name))
    }

    /// Counts values against the limit.
    pub(super) fn count(&mut self, nodes: usize, offset: usize) -> Result<(), ReadError> {
        // Counted before the values exist: a few bytes with nested aliases can ask for billions of copies.
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.limits.nodes {
            return Ok(());
        }
        let most = self.limits.nodes;
        self.fail(
            offset,
            format!(
                "more than {most} values, with the copies that anchors, aliases and merge keys make; split the text"
            ),
        )
    }

    /// Gives the next value its mark.
    pub(super) fn begin(&mut self, value: Range<usize>) -> Result<usize, ReadError> {
        self.count(1, value.start)?;
        if self.later.is_some() {
            return Ok(0);
        }
        if !matches!(self.stack.last(), Some(Frame { items: Items::Object(_), .. })) {
            self.marks.list.push(Mark { size: 1, ..Mark::default() });
        }
        let index = self.marks.list.len() - 1;
        self.marks.list[index].value = small(&value);
        Ok(index)
    }

    /// A null, boolean, number or string.
    pub(crate) fn scalar(&mut self, value: Json, range: Range<usize>, anchor: Option<usize>) -> Result<(), ReadError> {
        if let Json::String(text) = &value {
            self.bytes += text.len();
        }
        let index = self.begin(range.clone())?;
        self.end = range.end;
        if let Some(anchor) = anchor {
            let bytes = value.as_str().map_or(0, str::len);
            self.remember(anchor, &value, Extent { mark: index, height: 0, bytes })?;
        }
        self.place(value, index, 0)
    }

    /// Opens an array or an object.
    pub(crate) fn open(&mut self, is_array: bool, range: Range<usize>, anchor: Option<usize>) -> Result<(), ReadError> {
        // Before the frame is pushed: all code behind the reader recurses by the depth of values.
        if self.stack.len() >= self.limits.depth {
            return Err(self.too_deep(range.start));
        }
        let items = if is_array { Items::Array(Vec::new()) } else { Items::Object(Open::default()) };
        let mark = self.begin(range)?;
        self.stack.push(Frame { items, mark, height: 1, anchor, bytes: self.bytes });
        Ok(())
    }

    pub(super) fn too_deep(&self, offset: usize) -> ReadError {
        let most = self.limits.depth;
        ReadError::new(
            self.text,
            offset,
            format!("collections are nested more than {most} deep; make the document flatter"),
        )
    }

    /// Closes the innermost collection; `end` is behind its bracket, or `None` when it ends with its last value.
    pub(crate) fn close(&mut self, end: Option<usize>) -> Result<(), ReadError> {
        let Some(frame) = self.stack.pop() else {
            return self.fail(self.end, "a collection ends here that does not begin");
        };
        let value = match frame.items {
            Items::Array(items) => Json::Array(items),
            Items::Object(open) => {
                self.end = open.merged.map_or(self.end, |merged| self.end.max(merged.1 as usize));
                Json::Object(self.merge(open.members, open.merges)?)
            }
        };
        self.end = end.unwrap_or(self.end);
        if self.later.is_none() {
            let size = (self.marks.list.len() - frame.mark) as u32;
            let mark = &mut self.marks.list[frame.mark];
            mark.value.1 = (self.end as u32).max(mark.value.0);
            mark.size = size;
        }
        if let Some(anchor) = frame.anchor {
            let Frame { mark, height, bytes, .. } = frame;
            self.remember(anchor, &value, Extent { mark, height, bytes: self.bytes - bytes })?;
        }
        self.place(value, frame.mark, frame.height)
    }

    /// Adds a finished value to the innermost open collection.
    pub(super) fn place(&mut self, value: Json, index: usize, height: usize) -> Result<(), ReadError> {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        // Kept for anchors: an alias must know the depth of its copy before it makes it.
        frame.height = frame.height.max(height + 1);
        match &mut frame.items {
            Items::Array(items) => {
                // Nested arrays often have one item, and a capacity of four would be most of their memory.
                if items.capacity() == 0 {
                    items.reserve_exact(1);
                }
                items.push(value);
            }
            Items::Object(open) => match open.key.take() {
                Some(Key::Name(name)) => {
                    open.members.insert(name, value);
                }
                _ => return self.merge_value(value, index),
            },
        }
        Ok(())
    }

    /// A number that cannot be kept: a problem, and its text as a string.
    pub(crate) fn unkept(&mut self, text: &str, why: &str, range: Range<usize>) -> Result<Json, ReadError> {
        // More problems than anybody reads; each of them holds a message and a pointer.
        if self.problems.len() == MAX_PROBLEMS {
            return self
                .fail(range.start, format!("more than {MAX_PROBLEMS} numbers that cannot be kept; this one {why}"));
        }
        let place = self.pointer();
        self.places += place.len();
        if self.places > MAX_PLACES {
            return self.fail(range.start, format!("numbers that cannot be kept, below long names; this one {why}"));
        }
        let message = format!("the number {} {why}", shown(text));
        self.problems.push((Diagnostic::error(place, Code::IsInvalid, message), range.start));
        Ok(Json::from(text))
    }

    /// The pointer of the value that comes next. A value below a merge key belongs to the object around it.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        let mut is_merging = false;
        for frame in &self.stack {
            pointer = match &frame.items {
                // The list of a merge key.
                Items::Array(_) if is_merging => pointer,
                Items::Array(items) => join(&pointer, &items.len().to_string()),
                Items::Object(Open { key: Some(Key::Name(name)), .. }) => join(&pointer, name),
                Items::Object(_) => pointer,
            };
            is_merging = matches!(&frame.items, Items::Object(Open { key: Some(Key::Merge), .. }));
        }
        pointer
    }

    /// The finished document; the builder is ready for the next one.
    pub(crate) fn finish(&mut self) -> Option<Document> {
        // Anchors are local to their document. The counts of values and of copied bytes go on, because they are limits
        // of the whole text.
        self.anchors.clear();
        self.stack.clear();
        self.bytes = 0;
        let value = self.root.take();
        let marks = std::mem::take(&mut self.marks);
        let places = self.later.map_or_else(|| Places::from(marks), Places::later);
        let places = Arc::new(places.sharing(&self.stops));
        let problems = std::mem::take(&mut self.problems).into_iter().map(|(problem, _)| problem).collect();
        let text = self.shared.get_or_insert_with(|| self.text.into()).clone();
        value.map(|value| Document { value, problems, text, places, origins: Vec::new(), root: String::new() })
    }
}

/// A range within a text of at most 1 GiB.
pub(super) fn small(range: &Range<usize>) -> (u32, u32) {
    (range.start as u32, range.end as u32)
}
