//! A document that was read: its value, its problems, and where each value is written.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::failure::locate;
use super::mark::{Mark, Marks, Places};
use crate::diagnostic::{Code, Diagnostic, spans};
use crate::json::{Json, below, segments};

/// One document of a text.
#[derive(Clone)]
pub struct Document {
    /// The value.
    pub value: Json,
    /// Numbers that cannot be kept: integers beyond i64 and u64, doubles that are too large, `.inf` and `.nan`. The value
    /// has the text of such a number as a string in its place, so that a declared string takes it without harm.
    pub problems: Vec<Diagnostic>,
    pub(crate) text: Arc<str>,
    pub(crate) places: Arc<Places>,
    /// For a value that was converted from another shape: pairs of a pointer in the value and its pointer in the text. The
    /// last pair that fits wins.
    pub(crate) origins: Vec<(String, String)>,
    /// The JSON pointer of this document in the text. Parts that were taken out of a document keep their places by it.
    pub(crate) root: String,
}

/// Where a value is written, in bytes from the beginning of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key with its quotes, if the value is a member.
    pub key: Option<Range<usize>>,
    /// The value with its quotes or brackets; the lines of a block scalar without its `|`; for an alias, the alias.
    pub value: Range<usize>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither value nor text: some of their members may be secret, and only a kind declares which.
        f.debug_struct("Document").field("problems", &self.problems).field("root", &self.root).finish_non_exhaustive()
    }
}

impl Document {
    /// The whole text that the document was read from, with all documents beside it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the value at a JSON pointer is written. A value that an alias or a merge key copied has the place of the
    /// original.
    pub fn position(&self, pointer: &str) -> Option<Place> {
        let (index, found) = self.walk(pointer);
        found.then(|| self.place(index))
    }

    /// Where the value at a JSON pointer is written, or the innermost value around it that there is.
    pub fn nearest(&self, pointer: &str) -> Place {
        self.place(self.walk(pointer).0)
    }

    /// Returns the line and column, both from 1, of the key of the value at a JSON pointer, or of the value when it has no
    /// key.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits, read};
    /// let document = read(b"spec:\n  state: RUNNING\n", Format::Yaml, &Limits::default())?;
    /// assert_eq!(document.line_and_column("/spec/state"), (2, 3));
    /// # Ok::<(), kindstore::manifest::ReadError>(())
    /// ```
    pub fn line_and_column(&self, pointer: &str) -> (usize, usize) {
        let place = self.nearest(pointer);
        locate(&self.text, place.key.unwrap_or(place.value).start)
    }

    /// Gives each problem its place in the text. A document that was never text has none.
    pub fn locate(&self, problems: &mut [Diagnostic]) {
        self.locate_moved(problems, &[]);
    }

    /// As [`Document::locate`] for a document whose members have moved: each pair is a pointer in the value and its pointer
    /// in the text.
    pub(crate) fn locate_moved(&self, problems: &mut [Diagnostic], moved: &[(String, String)]) {
        // A document that was never text has no places.
        if self.text.is_empty() {
            return;
        }
        let written = |pointer: &str| match self.origins.is_empty() {
            true => written_at(pointer, moved),
            false => self.origin(pointer),
        };
        let range = |problem: &Diagnostic| self.range(&written(&problem.pointer), problem.code);
        let ranges: Vec<_> = problems.iter().map(range).collect();
        // All places are counted in one walk: a text may have thousands of problems far behind.
        let stops = self.places.stops(&self.text);
        for (problem, span) in problems.iter_mut().zip(spans(&self.text, stops, &ranges)) {
            problem.span = Some(span);
        }
    }

    /// Takes the value at a JSON pointer out as a document of its own, which keeps its places in the text. `null` stays
    /// behind. Returns `None` when there is no such value.
    pub fn take(&mut self, pointer: &str) -> Option<Self> {
        let value = std::mem::take(self.value.at_mut(pointer)?);
        let inside = |problem: &Diagnostic| {
            let rest = below(&problem.pointer, pointer)?.to_owned();
            Some(Diagnostic { pointer: rest, ..problem.clone() })
        };
        let problems = self.problems.iter().filter_map(inside).collect();
        let (text, places) = (Arc::clone(&self.text), Arc::clone(&self.places));
        Some(Self { value, problems, text, places, origins: Vec::new(), root: format!("{}{pointer}", self.root) })
    }

    /// A copy with text and places only, to locate problems.
    pub(crate) fn without_value(&self) -> Self {
        let (text, places, origins) = (Arc::clone(&self.text), Arc::clone(&self.places), self.origins.clone());
        Self { value: Json::Null, problems: self.problems.clone(), text, places, origins, root: self.root.clone() }
    }

