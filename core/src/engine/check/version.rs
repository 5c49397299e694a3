//! Checks that each superseded version is whole and belongs to a resource that exists or has a tombstone, and that each
//! tombstone has its last version.

use super::flaw::why;
use super::{Check, Entry};
use crate::engine::read::Chain;
use crate::engine::stored::key;
use crate::engine::stored::{CollectionRef, SupersededVersion};
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
        let Some((version, _)) = value.split_first_chunk::<8>() else { return self.flag(at, "holds no version") };
        let last = key::version(kind, namespace, id, u64::from_be_bytes(*version));
        if !self.holds(entry, &last, None) {
            return self.flag(at, "its last version is missing");
        }
        if matches!(self.get(&key::record(kind, namespace, id)), Ok(Some(_)))
            && matches!(self.get(at), Ok(Some(found)) if found.value == *value)
        {
            self.flag(at, "has a tombstone although it exists");
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
