//! Superseded versions: the state of a resource before a commit that replaced or deleted it.
//!
//! The commit that replaces or deletes a record also stores the old record under the key of its version. So a version ends
//! at the revision that created its key, and begins at the revision stored in its value.
//!
//! The old record is stored as its difference from the record that superseded it, so that a small change takes little
//! space. Versions that follow each other form a block of 32; the newest of a block is stored whole, and so is the last
//! version of a deleted resource. A version is thus read by applying at most 32 differences.

#[cfg(test)]
mod tests;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::collection::CollectionRef;
use super::entry::Stored;
use super::key;
use super::record::{self, Record};
use crate::backend::{Key, Operation, Revision, is_staged};
use crate::error::{Error, Result};
use crate::object::Timestamp;
use crate::{checksum, delta};

/// The format of a version with its whole record; the checksum covers the head only.
const WHOLE: u8 = 1;

/// The format of a version that is a difference; the checksum covers the head and the difference.
const DIFFERENCE: u8 = 2;

/// Format, checksum, the revision and time, and the flag.
const HEAD: usize = 1 + 4 + 8 + 8 + 1;

/// The number of the version that a difference is from.
const BASE: usize = 8;

/// How many versions form a block.
const BLOCK: u64 = 32;

/// The most differences between a version and one that is whole: a block without a whole one ends with the current version.
pub(crate) const MAX_DIFFERENCES: usize = BLOCK as usize;

/// More bytes than any record has, so that damaged bytes make nothing large.
const MAX_RECORD: usize = 4 << 20;

/// A version that a later one superseded, or the last version of a deleted resource.
#[derive(Clone)]
pub(crate) struct SupersededVersion {
    pub(crate) version: u64,
    /// The commit that stored it.
    pub(crate) begun: Revision,
    /// The commit that stored the next one, or deleted the resource.
    pub(crate) ended: Revision,
    pub(crate) ended_at: Timestamp,
    /// Whether it changed more than the status.
    pub(crate) is_authored: bool,
    content: Content,
}

/// How a version is stored.
#[derive(Clone)]
enum Content {
    /// The record as it was stored.
    Whole(Bytes),
    /// What makes the record from that of a later version.
    Difference { base: u64, steps: Bytes },
}

/// The record that superseded another one.
#[derive(Clone, Copy)]
pub(crate) struct Successor<'a> {
    pub(crate) version: u64,
    /// The encoded record.
    pub(crate) bytes: &'a [u8],
}

#[derive(Debug, thiserror::Error)]
#[error("a superseded version cannot be read")]
pub(crate) struct VersionDamaged;

impl SupersededVersion {
    /// Decodes the value under the key of a version; `ended` is the revision that created the key.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged.
    pub(crate) fn read(key: &[u8], value: &Bytes, ended: Revision) -> Result<Self> {
        parse(key, value, ended).ok_or_else(|| Error::backend(VersionDamaged))
    }

    /// Returns the version that this one is a difference from; `None` when it is whole.
    pub(crate) fn base(&self) -> Option<u64> {
        match self.content {
            Content::Whole(_) => None,
            Content::Difference { base, .. } => Some(base),
        }
    }

    /// Returns the record as it was stored, if it is whole.
    pub(crate) fn whole(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Whole(bytes) => Some(bytes),
            Content::Difference { .. } => None,
        }
    }

    /// Returns this version as a whole one, made from the record of its base.
    ///
    /// # Errors
    /// `Backend` when its difference does not fit the base. That the result is the record is seen when it is decoded.
    pub(crate) fn restored(self, base: &[u8]) -> Result<Self> {
        let Content::Difference { steps, .. } = &self.content else { return Ok(self) };
        let made = delta::apply(base, steps, MAX_RECORD).ok_or_else(|| Error::backend(VersionDamaged))?;
        Ok(Self { content: Content::Whole(made.into()), ..self })
    }

    /// Decodes the record of this version, which must be whole.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged.
    pub(crate) fn record(&self, collection: CollectionRef<'_>) -> Result<Record> {
        record::decode(collection, self.whole().ok_or_else(|| Error::backend(VersionDamaged))?)
    }

    /// Returns this version as the stored record that it was, under the record's key; it must be whole.
    ///
    /// # Errors
    /// `Backend` when the bytes are damaged.
    pub(crate) fn into_stored(self, collection: CollectionRef<'_>, key: Key) -> Result<Stored> {
        let record = self.record(collection)?;
        let bytes = self.whole().cloned().unwrap_or_default();
        Ok(Stored { key, record, bytes, created: self.begun, modified: self.begun })
    }

    /// Returns the value that stores this version, which must be whole, before another successor.
    pub(crate) fn value(&self, successor: Option<Successor<'_>>) -> Bytes {
        let record = self.whole().map_or(&[][..], |bytes| bytes);
        let head = Head { begun: self.begun, ended_at: self.ended_at, is_authored: self.is_authored };
        match successor.and_then(|successor| difference(self.version, record, successor)) {
            Some((base, steps)) => head.with_difference(base, &steps),
            None => head.with_record(record),
        }
    }
}

