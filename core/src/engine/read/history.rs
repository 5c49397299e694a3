//! The versions of a resource: listing them, reading one, comparing two.

#[cfg(test)]
mod tests;

use super::chain::Chain;
use super::find::View;
use super::reader::Reader;
use crate::backend::Revision;
use crate::engine::stored::{CollectionRef, Stored, SupersededVersion};
use crate::error::{Error, Result};
use crate::object::{Object, ResourceId};
use crate::rules::difference::{Difference, difference};

/// How many versions are read at once.
const STEP: usize = 16;

/// A history ends early once its versions have this many bytes: stored as differences, many fit where few would in memory.
const MAX_BYTES: usize = 64 << 20;

/// A version of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The resource in this version.
    pub object: Object,
    /// The commit that stored it; 0 for a resource that exists from the start and was never written.
    pub revision: Revision,
    /// The commit that stored the next version or deleted the resource; none for the current version.
    pub ended: Option<Revision>,
    /// Whether it changed more than the status.
    pub is_authored: bool,
}

/// Versions of a resource, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The versions that are kept.
    pub versions: Vec<Version>,
    /// The value of [`HistoryOptions::before`] for the next part, when there are older versions. A part also ends when its
    /// versions have 64 MiB.
    pub next: Option<u64>,
    /// Whether the resource is deleted.
    pub is_deleted: bool,
}

/// Choices for a history.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct HistoryOptions {
    /// Only versions older than the one with this number.
    pub before: Option<u64>,
    /// At most this many; without a limit all that are kept.
    pub limit: Option<usize>,
    /// Leaves out versions that changed the status only.
    pub only_authored: bool,
}

impl HistoryOptions {
    /// Reads only versions older than this one.
    #[must_use]
    pub fn before(mut self, before: impl Into<Option<u64>>) -> Self {
        self.before = before.into();
        self
    }

    /// Sets the most versions.
    #[must_use]
    pub fn limit(mut self, limit: impl Into<Option<usize>>) -> Self {
        self.limit = limit.into();
        self
    }

    /// Leaves out versions that changed the status only, or not.
    #[must_use]
    pub fn only_authored(mut self, only_authored: bool) -> Self {
        self.only_authored = only_authored;
        self
    }
}

/// Two versions of a resource and the differences from the first to the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first version.
    pub from: Version,
    /// The second version.
    pub to: Version,
    /// The differences in metadata, spec and status, in the order of their places, without time and version.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether a comparison includes a place: version number and time are left out, since they always differ.
    pub fn includes(pointer: &str) -> bool {
        !["/metadata/resourceVersion", "/metadata/modifiedAt"].contains(&pointer)
    }
}

/// The resource of a history: a current one, or a deleted one by its tombstone.
struct Subject {
    id: ResourceId,
    current: Option<Stored>,
}

impl Reader {
    /// Returns the kept versions of a resource, the newest first.
    ///
    /// # Errors
    /// `NotFound` when neither the resource nor its tombstone is there.
    pub(crate) fn history(&self, collection: CollectionRef<'_>, key: &str, options: HistoryOptions) -> Result<History> {
        let HistoryOptions { before, limit, only_authored } = options;
        let subject = self.subject(collection, key)?;
        let is_wanted = |version: &Version| {
            before.is_none_or(|before| version.object.metadata.resource_version < before)
                && (version.is_authored || !only_authored)
        };
        let is_deleted = subject.current.is_none();
        // Meanwhile the version that is current here may have been superseded, and must not be listed again from there.
        let current = subject.current.as_ref().map(|current| current.record.object.metadata.resource_version);
        let first = before.into_iter().chain(current).min();
        let mut chain = Chain::new(&*self.backend, collection, subject.id);
        if let Some(current) = &subject.current {
            chain.knows_current(current);
        }
        let mut versions: Vec<_> = subject.current.into_iter().map(Version::current).filter(is_wanted).collect();
        // Version keys sort from the newest to the oldest, so behind the key of a version are the older ones.
        let (mut after, mut bytes) = (first.map(|first| collection.version(subject.id, first)), 0);
        loop {
            let page = self.superseded(collection, subject.id, after, STEP)?;
            after = page.last();
            let mut is_full = false;
            for (_, version) in page.versions {
                let Some(version) = chain.restore(version)? else { continue };
                let version = Version::superseded(collection, &version)?;
                is_full = bytes > MAX_BYTES && !versions.is_empty();
                if is_full {
                    break;
                }
                if is_wanted(&version) {
                    bytes += version.object.size();
                    versions.push(version);
                }
            }
            if is_full || limit.is_some_and(|limit| versions.len() > limit) {
                versions.truncate(limit.unwrap_or(usize::MAX));
                let next = versions.last().map(|version| version.object.metadata.resource_version);
                return Ok(History { versions, next, is_deleted });
            }
            if !page.more {
                return Ok(History { versions, next: None, is_deleted });
            }
        }
    }

