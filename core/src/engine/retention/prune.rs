//! Removes the versions of resources that are beyond their limits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::compactor::Compactor;
use super::gaps::Gaps;
use super::removals::{Expired, Removals};
use super::size::size;
use crate::backend::{Batch, CommitError, Key, Operation, Precondition, Revision, Scan, settled};
use crate::engine::stored::format;
use crate::engine::stored::key::{self, Place};
use crate::engine::stored::{CollectionRef, SupersededVersion, Tombstone};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// How many commits are under way at once.
const FLIGHT: usize = 4;

/// The resource whose versions are pruned.
struct Subject<'a> {
    collection: CollectionRef<'a>,
    id: ResourceId,
    /// The tombstone, if it is deleted.
    tombstone: Option<Tombstone>,
    /// The commit that created its namespace; none when that is deleted.
    namespace: Option<Revision>,
    most: usize,
    age: Duration,
}

impl Compactor {
    /// Removes the versions under a prefix that ended at or below the floor and are beyond the limits.
    pub(super) fn prune(&self, versions: &Key, floor: Revision, removals: &mut Removals<'_>) -> Result<()> {
        let first = key::first_version(versions);
        let Some(subject) = self.subject(&first)? else { return Ok(()) };
        let now = (self.clock)().as_micros();
        let age = i64::try_from(subject.age.as_micros()).unwrap_or(i64::MAX);
        let (mut after, mut authored, mut is_first, mut is_any_left) = (None, 0, true, false);
        let (mut last, mut gaps) = (None, Gaps::new(&*self.backend, subject.collection, subject.id));
        let (most, mut bytes, mut is_cut) = (removals.squeeze.versions(subject.most), 0, false);
        loop {
            let page = self.backend.scan(&Scan { prefix: versions.clone(), after, limit: 0 })?;
            for (key, entry) in &page.entries {
                let version = SupersededVersion::read(key, &entry.value, entry.created)?;
                // The newest version comes first. Of a deleted resource it is the last state, which an undelete
                // restores: it is kept until its age is over, and goes together with the tombstone.
                let is_last = std::mem::replace(&mut is_first, false) && subject.tombstone.is_some();
                // A namespace takes its content with it, so nothing from before its creation can be restored.
                let is_of_former_namespace = subject.namespace.is_none_or(|created| version.ended < created);
                let length = size(key, &entry.value);
                bytes += length;
                // What is older than a version that does not fit goes as well.
                is_cut |= !is_last && bytes > self.kept_bytes();
                let is_beyond = is_of_former_namespace
                    || version.ended_at.as_micros() < now.saturating_sub(age)
                    || is_last && !removals.squeeze.keeps_deleted()
                    || !is_last && (is_cut || !version.is_authored || authored >= most);
                authored += usize::from(version.is_authored);
                // Above the floor each version stays, whatever the limits are: every revision there must be readable as
                // it was.
                if version.ended <= floor && is_beyond && is_last {
                    last = Some((key.clone(), length));
                } else if version.ended <= floor && is_beyond {
                    gaps.remove(key.clone(), version, length);
                    bytes -= length;
                } else {
                    is_any_left = true;
                    if let Some(operation) = gaps.keep(key, version)? {
                        self.add(operation, length, removals)?;
                    }
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
        }
        for (key, length) in gaps.into_removed() {
            self.add(Operation::Delete(key), length, removals)?;
        }
        removals.size.set(versions, bytes);
        match (subject.tombstone, last) {
            (Some(tombstone), Some((version, bytes))) if !is_any_left => {
                self.forget(Expired { tombstone, version, bytes }, removals)
            }
            _ => Ok(()),
        }
    }

    fn subject<'a>(&'a self, first: &'a Key) -> Result<Option<Subject<'a>>> {
        let Some(Place::Version { kind: name, namespace, id, .. }) = key::place(first) else { return Ok(None) };
        let key = key::tombstone(name, namespace, id);
        // Nothing is removed of a resource whose tombstone is damaged, which a check reports.
        let tombstone = match self.backend.get(&key)?.map(|entry| Tombstone::read(&key, &entry)).transpose() {
            Ok(tombstone) => tombstone,
            Err(_) => return Ok(None),
        };
        // Versions of a kind that is not registered cannot be read, but the kind may come back: keep them.
        let Some(kind) = self.registry.find(name) else { return Ok(None) };
        let (most, age) = self.retention.of(kind);
        let collection = CollectionRef::of_key(kind, namespace);
        let namespace = if namespace.is_empty() { Some(0) } else { self.namespace(namespace)? };
        Ok(Some(Subject { collection, id, tombstone, namespace, most, age }))
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

    /// Adds an operation on a version of this size to those that are committed together, in their order.
    fn add(&self, operation: Operation, old: u64, removals: &mut Removals<'_>) -> Result<()> {
        let new = match &operation {
            Operation::Put(_, value) => Some(value),
            Operation::Delete(_) => None,
        };
        let stored = new.map_or(0, |value| value.len() as u64);
        removals.total += old.saturating_sub(stored);
        if removals.is_rehearsal {
            return Ok(());
        }
        self.removed.fetch_add(u64::from(new.is_none()), Ordering::Relaxed);
        removals.bytes += old + stored;
        removals.size.replace(operation.key(), old, new);
        // Without a precondition: only a compaction removes a version, or stores it anew.
        removals.operations.push(operation);
        if removals.is_full() { self.submit(removals, FLIGHT) } else { Ok(()) }
    }

    /// Removes a tombstone together with the last version, once all others are gone. A check reports one without the other.
    fn forget(&self, expired: Expired, removals: &mut Removals<'_>) -> Result<()> {
        removals.total += expired.bytes;
        if removals.is_rehearsal {
            return Ok(());
        }
        self.removed.fetch_add(1, Ordering::Relaxed);
        removals.bytes += expired.bytes;
        removals.expired.push(expired);
        if removals.is_full() { self.finish(removals) } else { Ok(()) }
    }

    fn submit(&self, removals: &mut Removals<'_>, most: usize) -> Result<()> {
        if !removals.operations.is_empty() {
            let mut operations = std::mem::take(&mut removals.operations);
            if removals.stores {
                removals.flight.drain(..).try_for_each(settled)?;
            }
            removals.stores = operations.iter().any(|operation| matches!(operation, Operation::Put(..)));
            removals.bytes = 0;
            operations.extend(removals.size.mark());
            format::raise(&*self.backend, &operations)?;
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
    pub(super) fn finish(&self, removals: &mut Removals<'_>) -> Result<()> {
        self.submit(removals, 0)?;
        removals.bytes = 0;
        let mut flight = Vec::new();
        for Expired { tombstone, version, bytes } in std::mem::take(&mut removals.expired) {
            let preconditions = vec![Precondition::At(tombstone.key.clone(), tombstone.ended)];
            removals.size.replace(&version, bytes, None);
            let mut operations: Vec<_> = tombstone.keys().chain([version]).map(Operation::Delete).collect();
            operations.extend(removals.size.mark());
            flight.push((self.backend.commit_freeing(Batch { preconditions, operations }), bytes));
        }
        flight.into_iter().try_for_each(|(completion, bytes)| match completion.wait(None) {
            Some(Ok(_)) => Ok(()),
            // The resource was restored meanwhile, or deleted again, and stays.
            Some(Err(CommitError::Conflict(_))) => {
                removals.size.total += bytes;
                Ok(())
            }
            Some(Err(CommitError::Failed(error))) => Err(error),
            None => Err(Error::OutcomeUnknown),
        })
    }
}
