//! Finding the tombstones of deleted resources, by id and by name.

use std::ops::ControlFlow;

use super::find::View;
use super::reader::Reader;
use crate::backend::{Key, Revision, Scan, Versioned};
use crate::engine::stored::key::{self, Place};
use crate::engine::stored::{CollectionRef, Tombstone};
use crate::error::Result;
use crate::object::ResourceId;

/// How often a tombstone is looked for that is restored or removed while it is read.
const LOOKS: usize = 3;

/// How many tombstones of one name are read at once; most names have few.
const STEP: usize = 8;

/// A deleted resource that was found by its name.
struct Named {
    id: ResourceId,
    stamp: Revision,
    /// `None` when it was restored, or forgotten, after it was found.
    tombstone: Option<Tombstone>,
}

impl Reader {
    /// Finds the tombstone that an id or a name means; of several resources that had the name, the one deleted last.
    pub(crate) fn find_tombstone(&self, collection: CollectionRef<'_>, key: &str) -> Result<Option<Tombstone>> {
        if !key::is_segment(key) || collection.namespace.is_some_and(|namespace| !key::is_segment(namespace)) {
            return Ok(None);
        }
        // A deleted namespace took its resources with it: they stay deleted when another namespace takes its name.
        let begin = match collection.namespace {
            Some(name) => self.require_namespace(name, View::Durable)?.created,
            None => 0,
        };
        if let Ok(id) = key.parse()
            && let Some(tombstone) = self.tombstone(collection, id)?.filter(|it| it.ended > begin)
        {
            return Ok(Some(tombstone));
        }
        if !collection.kind.has_name() {
            return Ok(None);
        }
        Ok(self.last_deleted(collection, key)?.filter(|newest| newest.ended > begin))
    }

    /// Returns what `find` makes of the resources that had a name and were deleted after a revision, one after the other and
    /// the newest deletion first, until it makes something of one.
    pub(crate) fn find_deleted<T>(
        &self,
        collection: CollectionRef<'_>,
        name: &str,
        after: Revision,
        mut find: impl FnMut(ResourceId) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let (mut last_stamp, mut found) = (None, None);
        self.for_each_named(collection, name, |named| {
            if last_stamp.is_some_and(|last| last != named.stamp) {
                return Ok(ControlFlow::Break(()));
            }
            // One that was restored meanwhile may well be the one that is looked for.
            if named.tombstone.is_none_or(|tombstone| tombstone.ended > after) {
                found = find(named.id)?;
            } else {
                // Those behind were deleted before this one, but for those of the same stamp.
                last_stamp = Some(named.stamp);
            }
            Ok(if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found)
    }

    /// Returns the tombstone of the resource that had a name and was deleted last.
    fn last_deleted(&self, collection: CollectionRef<'_>, name: &str) -> Result<Option<Tombstone>> {
        let mut newest: Option<Tombstone> = None;
        for _ in 0..LOOKS {
            let (mut first_stamp, mut is_whole) = (None, true);
            newest = None;
            self.for_each_named(collection, name, |Named { stamp, tombstone, .. }| {
                if *first_stamp.get_or_insert(stamp) != stamp {
                    return Ok(ControlFlow::Break(()));
                }
                is_whole &= tombstone.is_some();
                newest = newest.take().into_iter().chain(tombstone).max_by_key(|tombstone| tombstone.ended);
                Ok(ControlFlow::Continue(()))
            })?;
            if is_whole {
                break;
            }
        }
        Ok(newest)
    }

    /// Visits every deleted resource that had a name, the newest stamp first.
    fn for_each_named(
        &self,
        collection: CollectionRef<'_>,
        name: &str,
        mut visit: impl FnMut(Named) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        if self.backend.get(&key::tombstone_mark())?.is_none() {
            return self.for_each_scanned(collection, name, visit);
        }
        self.for_each_key(collection.deleted_names(name), STEP, |key, _| {
            let Some(Place::DeletedName { stamp, id, .. }) = key::place(key) else {
                return Ok(ControlFlow::Continue(()));
            };
            visit(Named { id, stamp, tombstone: self.tombstone(collection, id)? })
        })
    }

    /// Visits the same in a store that an older program made and whose tombstones are not all found by their names yet.
    /// All have one stamp, since they come in no order.
    fn for_each_scanned(
        &self,
        collection: CollectionRef<'_>,
        name: &str,
        mut visit: impl FnMut(Named) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.for_each_key(collection.tombstones(), 0, |key, entry| {
            let tombstone = Tombstone::read(key, entry)?;
            if tombstone.name != name {
                return Ok(ControlFlow::Continue(()));
            }
            visit(Named { id: tombstone.id, stamp: 0, tombstone: Some(tombstone) })
        })
    }

    fn for_each_key(
        &self,
        prefix: Key,
        limit: usize,
        mut visit: impl FnMut(&Key, &Versioned) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut after = None;
        loop {
            let page = self.backend.scan(&Scan { prefix: prefix.clone(), after, limit })?;
            for (key, entry) in &page.entries {
                if visit(key, entry)?.is_break() {
                    return Ok(());
                }
            }
            after = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                return Ok(());
            }
        }
    }

    fn tombstone(&self, collection: CollectionRef<'_>, id: ResourceId) -> Result<Option<Tombstone>> {
        let key = collection.tombstone(id);
        self.backend.get(&key)?.map(|entry| Tombstone::read(&key, &entry)).transpose()
    }
}
