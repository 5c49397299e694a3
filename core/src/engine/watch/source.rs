//! Makes events of the change log: what a resource was before a commit, and what the commit made of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::key::{self, Place};
use super::super::past::Past;
use super::super::record;
use super::cursor::Cursor;
use super::event::{Event, State};
use crate::backend::{Backend, Change, Key, Revision, Scan};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::object::ResourceId;
use crate::registry::Registry;

/// How many changes are read at once.
pub(super) const STEP: usize = 192;

/// A step ends with the commit that brings it to about so many bytes.
const MOST_BYTES: usize = 8 << 20;

/// Where events are read from.
pub(super) struct Source<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) registry: &'a Registry,
}

impl Source<'_> {
    /// The next events after a revision, of whole commits, and the revision up to which these are all.
    pub(super) fn read(&self, after: Revision) -> Result<(Vec<Arc<Event>>, Revision)> {
        let newest = self.backend.revision();
        let changes = self.backend.changes(after, STEP)?;
        let mut upto = changes.last().map_or(newest, |last| last.revision);
        let (mut events, mut bytes) = (Vec::new(), 0);
        for commit in changes.chunk_by(|one, other| one.revision == other.revision) {
            let kept = kept(commit);
            for change in commit {
                if let Some(Place::Record { kind, namespace, id }) = key::place(&change.key)
                    && let Some(kind) = self.registry.find(kind)
                {
                    let event = self.event(kind, namespace, id, change, &kept)?;
                    bytes += event.as_ref().map_or(0, Event::size);
                    events.extend(event.map(Arc::new));
                }
            }
            if bytes >= MOST_BYTES {
                upto = commit.last().map_or(upto, |last| last.revision);
                break;
            }
        }
        let oldest = self.backend.floor();
        // What was needed may have been forgotten while it was read.
        if after < oldest { Err(Error::Expired { asked: after, oldest }) } else { Ok((events, upto)) }
    }

    fn event(
        &self,
        kind: &Arc<Kind>,
        namespace: &str,
        id: ResourceId,
        change: &Change,
        kept: &HashMap<Key, &Key>,
    ) -> Result<Option<Event>> {
        // What was there before is stored by the same commit.
        let old = match kept.get(&key::versions(&kind.name, namespace, id)) {
            None => None,
            Some(kept) => self.past(kind, namespace, kept)?.map(|(_, state)| state),
        };
        let new = match change.deleted {
            true => None,
            false => self.after(kind, namespace, id, change.revision, old.as_deref())?,
        };
        let (kind, namespace) = (Arc::clone(kind), namespace.to_owned());
        let cursor = Cursor { revision: change.revision, index: change.index };
        let (old, new) = (old, new.map(Arc::new));
        Ok(Some(Event { cursor, kind, namespace, old, new }).filter(|event| event.old.is_some() || event.new.is_some()))
    }

    /// What a commit made of a resource: it is there, or another version has taken its place since.
    fn after(
        &self,
        kind: &Kind,
        namespace: &str,
        id: ResourceId,
        revision: Revision,
        old: Option<&State>,
    ) -> Result<Option<State>> {
        if let Some(entry) = self.backend.get(&key::record(&kind.name, namespace, id))?
            && entry.modified == revision
        {
            return record::decode(kind, room(namespace), &entry.value).map(|record| Some(State::new(record)));
        }
        let number = old.map_or(1, |old| old.record.object.metadata.resource_version + 1);
        if let Some((begun, state)) = self.past(kind, namespace, &key::version(&kind.name, namespace, id, number))?
            && begun == revision
        {
            return Ok(Arc::into_inner(state));
        }
        // A resource that came back goes on where it ended.
        self.find(kind, namespace, id, revision)
    }

    fn find(&self, kind: &Kind, namespace: &str, id: ResourceId, revision: Revision) -> Result<Option<State>> {
        let prefix = key::versions(&kind.name, namespace, id);
        let mut after = None;
        loop {
            let page = self.backend.scan(&Scan { prefix: prefix.clone(), after, limit: 0 })?;
            for (key, entry) in &page.entries {
                let past = Past::read(key, &entry.value, entry.created)?;
                if past.begun == revision {
                    return past.record(kind, room(namespace)).map(|record| Some(State::new(record)));
                }
                if past.begun < revision {
                    return Ok(None);
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(None);
            }
        }
    }

    /// An old version and the commit that stored it.
    fn past(&self, kind: &Kind, namespace: &str, key: &[u8]) -> Result<Option<(Revision, Arc<State>)>> {
        let Some(entry) = self.backend.get(key)? else { return Ok(None) };
        let past = Past::read(key, &entry.value, entry.created)?;
        Ok(Some((past.begun, Arc::new(State::new(past.record(kind, room(namespace))?)))))
    }
}

/// The versions that a commit stored, by the beginnings of their keys; it stores one of a resource at the most.
fn kept(commit: &[Change]) -> HashMap<Key, &Key> {
    let stored = commit.iter().filter(|change| !change.deleted);
    stored.filter_map(|change| Some((key::of_resource(&change.key)?, &change.key))).collect()
}

fn room(namespace: &str) -> Option<&str> {
    (!namespace.is_empty()).then_some(namespace)
}
