//! An index in memory of labels and selectable members, so that a selector finds few resources among many without a scan.
//!
//! It over-approximates: it names the resources that may have a value, and each candidate is read and matched before it is
//! returned. So changes only ever add to it, before readers see them. Entries that are out of date accumulate until the
//! index is rebuilt, which gives their memory back.

mod posting;
mod postings;
#[cfg(test)]
mod tests;

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::quality::RandomState;

use self::posting::Posting;
use self::postings::Postings;
use super::filter::Filter;
use super::stored::key::{self, Place};
use super::stored::record::{self, Selected};
use super::stored::{CollectionRef, Record};
use crate::backend::{Backend, Batch, ChangedValue, Observer, Revision, Scan, Versioned, settled};
use crate::error::Result;
use crate::object::{ResourceId, StringMap};
use crate::registry::Registry;
use crate::rules::selector::{self, Field};

/// The index is rebuilt once it has twice the entries of the last rebuild, and at least this many.
const SURPLUS: usize = 1 << 20;

/// The index is rebuilt once half of its entries are out of date, and at least this many.
const MIN_STALE: usize = 1 << 16;

/// As much as so many entries that are out of date counts a record that a rebuild reads.
const RECORDS_PER_STALE: usize = 4;

/// The resources that may have a value. Values are kept as hashes; a collision only adds candidates.
pub(crate) struct Index {
    registry: Arc<Registry>,
    // Random for each store, so that nobody can choose labels whose hashes collide.
    hasher: RandomState,
    state: RwLock<State>,
    /// About how many entries are out of date: those of deleted resources and of values that were replaced.
    stale: AtomicUsize,
}

#[derive(Default)]
struct State {
    postings: Postings,
    /// The postings of a rebuild under way; changes are added to both.
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
    /// Returns the index of a store with these kinds.
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self { registry, hasher: RandomState::default(), state: RwLock::default(), stale: AtomicUsize::new(0) }
    }

    /// Takes up a change of a record that is about to be shown.
    fn take_up(&self, collection: CollectionRef<'_>, id: ResourceId, old: Option<&Record>, new: Option<&Record>) {
        let labels = |record: Option<&Record>| record.and_then(|record| record.object.metadata.labels.clone());
        let (old_labels, new_labels) = (labels(old), labels(new));
        let selected = |record: Option<&Record>| record.map(|record| record.selected.clone()).unwrap_or_default();
        let (old_selected, new_selected) = (selected(old), selected(new));
        if old_labels == new_labels && old_selected == new_selected {
            return;
        }
        let terms = |labels: Option<&StringMap>, selected| {
            let mut terms = Vec::with_capacity(8);
            self.for_each_term(collection, labels, selected, |term| terms.push(term));
            terms.sort_unstable();
            terms
        };
        let before = terms(old_labels.as_ref(), &old_selected);
        let after = terms(new_labels.as_ref(), &new_selected);
        let gone = before.iter().filter(|term| after.binary_search(term).is_err()).count();
        let mut come = after.iter().filter(|term| before.binary_search(term).is_err()).peekable();
        if gone > 0 {
            self.stale.fetch_add(gone, Ordering::Relaxed);
        }
        if come.peek().is_some() {
            let mut state = self.write();
            come.for_each(|term| state.merge(*term, &Posting::One(id)));
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
    pub(crate) fn build(&self, backend: &dyn Backend, mut is_over: impl FnMut() -> bool) -> Result<()> {
        self.write().next = Some(Postings::default());
        // Entries that become stale from here on may be in `next` already.
        let stale = self.stale.load(Ordering::Relaxed);
        // Changes that were taken up before this point are shown once the barrier ends, and the scan below sees them. Later
        // ones go to `next` as well.
        settled(backend.commit(Batch::barrier()))?;
        let (mut after, mut built_from) = (None, 0);
        loop {
            let page = backend.scan(&Scan { prefix: key::all_records(), after, limit: 0 })?;
            built_from += page.entries.len();
            let mut terms = Vec::new();
            for (key, entry) in &page.entries {
                let Some(Place::Record { kind, namespace, id }) = key::place(key) else { continue };
                let Some(kind) = self.registry.find(kind) else { continue };
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
        // The scan saw what was shown, and the changes since were added to `next`: complete from the newest revision on. Asked
        // for before the lock is taken, for which a backend may wait that is about to show changes.
        let complete_since = Some(backend.revision());
        let mut state = self.write();
        let postings = state.next.take().unwrap_or_default();
        let built_with = postings.entries();
        self.stale.fetch_sub(stale, Ordering::Relaxed);
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

impl Observer for Index {
    fn about_to_show(&self, _revision: Revision, changes: &[ChangedValue<'_>]) {
        for change in changes {
            let Some(Place::Record { kind, namespace, id }) = key::place(change.key) else { continue };
            let Some(kind) = self.registry.find(kind) else { continue };
            let collection = CollectionRef::of_key(kind, namespace);
            // A damaged record is reported to its readers, and by a check.
            let read =
                |value: Option<&Versioned>| value.and_then(|value| record::decode(collection, &value.value).ok());
            self.take_up(collection, id, read(change.old).as_ref(), read(change.new).as_ref());
        }
    }
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
