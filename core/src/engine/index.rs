//! An index in memory of labels and selectable members, so that few resources among very many are found without looking
//! at all of them.
//!
//! It says which resources may have a value, never that one has it: each is read and judged before it is part of an answer.
//! So it needs to be fed with what is about to be stored only, and nothing has to be taken back. What it has too much grows
//! until it is built anew.

mod posting;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use self::posting::Posting;
use super::Inner;
use super::cascade::settled;
use super::key::{self, Place};
use super::list::Filter;
use super::pipeline::Request;
use super::record::{self, Record, Selected};
use crate::backend::{Backend, Batch, Revision, Scan};
use crate::error::Result;
use crate::kind::Kind;
use crate::object::{Object, ResourceId, StringMap};
use crate::registry::Registry;
use crate::rules::selector::{self, Field};

/// How many entries beyond those of the last building make it be built anew; at least so many.
const SURPLUS: usize = 1 << 20;

/// The resources that may have a value. Values are kept as hashes: two that share one only make more be read.
#[derive(Default)]
pub(super) struct Index {
    hasher: RandomState,
    state: RwLock<State>,
    /// Held for reading by whoever noted something and has not submitted it yet.
    submitting: RwLock<()>,
}

/// That something was noted; to be kept until it is submitted, so that a building sees it stored or noted.
#[must_use = "it is kept until the commit is submitted"]
pub(super) struct Noted<'a>(#[expect(dead_code, reason = "it is held, not read")] Option<RwLockReadGuard<'a, ()>>);

#[derive(Default)]
struct State {
    postings: HashMap<u64, Posting>,
    /// What is being built to take its place; it is fed along.
    next: Option<HashMap<u64, Posting>>,
    /// It knows what every resource had at this revision and has had since; none before it is built.
    complete_since: Option<Revision>,
    /// Entries since it was built, and when it was.
    entries: usize,
    built_with: usize,
}

/// What a term is of.
#[derive(Hash)]
enum Term<'a> {
    Label(&'a str, &'a str),
    Member(usize, &'a str),
}

impl Index {
    /// An index that knows nothing yet, for what is staged until it is committed or not.
    pub(super) fn afresh(&self) -> Self {
        Self { hasher: self.hasher.clone(), ..Self::default() }
    }

