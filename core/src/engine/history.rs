//! The versions of a resource: reading them, comparing them, and coming back to them.

#[cfg(test)]
mod tests;

use super::past::Past;
use super::pipeline::Change;
use super::read::{Stored, View};
use super::store::{Store, check_scope};
use super::write::Write;
use super::{Inner, WriteOptions, WriteOutcome};
use crate::backend::Revision;
use crate::error::{Error, Result};
use crate::kind::{Kind, Verb};
use crate::object::{Object, ResourceId};
use crate::rules::difference::{Difference, difference};
use crate::rules::envelope::Caller;

/// How many versions are read at once.
const STEP: usize = 16;

/// A version of a resource that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The resource as it was, or is.
    pub object: Object,
    /// The commit that stored it; 0 for what exists from the start and was never written.
    pub revision: Revision,
    /// The commit that stored the next version or deleted the resource; none for the version that is there.
    pub ended: Option<Revision>,
    /// Whether it changed more than the status.
    pub is_authored: bool,
}

/// Versions of a resource, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The versions that are kept.
    pub versions: Vec<Version>,
    /// Where to go on with [`HistoryOptions::before`], when there are older ones.
    pub next: Option<u64>,
    /// Whether the resource is deleted.
    pub is_deleted: bool,
}

/// Which versions a caller wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct HistoryOptions {
    /// Only versions older than the one with this number.
    pub before: Option<u64>,
    /// At most this many; without a limit all that are kept.
    pub limit: Option<usize>,
    /// Leaves out versions that changed the status only.
    pub only_authored: bool,
}

/// Two versions of a resource and what differs from the first to the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first version.
    pub from: Version,
    /// The second version.
    pub to: Version,
    /// What differs in metadata, spec and status, in the order of the places; times and the version itself do not count.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether a comparison tells of a place: every version has another number and another time.
    pub fn tells_of(pointer: &str) -> bool {
        !["/metadata/resourceVersion", "/metadata/modifiedAt"].contains(&pointer)
    }
}

/// A resource whose versions are asked for: one that is there, or what is left of a deleted one.
struct Subject {
    id: ResourceId,
    current: Option<Stored>,
}

impl Store {
    /// The versions of a resource that are kept, the newest first. A deleted resource is addressed as before; where another
    /// one has its name by now, by its id.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` when the kind has no single resources to get.
    pub fn history(&self, kind: &str, namespace: Option<&str>, key: &str, options: HistoryOptions) -> Result<History> {
        let kind = self.gettable(kind, namespace)?;
        let subject = self.inner.subject(kind, namespace, key)?;
        self.inner.history(kind, namespace, subject, options)
    }

    /// One version of a resource, which may be deleted.
    ///
    /// # Errors
    /// As [`Store::history`]; `NoVersion` when it is not kept, or never was.
    pub fn version(&self, kind: &str, namespace: Option<&str>, key: &str, version: u64) -> Result<Version> {
        let kind = self.gettable(kind, namespace)?;
        let subject = self.inner.subject(kind, namespace, key)?;
        self.inner.version(kind, namespace, key, &subject, version)
    }

    /// What differs between two versions of a resource, secrets left out. Without a second one it is compared with the
    /// newest.
    ///
    /// # Errors
    /// As [`Store::version`].
    pub fn compare(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        from: u64,
        to: Option<u64>,
    ) -> Result<Comparison> {
        let kind = self.gettable(kind, namespace)?;
        let subject = self.inner.subject(kind, namespace, key)?;
        let to = to.map_or_else(|| self.inner.newest(kind, namespace, &subject), Ok)?;
        let from = self.inner.version(kind, namespace, key, &subject, from)?;
        let to = self.inner.version(kind, namespace, key, &subject, to)?;
        let differences = difference(&from.object.to_value(), &to.object.to_value());
        let differences = differences.into_iter().filter(|it| Comparison::tells_of(&it.pointer)).collect();
        Ok(Comparison { from, to, differences })
    }

    /// Makes the user's part of a resource what it was in an older version: as its next version, judged like any other
    /// document. The status stays as it is.
    ///
    /// # Errors
    /// `NotFound`, `NoVersion`; `Invalid` when the kind's rules do not allow any more what the version says.
    pub fn rollback(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        version: u64,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        // Some kinds are replaced and never patched; a rollback is either.
        let is_replaced = self.inner.registry.find(kind).is_some_and(|kind| kind.allows(Verb::Upsert));
        let verb = if is_replaced { Verb::Upsert } else { Verb::Patch };
        self.write(Caller::User, verb, kind, namespace, Some(key), Change::Rollback(version), options)
    }

