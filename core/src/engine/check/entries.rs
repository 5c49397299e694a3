//! Checks all entries in key order: records are whole, names lead to them, and they to their names.

use bytes::Bytes;

use super::flaw::why;
use super::{Check, Entry, Flaw, LOOKS};
use crate::backend::{Key, Page, Scan};
use crate::engine::retention::{Retention, history_size};
use crate::engine::stored::key::{self, Place};
use crate::engine::stored::{CollectionRef, record, reference};
use crate::error::Result;
use crate::kind::Scope;
use crate::object::ResourceId;

/// The value of entries whose key says all.
static EMPTY: Bytes = Bytes::new();

impl<'a> Check<'a> {
    /// Reads all keys. Where a scan fails it goes on behind, and the gap is left to the change log.
    pub(super) fn entries(&mut self) {
        let (mut after, mut limit) = (None, 0);
        loop {
            match self.page(after.clone(), limit) {
                Ok(page) => {
                    page.entries.iter().for_each(|(key, entry)| self.entry(Entry { key, value: &entry.value }));
                    after = page.entries.last().map(|(key, _)| key.clone()).or(after);
                    if !page.more {
                        return;
                    }
                }
                // One by one, to come as near as can be.
                Err(_) if limit != 1 => limit = 1,
                Err(error) => {
                    let begin = after.clone().unwrap_or_default();
                    let message = format!("the next entry in key order cannot be read: {}", why(&error));
                    self.report.add(Flaw { message, ..Flaw::at(&begin, "") });
                    // Behind the group of the key: the next scan must not begin where this one failed.
                    after = behind(&begin);
                    limit = 0;
                    self.gaps.push((begin, after.clone()));
                    if after.is_none() || self.is_given_up {
                        return;
                    }
                }
            }
        }
    }

    fn page(&mut self, after: Option<Key>, limit: usize) -> Result<Page> {
        self.patiently(|backend| backend.scan(&Scan { prefix: Key::new(), after: after.clone(), limit }))
    }

    /// Checks the entry under a key.
    pub(super) fn entry(&mut self, entry: Entry<'_>) {
        let Entry { key, value } = entry;
        match key::place(key) {
            Some(Place::Record { kind, namespace, id }) => {
                if let Some(collection) = self.collection(key, kind, namespace) {
                    self.record(entry, collection, id);
                }
            }
            Some(Place::Name { kind, namespace, .. }) => self.name(entry, kind, namespace),
            Some(Place::Work { namespace }) => self.work(key, namespace),
            Some(Place::Reference { namespace, target, kind, id }) => {
                if self.has_referrer(key, kind, namespace, id) {
                    self.target(key, kind, namespace, target);
                }
            }
            Some(Place::Version { kind, namespace, id, version }) => {
                if let Some(collection) = self.collection(key, kind, namespace) {
                    self.version(entry, collection, id, version);
                }
            }
            Some(Place::Tombstone { kind, namespace, id }) => self.tombstone(entry, kind, namespace, id),
            Some(Place::DeletedName { kind, namespace, id, .. }) => self.deleted_name(entry, kind, namespace, id),
            Some(Place::Cascade { .. } | Place::ReferenceMark | Place::PruningMark | Place::TombstoneMark) => {}
            Some(Place::IdMark) if value.len() == 8 => {}
            Some(Place::IdMark) => self.flag(key, "holds no time"),
            Some(Place::RetentionMark) if Retention::decode(value).is_some() => {}
            Some(Place::RetentionMark) => self.flag(key, "holds no limits"),
            Some(Place::HistoryMark) if history_size(value).is_some() => {}
            Some(Place::HistoryMark) => self.flag(key, "holds no size"),
            None => self.flag(key, "is not a key of the store"),
        }
    }