    /// Notes all that one that was made [`Index::afresh`] has noted, and that is about to be stored.
    pub(super) fn catch_up(&self, staged: &Self) -> Noted<'_> {
        let guard = self.submitting.read().unwrap_or_else(PoisonError::into_inner);
        for (term, posting) in &staged.read().postings {
            // For each one anew, so that readers get in between.
            self.write().merge(*term, posting);
        }
        Noted(Some(guard))
    }

    /// Notes what a resource has that is about to be stored.
    pub(super) fn add(
        &self,
        kind: &Kind,
        namespace: &str,
        id: ResourceId,
        labels: Option<&StringMap>,
        selected: &Selected,
    ) {
        let mut terms = Vec::with_capacity(8);
        self.for_each_term(kind, namespace, labels, selected, |term| terms.push(term));
        if terms.is_empty() {
            return;
        }
        let mut state = self.write();
        for term in terms {
            state.merge(term, &Posting::One(id));
        }
    }

    fn for_each_term(
        &self,
        kind: &Kind,
        namespace: &str,
        labels: Option<&StringMap>,
        selected: &Selected,
        mut look: impl FnMut(u64),
    ) {
        for (name, value) in labels.into_iter().flat_map(StringMap::iter) {
            look(self.hash(kind, namespace, &Term::Label(name, value)));
        }
        for index in 0..kind.selectable.len() {
            if let Some(value) = selected.get(index) {
                look(self.hash(kind, namespace, &Term::Member(index, value)));
            }
        }
    }

    fn hash(&self, kind: &Kind, namespace: &str, term: &Term<'_>) -> u64 {
        self.hasher.hash_one((&*kind.name, namespace, term))
    }

    /// The resources that a filter may let through, in order, at a revision or now; `None` where looking at all is as good.
    pub(super) fn candidates(
        &self,
        kind: &Kind,
        namespace: &str,
        filter: &Filter,
        revision: Option<Revision>,
    ) -> Option<Vec<ResourceId>> {
        let state = self.read();
        let since = state.complete_since?;
        if revision.is_some_and(|revision| revision < since) {
            return None;
        }
        let label = |(key, values): (&str, &[String])| {
            let terms = values.iter().map(|value| self.hash(kind, namespace, &Term::Label(key, value)));
            state.union(terms)
        };
        let member = |(path, values): (&str, &[String])| {
            let Some(Field::Selectable(index)) = selector::field(kind, path) else { return None };
            let terms = values.iter().map(|value| self.hash(kind, namespace, &Term::Member(index, value)));
            state.union(terms)
        };
        let labels = filter.labels.equalities().filter_map(label);
        let fewest = labels.chain(filter.fields.equalities().filter_map(member)).min_by_key(Vec::len);
        drop(state);
        let mut ids = fewest?;
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// Whether it was built.
    pub(super) fn is_built(&self) -> bool {
        self.read().complete_since.is_some()
    }

    /// Whether it is to be built, for the first time or anew.
    pub(super) fn is_due(&self) -> bool {
        let state = self.read();
        state.complete_since.is_none() || state.entries > state.built_with.saturating_mul(2).max(SURPLUS)
    }

    /// Builds it from all that is stored, while what is written meanwhile is noted along. `is_over` is
    /// asked between steps and ends it early.
    pub(super) fn build(
        &self,
        backend: &dyn Backend,
        registry: &Registry,
        mut is_over: impl FnMut() -> bool,
    ) -> Result<()> {
        self.write().next = Some(HashMap::new());
        // What was noted before is submitted when nobody holds this, and durable when the barrier ends.
        drop(self.submitting.write().unwrap_or_else(PoisonError::into_inner));
        settled(backend.commit(Batch::barrier()))?;
        let mut after = None;
        loop {
            let page = backend.scan(&Scan { prefix: key::all_records(), after, limit: 0 })?;
            let mut terms = Vec::new();
            for (key, entry) in &page.entries {
                let Some(Place::Record { kind, namespace, id }) = key::place(key) else { continue };
                let Some(kind) = registry.find(kind) else { continue };
                // What is damaged is told to whoever reads it.
                let Ok(Record { object, selected, .. }) = record::decode(kind, None, &entry.value) else { continue };
                let labels = object.metadata.labels.as_ref();
                self.for_each_term(kind, namespace, labels, &selected, |term| terms.push((term, id)));
            }
            if let Some(next) = &mut self.write().next {
                for (term, id) in terms {
                    next.entry(term).or_default().add(id);
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
        let entries = postings.values().map(Posting::len).sum();
        // What was pending when it was read is noted along, so that only what was durable counts.
        *state = State { postings, next: None, complete_since: Some(backend.revision()), entries, built_with: entries };
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Tells the index of a resource that is about to be stored; before that, so that no reader sees what it does not know.
    pub(super) fn note(&self, request: &Request, object: &Object, selected: &Selected) -> Noted<'_> {
        if request.options.dry_run {
            return Noted(None);
        }
        let guard = self.index.submitting.read().unwrap_or_else(PoisonError::into_inner);
        let (namespace, metadata) = (request.namespace.as_deref().unwrap_or_default(), &object.metadata);
        self.index.add(&request.kind, namespace, metadata.id, metadata.labels.as_ref(), selected);
        Noted(Some(guard))
    }
}

impl State {
    fn merge(&mut self, term: u64, posting: &Posting) {
        self.entries += self.postings.entry(term).or_default().merge(posting);
        if let Some(next) = &mut self.next {
            next.entry(term).or_default().merge(posting);
        }
    }

    /// All resources that may have one of these terms, unless they are too many.
    fn union(&self, terms: impl Iterator<Item = u64>) -> Option<Vec<ResourceId>> {
        let mut ids = Vec::new();
        for term in terms {
            match self.postings.get(&term) {
                None => {}
                Some(posting) => ids.extend_from_slice(posting.ids()?),
            }
        }
        Some(ids)
    }
}
