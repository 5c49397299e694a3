//! Removes the versions of resources that are beyond their limits.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::cascade::settled;
use super::super::key::{self, Place};
use super::super::past::Past;
use super::Compactor;
use crate::backend::{Batch, CommitError, Completion, Key, MAX_BATCH, Operation, Precondition, Revision, Scan};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// How many commits are under way at once.
const FLIGHT: usize = 4;

/// What is known of a resource while its versions are looked at.
struct Subject {
    tombstone: Key,
    /// The commit that deleted it, if it is deleted.
    ended: Option<Revision>,
    /// The commit that made the namespace that it lived in; none when that is gone.
    room: Option<Revision>,
    most: usize,
    age: Duration,
}

/// A deleted resource of which nothing is to be left: what tells of it, the commit that deleted it, and its last version.
struct Tombstone {
    tombstone: Key,
    ended: Revision,
    version: Key,
}

/// Removals that are gathered, so that a commit has many of them, and commits that are under way.
#[derive(Default)]
pub(super) struct Removals {
    operations: Vec<Operation>,
    graves: Vec<Tombstone>,
    flight: VecDeque<Completion>,
}

impl Compactor {
    /// Removes the versions with keys that begin like this, as far as they ended up to the floor and are beyond the limits.
    pub(super) fn prune(&self, versions: &Key, floor: Revision, removals: &mut Removals) -> Result<()> {
        let Some(subject) = self.subject(versions)? else { return Ok(()) };
        let now = (self.clock)().as_micros();
        let age = i64::try_from(subject.age.as_micros()).unwrap_or(i64::MAX);
        let (mut after, mut authored, mut is_first, mut is_any_left) = (None, 0, true, false);
        let mut last = None;
        loop {
            let page = self.backend.scan(&Scan { prefix: versions.clone(), after, limit: 0 })?;
            for (key, entry) in &page.entries {
                let past = Past::read(key, &entry.value, entry.created)?;
                let is_last = std::mem::replace(&mut is_first, false) && subject.ended.is_some();
                let is_of_former_room = subject.room.is_none_or(|room| past.ended < room);
                let is_beyond = is_of_former_room
                    || past.ended_at.as_micros() < now.saturating_sub(age)
                    || !is_last && (!past.is_authored || authored >= subject.most);
                authored += usize::from(past.is_authored);
                if past.ended <= floor && is_beyond && is_last {
                    last = Some(key.clone());
                } else if past.ended <= floor && is_beyond {
                    self.removed.fetch_add(1, Ordering::Relaxed);
                    self.remove(key.clone(), removals)?;
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
            (Some(ended), Some(version)) if !is_any_left => {
                let Subject { tombstone, .. } = subject;
                self.forget(Tombstone { tombstone, ended, version }, removals)
            }
            _ => Ok(()),
        }
    }

    fn subject(&self, versions: &Key) -> Result<Option<Subject>> {
        let first = key::first_version(versions);
        let Some(Place::Version { kind: name, namespace, id, .. }) = key::place(&first) else { return Ok(None) };
        let tombstone = key::tombstone(name, namespace, id);
        let ended = self.backend.get(&tombstone)?.map(|entry| entry.modified);
        // Nobody can read what is of a kind that is not there any more; it may come again.
        let Some(kind) = self.registry.find(name) else { return Ok(None) };
        let (most, age) = self.retention.of(kind);
        let room = if namespace.is_empty() { Some(0) } else { self.room(namespace)? };
        Ok(Some(Subject { tombstone, ended, room, most, age }))
    }

    /// The commit that made the namespace of this name.
    fn room(&self, namespace: &str) -> Result<Option<Revision>> {
        let kind = &self.registry.namespace().name;
        let Some(entry) = self.backend.get(&key::name(kind, "", namespace))? else { return Ok(None) };
        let Ok(id) = <[u8; 16]>::try_from(entry.value.as_ref()) else { return Ok(Some(0)) };
        let record = self.backend.get(&key::record(kind, "", ResourceId::from_bytes(id)))?;
        Ok(record.map(|record| record.created))
    }

    fn remove(&self, key: Key, removals: &mut Removals) -> Result<()> {
        removals.operations.push(Operation::Delete(key));
        if removals.operations.len() < MAX_BATCH { Ok(()) } else { self.submit(removals, FLIGHT) }
    }

    /// What tells of a deleted resource goes with its last version, when all others are gone.
    fn forget(&self, grave: Tombstone, removals: &mut Removals) -> Result<()> {
        self.removed.fetch_add(1, Ordering::Relaxed);
        removals.graves.push(grave);
        if removals.graves.len() < MAX_BATCH { Ok(()) } else { self.finish(removals) }
    }

    fn submit(&self, removals: &mut Removals, most: usize) -> Result<()> {
        if !removals.operations.is_empty() {
            let operations = std::mem::take(&mut removals.operations);
            removals.flight.push_back(self.backend.commit(Batch { preconditions: Vec::new(), operations }));
        }
        while removals.flight.len() > most
            && let Some(oldest) = removals.flight.pop_front()
        {
            settled(oldest)?;
        }
        Ok(())
    }

    /// Waits until all that was gathered is removed.
    pub(super) fn finish(&self, removals: &mut Removals) -> Result<()> {
        self.submit(removals, 0)?;
        for Tombstone { tombstone, ended, version } in std::mem::take(&mut removals.graves) {
            let preconditions = vec![Precondition::At(tombstone.clone(), ended)];
            let operations = vec![Operation::Delete(version), Operation::Delete(tombstone)];
            removals.flight.push_back(self.backend.commit(Batch { preconditions, operations }));
        }
        let flight = std::mem::take(&mut removals.flight);
        flight.into_iter().try_for_each(|completion| match completion.wait(None) {
            // What came back meanwhile, or was deleted again, is not forgotten.
            Some(Ok(_) | Err(CommitError::Conflict(_))) => Ok(()),
            Some(Err(CommitError::Failed(error))) => Err(error),
            None => Err(Error::OutcomeUnknown),
        })
    }
}
