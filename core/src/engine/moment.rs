//! Reads at an earlier revision: what a resource, or a step of a list, was then.

use super::list::Filter;
use super::past;
use super::read::{Stored, View, Walked, records_behind};
use super::{Inner, key};
use crate::backend::{Key, Revision, Scan};
use crate::error::{Error, Result};
use crate::kind::{KeyScheme, Kind};
use crate::object::ResourceId;

/// How many changes are read at once.
const CHANGES: usize = 1024;

impl Inner {
    /// `Expired` when the store no longer knows what was at this revision, `BadRequest` when it is yet to come. Ask after
    /// reading: what is forgotten meanwhile was not there to be read.
    pub(super) fn require_kept(&self, revision: Revision) -> Result<()> {
        let (oldest, newest) = (self.backend.floor(), self.backend.revision());
        if revision > newest {
            let message = format!("revision {revision} is yet to come; the newest is {newest}");
            return Err(Error::bad_request(message));
        }
        if revision < oldest { Err(Error::Expired { asked: revision, oldest }) } else { Ok(()) }
    }

    /// The resource that an id or a name meant at a revision, as it was.
    pub(super) fn find_at(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        segment: &str,
        revision: Revision,
    ) -> Result<Option<Stored>> {
        self.require_kept(revision)?;
        let found = self.look_at(kind, namespace, segment, revision)?;
        self.require_kept(revision)?;
        Ok(found)
    }

    fn look_at(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        segment: &str,
        revision: Revision,
    ) -> Result<Option<Stored>> {
        let room = namespace.unwrap_or_default();
        if !key::is_segment(segment) && kind.key != KeyScheme::Singleton || room.contains('\0') {
            return Ok(None);
        }
        if kind.key == KeyScheme::Singleton {
            let Some(current) = self.find(kind, namespace, segment, View::Durable)? else { return Ok(None) };
            let id = current.record.object.metadata.id;
            return self.alive_at(kind, namespace, id, revision);
        }
        if let Ok(id) = segment.parse::<ResourceId>()
            && let Some(stored) = self.alive_at(kind, namespace, id, revision)?
        {
            return Ok(Some(stored));
        }
        if !kind.has_name() {
            return Ok(None);
        }
        let mut ids: Vec<_> = self.id_of(kind, namespace, segment, View::Durable)?.into_iter().collect();
        self.for_each_grave(kind, namespace, |grave| {
            if grave.name == segment && grave.ended > revision {
                ids.push(grave.id);
            }
        })?;
        for id in ids {
            if let Some(stored) = self.alive_at(kind, namespace, id, revision)? {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// A step of a list as it was at a revision; see [`Inner::step`].
    pub(super) fn step_at(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        after: Option<ResourceId>,
        limit: usize,
        filter: &Filter,
        revision: Revision,
    ) -> Result<Walked> {
        let page = self.backend.scan(&records_behind(kind, namespace, after, limit, filter))?;
        let mut more = page.more;
        let mut end = page.entries.last().filter(|_| more).and_then(|(key, _)| id_of(key));
        let mut then = Vec::new();
        for (key, entry) in page.entries {
            let stored = Stored::read(kind, namespace, key, entry)?;
            then.push((stored.record.object.metadata.id, Some(stored).filter(|it| it.modified <= revision)));
        }
        if page.revision != revision {
            // What was there and is not any more, up to where the records of this step end.
            let Gone { ids: gone, end: cut } =
                self.gone(kind, namespace.unwrap_or_default(), after, page.revision, revision)?;
            if let Some(cut) = cut.filter(|cut| end.is_none_or(|end| *cut < end)) {
                (end, more) = (Some(cut), true);
            }
            then.extend(gone.into_iter().map(|id| (id, None)));
            then.retain(|(id, _)| end.is_none_or(|end| *id <= end));
            then.sort_by_key(|(id, _)| *id);
            then.dedup_by_key(|(id, _)| *id);
        }
        // Where the step ends there may be one that was gone by then.
        let mut walked = Walked { records: Vec::new(), last: end.or(after), more, revision };
        let count = then.len();
        for (index, (id, stored)) in then.into_iter().enumerate() {
            let stored = match stored {
                Some(stored) => Some(stored),
                None => self.alive_at(kind, namespace, id, revision)?,
            };
            if let Some(stored) = stored.filter(|stored| filter.lets_through(kind, &stored.record)) {
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

    /// Resources behind `after` that were deleted after a revision; with them those that came back since the records were
    /// read at `read_at`.
    fn gone(
        &self,
        kind: &Kind,
        room: &str,
        after: Option<ResourceId>,
        read_at: Revision,
        revision: Revision,
    ) -> Result<Gone> {
        let begin = after.map(|id| key::tombstone(&kind.name, room, id));
        let page = self.backend.scan(&Scan { prefix: key::tombstones(&kind.name, room), after: begin, limit: 0 })?;
        let mut gone = Gone { ids: Vec::new(), end: None };
        for (key, entry) in &page.entries {
            let grave = past::grave(key, entry)?;
            gone.ids.extend(Some(grave.id).filter(|_| grave.ended > revision));
            gone.end = Some(grave.id).filter(|_| page.more);
        }
        let (mut from, records) = (read_at, key::records(&kind.name, room));
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

/// Resources that were there at a revision and are not among the records that were read.
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
