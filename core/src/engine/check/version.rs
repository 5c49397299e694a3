//! Checks that each superseded version is whole and belongs to a resource that exists or has a tombstone, and that each
//! tombstone has its last version.

use super::flaw::why;
use super::{Check, Entry};
use crate::engine::read::Chain;
use crate::engine::stored::key;
use crate::engine::stored::{CollectionRef, SupersededVersion, Tombstone};
use crate::error::Result;
use crate::object::ResourceId;

impl Check<'_> {
    pub(super) fn version(&mut self, entry: Entry<'_>, collection: CollectionRef<'_>, id: ResourceId, version: u64) {
        let at = entry.key;
        match self.look(collection, entry, id) {
            Err(error) => return self.flag(at, why(&error)),
            Ok(Some(found)) if found != (id, version) => {
                return self.flag(at, format!("holds version {} of {}", found.1, found.0));
            }
            // It was removed meanwhile.
            Ok(None) => return,
            Ok(Some(_)) => {}
        }
        let (record, tombstone) = (collection.record(id), collection.tombstone(id));
        if !self.holds(entry, &record, None) && !self.holds(entry, &tombstone, None) {
            return self.flag(at, format!("is version {version} of {id}, which neither exists nor is deleted"));
        }
        self.report.versions += 1;
    }

    pub(super) fn tombstone(&mut self, entry: Entry<'_>, kind: &str, namespace: &str, id: ResourceId) {
        let Entry { key: at, value } = entry;
        // Whether all have an entry for their names is asked before the tombstone is read: then it must be there.
        let is_named = matches!(self.get(&key::tombstone_mark()), Ok(Some(_)));
        // With its revision, which an older tombstone is found by.
        let Ok(Some(found)) = self.get(at) else { return };
        let Ok(tombstone) = Tombstone::read(at, &found) else { return self.flag(at, "holds no version and name") };
        let last = key::version(kind, namespace, id, tombstone.version);
        if !self.holds(entry, &last, None) {
            return self.flag(at, "its last version is missing");
        }
        if let Some(by_name) = tombstone.by_name.filter(|_| is_named)
            && !self.holds(entry, &by_name, None)
        {
            return self.flag(at, format!("is not found by its name {:?}", tombstone.name));
        }
        if matches!(self.get(&key::record(kind, namespace, id)), Ok(Some(_)))
            && matches!(self.get(at), Ok(Some(found)) if found.value == *value)
        {
            self.flag(at, "has a tombstone although it exists");
        }
    }

    /// Checks that the entry for the name of a tombstone leads to it, and is the one that it is to be found by.
    pub(super) fn deleted_name(&mut self, entry: Entry<'_>, kind: &str, namespace: &str, id: ResourceId) {
        let tombstone = key::tombstone(kind, namespace, id);
        if !self.holds(entry, &tombstone, None) {
            return self.flag(entry.key, format!("leads to the tombstone of {id}, which is missing"));
        }
        let Ok(Some(found)) = self.get(&tombstone) else { return };
        // A damaged tombstone is flagged itself.
        let by_name = Tombstone::read(&tombstone, &found).ok().and_then(|tombstone| tombstone.by_name);
        if by_name.is_some_and(|by_name| by_name != *entry.key) && matches!(self.get(entry.key), Ok(Some(_))) {
            self.flag(entry.key, format!("leads to the tombstone of {id}, which has another name or time"));
        }
    }
}

impl Check<'_> {
    /// Returns the resource and the version that are stored as an old version. Where it is a difference, it is restored from
    /// the version that was looked at before, which in key order is the next newer one.
    fn look(
        &mut self,
        collection: CollectionRef<'_>,
        entry: Entry<'_>,
        id: ResourceId,
    ) -> Result<Option<(ResourceId, u64)>> {
        let version = SupersededVersion::read(entry.key, entry.value, 0)?;
        let newer = self.newer.take().filter(|newer| newer.0 == id);
        let restored = self.patiently(|backend| {
            let mut chain = Chain::new(backend, collection, id);
            if let Some((_, version, record)) = &newer {
                chain.knows(*version, record.clone());
            }
            chain.restore(version.clone())
        })?;
        let Some(restored) = restored else { return Ok(None) };
        let record = restored.record(collection)?;
        self.newer = restored.whole().map(|bytes| (id, restored.version, bytes.clone()));
        Ok(Some((record.object.metadata.id, record.object.metadata.resource_version)))
    }
}
