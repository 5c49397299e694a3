//! Checks that each superseded version is whole and belongs to a resource that exists or has a tombstone, and that each
//! tombstone has its last version.

use bytes::Bytes;

use super::Check;
use super::flaw::why;
use crate::backend::Key;
use crate::engine::stored::key;
use crate::engine::stored::{CollectionRef, SupersededVersion};
use crate::error::Result;
use crate::kind::Kind;
use crate::object::ResourceId;

impl Check<'_> {
    pub(super) fn version(
        &mut self,
        at: &Key,
        kind: &str,
        namespace: &str,
        (id, version): (ResourceId, u64),
        value: &Bytes,
    ) {
        let Some(kind) = self.registry.find(kind) else { return self.flag(at, "has an unknown kind") };
        match look(kind, namespace, at, value) {
            Err(error) => return self.flag(at, why(&error)),
            Ok(found) if found != (id, version) => {
                return self.flag(at, format!("holds version {} of {}", found.1, found.0));
            }
            Ok(_) => {}
        }
        let record = key::record(&kind.name, namespace, id);
        let tombstone = key::tombstone(&kind.name, namespace, id);
        if !self.holds(at, value, &record, None) && !self.holds(at, value, &tombstone, None) {
            return self.flag(at, format!("is version {version} of {id}, which neither exists nor is deleted"));
        }
        self.report.versions += 1;
    }

    pub(super) fn tombstone(&mut self, at: &Key, kind: &str, namespace: &str, id: ResourceId, value: &Bytes) {
        let Some((version, _)) = value.split_first_chunk::<8>() else { return self.flag(at, "holds no version") };
        let last = key::version(kind, namespace, id, u64::from_be_bytes(*version));
        if !self.holds(at, value, &last, None) {
            return self.flag(at, "its last version is missing");
        }
        if matches!(self.get(&key::record(kind, namespace, id)), Ok(Some(_)))
            && matches!(self.get(at), Ok(Some(found)) if found.value == *value)
        {
            self.flag(at, "has a tombstone although it exists");
        }
    }
}

/// The resource and the version that are stored as an old version.
fn look(kind: &Kind, namespace: &str, at: &Key, value: &Bytes) -> Result<(ResourceId, u64)> {
    let record = SupersededVersion::read(at, value, 0)?.record(CollectionRef::of_key(kind, namespace))?;
    Ok((record.object.metadata.id, record.object.metadata.resource_version))
}
