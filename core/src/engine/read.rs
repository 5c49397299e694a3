//! Finding records: by id, by name, the only one, all of a namespace.

use bytes::Bytes;

use super::list::Filter;
use super::record::{self, Record};
use super::{Inner, key};
use crate::backend::{Revision, Scan, Versioned};
use crate::error::{Error, Result};
use crate::kind::{KeyScheme, Kind};
use crate::object::ResourceId;

/// How many records one step of a list reads.
pub(super) const STEP: usize = 64;

/// Whose state is read: a reader's (durable) or a writer's (with what is pending).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Durable,
    Pending,
}

/// A record with where and when it is stored.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) key: Bytes,
    pub(super) record: Record,
    /// The record as it is stored.
    pub(super) bytes: Bytes,
    /// The commit that created it, or brought it back.
    pub(super) created: Revision,
    /// 0 for a resource that exists from the start and was never written.
    pub(super) modified: Revision,
}

impl Stored {
    /// What is stored under the key of a record.
    pub(super) fn read(kind: &Kind, namespace: Option<&str>, key: Bytes, entry: Versioned) -> Result<Self> {
        let record = record::decode(kind, namespace, &entry.value)?;
        Ok(Self { key, record, bytes: entry.value, created: entry.created, modified: entry.modified })
    }
}

/// What one step of a list found.
pub(super) struct Walked {
    pub(super) records: Vec<Record>,
    /// The last one that was looked at.
    pub(super) last: Option<ResourceId>,
    /// Whether there may be more behind it.
    pub(super) more: bool,
    /// The revision that all were current at.
    pub(super) revision: Revision,
}

impl Inner {
    /// The resource that a path segment means: tried as an id when it has the form of one, then as a name.
    pub(super) fn find(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        segment: &str,
        view: View,
    ) -> Result<Option<Stored>> {
        if namespace.is_some_and(|namespace| !key::is_segment(namespace)) {
            return Ok(None);
        }
        if kind.key == KeyScheme::Singleton {
            return self.find_singleton(kind, namespace, view);
        }
        if let Ok(id) = segment.parse::<ResourceId>()
            && let Some(stored) = self.find_id(kind, namespace, id, view)?
        {
            return Ok(Some(stored));
        }
        if kind.has_name() { self.find_name(kind, namespace, segment, view) } else { Ok(None) }
    }

    /// The id that belongs to a name.
    pub(super) fn id_of(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        view: View,
    ) -> Result<Option<ResourceId>> {
        if !key::is_segment(name) {
            return Ok(None);
        }
        let Some(entry) = self.load(&key::name(&kind.name, namespace.unwrap_or_default(), name), view)? else {
            return Ok(None);
        };
        let id = <[u8; 16]>::try_from(entry.value.as_ref());
        id.map(|id| Some(ResourceId::from_bytes(id)))
            .map_err(|_| Error::backend(NameDamaged { kind: kind.name.to_string() }))
    }

    pub(super) fn find_name(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        view: View,
    ) -> Result<Option<Stored>> {
        // Between the two reads the resource may be deleted and another one created under its name.
        for _ in 0..3 {
            let Some(id) = self.id_of(kind, namespace, name, view)? else { return Ok(None) };
            if let Some(stored) = self.find_id(kind, namespace, id, view)? {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    pub(super) fn find_id(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        id: ResourceId,
        view: View,
    ) -> Result<Option<Stored>> {
        let key = key::record(&kind.name, namespace.unwrap_or_default(), id);
        self.load(&key, view)?.map(|entry| Stored::read(kind, namespace, key, entry)).transpose()
    }

    /// The only resource of its kind in a namespace: it takes its id and its beginning from the namespace.
    fn find_singleton(&self, kind: &Kind, namespace: Option<&str>, view: View) -> Result<Option<Stored>> {
        let Some(name) = namespace else { return self.find_shown_defaults(kind, view) };
        let Some(owner) = self.find_name(self.registry.namespace(), None, name, view)? else { return Ok(None) };
        let owner = owner.record.object.metadata;
        if let Some(stored) = self.find_id(kind, namespace, owner.id, view)? {
            return Ok(Some(stored));
        }
        let record = Record::bare(super::document::unwritten(kind, Some(name), &owner));
        let key = key::record(&kind.name, name, owner.id);
        Ok(Some(Stored { key, record, bytes: Bytes::new(), created: 0, modified: 0 }))
    }

    pub(super) fn load(&self, key: &[u8], view: View) -> Result<Option<Versioned>> {
        match view {
            View::Durable => self.backend.get(key),
            View::Pending => self.backend.get_for_write(key),
        }
    }

    /// At most so many resources with greater ids than `after` that a filter lets through, of at most [`STEP`] that are
    /// looked at.
    pub(super) fn step(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        after: Option<ResourceId>,
        limit: usize,
        filter: &Filter,
    ) -> Result<Walked> {
        let page = self.backend.scan(&records_behind(kind, namespace, after, limit, filter))?;
        let mut walked = Walked { records: Vec::new(), last: None, more: page.more, revision: page.revision };
        for (index, (_, entry)) in page.entries.iter().enumerate() {
            let record = record::decode(kind, namespace, &entry.value)?;
            walked.last = Some(record.object.metadata.id);
            if filter.lets_through(kind, &record) {
                walked.records.push(record);
            }
            if walked.records.len() == limit {
                walked.more |= index + 1 < page.entries.len();
                break;
            }
        }
        Ok(walked)
    }
}

/// The records that a step of a list looks at.
pub(super) fn records_behind(
    kind: &Kind,
    namespace: Option<&str>,
    after: Option<ResourceId>,
    limit: usize,
    filter: &Filter,
) -> Scan {
    let room = namespace.unwrap_or_default();
    let after = after.map(|id| key::record(&kind.name, room, id));
    let looked_at = if filter.is_empty() { limit.min(STEP) } else { STEP };
    Scan { prefix: key::records(&kind.name, room), after, limit: looked_at }
}

#[derive(Debug, thiserror::Error)]
#[error("a name of a {kind} does not lead to an id")]
struct NameDamaged {
    kind: String,
}
