//! The resources of all values, bounded in number.

use foldhash::HashMap;

use super::posting::Posting;
use crate::object::ResourceId;

/// The most entries: the table for them has at most 2^22 places of 33 bytes.
const MAX_ENTRIES: usize = (1 << 22) / 8 * 7;

/// The postings of values by the hashes of the values.
#[derive(Debug)]
pub(super) struct Postings {
    of_terms: HashMap<u64, Posting>,
    entries: usize,
    most: usize,
    /// Whether values were left out: then nothing is known of a value that is not here, and none is added any more.
    is_partial: bool,
}

impl Default for Postings {
    fn default() -> Self {
        Self::bounded(MAX_ENTRIES)
    }
}

impl Postings {
    /// Returns postings with at most this many entries.
    pub(super) fn bounded(most: usize) -> Self {
        Self { of_terms: HashMap::default(), entries: 0, most, is_partial: false }
    }

    /// Adds the resources of a posting to a value.
    pub(super) fn merge(&mut self, term: u64, other: &Posting) {
        // A value that does not fit has no posting that could be believed: lists by it scan.
        let fits = self.entries.saturating_add(other.len()) <= self.most;
        let known = self.of_terms.get_mut(&term);
        if let Some(posting) = known {
            let before = posting.len();
            if fits || posting.has(other) {
                posting.merge(other);
            } else {
                *posting = Posting::TooMany;
            }
            self.entries = self.entries + posting.len() - before;
        } else if fits && !self.is_partial && self.of_terms.len() < self.most {
            let mut posting = Posting::None;
            posting.merge(other);
            self.entries += posting.len();
            self.of_terms.insert(term, posting);
        } else {
            self.is_partial = true;
        }
    }

    /// Returns the resources that may have a value, unless they are too many or not known.
    pub(super) fn get(&self, term: u64) -> Option<&[ResourceId]> {
        match self.of_terms.get(&term) {
            Some(posting) => posting.ids(),
            None if self.is_partial => None,
            None => Some(&[]),
        }
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Acts as if there were more entries, so that the index is built again.
    #[cfg(test)]
    pub(super) fn set_entries(&mut self, entries: usize) {
        self.entries = entries;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ResourceId {
        ResourceId::from_bytes([number; 16])
    }

    #[test]
    fn values_beyond_the_bound_are_not_known_rather_than_without_resources() {
        let mut postings = Postings::bounded(3);
        for (term, number) in [(1, 1), (1, 2), (2, 1), (2, 1)] {
            postings.merge(term, &Posting::One(id(number)));
        }
        assert_eq!((postings.get(1), postings.get(2)), (Some(&[id(1), id(2)][..]), Some(&[id(1)][..])));
        assert_eq!(postings.get(3), Some(&[][..]), "nothing has it");
        postings.merge(3, &Posting::One(id(3)));
        assert_eq!((postings.get(3), postings.get(4)), (None, None), "nothing is known of either");
        postings.merge(2, &Posting::One(id(2)));
        assert_eq!((postings.get(2), postings.entries()), (None, 2), "a value with one more has too many");
        postings.merge(2, &Posting::One(id(3)));
        postings.merge(4, &Posting::One(id(3)));
        assert_eq!((postings.get(2), postings.get(4)), (None, None), "it would fit now, and may not be all of it");
    }
}
