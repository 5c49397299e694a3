//! A backend over another one, that keeps for itself what is written, so that later writes see what earlier ones made,
//! and all of it is committed together or not at all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Backend, Batch, Change, CommitError, Completion, Key, Observer, Operation, Page, Precondition, Revision,
    RevisionListener, Scan, Versioned, page_size,
};
use crate::error::{Error, Result};

/// Revisions from here on are of what is staged; no store ever comes to them.
const STAGED: Revision = 1 << 63;

/// The most bytes that are staged, or answered, together: what a small patch makes of a large resource counts as a whole.
const MAX_BYTES: usize = 32 << 20;

/// What is staged over a backend. One thread at a time writes to it.
pub(crate) struct Overlay {
    base: Arc<dyn Backend>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The newest state of every key that was written; the inner `None` is a removal.
    staged: BTreeMap<Key, Staged>,
    /// What was seen of the base and must still be so when all is committed.
    seen: HashSet<Precondition>,
    /// When the keys that were found in the base were created.
    created: HashMap<Key, Revision>,
    commits: Revision,
    bytes: usize,
}

struct Staged {
    /// When the key was written first, among all.
    place: usize,
    value: Option<Versioned>,
    /// Whether it ever had a value here.
    was_put: bool,
}

/// Whether what has this revision is staged, so that nobody else has ever seen it.
pub(crate) fn is_staged(revision: Revision) -> bool {
    revision >= STAGED
}

impl Overlay {
    /// Nothing staged over this backend.
    pub(crate) fn over(base: Arc<dyn Backend>) -> Self {
        Self { base, state: Mutex::default() }
    }

    /// All that is staged as one batch for the base, on the condition that what was seen of the base is still so.
    pub(crate) fn batch(&self) -> Result<Batch> {
        let state = self.state();
        let mut changed: Vec<_> = state.staged.iter().collect();
        changed.sort_by_key(|(_, staged)| staged.place);
        let mut operations = Vec::with_capacity(changed.len());
        for (key, staged) in changed {
            match &staged.value {
                Some(value) => operations.push(Operation::Put(key.clone(), value.value.clone())),
                // What came and went here was never there.
                None if staged.was_put && self.base.get_for_write(key)?.is_none() => {}
                None => operations.push(Operation::Delete(key.clone())),
            }
        }
        Ok(Batch { preconditions: state.seen.iter().cloned().collect(), operations })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The staged state of a key, if it was written.
    fn staged(&self, key: &[u8]) -> Option<Option<Versioned>> {
        self.state().staged.get(key).map(|staged| staged.value.clone())
    }

    fn stage(&self, batch: Batch) -> std::result::Result<Revision, CommitError> {
        let mut state = self.state();
        if let Some(broken) = batch.preconditions.iter().find(|precondition| !state.allows(precondition)) {
            return Err(CommitError::Conflict(broken.clone()));
        }
        for precondition in batch.preconditions {
            if precondition.key().is_none_or(|key| !state.staged.contains_key(key)) {
                state.seen.insert(precondition);
            }
        }
        if !batch.operations.is_empty() {
            state.commits += 1;
        }
        let revision = STAGED + state.commits;
        batch.operations.into_iter().for_each(|operation| state.put(operation, revision));
        state.check_size(self.base.max_batch()).map_err(CommitError::Failed)?;
        Ok(revision)
    }
}

impl State {
    /// Whether what is staged lets a precondition hold; what is not staged is the base's to judge.
    fn allows(&self, precondition: &Precondition) -> bool {
        let staged = |key: &Key| self.staged.get(key).map(|staged| staged.value.as_ref());
        match precondition {
            Precondition::Absent(key) => staged(key).is_none_or(|value| value.is_none()),
            Precondition::Present(key) => staged(key).is_none_or(|value| value.is_some()),
            Precondition::At(key, revision) => {
                staged(key).is_none_or(|value| value.is_some_and(|value| value.modified == *revision))
            }
            Precondition::NothingPutUnder(prefix, _) => {
                let range = self.staged.range((Bound::Included(prefix.clone()), Bound::Unbounded));
                let mut under = range.take_while(|(key, _)| key.starts_with(prefix));
                !under.any(|(_, staged)| staged.value.is_some())
            }
        }
    }

    fn put(&mut self, operation: Operation, revision: Revision) {
        let (key, value) = match operation {
            Operation::Put(key, value) => {
                let created = self.created(&key).unwrap_or(revision);
                (key, Some(Versioned { value, created, modified: revision }))
            }
            Operation::Delete(key) => (key, None),
        };
        let size = |value: &Option<Versioned>| value.as_ref().map_or(0, |value| value.value.len());
        let place = self.staged.len();
        let staged = self.staged.entry(key).or_insert(Staged { place, value: None, was_put: false });
        self.bytes = self.bytes + size(&value) - size(&staged.value);
        staged.was_put |= value.is_some();
        staged.value = value;
    }