    /// A document with a converted value over this text; `origins` map its pointers to those of the text.
    pub(crate) fn made_into(&self, value: Json, origins: Vec<(String, String)>) -> Self {
        // A number that cannot be kept stays a problem at its new place.
        let went = |problem: &Diagnostic| {
            let mut froms = origins.iter().rev();
            let pointer = froms.find_map(|(here, there)| Some(format!("{here}{}", below(&problem.pointer, there)?)))?;
            Some(Diagnostic { pointer, ..problem.clone() })
        };
        let problems = self.problems.iter().filter_map(went).collect();
        let (text, places) = (Arc::clone(&self.text), Arc::clone(&self.places));
        Self { value, problems, text, places, origins, root: self.root.clone() }
    }

    /// The pointer in the text of the value at a pointer, or of a part of it.
    fn origin(&self, pointer: &str) -> String {
        let last = || self.origins.iter().rev();
        let whole = last().find_map(|(here, there)| Some(format!("{there}{}", below(pointer, here)?)));
        let part = || last().find_map(|(here, there)| below(here, pointer).map(|_| there.clone()));
        whole.or_else(part).unwrap_or_default()
    }

    /// The range to highlight: the key for a collection, an empty, missing or unknown member, else the value.
    fn range(&self, pointer: &str, code: Code) -> Range<usize> {
        let (index, is_found) = self.walk(pointer);
        // A whole collection underlined would hide the rest of the text.
        let place = self.place(index);
        let is_large = self.marks().children(index).next().is_some()
            || self
                .text
                .get(place.value.clone())
                .is_some_and(|text| text.starts_with(['{', '[']) || text.contains('\n'));
        match place.key {
            Some(key) if !is_found || is_large || place.value.is_empty() || code == Code::IsUnknown => key,
            None if !is_found || is_large => place.value.start..place.value.start,
            _ => place.value,
        }
    }

    /// The index of the mark of the value at a pointer, if the text has one.
    pub(super) fn index_of(&self, pointer: &str) -> Option<usize> {
        let (index, is_found) = self.walk(pointer);
        is_found.then_some(index)
    }

    pub(super) fn marks(&self) -> &Marks {
        self.places.marks(&self.text)
    }

    /// The innermost mark on the way to a pointer, and whether it is the pointer's own. The value is not asked: by now it
    /// may be another one.
    fn walk(&self, pointer: &str) -> (usize, bool) {
        let mut index = 0;
        for segment in segments(&self.root).chain(segments(pointer)) {
            match self.child(index, &segment) {
                Some(child) => index = child,
                None => return (index, false),
            }
        }
        (index, true)
    }

    /// The member of that name, or the item of that index: items have no keys.
    fn child(&self, index: usize, segment: &str) -> Option<usize> {
        let marks = self.marks();
        // Items have no place of a key; that of an empty key is empty, and nowhere at the beginning.
        let has_key = |child: usize| marks.list[child].key != (0, 0);
        match marks.children(index).next() {
            Some(first) if has_key(first) => {
                marks.children(index).find(|child| marks.name(&marks.list[*child], &self.text) == segment)
            }
            _ => segment.parse().ok().and_then(|at| marks.children(index).nth(at)),
        }
    }

    fn place(&self, index: usize) -> Place {
        let mark = self.marks().list.get(index).copied().unwrap_or(Mark::default());
        let range = |(start, end): (u32, u32)| start as usize..end as usize;
        Place { key: (mark.key.1 > mark.key.0).then(|| range(mark.key)), value: range(mark.value) }
    }
}

/// Maps a pointer into the value to one into the text.
fn written_at(pointer: &str, moved: &[(String, String)]) -> String {
    let moved = moved.iter().find_map(|(here, there)| Some(format!("{there}{}", below(pointer, here)?)));
    moved.unwrap_or_else(|| pointer.to_owned())
}

/// A document that was never text: it has no problems, and all of it is nowhere.
impl Default for Document {
    /// The document `null`.
    fn default() -> Self {
        Json::Null.into()
    }
}

impl From<Json> for Document {
    fn from(value: Json) -> Self {
        let places = Arc::new(Places::from(Marks { list: vec![Mark::default()], names: Vec::new() }));
        Self { value, problems: Vec::new(), text: Arc::from(""), places, origins: Vec::new(), root: String::new() }
    }
}

impl From<serde_json::Value> for Document {
    fn from(value: serde_json::Value) -> Self {
        Json::from(value).into()
    }
}
