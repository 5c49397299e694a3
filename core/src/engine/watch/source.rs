//! Makes events of the change log: what a resource was before a commit, and what the commit made of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::Inner;
use super::super::key::{self, Place};
use super::super::read::Stored;
use super::super::record::Record;
use super::cursor::Cursor;
use super::event::{Event, State};
use crate::backend::{Change, Revision};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::object::ResourceId;

/// How many changes are read at once.
pub(super) const STEP: usize = 192;

/// A step ends with the commit that brings it to about so many bytes.
const MAX_BYTES: usize = 8 << 20;

/// The versions that a commit stored because others took their place, by kind, namespace and id: one of a resource at the
/// most.
type Kept<'c> = HashMap<(&'c str, &'c str, ResourceId), u64>;

impl Inner {
    /// The next events after a revision, of whole commits, and the revision up to which these are all.
    pub(super) fn events_after(&self, after: Revision) -> Result<(Vec<Arc<Event>>, Revision)> {
        let newest = self.backend.revision();
        let changes = self.backend.changes(after, STEP)?;
        let mut upto = changes.last().map_or(newest, |last| last.revision);
        let (mut events, mut bytes) = (Vec::new(), 0);
        for commit in changes.chunk_by(|one, other| one.revision == other.revision) {
            let kept = kept(commit);
            for change in commit {
                let event = self.event(change, &kept)?;
                bytes += event.as_ref().map_or(0, Event::size);
                events.extend(event.map(Arc::new));
            }
            if bytes >= MAX_BYTES {
                upto = commit.last().map_or(upto, |last| last.revision);
                break;
            }
        }
        let oldest = self.backend.floor();
        // What was needed may have been forgotten while it was read.
        if after < oldest { Err(Error::Expired { asked: after, oldest }) } else { Ok((events, upto)) }
    }

    /// The event that a change is, if it is one of a resource.
    fn event(&self, change: &Change, kept: &Kept<'_>) -> Result<Option<Event>> {
        let Some(Place::Record { kind: name, namespace, id }) = key::place(&change.key) else { return Ok(None) };
        let Some(kind) = self.registry.find(name) else { return Ok(None) };
        let room = (!namespace.is_empty()).then_some(namespace);
        // What was there before is stored by the same commit.
        let old = match kept.get(&(name, namespace, id)) {
            None => None,
            Some(version) => self.past(kind, room, id, *version)?.map(|past| past.record(kind, room)).transpose()?,
        };
        let new = match change.deleted {
            true => None,
            false => self.made(kind, room, id, change.revision, old.as_ref())?,
        };
        let (kind, namespace) = (Arc::clone(kind), namespace.to_owned());
        let cursor = Cursor { revision: change.revision, index: change.index };
        let state = |record| Arc::new(State::new(record));
        let event = Event { cursor, kind, namespace, old: old.map(state), new: new.map(state) };
        Ok(Some(event).filter(|event| event.old.is_some() || event.new.is_some()))
    }

    /// What a commit made of a resource: it is there, or another version has taken its place since.
    fn made(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        id: ResourceId,
        revision: Revision,
        old: Option<&Record>,
    ) -> Result<Option<Record>> {
        let key = key::record(&kind.name, namespace.unwrap_or_default(), id);
        if let Some(entry) = self.backend.get(&key)?.filter(|entry| entry.modified == revision) {
            return Stored::read(kind, namespace, key, entry).map(|stored| Some(stored.record));
        }
        let number = old.map_or(1, |old| old.object.metadata.resource_version + 1);
        if let Some(past) = self.past(kind, namespace, id, number)?.filter(|past| past.begun == revision) {
            return past.record(kind, namespace).map(Some);
        }
        // A resource that came back goes on where it ended.
        let stored = self.alive_at(kind, namespace, id, revision)?;
        Ok(stored.filter(|stored| stored.modified == revision).map(|stored| stored.record))
    }
}

fn kept(commit: &[Change]) -> Kept<'_> {
    let stored = commit.iter().filter(|change| !change.deleted);
    let version = |change| match key::place(change)? {
        Place::Version { kind, namespace, id, version } => Some(((kind, namespace, id), version)),
        _ => None,
    };
    stored.filter_map(|change| version(&change.key)).collect()
}