    /// When a key was created that is there and was looked at before it is put.
    fn created(&self, key: &Key) -> Option<Revision> {
        match self.staged.get(key) {
            Some(staged) => staged.value.as_ref().map(|value| value.created),
            None => self.created.get(key).copied(),
        }
    }

    fn check_size(&self, most_keys: usize) -> Result<()> {
        if self.staged.len() > most_keys {
            let message = format!(
                "the transaction would change more than {most_keys} keys at once, with what belongs to what it deletes; \
                 make it smaller"
            );
            return Err(Error::bad_request(message));
        }
        check_bytes(self.bytes)
    }

    /// What is staged of a scan, up to a key, if one is given.
    fn range(&self, scan: &Scan, to: Option<&Key>) -> BTreeMap<Key, Option<Versioned>> {
        let begin = match &scan.after {
            Some(after) if *after >= scan.prefix => Bound::Excluded(after.clone()),
            _ => Bound::Included(scan.prefix.clone()),
        };
        let range = self.staged.range((begin, Bound::Unbounded));
        let inside = |key: &Key| key.starts_with(&scan.prefix) && to.is_none_or(|to| key <= to);
        range.take_while(|(key, _)| inside(key)).map(|(key, staged)| (key.clone(), staged.value.clone())).collect()
    }
}

/// Whether a transaction can store, and answer, so many bytes.
pub(crate) fn check_bytes(bytes: usize) -> Result<()> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let message =
        format!("the resources of the transaction have more than {MAX_BYTES} bytes together; make it smaller");
    Err(Error::bad_request(message))
}

impl Backend for Overlay {
    fn get(&self, key: &[u8]) -> Result<Option<Versioned>> {
        self.staged(key).map_or_else(|| self.base.get(key), Ok)
    }

    /// What is read of the base must still be so when all is committed.
    fn get_for_write(&self, key: &[u8]) -> Result<Option<Versioned>> {
        if let Some(staged) = self.staged(key) {
            return Ok(staged);
        }
        let found = self.base.get_for_write(key)?;
        let (key, mut state) = (Key::copy_from_slice(key), self.state());
        if let Some(found) = &found {
            state.created.insert(key.clone(), found.created);
        }
        state.seen.insert(match &found {
            Some(found) => Precondition::At(key, found.modified),
            None => Precondition::Absent(key),
        });
        Ok(found)
    }

    /// Nothing may come to what was scanned before all is committed.
    fn scan(&self, scan: &Scan) -> Result<Page> {
        let limit = page_size(scan);
        let mut page = self.base.scan(scan)?;
        let mut merged = Page { revision: page.revision, ..Page::default() };
        let mut step = scan.clone();
        loop {
            let last = page.entries.last().map(|(key, _)| key.clone());
            let staged = self.state().range(&step, last.as_ref().filter(|_| page.more));
            let mut entries: BTreeMap<Key, Option<Versioned>> =
                page.entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
            entries.extend(staged);
            merged.entries.extend(entries.into_iter().filter_map(|(key, value)| Some((key, value?))));
            merged.more = page.more;
            if !page.more || merged.entries.len() >= limit {
                break;
            }
            step.after = last;
            page = self.base.scan(&step)?;
        }
        merged.more |= merged.entries.len() > limit;
        merged.entries.truncate(limit);
        self.state().seen.insert(Precondition::NothingPutUnder(scan.prefix.clone(), merged.revision));
        Ok(merged)
    }

    fn commit(&self, batch: Batch) -> Completion {
        Completion::ready(self.stage(batch))
    }

    fn max_batch(&self) -> usize {
        self.base.max_batch()
    }

    fn lags(&self) -> bool {
        self.base.lags()
    }

    fn changes(&self, after: Revision, limit: usize) -> Result<Vec<Change>> {
        self.base.changes(after, limit)
    }

    fn revision(&self) -> Revision {
        self.base.revision()
    }

    fn floor(&self) -> Revision {
        self.base.floor()
    }

    fn revision_changed(&self) -> RevisionListener {
        self.base.revision_changed()
    }

    fn format(&self) -> u32 {
        self.base.format()
    }

    /// Raises nothing: what is staged may never be committed. The commit of all of it raises the format of the base.
    fn raise_format(&self, _format: u32) -> Result<()> {
        Ok(())
    }

    /// Tells of nothing that is staged.
    fn follow(&self, observer: Arc<dyn Observer>) {
        self.base.follow(observer);
    }

    fn compact(&self, floor: Revision) -> Result<()> {
        self.base.compact(floor)
    }
}

#[cfg(test)]
mod tests;
