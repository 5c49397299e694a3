//! Restores superseded versions that are stored as differences from later ones.

use bytes::Bytes;

use crate::backend::Backend;
use crate::engine::stored::version::MAX_DIFFERENCES;
use crate::engine::stored::{CollectionRef, Stored, SupersededVersion};
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// How often a version is read again because the one that it is a difference from was removed meanwhile.
const ATTEMPTS: usize = 16;

/// The versions of a resource, from the newest to the oldest: each is made from the one before it.
pub(crate) struct Chain<'a> {
    backend: &'a dyn Backend,
    collection: CollectionRef<'a>,
    id: ResourceId,
    /// A version that was restored, or is whole.
    known: Option<(u64, Bytes)>,
    /// Those between it and the next one that is asked for.
    skipped: Vec<SupersededVersion>,
}

/// Why a version cannot be restored.
#[derive(Debug, thiserror::Error)]
#[error("version {version} cannot be read: version {base}, which it is a difference from, is missing or damaged")]
struct ChainBroken {
    version: u64,
    base: u64,
}

impl<'a> Chain<'a> {
    /// Returns the chain of a resource.
    pub(crate) fn new(backend: &'a dyn Backend, collection: CollectionRef<'a>, id: ResourceId) -> Self {
        Self { backend, collection, id, known: None, skipped: Vec::new() }
    }

    /// Begins with a version that is at hand, by its number and its record.
    pub(crate) fn knows(&mut self, version: u64, record: Bytes) {
        self.known = Some((version, record));
    }

    /// Begins with the current version.
    pub(crate) fn knows_current(&mut self, current: &Stored) {
        self.knows(current.record.object.metadata.resource_version, current.bytes.clone());
    }

    /// Passes over a version.
    pub(crate) fn skip(&mut self, version: SupersededVersion) {
        if version.whole().is_some() {
            // What is older is made from this one at the latest.
            self.skipped.clear();
        }
        // More than a block has is read again, should it be needed.
        if self.skipped.len() < MAX_DIFFERENCES {
            self.skipped.push(version);
        }
    }

    /// Returns a version as a whole one; `None` when it was removed meanwhile.
    ///
    /// # Errors
    /// `Backend` when what is stored does not lead to it.
    pub(crate) fn restore(&mut self, version: SupersededVersion) -> Result<Option<SupersededVersion>> {
        for skipped in std::mem::take(&mut self.skipped) {
            if self.step(skipped)?.is_none() {
                break;
            }
        }
        let (number, mut base) = (version.version, version.base());
        let mut next = Some(version);
        for _ in 0..ATTEMPTS {
            let Some(version) = next else { return Ok(None) };
            base = version.base();
            if let Some(restored) = self.step(version.clone())? {
                return Ok(Some(restored));
            }
            if let Some(base) = base
                && self.find(base)?
                && let Some(restored) = self.step(version)?
            {
                return Ok(Some(restored));
            }
            // Its base is gone: it was stored anew with another one, or removed as well.
            next = self.stored(number)?;
        }
        Err(Error::backend(ChainBroken { version: number, base: base.unwrap_or(number) }))
    }

    /// Returns the version whole, if it is or the known one is its base.
    fn step(&mut self, version: SupersededVersion) -> Result<Option<SupersededVersion>> {
        let restored = match (version.base(), &self.known) {
            (None, _) => version,
            (Some(base), Some((known, bytes))) if base == *known => version.restored(bytes)?,
            _ => return Ok(None),
        };
        self.known = restored.whole().map(|bytes| (restored.version, bytes.clone()));
        Ok(Some(restored))
    }

    /// Looks for the version of this number by the keys of it and of those that it is made from; whether it is known now.
    fn find(&mut self, number: u64) -> Result<bool> {
        let (mut stack, mut number) = (Vec::new(), number);
        loop {
            let Some(version) = self.stored(number)? else {
                // No superseded version has the number, so that it is the current one, unless it was removed or another
                // one came meanwhile.
                let key = self.collection.record(self.id);
                let Some(entry) = self.backend.get(&key)? else { return Ok(false) };
                let current = Stored::read(self.collection, key, entry)?;
                if current.record.object.metadata.resource_version != number {
                    return Ok(false);
                }
                self.knows_current(&current);
                break;
            };
            let base = version.base();
            stack.push(version);
            match base {
                None => break,
                Some(base) if stack.len() <= MAX_DIFFERENCES => number = base,
                Some(base) => return Err(Error::backend(ChainBroken { version: number, base })),
            }
        }
        while let Some(version) = stack.pop() {
            if self.step(version)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the superseded version with this number as it is stored.
    fn stored(&self, number: u64) -> Result<Option<SupersededVersion>> {
        let key = self.collection.version(self.id, number);
        self.backend.get(&key)?.map(|entry| SupersededVersion::read(&key, &entry.value, entry.created)).transpose()
    }
}
