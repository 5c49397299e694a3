//! An index in memory of labels and selectable members, so that a selector finds few resources among many without a scan.
//!
//! It over-approximates: it names the resources that may have a value, and each candidate is read and matched before it is
//! returned. So writes only ever add to it, before they are submitted, and a refused write need not be undone. Entries that
//! are out of date accumulate until the index is rebuilt, which gives their memory back.

mod posting;
mod postings;
#[cfg(test)]
mod tests;

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::quality::RandomState;

use self::posting::Posting;
use self::postings::Postings;
use super::filter::Filter;
use super::stored::key::{self, Place};
use super::stored::record::{self, Selected};
use super::stored::{CollectionRef, Record};
use crate::backend::{Backend, Batch, Revision, Scan, settled};
use crate::error::Result;
use crate::object::{Object, ResourceId, StringMap};
use crate::registry::Registry;
use crate::rules::selector::{self, Field};

/// The index is rebuilt once it has twice the entries of the last rebuild, and at least this many.
const SURPLUS: usize = 1 << 20;

/// The index is rebuilt once half of its entries are out of date, and at least this many.
const MIN_STALE: usize = 1 << 16;

/// As much as so many entries that are out of date counts a record that a rebuild reads.
const RECORDS_PER_STALE: usize = 4;

/// The resources that may have a value. Values are kept as hashes; a collision only adds candidates.
#[derive(Default)]
pub(crate) struct Index {
    // Random for each store, so that nobody can choose labels whose hashes collide.
    hasher: RandomState,
    state: RwLock<State>,
    /// About how many entries are out of date: those of deleted resources and of values that were replaced. A refused write
    /// counts as well, which only makes the next rebuild earlier.
    stale: AtomicUsize,
    /// Held for reading between adding a resource and submitting its commit, and for writing by a rebuild that begins.
    submitting: RwLock<()>,
}

/// Keeps a rebuild from beginning between adding a resource and submitting its commit: it would see the resource neither
/// stored nor added.
#[must_use = "it is held until the commit is submitted"]
pub(crate) struct Added<'a>(#[expect(dead_code, reason = "it is held, not read")] Option<RwLockReadGuard<'a, ()>>);

#[derive(Default)]
struct State {
    postings: Postings,
    /// The postings of a rebuild under way; writes are added to both.
    next: Option<Postings>,
    /// The index is complete for reads at this revision and later ones; `None` until it is built.
    complete_since: Option<Revision>,
    /// The number of entries after the last rebuild, and of the records that it read.
    built_with: usize,
    built_from: usize,
}

/// An indexed value.
#[derive(Hash)]
enum Term<'a> {
    Label(&'a str, &'a str),
    Member(usize, &'a str),
}

impl Index {
    /// Returns an empty index with the same hashes, for the writes that a transaction stages.
    pub(crate) fn empty(&self) -> Self {
        Self { hasher: self.hasher.clone(), ..Self::default() }
    }

