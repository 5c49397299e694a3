//! Which operation of a patch the parts of the result come from, so that a problem of the result has a place in the patch.

use super::place::{index, split};
use crate::json::{below, join};

/// Pointers into the result with the pointers into the patch from which their values come. Of those that fit the last
/// one says it best.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    pub(crate) origins: Vec<(String, String)>,
}

impl Trail {
    /// A value was put where there was none or another one.
    pub(super) fn put(&mut self, pointer: &str, origin: String) {
        self.forget(pointer);
        self.origins.push((pointer.to_owned(), origin));
    }

    /// The items of an array from this one on moved up by one.
    pub(super) fn shift_up(&mut self, pointer: &str) {
        self.shift(pointer, |at| at + 1);
    }

    /// A value was taken out of an object; that it is gone is remembered.
    pub(super) fn drop_member(&mut self, pointer: &str, origin: String) {
        self.put(pointer, origin);
    }

    /// An item was taken out of an array; those that followed it went down by one.
    pub(super) fn drop_item(&mut self, pointer: &str) {
        self.forget(pointer);
        self.shift(pointer, |at| at.saturating_sub(1));
    }

    /// The trail of a value that is about to be moved, relative to it.
    pub(super) fn below(&self, pointer: &str) -> Vec<(String, String)> {
        let relative = |(at, origin): &(String, String)| Some((below(at, pointer)?.to_owned(), origin.clone()));
        self.origins.iter().filter_map(relative).collect()
    }

    /// Adds the trail of a moved value at its new place.
    pub(super) fn regain(&mut self, pointer: &str, below: Vec<(String, String)>) {
        self.origins.extend(below.into_iter().map(|(rest, origin)| (format!("{pointer}{rest}"), origin)));
    }

    fn forget(&mut self, pointer: &str) {
        self.origins.retain(|(at, _)| below(at, pointer).is_none());
    }

    // Origins are pointers with indexes, so an insertion or removal renumbers those behind it.
    fn shift(&mut self, pointer: &str, shifted: impl Fn(usize) -> usize) {
        let Some((array, first)) = split(pointer) else { return };
        let Some(first) = index(&first) else { return };
        for (at, _) in &mut self.origins {
            let Some(rest) = at.strip_prefix(array).and_then(|rest| rest.strip_prefix('/')) else { continue };
            let (segment, rest) = rest.find('/').map_or((rest, ""), |end| rest.split_at(end));
            if let Some(item) = index(segment).filter(|item| *item >= first) {
                *at = format!("{}{rest}", join(array, &shifted(item).to_string()));
            }
        }
    }
}