    /// Returns the collection of a kind and a namespace in a key; flags the key when there is no such kind.
    fn collection<'k>(&mut self, at: &Key, kind: &str, namespace: &'k str) -> Option<CollectionRef<'k>>
    where
        'a: 'k,
    {
        let kind = self.registry.find(kind);
        if kind.is_none() {
            self.flag(at, "has an unknown kind");
        }
        Some(CollectionRef::of_key(kind?, namespace))
    }

    fn record(&mut self, entry: Entry<'_>, collection: CollectionRef<'_>, id: ResourceId) {
        let (kind, at) = (collection.kind, entry.key);
        let record = match record::decode(collection, entry.value) {
            Ok(record) => record,
            Err(error) => return self.flag(at, why(&error)),
        };
        if record.object.metadata.id != id {
            return self.flag(at, format!("holds the record of {}", record.object.metadata.id));
        }
        if collection.namespace.is_some() != (kind.scope == Scope::Namespaced) {
            return self.flag(at, "lives in a namespace and must not, or the other way round");
        }
        let name = record.object.metadata.name.as_deref().filter(|_| kind.has_name());
        if let Some(name) = name
            && !self.holds(entry, &collection.name(name), Some(id))
        {
            return self.flag(at, format!("its name {name:?} does not lead to it"));
        }
        for key in reference::keys(collection, id, &record.targets) {
            if !self.holds(entry, &key, None) {
                return self.flag(at, "its target does not know of it");
            }
        }
        let owner = key::name(&self.registry.namespace().name, "", collection.segment());
        if collection.namespace.is_some() && !self.holds(entry, &owner, None) {
            return self.flag(at, "its namespace is missing");
        }
        self.report.resources += 1;
    }

    fn name(&mut self, entry: Entry<'_>, kind: &str, namespace: &str) {
        let Ok(id) = <[u8; 16]>::try_from(entry.value.as_ref()) else {
            return self.flag(entry.key, "does not lead to an id");
        };
        let id = ResourceId::from_bytes(id);
        // That the record's name is this one is seen from the record: no two records pass with one name.
        if self.holds(entry, &key::record(kind, namespace, id), None) {
            self.report.names += 1;
        } else {
            self.flag(entry.key, format!("its name leads to {id}, which is missing"));
        }
    }

    /// Whether the resource that a reference is of exists; flags the reference when it does not.
    fn has_referrer(&mut self, at: &Key, kind: &str, namespace: &str, id: ResourceId) -> bool {
        let exists = self.holds(Entry { key: at, value: &EMPTY }, &key::record(kind, namespace, id), None);
        if !exists {
            self.flag(at, format!("is a reference of {kind} {id}, which is missing"));
        }
        exists
    }

    /// Checks that the target of a reference exists, as a resource of a kind that the referring kind refers to.
    fn target(&mut self, at: &Key, kind: &str, namespace: &str, target: ResourceId) {
        let kinds: Vec<_> = match self.registry.find(kind) {
            Some(kind) => kind.references.iter().map(|reference| reference.kind.clone()).collect(),
            None => return self.flag(at, "has an unknown kind"),
        };
        let entry = Entry { key: at, value: &EMPTY };
        let is_there = kinds.iter().any(|kind| self.holds(entry, &key::record(kind, namespace, target), None));
        if !is_there && !self.is_cascading(namespace, target) {
            self.flag(at, format!("refers to {target}, which is missing"));
        }
    }

    /// Whether what belongs to a resource is still to be deleted.
    fn is_cascading(&mut self, namespace: &str, id: ResourceId) -> bool {
        !matches!(self.get(&key::cascade(namespace, id)), Ok(None))
    }

    fn work(&mut self, at: &Key, namespace: &str) {
        let owner = key::name(&self.registry.namespace().name, "", namespace);
        if !self.holds(Entry { key: at, value: &EMPTY }, &owner, None) {
            self.flag(at, "is a namespace to be emptied that does not exist");
        }
    }

    /// Whether another key is there, and holds this id if one is given; if not, it is looked again whether the entry still
    /// has its value. What cannot be read is flagged of, and taken as it should be.
    pub(super) fn holds(&mut self, entry: Entry<'_>, other: &Key, id: Option<ResourceId>) -> bool {
        for _ in 0..LOOKS {
            match self.get(other) {
                Ok(Some(found)) if id.is_none_or(|id| found.value.as_ref() == id.as_bytes()) => return true,
                Ok(_) => {}
                Err(error) => {
                    self.flag(other, why(&error));
                    return true;
                }
            }
            match self.get(entry.key) {
                Ok(Some(found)) if found.value == *entry.value => {}
                // It was changed or removed meanwhile.
                _ => return true,
            }
        }
        false
    }
}

/// The last place of the group that a key is in, if it is not there already; then of its area.
fn behind(begin: &Key) -> Option<Key> {
    let end = |group: &[u8]| Key::from([group, &[0xff; 17]].concat());
    let groups = [key::group(begin), begin.get(..2).unwrap_or_default()];
    let next = groups.into_iter().filter(|group| !group.is_empty()).map(end).find(|end| end > begin);
    // Behind an area comes the next one.
    next.or_else(|| begin.first().and_then(|area| area.checked_add(1)).map(|area| Key::from(vec![area])))
}
