//! Lists of resources, in the order of their ids, which is the order of their creation.

use super::Inner;
use super::read::{STEP, View};
use super::record::Record;
use super::store::{Store, check_scope};
use crate::backend::Revision;
use crate::error::{Error, Result};
use crate::kind::{Kind, Verb};
use crate::object::{Object, ResourceId};
use crate::rules::selector::{self, Field, Selector, SelectorError};

/// What a caller may choose for a list.
#[derive(Clone, Debug, Default)]
pub struct ListOptions {
    /// Only resources that were created after the one with this id.
    pub after: Option<ResourceId>,
    /// At most this many; without a limit the list is complete.
    pub limit: Option<usize>,
    /// Ends the list early, with [`List::next`], once it holds about this many bytes; at least one resource is in it.
    pub bytes: Option<usize>,
    /// Lists what there was at this revision; what there is now, without one.
    pub revision: Option<Revision>,
    /// Only resources with such labels.
    pub labels: Selector,
    /// Only resources with such members; made by [`Selector::fields`].
    pub fields: Selector,
}

impl ListOptions {
    /// Only resources that a label selector and a field selector let through; empty ones let everything through.
    ///
    /// # Errors
    /// One of the texts is no selector; the position says where.
    pub fn selecting(kind: &Kind, labels: &str, fields: &str) -> std::result::Result<Self, SelectorError> {
        let (labels, fields) = (Selector::labels(labels)?, Selector::fields(kind, fields)?);
        Ok(Self { labels, fields, ..Self::default() })
    }
}

/// What a list leaves out.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) labels: Selector,
    pub(super) fields: Selector,
}

impl Filter {
    /// The filter of these options, if the kind knows all members that are asked for.
    pub(super) fn new(kind: &Kind, labels: Selector, fields: Selector) -> Result<Self> {
        if let Some(path) = fields.keys().find(|path| selector::field(kind, path).is_none()) {
            return Err(Error::bad_request(format!("{path:?} of a {} cannot be selected by", kind.name)));
        }
        Ok(Self { labels, fields })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(super) fn lets_through(&self, kind: &Kind, record: &Record) -> bool {
        let metadata = &record.object.metadata;
        let label = |name: &str| metadata.labels.as_ref().and_then(|labels| labels.get(name));
        let member = |path: &str| match selector::field(kind, path)? {
            Field::Name => metadata.name.as_deref(),
            Field::Selectable(index) => record.selected.get(index),
        };
        self.labels.matches(label) && self.fields.matches(member)
    }
}

/// Resources of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The resources, in the order of their creation.
    pub items: Vec<Object>,
    /// Where to go on with [`ListOptions::after`], when there may be more.
    pub next: Option<ResourceId>,
    /// The revision that was asked for, with all that was there then. Without one, the revision that the beginning of the list
    /// was current at: what changed after it may be in the list or not, so that whoever follows the changes after it misses
    /// none.
    pub revision: Revision,
}

/// Where a list ends early, and how far it has come.
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

impl Inner {
    /// Fills a list with those of some resources that a filter lets through.
    fn pick(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        mut ids: Vec<ResourceId>,
        filter: &Filter,
        (revision, mut bounds): (Option<Revision>, Bounds),
        list: &mut List,
    ) -> Result<()> {
        let after = list.next.take();
        ids.retain(|id| after.is_none_or(|after| *id > after));
        let last = ids.last().copied();
        for id in ids {
            let stored = match revision {
                None => self.find_id(kind, namespace, id, View::Durable)?,
                Some(revision) => self.alive_at(kind, namespace, id, revision)?,
            };
            let Some(stored) = stored.filter(|stored| filter.lets_through(kind, &stored.record)) else { continue };
            list.items.push(stored.record.object);
            bounds.add(&list.items[list.items.len() - 1..]);
            if bounds.are_met() {
                list.next = Some(id).filter(|id| Some(*id) != last);
                break;
            }
        }
        revision.map_or(Ok(()), |revision| self.require_kept(revision))
    }
}

impl Store {
    /// The resources of a kind in a namespace, read in steps of 64.
    ///
    /// # Errors
    /// `NotFound` for an unknown namespace, `Unsupported` for a kind that has no lists, `Expired` for a revision that is not
    /// kept any more.
    pub fn list(&self, kind: &str, namespace: Option<&str>, options: ListOptions) -> Result<List> {
        let kind = self.inner.registry.require(kind)?;
        kind.require(Verb::List)?;
        check_scope(kind, namespace)?;
        let filter = Filter::new(kind, options.labels, options.fields)?;
        if let Some(name) = namespace {
            self.inner.open_namespace(name, View::Durable)?;
        }
        if let Some(revision) = options.revision {
            self.inner.require_kept(revision)?;
        }
        let mut list = List { items: Vec::new(), next: options.after, revision: options.revision.unwrap_or(0) };
        if options.limit == Some(0) {
            return Ok(List { revision: options.revision.unwrap_or_else(|| self.revision()), ..list });
        }
        let mut bounds = Bounds { limit: options.limit, bytes: options.bytes, count: 0, size: 0 };
        // Before the index is asked: what becomes durable later may be in the list or not.
        let newest = self.revision();
        let candidates = match filter.is_empty() {
            true => None,
            false => self.inner.index.candidates(kind, namespace.unwrap_or_default(), &filter, options.revision),
        };
        if let Some(ids) = candidates {
            list.revision = options.revision.unwrap_or(newest);
            self.inner.pick(kind, namespace, ids, &filter, (options.revision, bounds), &mut list)?;
            return Ok(list);
        }
        loop {
            let limit = options.limit.map_or(STEP, |limit| limit - list.items.len());
            let begin = list.items.len();
            let more = self.extend(kind, namespace, limit, (&filter, options.revision), &mut list)?;
            bounds.add(&list.items[begin..]);
            if !more || bounds.are_met() {
                list.next = list.next.filter(|_| more);
                return Ok(list);
            }
        }
    }

    /// Adds the next step to a list and says whether there may be more.
    fn extend(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        limit: usize,
        (filter, revision): (&Filter, Option<Revision>),
        list: &mut List,
    ) -> Result<bool> {
        let walked = match revision {
            None => self.inner.step(kind, namespace, list.next, limit, filter)?,
            Some(revision) => self.inner.step_at(kind, namespace, list.next, limit, filter, revision)?,
        };
        list.next = walked.last.or(list.next);
        list.items.extend(walked.records.into_iter().map(|record| record.object));
        if list.revision == 0 {
            list.revision = walked.revision;
        }
        Ok(walked.more)
    }
}
