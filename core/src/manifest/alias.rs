//! Anchors, aliases and merge keys: copies, each counted against the limits before it is made.

use std::ops::Range;

use super::builder::{Anchor, Builder, Extent, Items, Merge};
use super::failure::ReadError;
use super::mark::{Mark, Marks};
use crate::json::{Json, Members, join};

impl Builder<'_> {
    /// Keeps a copy of an anchored value. The copy counts, because anchors nest.
    pub(super) fn remember(&mut self, anchor: usize, value: &Json, extent: Extent) -> Result<(), ReadError> {
        let Extent { mark, height, bytes } = extent;
        let place = self.marks.list[mark].value.0 as usize;
        let size = self.marks.list.len() - mark;
        self.charge(size, bytes, place)?;
        let marks = self.marks.list[mark..].to_vec();
        self.anchors.insert(anchor, Anchor { value: value.clone(), marks, height, bytes });
        Ok(())
    }

    /// Keeps the text of an anchored key.
    pub(crate) fn remember_key(&mut self, anchor: usize, name: &str) -> Result<(), ReadError> {
        self.charge(1, name.len(), self.end)?;
        let marks = vec![Mark { size: 1, ..Mark::default() }];
        self.anchors.insert(anchor, Anchor { value: Json::from(name), marks, height: 0, bytes: name.len() });
        Ok(())
    }

    fn charge(&mut self, nodes: usize, bytes: usize, offset: usize) -> Result<(), ReadError> {
        self.count(nodes, offset)?;
        self.copied = self.copied.saturating_add(bytes);
        if self.copied <= self.limits.alias_bytes {
            return Ok(());
        }
        let most = self.limits.alias_bytes;
        self.fail(offset, format!("anchors and aliases copy more than {most} bytes; write the document without them"))
    }

    /// Adds a copy of the anchored value in the place of an alias.
    pub(crate) fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), ReadError> {
        let (nodes, bytes, height) = self.cost(anchor, &range)?;
        if self.stack.len() + height > self.limits.depth {
            return Err(self.too_deep(range.start));
        }
        // One less: the alias itself is counted by `begin`.
        self.charge(nodes - 1, bytes, range.start)?;
        // The alias has a mark of its own with its place; the marks below it are those of the original.
        let index = self.begin(range.clone())?;
        // An anchor is kept when its value is complete, so one that is missing here is still open: the value would
        // contain itself.
        let Some(Anchor { value, marks, .. }) = self.anchors.get(&anchor) else { return self.unfinished(&range) };
        self.marks.list[index].size = marks.len() as u32;
        self.marks.list.extend_from_slice(&marks[1..]);
        self.bytes += bytes;
        self.end = range.end;
        let value = value.clone();
        self.place(value, index, height)
    }

    fn cost(&self, anchor: usize, range: &Range<usize>) -> Result<(usize, usize, usize), ReadError> {
        match self.anchors.get(&anchor) {
            Some(anchor) => Ok((anchor.marks.len(), anchor.bytes, anchor.height)),
            None => self.unfinished(range),
        }
    }

    fn unfinished<T>(&self, range: &Range<usize>) -> Result<T, ReadError> {
        let name = self.text.get(range.clone()).unwrap_or_default();
        self.fail(
            range.start,
            format!("the alias {name} is inside of what its own anchor names; a value cannot contain itself"),
        )
        .map_err(|error| error.quoting(name))
    }

    /// The text of an alias that stands for a key.
    pub(crate) fn alias_key(&mut self, anchor: usize, range: &Range<usize>) -> Result<String, ReadError> {
        let (_, bytes, _) = self.cost(anchor, range)?;
        self.charge(1, bytes, range.start)?;
        match self.anchors.get(&anchor).map(|anchor| &anchor.value) {
            Some(Json::String(text)) => Ok(text.clone()),
            Some(Json::Number(number)) => Ok(number.text()),
            Some(Json::Bool(flag)) => Ok(flag.text().to_owned()),
            _ => self.fail(range.start, "a key must be a string; this alias names something else"),
        }
    }

    /// Takes the value of a merge key off the document and keeps it until the object around it is complete.
    pub(super) fn merge_value(&mut self, value: Json, index: usize) -> Result<(), ReadError> {
        let place = self.marks.list[index].value.0 as usize;
        let marks = Marks { list: self.marks.list.split_off(index), names: Vec::new() };
        let merges = match value {
            Json::Object(members) => vec![Merge { members, marks: marks.list }],
            Json::Array(items) => {
                let starts: Vec<usize> = marks.children(0).collect();
                let part = |start: usize| marks.list[start..start + marks.list[start].size as usize].to_vec();
                let parts = items.into_iter().zip(starts).map(|(item, start)| match item {
                    Json::Object(members) => Some(Merge { members, marks: part(start) }),
                    _ => None,
                });
                parts.collect::<Option<Vec<_>>>().unwrap_or_default()
            }
            _ => Vec::new(),
        };
        if merges.is_empty() {
            let message =
                "the merge key << takes a mapping or a list of mappings; quote it (\"<<\") for a key of that name";
            return self.fail(place, message);
        }
        // Merged when the object closes, because members behind the merge key win as well.
        if let Some(Items::Object(open)) = self.stack.last_mut().map(|frame| &mut frame.items) {
            open.merges = merges;
        }
        Ok(())
    }

    /// Adds the members of merged mappings: a member of the object itself wins, then the first mapping. Each copy counts
    /// against the limits, because merge keys nest.
    pub(super) fn merge(&mut self, mut members: Members, merges: Vec<Merge>) -> Result<Members, ReadError> {
        for mut merge in merges {
            self.count(merge.marks.len() - 1, merge.marks[0].value.0 as usize)?;
            // The names are lent to these marks for the loop: they index the same table.
            let marks = Marks { list: merge.marks, names: std::mem::take(&mut self.marks.names) };
            for child in marks.children(0) {
                let mark = &marks.list[child];
                let name = marks.name(mark, self.text);
                // Members of the object and of earlier mappings win.
                if members.contains_key(name) {
                    self.forget(name, mark);
                    continue;
                }
                if let Some(value) = merge.members.remove(name) {
                    members.insert(name.to_owned(), value);
                    self.marks.list.extend_from_slice(&marks.list[child..child + mark.size as usize]);
                }
            }
            self.marks.names = marks.names;
        }
        Ok(members)
    }

    /// Removes the problems of a merged member that the object overrides.
    fn forget(&mut self, name: &str, mark: &Mark) {
        if self.problems.is_empty() {
            return;
        }
        let pointer = join(&self.pointer(), name);
        let range = mark.value.0 as usize..mark.value.1 as usize;
        self.problems.retain(|(problem, offset)| !(range.contains(offset) && problem.pointer.starts_with(&pointer)));
    }
}
