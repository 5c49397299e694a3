//! Makes events of the change log: a resource before and after a commit.

use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::Cursor;
use super::event::{Event, State};
use crate::backend::{Change, Revision};
use crate::engine::read::Reader;
use crate::engine::stored::key::{self, Place};
use crate::engine::stored::{CollectionRef, Record, Stored};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// How many changes are read at once.
pub(super) const STEP: usize = 192;

/// The versions that a commit superseded, by kind, namespace and id: at most one of each resource.
type Kept<'c> = HashMap<(&'c str, &'c str, ResourceId), u64>;

/// Returns the next events after a revision, of whole commits, and the revision up to which they are complete. They end with the
/// commit that brings them to about so many bytes.
///
/// # Errors
/// `Expired` when the compaction floor has passed the revision.
pub(super) fn events_after(reader: &Reader, after: Revision, max_bytes: usize) -> Result<(Vec<Arc<Event>>, Revision)> {
    let newest = reader.backend.revision();
    let changes = reader.backend.changes(after, STEP)?;
    let mut upto = changes.last().map_or(newest, |last| last.revision);
    let (mut events, mut bytes) = (Vec::new(), 0);
    for commit in changes.chunk_by(|one, other| one.revision == other.revision) {
        // Of whole commits: the change of a record and the version that it superseded are two entries of one commit.
        let kept = kept(commit);
        for change in commit {
            let event = event(reader, change, &kept)?;
            bytes += event.as_ref().map_or(0, Event::size);
            events.extend(event.map(Arc::new));
        }
        if bytes >= max_bytes {
            upto = commit.last().map_or(upto, |last| last.revision);
            break;
        }
    }
    // Asked after reading: versions below a floor that rose meanwhile may have been missing from the events.
    let oldest = reader.backend.floor();
    if after < oldest { Err(Error::Expired { asked: after, oldest }) } else { Ok((events, upto)) }
}

/// Returns the event of a change, if it changed a resource.
fn event(reader: &Reader, change: &Change, kept: &Kept<'_>) -> Result<Option<Event>> {
    let Some(Place::Record { kind: name, namespace, id }) = key::place(&change.key) else { return Ok(None) };
    let Some(kind) = reader.registry.find(name) else { return Ok(None) };
    let collection = CollectionRef::of_key(kind, namespace);
    // The commit that superseded a version also stored it. The record may have been changed since, so that neither state
    // is read from it without a look at its revision.
    let old = match kept.get(&(name, namespace, id)) {
        None => None,
        Some(version) => {
            let version = reader.superseded_version(collection, id, *version)?;
            version.map(|version| version.record(collection)).transpose()?
        }
    };
    let new = match change.deleted {
        true => None,
        false => written(reader, collection, id, change.revision, old.as_ref())?,
    };
    let (kind, namespace) = (Arc::clone(kind), namespace.to_owned());
    let cursor = Cursor { revision: change.revision, index: change.index };
    let state = |record| Arc::new(State::new(record));
    let event = Event { cursor, kind, namespace, old: old.map(state), new: new.map(state) };
    Ok(Some(event).filter(|event| event.old.is_some() || event.new.is_some()))
}

/// Returns the record that a commit wrote: the current one, or one that was superseded since.
fn written(
    reader: &Reader,
    collection: CollectionRef<'_>,
    id: ResourceId,
    revision: Revision,
    old: Option<&Record>,
) -> Result<Option<Record>> {
    let key = collection.record(id);
    if let Some(entry) = reader.backend.get(&key)?.filter(|entry| entry.modified == revision) {
        return Stored::read(collection, key, entry).map(|stored| Some(stored.record));
    }
    let number = old.map_or(1, |old| old.object.metadata.resource_version + 1);
    let version = reader.superseded_version(collection, id, number)?;
    if let Some(version) = version.filter(|version| version.begun == revision) {
        return version.record(collection).map(Some);
    }
    // A restored resource continues the version numbers of the deleted one, so its number is not known from `old`.
    let stored = reader.alive_at(collection, id, revision)?;
    Ok(stored.filter(|stored| stored.modified == revision).map(|stored| stored.record))
}

/// Returns the versions that a commit stored because it superseded them.
fn kept(commit: &[Change]) -> Kept<'_> {
    let stored = commit.iter().filter(|change| !change.deleted);
    let version = |change| match key::place(change)? {
        Place::Version { kind, namespace, id, version } => Some(((kind, namespace, id), version)),
        _ => None,
    };
    stored.filter_map(|change| version(&change.key)).collect()
}
