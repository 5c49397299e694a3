//! What resources were: the versions that others took the place of, and what tells of deleted ones.
//!
//! Whoever puts a new version of a record, or deletes one, stores what was there under the version's key in the same
//! commit. So a version ends at the revision that its key was created at, and begins at the one that is stored with it.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::overlay::is_staged;
use super::read::{Stored, View};
use super::record::{self, Record};
use super::{Inner, key};
use crate::backend::{Key, Operation, Revision, Scan, Versioned};
use crate::checksum;
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::object::{ResourceId, Timestamp};

/// The format that is written.
const FORMAT: u8 = 1;

/// Format, checksum, the revision and time, and the flag.
const HEAD: usize = 1 + 4 + 8 + 8 + 1;

/// A version that another one took the place of.
pub(super) struct Past {
    pub(super) version: u64,
    /// The commit that stored it.
    pub(super) begun: Revision,
    /// The commit that stored the next one, or deleted the resource.
    pub(super) ended: Revision,
    pub(super) ended_at: Timestamp,
    /// Whether it changed more than the status.
    pub(super) is_authored: bool,
    /// The record as it was stored.
    bytes: Bytes,
}

/// What is left of a deleted resource.
pub(super) struct Tombstone {
    pub(super) key: Key,
    pub(super) id: ResourceId,
    /// Its last version.
    pub(super) version: u64,
    /// The commit that deleted it.
    pub(super) ended: Revision,
    pub(super) name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("an old version cannot be read")]
struct PastDamaged;

impl Past {
    /// Reads what is stored under the key of a version.
    pub(super) fn read(key: &[u8], value: &Bytes, ended: Revision) -> Result<Self> {
        let damaged = || Error::backend(PastDamaged);
        let Some(key::Place::Version { version, .. }) = key::place(key) else { return Err(damaged()) };
        if value.len() < HEAD || value[0] != FORMAT {
            return Err(damaged());
        }
        let (mut head, bytes) = (value.slice(1..HEAD), value.slice(HEAD..));
        let checksum = head.get_u32();
        if checksum != checksum::hash(&head) {
            return Err(damaged());
        }
        let (begun, ended_at) = (head.get_u64(), Timestamp::from_micros(head.get_i64()));
        Ok(Self { version, begun, ended, ended_at, is_authored: head.get_u8() != 0, bytes })
    }

    pub(super) fn record(&self, kind: &Kind, namespace: Option<&str>) -> Result<Record> {
        record::decode(kind, namespace, &self.bytes)
    }

    fn into_stored(self, kind: &Kind, namespace: Option<&str>, key: Key) -> Result<Stored> {
        let record = self.record(kind, namespace)?;
        Ok(Stored { key, record, bytes: self.bytes, created: self.begun, modified: self.begun })
    }
}

/// What keeps a version that another one takes the place of. The first one of what exists from the start was never
/// stored, and what an operation of the same transaction made was never there for anybody.
pub(super) fn kept(kind: &Kind, namespace: &str, old: &Stored, now: Timestamp) -> Option<Operation> {
    if old.modified == 0 || is_staged(old.modified) {
        return None;
    }
    let metadata = &old.record.object.metadata;
    let mut value = BytesMut::with_capacity(HEAD + old.bytes.len());
    value.put_u8(FORMAT);
    value.put_u32(0);
    value.put_u64(old.modified);
    value.put_i64(now.as_micros());
    value.put_u8(u8::from(old.record.is_authored()));
    let checksum = checksum::hash(&value[5..]);
    value[1..5].copy_from_slice(&checksum.to_be_bytes());
    value.put_slice(&old.bytes);
    let key = key::version(&kind.name, namespace, metadata.id, metadata.resource_version);
    Some(Operation::Put(key, value.freeze()))
}

/// What tells that a resource was deleted: its last version and its name. Nothing does of one that the same transaction
/// created.
pub(super) fn tombstone(kind: &Kind, namespace: &str, old: &Stored) -> Option<Operation> {
    if is_staged(old.created) {
        return None;
    }
    let metadata = &old.record.object.metadata;
    // The version that the same transaction made was never there for anybody; the one before it was kept then.
    let version = metadata.resource_version - u64::from(is_staged(old.modified));
    let name = metadata.name.as_deref().unwrap_or_default();
    let value = [&version.to_be_bytes()[..], name.as_bytes()].concat();
    Some(Operation::Put(key::tombstone(&kind.name, namespace, metadata.id), value.into()))
}