fn parse(key: &[u8], value: &Bytes, ended: Revision) -> Option<SupersededVersion> {
    let key::Place::Version { version, .. } = key::place(key)? else { return None };
    let mut head = value.get(5..HEAD)?;
    let (checksum, mut content) = (u32::from_be_bytes(value[1..5].try_into().ok()?), value.slice(HEAD..));
    let is_sound = match value[0] {
        // The record behind the head has a checksum of its own.
        WHOLE => checksum == checksum::hash(head),
        DIFFERENCE => checksum == checksum::hash(&value[5..]),
        _ => false,
    };
    let (begun, ended_at) = (head.get_u64(), Timestamp::from_micros(head.get_i64()));
    let is_authored = head.get_u8() != 0;
    let content = match value[0] {
        WHOLE => Content::Whole(content),
        _ => {
            let base = content.try_get_u64().ok().filter(|base| *base > version)?;
            Content::Difference { base, steps: content }
        }
    };
    is_sound.then_some(SupersededVersion { version, begun, ended, ended_at, is_authored, content })
}

/// The part of a value that is before the record or the difference. The revision at which the version ends is left out: it
/// is that of the commit that stores the value, which nobody knows before the commit is judged. Readers take it from the
/// creation of the key.
#[derive(Clone, Copy)]
struct Head {
    begun: Revision,
    ended_at: Timestamp,
    is_authored: bool,
}

impl Head {
    fn with_record(self, record: &[u8]) -> Bytes {
        let mut value = self.start(WHOLE, record.len());
        seal(&mut value);
        value.put_slice(record);
        value.freeze()
    }

    fn with_difference(self, base: u64, steps: &[u8]) -> Bytes {
        let mut value = self.start(DIFFERENCE, BASE + steps.len());
        value.put_u64(base);
        value.put_slice(steps);
        seal(&mut value);
        value.freeze()
    }

    fn start(self, format: u8, more: usize) -> BytesMut {
        let mut value = BytesMut::with_capacity(HEAD + more);
        value.put_u8(format);
        value.put_u32(0);
        value.put_u64(self.begun);
        value.put_i64(self.ended_at.as_micros());
        value.put_u8(u8::from(self.is_authored));
        value
    }
}

/// Writes the checksum of all that is there so far.
fn seal(value: &mut BytesMut) {
    let checksum = checksum::hash(&value[5..]);
    value[1..5].copy_from_slice(&checksum.to_be_bytes());
}

/// Returns the difference that makes a record from its successor; `None` where it is to be stored whole.
fn difference(version: u64, record: &[u8], successor: Successor<'_>) -> Option<(u64, Vec<u8>)> {
    if version / BLOCK != successor.version / BLOCK {
        return None;
    }
    let steps = delta::encode(successor.bytes, record);
    (steps.len() <= record.len() / 2).then_some((successor.version, steps))
}

/// Returns the operation that keeps a version which is being superseded, or deleted when it has no successor; `None` where
/// no reader can ask for it.
pub(crate) fn keep(
    collection: CollectionRef<'_>,
    old: &Stored,
    successor: Option<Successor<'_>>,
    now: Timestamp,
) -> Option<Operation> {
    // Revision 0: it exists from the start and was never stored. Staged: the same transaction made it, and no revision
    // that a reader can name will ever contain it.
    if old.modified == 0 || is_staged(old.modified) {
        return None;
    }
    let metadata = &old.record.object.metadata;
    let version = SupersededVersion {
        version: metadata.resource_version,
        begun: old.modified,
        ended: 0,
        ended_at: now,
        is_authored: old.record.is_authored(),
        content: Content::Whole(old.bytes.clone()),
    };
    Some(Operation::Put(collection.version(metadata.id, metadata.resource_version), version.value(successor)))
}

/// Whether the value of a version is a difference.
pub(crate) fn is_difference(value: &[u8]) -> bool {
    value.first() == Some(&DIFFERENCE)
}
