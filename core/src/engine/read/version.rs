//! Finding superseded versions.

use super::chain::Chain;
use super::find::View;
use super::reader::Reader;
use crate::backend::{Key, Revision, Scan, Versioned};
use crate::engine::stored::{CollectionRef, Stored, SupersededVersion};
use crate::error::Result;
use crate::object::ResourceId;

/// How many versions are read at once while one is looked for.
const STEP: usize = 8;

/// A page of superseded versions, the newest first.
pub(crate) struct Superseded {
    pub(crate) versions: Vec<(Key, SupersededVersion)>,
    /// Whether there are older ones.
    pub(crate) more: bool,
}

impl Superseded {
    /// Returns the key of the last version on the page, behind which the next page begins.
    pub(crate) fn last(&self) -> Option<Key> {
        self.versions.last().map(|(key, _)| key.clone())
    }
}

impl Reader {
    /// Returns the version of a resource that was current at a revision above the compaction floor; `None` when the
    /// resource did not exist then.
    pub(crate) fn alive_at(
        &self,
        collection: CollectionRef<'_>,
        id: ResourceId,
        revision: Revision,
    ) -> Result<Option<Stored>> {
        // The record first, then its superseded versions: a commit in between moves the record to where the second look
        // finds it. The other way round, both looks could miss it.
        let current = self.current(collection, id)?;
        self.superseded_at(collection, id, current, revision)
    }

    /// As [`Reader::alive_at`], with the record as it was read before, if there was one.
    pub(crate) fn superseded_at(
        &self,
        collection: CollectionRef<'_>,
        id: ResourceId,
        current: Option<Stored>,
        revision: Revision,
    ) -> Result<Option<Stored>> {
        let mut chain = Chain::new(&*self.backend, collection, id);
        match current {
            Some(current) if current.modified <= revision => return Ok(Some(current)),
            Some(current) => chain.knows_current(&current),
            None => {}
        }
        let mut after = None;
        loop {
            let page = self.superseded(collection, id, after, STEP)?;
            let more = page.more;
            after = page.last();
            // From the newest on, the first version that had begun by then is the only candidate: if it had ended as
            // well, the resource did not exist at the revision.
            for (_, version) in page.versions {
                if version.begun > revision {
                    chain.skip(version);
                } else if revision >= version.ended {
                    return Ok(None);
                } else {
                    let restored = chain.restore(version)?;
                    return restored.map(|it| it.into_stored(collection, collection.record(id))).transpose();
                }
            }
            if !more {
                return Ok(None);
            }
        }
    }

    /// Returns the current version of a resource.
    pub(crate) fn current(&self, collection: CollectionRef<'_>, id: ResourceId) -> Result<Option<Stored>> {
        self.find_id(collection, id, View::Durable)
    }

    /// Returns a page of the superseded versions of a resource as they are stored, the newest first.
    pub(crate) fn superseded(
        &self,
        collection: CollectionRef<'_>,
        id: ResourceId,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Superseded> {
        // The revision at which a version ended is not in its value: its key was created by the commit that ended it.
        let page = self.backend.scan(&Scan { prefix: collection.versions(id), after, limit })?;
        let read = |(key, entry): (Key, Versioned)| {
            SupersededVersion::read(&key, &entry.value, entry.created).map(|version| (key, version))
        };
        Ok(Superseded { versions: page.entries.into_iter().map(read).collect::<Result<_>>()?, more: page.more })
    }

    /// Returns the superseded version with this number as a whole one, if it is kept.
    pub(crate) fn superseded_version(
        &self,
        collection: CollectionRef<'_>,
        id: ResourceId,
        version: u64,
    ) -> Result<Option<SupersededVersion>> {
        let key = collection.version(id, version);
        let Some(entry) = self.backend.get(&key)? else { return Ok(None) };
        let version = SupersededVersion::read(&key, &entry.value, entry.created)?;
        Chain::new(&*self.backend, collection, id).restore(version)
    }
}