/// Reads what is stored under the key of a deleted resource.
pub(super) fn grave(key: &Key, entry: &Versioned) -> Result<Tombstone> {
    let parts = entry.value.split_first_chunk::<8>().and_then(|(version, name)| {
        let key::Place::Tombstone { id, .. } = key::place(key)? else { return None };
        Some((id, u64::from_be_bytes(*version), std::str::from_utf8(name).ok()?.to_owned()))
    });
    let (id, version, name) = parts.ok_or_else(|| Error::backend(PastDamaged))?;
    Ok(Tombstone { key: key.clone(), id, version, ended: entry.modified, name })
}

impl Inner {
    /// What a resource was at a revision that is above the floor; `None` when it was not there.
    pub(super) fn alive_at(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        id: ResourceId,
        revision: Revision,
    ) -> Result<Option<Stored>> {
        // In this order: what takes the place of the record in between puts it where the second look finds it.
        if let Some(stored) = self.find_id(kind, namespace, id, View::Durable)?.filter(|it| it.modified <= revision) {
            return Ok(Some(stored));
        }
        let mut after = None;
        loop {
            let (pasts, more) = self.pasts(kind, namespace, id, after, 8)?;
            after = pasts.last().map(|(key, _)| key.clone());
            if let Some((_, past)) = pasts.into_iter().find(|(_, past)| past.begun <= revision) {
                let key = key::record(&kind.name, namespace.unwrap_or_default(), id);
                return Some(past)
                    .filter(|past| revision < past.ended)
                    .map(|past| past.into_stored(kind, namespace, key))
                    .transpose();
            }
            if !more {
                return Ok(None);
            }
        }
    }

    /// A page of the versions that others took the place of, the newest first, and whether there are more.
    pub(super) fn pasts(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        id: ResourceId,
        after: Option<Key>,
        limit: usize,
    ) -> Result<(Vec<(Key, Past)>, bool)> {
        let prefix = key::versions(&kind.name, namespace.unwrap_or_default(), id);
        let page = self.backend.scan(&Scan { prefix, after, limit })?;
        let read =
            |(key, entry): (Key, Versioned)| Past::read(&key, &entry.value, entry.created).map(|past| (key, past));
        Ok((page.entries.into_iter().map(read).collect::<Result<_>>()?, page.more))
    }

    /// The version with this number, if another one took its place and it is kept.
    pub(super) fn past(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        id: ResourceId,
        version: u64,
    ) -> Result<Option<Past>> {
        let key = key::version(&kind.name, namespace.unwrap_or_default(), id, version);
        self.backend.get(&key)?.map(|entry| Past::read(&key, &entry.value, entry.created)).transpose()
    }

    /// The deleted resource that an id or a name means; of several that had the name, the one that was deleted last.
    pub(super) fn find_grave(&self, kind: &Kind, namespace: Option<&str>, segment: &str) -> Result<Option<Tombstone>> {
        let room = namespace.unwrap_or_default();
        if !key::is_segment(segment) || namespace.is_some_and(|namespace| !key::is_segment(namespace)) {
            return Ok(None);
        }
        // What was in a namespace that was deleted went with it, also when there is another one of that name.
        let begin = match namespace {
            Some(name) => self.open_namespace(name, View::Durable)?.created,
            None => 0,
        };
        if let Ok(id) = segment.parse() {
            let key = key::tombstone(&kind.name, room, id);
            if let Some(entry) = self.backend.get(&key)?.filter(|entry| entry.modified > begin) {
                return grave(&key, &entry).map(Some);
            }
        }
        let mut newest: Option<Tombstone> = None;
        self.for_each_grave(kind, namespace, |grave| {
            if grave.name == segment
                && grave.ended > begin
                && newest.as_ref().is_none_or(|newest| newest.ended < grave.ended)
            {
                newest = Some(grave);
            }
        })?;
        Ok(newest.filter(|_| kind.has_name()))
    }

    /// Looks at all deleted resources of a kind in a namespace whose versions are kept.
    pub(super) fn for_each_grave(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        mut look: impl FnMut(Tombstone),
    ) -> Result<()> {
        let prefix = key::tombstones(&kind.name, namespace.unwrap_or_default());
        let mut after = None;
        loop {
            let page = self.backend.scan(&Scan { prefix: prefix.clone(), after, limit: 0 })?;
            for (key, entry) in &page.entries {
                look(grave(key, entry)?);
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(());
            }
        }
    }
}