    /// Brings a deleted resource back as it was last: under its id and as its next version.
    ///
    /// # Errors
    /// `NotFound` when nothing is kept of such a resource, `AlreadyExists` when one is there or its name is taken; `Invalid`
    /// when what it refers to is gone.
    pub fn undelete(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        options: WriteOptions,
    ) -> Write<WriteOutcome> {
        self.write(Caller::User, Verb::Create, kind, namespace, Some(key), Change::Undelete, options)
    }

    fn gettable(&self, kind: &str, namespace: Option<&str>) -> Result<&Kind> {
        let kind = self.inner.registry.require(kind)?;
        kind.require(Verb::Get)?;
        check_scope(kind, namespace)?;
        Ok(kind)
    }
}

impl Inner {
    fn subject(&self, kind: &Kind, namespace: Option<&str>, key: &str) -> Result<Subject> {
        if let Some(current) = self.find(kind, namespace, key, View::Durable)? {
            return Ok(Subject { id: current.record.object.metadata.id, current: Some(current) });
        }
        if let Some(grave) = self.find_grave(kind, namespace, key)? {
            return Ok(Subject { id: grave.id, current: None });
        }
        Err(self.not_found(kind, namespace, key, View::Durable)?)
    }

    fn history(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        subject: Subject,
        options: HistoryOptions,
    ) -> Result<History> {
        let HistoryOptions { before, limit, only_authored } = options;
        let is_wanted = |version: &Version| {
            before.is_none_or(|before| version.object.metadata.resource_version < before)
                && (version.is_authored || !only_authored)
        };
        let is_deleted = subject.current.is_none();
        let mut versions: Vec<_> = subject.current.into_iter().map(Version::current).filter(is_wanted).collect();
        let room = namespace.unwrap_or_default();
        let mut after = before.map(|before| super::key::version(&kind.name, room, subject.id, before));
        loop {
            let (pasts, more) = self.pasts(kind, namespace, subject.id, after, STEP)?;
            after = pasts.last().map(|(key, _)| key.clone());
            for (_, past) in pasts {
                versions.push(Version::over(kind, namespace, &past)?);
            }
            versions.retain(is_wanted);
            if limit.is_some_and(|limit| versions.len() > limit) {
                versions.truncate(limit.unwrap_or_default());
                let next = versions.last().map(|version| version.object.metadata.resource_version);
                return Ok(History { versions, next, is_deleted });
            }
            if !more {
                return Ok(History { versions, next: None, is_deleted });
            }
        }
    }

    fn version(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        key: &str,
        subject: &Subject,
        version: u64,
    ) -> Result<Version> {
        let is_asked_for = |current: &&Stored| current.record.object.metadata.resource_version == version;
        if let Some(current) = subject.current.as_ref().filter(is_asked_for) {
            return Ok(Version::current(current.clone()));
        }
        match self.past(kind, namespace, subject.id, version)? {
            Some(past) => Version::over(kind, namespace, &past),
            None => {
                let newest = self.newest(kind, namespace, subject)?;
                Err(self.no_version(kind, namespace, key, subject.id, version, newest)?)
            }
        }
    }

    /// The number of the version that is there, or that was last.
    fn newest(&self, kind: &Kind, namespace: Option<&str>, subject: &Subject) -> Result<u64> {
        if let Some(current) = &subject.current {
            return Ok(current.record.object.metadata.resource_version);
        }
        Ok(self.pasts(kind, namespace, subject.id, None, 1)?.0.first().map_or(0, |(_, past)| past.version))
    }

    /// The error for a version that is not kept, with those that are.
    pub(super) fn no_version(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        key: &str,
        id: ResourceId,
        version: u64,
        newest: u64,
    ) -> Result<Error> {
        let (mut oldest, mut after) = (newest, None);
        loop {
            let (pasts, more) = self.pasts(kind, namespace, id, after, STEP)?;
            oldest = pasts.last().map_or(oldest, |(_, past)| past.version);
            after = pasts.last().map(|(key, _)| key.clone());
            if !more {
                let (kind, key) = (kind.name.to_string(), key.to_owned());
                return Ok(Error::NoVersion { kind, key, version, oldest, newest });
            }
        }
    }
}

impl Version {
    /// A version that is over.
    fn over(kind: &Kind, namespace: Option<&str>, past: &Past) -> Result<Self> {
        let object = past.record(kind, namespace)?.object;
        Ok(Self { object, revision: past.begun, ended: Some(past.ended), is_authored: past.is_authored })
    }

    fn current(stored: Stored) -> Self {
        let is_authored = stored.record.is_authored();
        Self { object: stored.record.object, revision: stored.modified, ended: None, is_authored }
    }
}
