//! Removes the versions of one resource that are beyond its limits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::key::{self, Place};
use super::super::past::Past;
use super::Compactor;
use crate::backend::{Batch, CommitError, Key, MAX_BATCH, Operation, Precondition, Revision, Scan};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// The most operations that are committed together; writers wait for no more.
const MOST: usize = MAX_BATCH / 2;

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

impl Compactor {
    /// Removes the versions with keys that begin like this, as far as they ended up to the floor and are beyond the limits.
    pub(super) fn prune(&self, versions: &Key, floor: Revision) -> Result<()> {
        let Some(subject) = self.subject(versions)? else { return Ok(()) };
        let now = (self.clock)().as_micros();
        let age = i64::try_from(subject.age.as_micros()).unwrap_or(i64::MAX);
        let (mut after, mut authored, mut is_first, mut removed) = (None, 0, true, Vec::new());
        let mut is_any_left = false;
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
                if past.ended <= floor && is_beyond { removed.push(key.clone()) } else { is_any_left = true }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            // Far fewer than there were, so that they are removed at once.
            if !page.more || removed.len() >= MOST {
                self.remove(&subject, &mut removed, !page.more && !is_any_left)?;
            }
            if !page.more {
                return Ok(());
            }
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

    fn remove(&self, subject: &Subject, removed: &mut Vec<Key>, is_all: bool) -> Result<()> {
        for keys in removed.chunks(MOST) {
            self.removed.fetch_add(keys.len() as u64, Ordering::Relaxed);
            self.commit(keys.iter().cloned().map(Operation::Delete).collect())?;
        }
        removed.clear();
        let Some(ended) = subject.ended.filter(|_| is_all) else { return Ok(()) };
        let preconditions = vec![Precondition::At(subject.tombstone.clone(), ended)];
        let operations = vec![Operation::Delete(subject.tombstone.clone())];
        match self.backend.commit(Batch { preconditions, operations }).wait(None) {
            // It came back meanwhile, or was deleted again.
            Some(Ok(_) | Err(CommitError::Conflict(_))) => Ok(()),
            Some(Err(CommitError::Failed(error))) => Err(error),
            None => Err(Error::OutcomeUnknown),
        }
    }
}
