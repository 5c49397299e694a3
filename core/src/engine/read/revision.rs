//! Reads at an earlier revision: one resource, or a step of a list.
//!
//! The keys alone do not tell which resources existed at a revision, so a step merges two scans, one of records and one of
//! tombstones, and replaces each record that changed since by the version that was current then.

use super::find::View;
use super::reader::Reader;
use super::step::{Step, Walked};
use crate::backend::{Key, Revision, Scan};
use crate::engine::stored::{CollectionRef, Stored, Tombstone, key};
use crate::error::Result;
use crate::kind::{KeyScheme, check_length};
use crate::object::ResourceId;

/// How many changes are read at once.
const CHANGES: usize = 1024;

impl Reader {
    /// Finds the resource that a key meant at a revision, as it was then.
    ///
    /// # Errors
    /// `Expired` and `BadRequest` as [`Reader::require_kept`].
    pub(crate) fn find_at(
        &self,
        collection: CollectionRef<'_>,
        key: &str,
        revision: Revision,
    ) -> Result<Option<Stored>> {
        check_length("the key", key)?;
        self.require_kept(revision)?;
        let found = self.look_at(collection, key, revision)?;
        self.require_kept(revision)?;
        Ok(found)
    }

    fn look_at(&self, collection: CollectionRef<'_>, key: &str, revision: Revision) -> Result<Option<Stored>> {
        let is_singleton = collection.kind.key == KeyScheme::Singleton;
        if !key::is_segment(key) && !is_singleton || collection.segment().contains('\0') {
            return Ok(None);
        }
        if is_singleton {
            let Some(current) = self.find(collection, key, View::Durable)? else { return Ok(None) };
            return self.alive_at(collection, current.record.object.metadata.id, revision);
        }
        if let Ok(id) = key.parse::<ResourceId>()
            && let Some(stored) = self.alive_at(collection, id, revision)?
        {
            return Ok(Some(stored));
        }
        if !collection.kind.has_name() {
            return Ok(None);
        }
        if let Some(id) = self.id_of(collection, key, View::Durable)?
            && let Some(stored) = self.alive_at(collection, id, revision)?
        {
            return Ok(Some(stored));
        }
        // Another resource may have had the name then. Each that was deleted since and had it is a candidate, and at
        // most one of them was alive at the revision.
        let deleted = self.find_deleted(collection, key, revision, |id| self.alive_at(collection, id, revision))?;
        if deleted.is_some() {
            return Ok(deleted);
        }
        // One that was restored between the two looks is in neither.
        match self.id_of(collection, key, View::Durable)? {
            Some(id) => self.alive_at(collection, id, revision),
            None => Ok(None),
        }
    }

    /// Takes a step over the records as they were at a revision.
    ///
    /// # Errors
    /// `Expired` when the floor rose above the revision meanwhile.
    pub(crate) fn step_at(&self, step: Step<'_>, revision: Revision) -> Result<Walked> {
        let Step { collection, filter, after, limit } = step;
        let page = self.backend.scan(&step.scan())?;
        let mut more = page.more;
        let mut end = page.entries.last().filter(|_| more).and_then(|(key, _)| id_of(key));
        let mut then = Vec::new();
        for (key, entry) in page.entries {
            let stored = Stored::read(collection, key, entry)?;
            // Of a record that was changed since, the version is looked for below.
            then.push((stored.record.object.metadata.id, Some(stored)));
        }
        if page.revision != revision {
            // Resources that existed then and are gone now, up to where the records of this step end.
            let Gone { ids: gone, end: cut } = self.gone(collection, after, page.revision, revision)?;
            // The step ends where the shorter of the two scans ends: behind that place either could lack a resource.
            if let Some(cut) = cut.filter(|cut| end.is_none_or(|end| *cut < end)) {
                (end, more) = (Some(cut), true);
            }
            then.extend(gone.into_iter().map(|id| (id, None)));
            then.retain(|(id, _)| end.is_none_or(|end| *id <= end));
            // The sort keeps the order of equals, so of a resource in both the record stays, and is read only once.
            then.sort_by_key(|(id, _)| *id);
            then.dedup_by_key(|(id, _)| *id);
        }
        let mut walked = Walked { records: Vec::new(), last: end.or(after), more, revision };
        let count = then.len();
        for (index, (id, stored)) in then.into_iter().enumerate() {
            let stored = match stored {
                Some(stored) => self.superseded_at(collection, id, Some(stored), revision)?,
                None => self.alive_at(collection, id, revision)?,
            };
            if let Some(stored) = stored.filter(|stored| filter.matches(collection.kind, &stored.record)) {
                walked.records.push(stored.record);
            }
            if walked.records.len() == limit {
                walked.more |= index + 1 < count;
                walked.last = Some(id);
                break;
            }
        }
        self.require_kept(revision)?;
        Ok(walked)
    }

    /// Returns the resources behind `after` that were deleted after a revision, and those that were restored since the
    /// records were read at `read_at`.
    fn gone(
        &self,
        collection: CollectionRef<'_>,
        after: Option<ResourceId>,
        read_at: Revision,
        revision: Revision,
    ) -> Result<Gone> {
        // After the records, so that a resource which is deleted between the two scans has its tombstone by now.
        let begin = after.map(|id| collection.tombstone(id));
        let page = self.backend.scan(&Scan { prefix: collection.tombstones(), after: begin, limit: 0 })?;
        let mut gone = Gone { ids: Vec::new(), end: None };
        for (key, entry) in &page.entries {
            let tombstone = Tombstone::read(key, entry)?;
            gone.ids.extend(Some(tombstone.id).filter(|_| tombstone.ended > revision));
            gone.end = Some(tombstone.id).filter(|_| page.more);
        }
        // A resource that was restored between the two scans is in neither: no record yet, no tombstone any more. The
        // change log of that interval names it.
        let (mut from, records) = (read_at, collection.records());
        while from < page.revision {
            let changes = self.backend.changes(from, CHANGES)?;
            let Some(last) = changes.last() else { break };
            from = last.revision;
            let puts = changes.iter().filter(|change| !change.deleted && change.key.starts_with(&records));
            gone.ids.extend(puts.filter_map(|change| id_of(&change.key)));
        }
        gone.ids.retain(|id| after.is_none_or(|after| *id > after));
        Ok(gone)
    }
}

/// Resources that existed at a revision and are not among the records that were read.
struct Gone {
    ids: Vec<ResourceId>,
    /// The last one that was looked at, when there may be more behind it.
    end: Option<ResourceId>,
}

fn id_of(key: &Key) -> Option<ResourceId> {
    match key::place(key)? {
        key::Place::Record { id, .. } | key::Place::Tombstone { id, .. } => Some(id),
        _ => None,
    }
}
