//! Superseded versions: the state of a resource before a commit that replaced or deleted it.
//!
//! The commit that replaces or deletes a record also stores the old record under the key of its version. So a version ends
//! at the revision that created its key, and begins at the revision stored in its value.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::collection::CollectionRef;
use super::entry::Stored;
use super::key;
use super::record::{self, Record};
use crate::backend::{Key, Operation, Revision, is_staged};
use crate::checksum;
use crate::error::{Error, Result};
use crate::object::Timestamp;

/// The format that is written.
const FORMAT: u8 = 1;

/// Format, checksum, the revision and time, and the flag.
const HEAD: usize = 1 + 4 + 8 + 8 + 1;

/// A version that a later one superseded, or the last version of a deleted resource.
pub(crate) struct SupersededVersion {
    pub(crate) version: u64,
    /// The commit that stored it.
    pub(crate) begun: Revision,
    /// The commit that stored the next one, or deleted the resource.
    pub(crate) ended: Revision,
    pub(crate) ended_at: Timestamp,
    /// Whether it changed more than the status.
    pub(crate) is_authored: bool,
    /// The record as it was stored.
    bytes: Bytes,
}

#[derive(Debug, thiserror::Error)]
#[error("a superseded version cannot be read")]
pub(super) struct VersionDamaged;

impl SupersededVersion {
    /// Decodes the value under the key of a version; `ended` is the revision that created the key.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged.
    pub(crate) fn read(key: &[u8], value: &Bytes, ended: Revision) -> Result<Self> {
        let damaged = || Error::backend(VersionDamaged);
        let Some(key::Place::Version { version, .. }) = key::place(key) else { return Err(damaged()) };
        if value.len() < HEAD || value[0] != FORMAT {
            return Err(damaged());
        }
        let (mut head, bytes) = (value.slice(1..HEAD), value.slice(HEAD..));
        // The checksum covers the head only: the record behind it has a checksum of its own.
        let checksum = head.get_u32();
        if checksum != checksum::hash(&head) {
            return Err(damaged());
        }
        let (begun, ended_at) = (head.get_u64(), Timestamp::from_micros(head.get_i64()));
        Ok(Self { version, begun, ended, ended_at, is_authored: head.get_u8() != 0, bytes })
    }

    /// Decodes the record of this version.
    pub(crate) fn record(&self, collection: CollectionRef<'_>) -> Result<Record> {
        record::decode(collection, &self.bytes)
    }

    /// Returns this version as the stored record that it was, under the record's key.
    pub(crate) fn into_stored(self, collection: CollectionRef<'_>, key: Key) -> Result<Stored> {
        let record = self.record(collection)?;
        Ok(Stored { key, record, bytes: self.bytes, created: self.begun, modified: self.begun })
    }
}

/// Returns the operation that keeps a version which is being superseded or deleted; `None` where no reader can ask for it.
pub(crate) fn keep(collection: CollectionRef<'_>, old: &Stored, now: Timestamp) -> Option<Operation> {
    // Revision 0: it exists from the start and was never stored. Staged: the same transaction made it, and no revision
    // that a reader can name will ever contain it.
    if old.modified == 0 || is_staged(old.modified) {
        return None;
    }
    let metadata = &old.record.object.metadata;
    let mut value = BytesMut::with_capacity(HEAD + old.bytes.len());
    value.put_u8(FORMAT);
    value.put_u32(0);
    value.put_u64(old.modified);
    value.put_i64(now.as_micros());
    value.put_u8(u8::from(old.record.is_authored()));
    // The revision at which it ends is left out: it is that of this commit, which nobody knows before the commit is
    // judged. Readers take it from the creation of the key.
    let checksum = checksum::hash(&value[5..]);
    value[1..5].copy_from_slice(&checksum.to_be_bytes());
    value.put_slice(&old.bytes);
    Some(Operation::Put(collection.version(metadata.id, metadata.resource_version), value.freeze()))
}