    /// Returns one version of a resource, which may be deleted.
    ///
    /// # Errors
    /// `NotFound`; `NoVersion` with the numbers of those that are kept.
    pub(crate) fn version(&self, collection: CollectionRef<'_>, key: &str, version: u64) -> Result<Version> {
        let subject = self.subject(collection, key)?;
        self.version_of(collection, key, &subject, version)
    }

    /// Compares two versions of a resource; without a second one the first is compared with the newest.
    ///
    /// # Errors
    /// As [`Reader::version`].
    pub(crate) fn compare(
        &self,
        collection: CollectionRef<'_>,
        key: &str,
        from: u64,
        to: Option<u64>,
    ) -> Result<Comparison> {
        let subject = self.subject(collection, key)?;
        let to = to.map_or_else(|| self.newest(collection, &subject), Ok)?;
        let from = self.version_of(collection, key, &subject, from)?;
        let to = self.version_of(collection, key, &subject, to)?;
        let differences = difference(&from.object.to_value(), &to.object.to_value());
        let differences = differences.into_iter().filter(|it| Comparison::includes(&it.pointer)).collect();
        Ok(Comparison { from, to, differences })
    }

    fn subject(&self, collection: CollectionRef<'_>, key: &str) -> Result<Subject> {
        let current = || -> Result<Option<Subject>> {
            let found = self.find(collection, key, View::Durable)?;
            Ok(found.map(|current| Subject { id: current.record.object.metadata.id, current: Some(current) }))
        };
        if let Some(subject) = current()? {
            return Ok(subject);
        }
        if let Some(tombstone) = self.find_tombstone(collection, key)? {
            return Ok(Subject { id: tombstone.id, current: None });
        }
        // It may have been restored between the two reads.
        current()?.ok_or_else(|| self.not_found(collection, key, View::Durable))
    }

    fn version_of(&self, collection: CollectionRef<'_>, key: &str, subject: &Subject, version: u64) -> Result<Version> {
        let is_asked_for = |current: &&Stored| current.record.object.metadata.resource_version == version;
        if let Some(current) = subject.current.as_ref().filter(is_asked_for) {
            return Ok(Version::current(current.clone()));
        }
        match self.superseded_version(collection, subject.id, version)? {
            Some(version) => Version::superseded(collection, &version),
            None => {
                let newest = self.newest(collection, subject)?;
                let oldest = self.oldest(collection, subject.id)?.unwrap_or(newest);
                let (kind, key) = (collection.kind.name.to_string(), key.to_owned());
                Err(Error::NoVersion { kind, key, version, oldest, newest })
            }
        }
    }

    /// Returns the number of the current version, or of the last one of a deleted resource.
    fn newest(&self, collection: CollectionRef<'_>, subject: &Subject) -> Result<u64> {
        if let Some(current) = &subject.current {
            return Ok(current.record.object.metadata.resource_version);
        }
        let page = self.superseded(collection, subject.id, None, 1)?;
        Ok(page.versions.first().map_or(0, |(_, version)| version.version))
    }

    /// Returns the number of the oldest superseded version that is kept.
    pub(crate) fn oldest(&self, collection: CollectionRef<'_>, id: ResourceId) -> Result<Option<u64>> {
        let (mut oldest, mut after) = (None, None);
        loop {
            let page = self.superseded(collection, id, after, STEP)?;
            oldest = page.versions.last().map(|(_, version)| version.version).or(oldest);
            if !page.more {
                return Ok(oldest);
            }
            after = page.last();
        }
    }
}

impl Version {
    fn superseded(collection: CollectionRef<'_>, version: &SupersededVersion) -> Result<Self> {
        let object = version.record(collection)?.object;
        Ok(Self { object, revision: version.begun, ended: Some(version.ended), is_authored: version.is_authored })
    }

    fn current(stored: Stored) -> Self {
        let is_authored = stored.record.is_authored();
        Self { object: stored.record.object, revision: stored.modified, ended: None, is_authored }
    }
}
