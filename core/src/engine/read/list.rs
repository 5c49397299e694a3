//! Lists of resources, in the order of their ids, which is the order of their creation.

use super::find::View;
use super::reader::Reader;
use super::step::{STEP, Step};
use crate::backend::Revision;
use crate::engine::filter::Filter;
use crate::engine::index::Index;
use crate::engine::stored::{CollectionRef, Stored};
use crate::error::Result;
use crate::kind::Kind;
use crate::object::{Object, ResourceId};
use crate::rules::selector::{Selector, SelectorError};

/// Choices for a list.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ListOptions {
    /// Only resources that were created after the one with this id.
    pub after: Option<ResourceId>,
    /// At most this many; without a limit the list is complete.
    pub limit: Option<usize>,
    /// Ends the list early, with [`List::next`], once it holds about this many bytes; it has at least one resource.
    pub bytes: Option<usize>,
    /// Lists the resources as they were at this revision; as they are now, without one.
    pub revision: Option<Revision>,
    /// Only resources whose labels match.
    pub labels: Selector,
    /// Only resources whose members match; see [`Selector::fields`].
    pub fields: Selector,
}

impl ListOptions {
    /// Begins behind the resource with this id.
    #[must_use]
    pub fn after(mut self, after: impl Into<Option<ResourceId>>) -> Self {
        self.after = after.into();
        self
    }

    /// Sets the most resources.
    #[must_use]
    pub fn limit(mut self, limit: impl Into<Option<usize>>) -> Self {
        self.limit = limit.into();
        self
    }

    /// Sets about how many bytes end the list early.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.bytes = bytes.into();
        self
    }

    /// Lists the resources as they were at a revision.
    #[must_use]
    pub fn revision(mut self, revision: impl Into<Option<Revision>>) -> Self {
        self.revision = revision.into();
        self
    }

    /// Selects by labels.
    #[must_use]
    pub fn labels(mut self, labels: Selector) -> Self {
        self.labels = labels;
        self
    }

    /// Selects by members.
    #[must_use]
    pub fn fields(mut self, fields: Selector) -> Self {
        self.fields = fields;
        self
    }
}

impl ListOptions {
    /// Returns options that select by a label selector and a field selector; empty texts select everything.
    ///
    /// # Errors
    /// One of the texts is not a selector; the error has the position.
    pub fn selecting(kind: &Kind, labels: &str, fields: &str) -> std::result::Result<Self, SelectorError> {
        let (labels, fields) = (Selector::labels(labels)?, Selector::fields(kind, fields)?);
        Ok(Self { labels, fields, ..Self::default() })
    }
}

/// Resources of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T = Object> {
    /// The resources, in the order of their creation.
    pub items: Vec<T>,
    /// The value of [`ListOptions::after`] for the next part, when there may be more.
    pub next: Option<ResourceId>,
    /// The revision of the request, at which all items were current. Without one, the revision at which the beginning of
    /// the list was current: a later change may be in the list or not, so a watch from this revision misses none.
    pub revision: Revision,
}

/// How much of a list there may be, and how much there is.
struct Bounds {
    limit: Option<usize>,
    bytes: Option<usize>,
    count: usize,
    size: usize,
}

impl Bounds {
    fn add(&mut self, objects: &[Object]) {
        self.count += objects.len();
        self.size += objects.iter().map(Object::size).sum::<usize>();
    }

    fn are_met(&self) -> bool {
        self.limit.is_some_and(|limit| self.count >= limit) || self.bytes.is_some_and(|most| self.size >= most)
    }
}

/// A list that is being read.
struct Listing<'a> {
    reader: &'a Reader,
    collection: CollectionRef<'a>,
    filter: Filter,
    /// The revision that was asked for.
    revision: Option<Revision>,
    bounds: Bounds,
    list: List,
}

impl Reader {
    /// Lists the resources of a collection, in steps of 64.
    ///
    /// # Errors
    /// `NotFound` for an unknown namespace, `BadRequest` for an unknown member, `Expired` for a revision below the
    /// compaction floor.
    pub(crate) fn list(&self, collection: CollectionRef<'_>, index: &Index, options: ListOptions) -> Result<List> {
        let ListOptions { after, limit, bytes, revision, labels, fields } = options;
        let filter = Filter::new(collection.kind, labels, fields)?;
        // First: where reads lag, the namespace may be as new as the revision.
        if let Some(revision) = revision {
            self.require_kept(revision)?;
        }
        self.require_collection(collection, View::Durable)?;
        // Taken before the index is asked: a commit that becomes durable later may be in the list or not.
        let newest = self.backend.revision();
        let list = List { items: Vec::new(), next: after, revision: revision.unwrap_or(newest) };
        if limit == Some(0) {
            return Ok(list);
        }
        let candidates = match filter.is_empty() {
            true => None,
            false => index.candidates(collection, &filter, revision),
        };
        let bounds = Bounds { limit, bytes, count: 0, size: 0 };
        let listing = Listing { reader: self, collection, filter, revision, bounds, list };
        match candidates {
            Some(ids) => listing.pick(ids),
            None => listing.walk(),
        }
    }
}

impl Listing<'_> {
    /// Reads the resources that the index names.
    fn pick(mut self, mut ids: Vec<ResourceId>) -> Result<List> {
        let after = self.list.next.take();
        ids.retain(|id| after.is_none_or(|after| *id > after));
        let last = ids.last().copied();
        for id in ids {
            let stored = match self.revision {
                None => self.reader.find_id(self.collection, id, View::Durable)?,
                Some(revision) => self.reader.alive_at(self.collection, id, revision)?,
            };
            // The index over-approximates, so each candidate is matched again.
            let matches = |stored: &Stored| self.filter.matches(self.collection.kind, &stored.record);
            let Some(stored) = stored.filter(matches) else { continue };
            self.list.items.push(stored.record.object);
            self.bounds.add(&self.list.items[self.list.items.len() - 1..]);
            if self.bounds.are_met() {
                // Nothing is behind the last candidate, and a token would lead to an empty page.
                self.list.next = Some(id).filter(|id| Some(*id) != last);
                break;
            }
        }
        if let Some(revision) = self.revision {
            self.reader.require_kept(revision)?;
        }
        Ok(self.list)
    }

    /// Reads all resources, step by step.
    fn walk(mut self) -> Result<List> {
        let mut is_first = true;
        loop {
            let begin = self.list.items.len();
            let limit = self.bounds.limit.map_or(STEP, |limit| limit - begin);
            let step = Step { collection: self.collection, filter: &self.filter, after: self.list.next, limit };
            let walked = match self.revision {
                None => self.reader.step(step)?,
                Some(revision) => self.reader.step_at(step, revision)?,
            };
            // Of the first step, not of the last: a watch from there also returns the changes that came behind a step.
            if std::mem::replace(&mut is_first, false) {
                self.list.revision = walked.revision;
            }
            self.list.next = walked.last.or(self.list.next);
            self.list.items.extend(walked.records.into_iter().map(|record| record.object));
            self.bounds.add(&self.list.items[begin..]);
            if !walked.more || self.bounds.are_met() {
                self.list.next = self.list.next.filter(|_| walked.more);
                return Ok(self.list);
            }
        }
    }
}
