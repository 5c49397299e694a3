//! Removes the versions of resources that are beyond their limits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::compactor::Compactor;
use super::removals::{Expired, Removals};
use crate::backend::{Batch, CommitError, Key, Operation, Precondition, Revision, Scan, settled};
use crate::engine::stored::SupersededVersion;
use crate::engine::stored::key::{self, Place};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// How many commits are under way at once.
const FLIGHT: usize = 4;

/// The resource whose versions are pruned.
struct Subject {
    tombstone: Key,
    /// The commit that deleted it, if it is deleted.
    ended: Option<Revision>,
    /// The commit that created its namespace; none when that is deleted.
    namespace: Option<Revision>,
    most: usize,
    age: Duration,
}

impl Compactor {
    /// Removes the versions under a prefix that ended at or below the floor and are beyond the limits.
    pub(super) fn prune(&self, versions: &Key, floor: Revision, removals: &mut Removals) -> Result<()> {
        let Some(subject) = self.subject(versions)? else { return Ok(()) };
        let now = (self.clock)().as_micros();
        let age = i64::try_from(subject.age.as_micros()).unwrap_or(i64::MAX);
        let (mut after, mut authored, mut is_first, mut is_any_left) = (None, 0, true, false);
        let mut last = None;
        loop {
            let page = self.backend.scan(&Scan { prefix: versions.clone(), after, limit: 0 })?;
            for (key, entry) in &page.entries {
                let version = SupersededVersion::read(key, &entry.value, entry.created)?;
                // The newest version comes first. Of a deleted resource it is the last state, which an undelete
                // restores: it is kept until its age is over, and goes together with the tombstone.
                let is_last = std::mem::replace(&mut is_first, false) && subject.ended.is_some();
                // A namespace takes its content with it, so nothing from before its creation can be restored.
                let is_of_former_namespace = subject.namespace.is_none_or(|created| version.ended < created);
                let is_beyond = is_of_former_namespace
                    || version.ended_at.as_micros() < now.saturating_sub(age)
                    || !is_last && (!version.is_authored || authored >= subject.most);
                authored += usize::from(version.is_authored);
                // Above the floor each version stays, whatever the limits are: every revision there must be readable as
                // it was.
                if version.ended <= floor && is_beyond && is_last {
                    last = Some((key.clone(), entry.value.len()));
                } else if version.ended <= floor && is_beyond {
                    self.remove(key.clone(), entry.value.len(), removals)?;
                } else {
                    is_any_left = true;
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
        }
        match (subject.ended, last) {
            (Some(ended), Some((version, bytes))) if !is_any_left => {
                let Subject { tombstone, .. } = subject;
                removals.bytes += bytes;
                removals.total += bytes as u64;
                self.forget(Expired { tombstone, ended, version }, removals)
            }
            _ => Ok(()),
        }
    }

    fn subject(&self, versions: &Key) -> Result<Option<Subject>> {
        let first = key::first_version(versions);
        let Some(Place::Version { kind: name, namespace, id, .. }) = key::place(&first) else { return Ok(None) };
        let tombstone = key::tombstone(name, namespace, id);
        let ended = self.backend.get(&tombstone)?.map(|entry| entry.modified);
        // Versions of a kind that is not registered cannot be read, but the kind may come back: keep them.
        let Some(kind) = self.registry.find(name) else { return Ok(None) };
        let (most, age) = self.retention.of(kind);
        let namespace = if namespace.is_empty() { Some(0) } else { self.namespace(namespace)? };
        Ok(Some(Subject { tombstone, ended, namespace, most, age }))
    }

    /// Returns the commit that created the namespace of this name.
    fn namespace(&self, namespace: &str) -> Result<Option<Revision>> {
        let kind = &self.registry.namespace().name;
        let Some(entry) = self.backend.get(&key::name(kind, "", namespace))? else { return Ok(None) };
        // An entry that is damaged says nothing of its age, so that no version may count as older.
        let Ok(id) = <[u8; 16]>::try_from(entry.value.as_ref()) else { return Ok(Some(0)) };
        let record = self.backend.get(&key::record(kind, "", ResourceId::from_bytes(id)))?;
        Ok(record.map(|record| record.created))
    }

    fn remove(&self, key: Key, bytes: usize, removals: &mut Removals) -> Result<()> {
        removals.total += bytes as u64;
        if removals.is_rehearsal {
            return Ok(());
        }
        self.removed.fetch_add(1, Ordering::Relaxed);
        // Without a precondition: a version never changes, and only a compaction removes one.
        removals.operations.push(Operation::Delete(key));
        removals.bytes += bytes;
        if removals.is_full() { self.submit(removals, FLIGHT) } else { Ok(()) }
    }

    /// Removes a tombstone together with the last version, once all others are gone. A check reports one without the other.
    fn forget(&self, expired: Expired, removals: &mut Removals) -> Result<()> {
        if removals.is_rehearsal {
            return Ok(());
        }
        self.removed.fetch_add(1, Ordering::Relaxed);
        removals.expired.push(expired);
        if removals.is_full() { self.finish(removals) } else { Ok(()) }
    }

    fn submit(&self, removals: &mut Removals, most: usize) -> Result<()> {
        if !removals.operations.is_empty() {
            let operations = std::mem::take(&mut removals.operations);
            removals.bytes = 0;
            removals.flight.push_back(self.backend.commit_freeing(Batch { preconditions: Vec::new(), operations }));
        }
        while removals.flight.len() > most
            && let Some(oldest) = removals.flight.pop_front()
        {
            settled(oldest)?;
        }
        Ok(())
    }

    /// Waits until all gathered removals are committed.
    pub(super) fn finish(&self, removals: &mut Removals) -> Result<()> {
        self.submit(removals, 0)?;
        removals.bytes = 0;
        for Expired { tombstone, ended, version } in std::mem::take(&mut removals.expired) {
            let preconditions = vec![Precondition::At(tombstone.clone(), ended)];
            let operations = vec![Operation::Delete(version), Operation::Delete(tombstone)];
            removals.flight.push_back(self.backend.commit_freeing(Batch { preconditions, operations }));
        }
        let flight = std::mem::take(&mut removals.flight);
        flight.into_iter().try_for_each(|completion| match completion.wait(None) {
            // A conflict: the resource was restored meanwhile, or deleted again, and stays.
            Some(Ok(_) | Err(CommitError::Conflict(_))) => Ok(()),
            Some(Err(CommitError::Failed(error))) => Err(error),
            None => Err(Error::OutcomeUnknown),
        })
    }
}
