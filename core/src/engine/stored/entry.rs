//! A record together with its place and its revisions.

use bytes::Bytes;

use super::collection::CollectionRef;
use super::record::{self, Record};
use crate::backend::{Key, Revision, Versioned};
use crate::error::Result;

/// A record with the key and the revisions it is stored under.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) key: Key,
    pub(crate) record: Record,
    /// The encoded record.
    pub(crate) bytes: Bytes,
    /// The commit that created the resource, or restored it after a deletion.
    pub(crate) created: Revision,
    /// The commit that wrote this version; 0 for a resource that exists from the start and was never written.
    pub(crate) modified: Revision,
}

impl Stored {
    /// Decodes the entry under the key of a record.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged or of a newer format.
    pub(crate) fn read(collection: CollectionRef<'_>, key: Key, entry: Versioned) -> Result<Self> {
        let record = record::decode(collection, &entry.value)?;
        Ok(Self { key, record, bytes: entry.value, created: entry.created, modified: entry.modified })
    }
}
