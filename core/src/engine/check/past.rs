//! What resources were: each old version is whole and belongs to a resource that is there or was deleted, and each deleted
//! one has its last version.

use bytes::Bytes;

use super::super::key;
use super::super::past::Past;
use super::Check;
use super::flaw::why;
use crate::backend::Key;
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
        let Some(kind) = self.registry.find(kind) else { return self.tell(at, "is of no kind that there is") };
        match look(kind, namespace, at, value) {
            Err(error) => return self.tell(at, why(&error)),
            Ok(found) if found != (id, version) => {
                return self.tell(at, format!("holds version {} of {}", found.1, found.0));
            }
            Ok(_) => {}
        }
        let record = key::record(&kind.name, namespace, id);
        let tombstone = key::tombstone(&kind.name, namespace, id);
        if !self.holds(at, value, &record, None) && !self.holds(at, value, &tombstone, None) {
            return self.tell(at, format!("is version {version} of {id}, which is neither there nor deleted"));
        }
        self.report.versions += 1;
    }

    pub(super) fn tombstone(&mut self, at: &Key, kind: &str, namespace: &str, id: ResourceId, value: &Bytes) {
        let Some((version, _)) = value.split_first_chunk::<8>() else { return self.tell(at, "tells no version") };
        let last = key::version(kind, namespace, id, u64::from_be_bytes(*version));
        if !self.holds(at, value, &last, None) {
            return self.tell(at, "what it was last is not there");
        }
        if matches!(self.get(&key::record(kind, namespace, id)), Ok(Some(_)))
            && matches!(self.get(at), Ok(Some(found)) if found.value == *value)
        {
            self.tell(at, "is told to be deleted and is there");
        }
    }
}

/// The resource and the version that are stored as an old version.
fn look(kind: &Kind, namespace: &str, at: &Key, value: &Bytes) -> Result<(ResourceId, u64)> {
    let room = (!namespace.is_empty()).then_some(namespace);
    let record = Past::read(at, value, 0)?.record(kind, room)?;
    Ok((record.object.metadata.id, record.object.metadata.resource_version))
}