    /// Adds everything in an index made by [`Index::empty`], before its transaction is submitted.
    pub(crate) fn merge(&self, staged: &Self) -> Added<'_> {
        let guard = self.submitting.read().unwrap_or_else(PoisonError::into_inner);
        self.stale.fetch_add(staged.stale.load(Ordering::Relaxed), Ordering::Relaxed);
        for (term, posting) in staged.read().postings.iter() {
            // The lock is taken for each term, so that readers need not wait for a large transaction.
            self.write().merge(term, posting);
        }
        Added(Some(guard))
    }

    /// Adds a resource that is about to be stored. This comes before the commit is submitted, so that no reader can see the
    /// resource without the index knowing it.
    pub(crate) fn add(&self, collection: CollectionRef<'_>, object: &Object, selected: &Selected) -> Added<'_> {
        let guard = self.submitting.read().unwrap_or_else(PoisonError::into_inner);
        let mut terms = Vec::with_capacity(8);
        self.for_each_term(collection, object.metadata.labels.as_ref(), selected, |term| terms.push(term));
        if !terms.is_empty() {
            let mut state = self.write();
            for term in terms {
                state.merge(term, &Posting::One(object.metadata.id));
            }
        }
        Added(Some(guard))
    }

    /// Counts the values of a record that is about to be deleted, or replaced by a next one that lacks some of them.
    pub(crate) fn supersede(&self, collection: CollectionRef<'_>, old: &Record, next: Option<&Record>) {
        let labels = |record: &Record| record.object.metadata.labels.clone().unwrap_or_default();
        let old_labels = labels(old);
        let gone = match next.map(labels) {
            None => old_labels.len(),
            Some(labels) if labels == old_labels => 0,
            Some(labels) => lacking(&labels, &old_labels),
        };
        let is_gone = |index: &usize| {
            let value = old.selected.get(*index);
            value.is_some() && next.is_none_or(|next| next.selected.get(*index) != value)
        };
        let gone = gone + (0..collection.kind.selectable.len()).filter(is_gone).count();
        if gone > 0 {
            self.stale.fetch_add(gone, Ordering::Relaxed);
        }
    }

    fn for_each_term(
        &self,
        collection: CollectionRef<'_>,
        labels: Option<&StringMap>,
        selected: &Selected,
        mut visit: impl FnMut(u64),
    ) {
        for (name, value) in labels.into_iter().flat_map(StringMap::iter) {
            visit(self.hash(collection, &Term::Label(name, value)));
        }
        for index in 0..collection.kind.selectable.len() {
            if let Some(value) = selected.get(index) {
                visit(self.hash(collection, &Term::Member(index, value)));
            }
        }
    }

    fn hash(&self, collection: CollectionRef<'_>, term: &Term<'_>) -> u64 {
        self.hasher.hash_one((&*collection.kind.name, collection.segment(), term))
    }

    /// Returns the ids, in order, of the resources that a filter may select, at a revision or now; `None` where a scan of the
    /// collection is as good.
    pub(crate) fn candidates(
        &self,
        collection: CollectionRef<'_>,
        filter: &Filter,
        revision: Option<Revision>,
    ) -> Option<Vec<ResourceId>> {
        let state = self.read();
        let since = state.complete_since?;
        // A resource that was deleted, or lost the value, before the index was built is not in it, so reads at earlier
        // revisions scan.
        if revision.is_some_and(|revision| revision < since) {
            return None;
        }
        let label = |(key, values): (&str, &[String])| {
            let terms = values.iter().map(|value| self.hash(collection, &Term::Label(key, value)));
            state.union(terms)
        };
        let member = |(path, values): (&str, &[String])| {
            let Some(Field::Selectable(index)) = selector::field(collection.kind, path) else { return None };
            let terms = values.iter().map(|value| self.hash(collection, &Term::Member(index, value)));
            state.union(terms)
        };
        let labels = filter.labels.equalities().filter_map(label);
        // One condition is enough, since each candidate is matched against the whole filter. One with too many
        // resources has no candidates and is passed over.
        let fewest = labels.chain(filter.fields.equalities().filter_map(member)).min_by_key(Vec::len);
        drop(state);
        let mut ids = fewest?;
        // A posting is in the order of writes, and names a resource once for each time that it got the value.
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// Whether the index is built.
    pub(crate) fn is_built(&self) -> bool {
        self.read().complete_since.is_some()
    }

    /// Whether the index should be built, for the first time or again.
    pub(crate) fn is_due(&self) -> bool {
        let state = self.read();
        let (entries, stale) = (state.postings.entries(), self.stale.load(Ordering::Relaxed));
        state.complete_since.is_none()
            || entries > state.built_with.saturating_mul(2).max(SURPLUS)
            || stale > MIN_STALE.max(entries / 2).max(state.built_from / RECORDS_PER_STALE)
    }

    /// Builds the index from all stored records, while writes go on. `is_over` is asked between steps and ends it early.
    pub(crate) fn build(
        &self,
        backend: &dyn Backend,
        registry: &Registry,
        mut is_over: impl FnMut() -> bool,
    ) -> Result<()> {
        self.write().next = Some(Postings::default());
        // Entries that become stale from here on may be in `next` already.
        let stale = self.stale.load(Ordering::Relaxed);
        // Resources added before this point are submitted once the lock is free, and durable once the barrier ends: the scan
        // below sees them. Those added later go to `next` as well.
        drop(self.submitting.write().unwrap_or_else(PoisonError::into_inner));
        settled(backend.commit(Batch::barrier()))?;
        let (mut after, mut built_from) = (None, 0);
        loop {
            let page = backend.scan(&Scan { prefix: key::all_records(), after, limit: 0 })?;
            built_from += page.entries.len();
            let mut terms = Vec::new();
            for (key, entry) in &page.entries {
                let Some(Place::Record { kind, namespace, id }) = key::place(key) else { continue };
                let Some(kind) = registry.find(kind) else { continue };
                let collection = CollectionRef::of_key(kind, namespace);
                // A damaged record is reported to its readers, and by a check.
                let Ok(Record { object, selected, .. }) = record::decode(collection, &entry.value) else { continue };
                let labels = object.metadata.labels.as_ref();
                self.for_each_term(collection, labels, &selected, |term| terms.push((term, id)));
            }
            if let Some(next) = &mut self.write().next {
                for (term, id) in terms {
                    next.merge(term, &Posting::One(id));
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
            if is_over() {
                return Ok(());
            }
        }
        let mut state = self.write();
        let postings = state.next.take().unwrap_or_default();
        let built_with = postings.entries();
        self.stale.fetch_sub(stale, Ordering::Relaxed);
        // The scan saw durable records, and pending ones were added to `next`: complete from the durable revision on.
        let complete_since = Some(backend.revision());
        let before =
            std::mem::replace(&mut *state, State { postings, next: None, complete_since, built_with, built_from });
        // Outside the lock: there may be millions of values.
        drop(state);
        drop(before);
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of the old entries the new ones lack. Both are sorted by name.
fn lacking(new: &StringMap, old: &StringMap) -> usize {
    let (mut new, mut count) = (new.iter().peekable(), 0);
    for entry in old.iter() {
        while new.next_if(|(name, _)| *name < entry.0).is_some() {}
        count += usize::from(new.next_if(|kept| *kept == entry).is_none());
    }
    count
}

impl State {
    fn merge(&mut self, term: u64, posting: &Posting) {
        self.postings.merge(term, posting);
        if let Some(next) = &mut self.next {
            next.merge(term, posting);
        }
    }

    /// Returns the resources that may have one of these terms, unless they are too many.
    fn union(&self, terms: impl Iterator<Item = u64>) -> Option<Vec<ResourceId>> {
        let mut ids = Vec::new();
        for term in terms {
            ids.extend_from_slice(self.postings.get(term)?);
        }
        Some(ids)
    }
}
