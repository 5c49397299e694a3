//! The stored form of a resource: format byte, checksum, envelope, spec, status, and tagged areas for later additions.
//! Decoding copies no document and parses none.

mod part;
mod selected;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use self::part::{NOTHING, put_optional, take, take_optional};
pub(crate) use self::selected::Selected;
use super::collection::CollectionRef;
use super::key;
use crate::checksum;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::OnDelete;
use crate::object::{JsonText, Metadata, Object, ResourceId, StringMap, Timestamp};
use crate::rules::secret::Secrets;

/// The format that is written. Every older one stays readable.
const FORMAT: u8 = 1;

/// Format byte and checksum.
const HEAD: usize = 5;

/// The tag of the area that holds secret members, as one JSON object.
const SECRETS: u8 = 1;

/// The tag of the area that holds the resource's references: for each target its id and the effect of its deletion.
const TARGETS: u8 = 2;

/// The tag of the area that holds the values of the kind's selectable members, in their order.
const SELECTED: u8 = 3;

/// The tag of the area that holds the newest version that changed more than the status, where that is an older one.
const AUTHORED: u8 = 4;

/// The targets of a resource's references, each with the effect of its deletion.
pub(crate) type Targets = BTreeMap<ResourceId, OnDelete>;

/// A resource as it is stored: the object that reads return, and beside it the secret members and the references.
#[derive(Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) object: Object,
    pub(crate) secrets: Secrets,
    pub(crate) targets: Targets,
    pub(crate) selected: Selected,
    /// The newest version that changed more than the status.
    pub(crate) authored: u64,
    /// Areas that a newer program wrote and this one does not know, as they are stored: every later version has them too.
    pub(crate) unknown: Bytes,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("object", &self.object)
            // The pointers of secret members, without their values.
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("targets", &self.targets)
            .field("authored", &self.authored)
            .finish_non_exhaustive()
    }
}

impl Record {
    /// Returns the record of an object without secrets and references.
    pub(crate) fn bare(object: Object) -> Self {
        let authored = object.metadata.resource_version;
        let (secrets, targets, selected) = (Secrets::new(), Targets::new(), Selected::default());
        Self { object, secrets, targets, selected, authored, unknown: Bytes::new() }
    }

    /// Whether this version changed more than the status.
    pub(crate) fn is_authored(&self) -> bool {
        self.authored == self.object.metadata.resource_version
    }
}

/// Why stored bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the record of {0} fails its checksum")]
    Checksum(String),
    #[error("the record of {0} has format {1}; this program reads formats up to {FORMAT}")]
    NewerFormat(String, u8),
    #[error("the record of {0} ends too early")]
    Truncated(String),
}

/// Returns the bytes of a record, in the newest format.
pub(crate) fn encode(record: &Record) -> Bytes {
    let metadata = &record.object.metadata;
    let documents = [&metadata.extra, &record.object.spec, &record.object.status];
    let maps = [&metadata.labels, &metadata.annotations];
    let maps: usize = maps.iter().map(|map| map.as_ref().map_or(0, |map| map.as_bytes().len())).sum();
    let size: usize = documents.iter().map(|text| text.as_ref().map_or(0, |text| text.as_bytes().len())).sum();
    let mut out = BytesMut::with_capacity(size + maps + 256);
    out.put_u8(FORMAT);
    out.put_u32(0);
    out.put_slice(metadata.id.as_bytes());
    out.put_u64(metadata.resource_version);
    out.put_i64(metadata.created_at.as_micros());
    put_optional(&mut out, metadata.modified_at.map(|time| time.as_micros().to_be_bytes()).as_ref().map(|b| &b[..]));
    put_optional(&mut out, metadata.name.as_deref().map(str::as_bytes));
    put_map(&mut out, metadata.labels.as_ref());
    put_map(&mut out, metadata.annotations.as_ref());
    for text in documents {
        put_optional(&mut out, text.as_ref().map(|text| &text.as_bytes()[..]));
    }
    if !record.secrets.is_empty() {
        let members = Json::Object(record.secrets.clone());
        out.put_u8(SECRETS);
        put_optional(&mut out, Some(members.to_text().as_bytes()));
    }
    if !record.targets.is_empty() {
        out.put_u8(TARGETS);
        let targets = record.targets.iter();
        let bytes: Vec<u8> = targets
            .flat_map(|(id, on_delete)| id.as_bytes().iter().copied().chain([key::behaviour(*on_delete)]))
            .collect();
        put_optional(&mut out, Some(&bytes));
    }
    if !record.selected.as_bytes().is_empty() {
        out.put_u8(SELECTED);
        put_optional(&mut out, Some(record.selected.as_bytes()));
    }
    if !record.is_authored() {
        out.put_u8(AUTHORED);
        put_optional(&mut out, Some(&record.authored.to_be_bytes()));
    }
    out.put_slice(&record.unknown);
    let checksum = checksum::hash(&out[HEAD..]);
    out[1..HEAD].copy_from_slice(&checksum.to_be_bytes());
    out.freeze()
}

/// Returns the record that these bytes hold; kind and namespace come from its key.
///
/// # Errors
/// `Backend` when the bytes are damaged, or of a format that a newer program wrote.
pub(crate) fn decode(collection: CollectionRef<'_>, bytes: &Bytes) -> Result<Record> {
    let subject = || format!("a {}", collection.kind.name);
    match bytes.first() {
        // The format comes before the checksum, which a newer format may compute in another way.
        Some(&FORMAT) => {}
        Some(&format) => return Err(Error::backend(RecordError::NewerFormat(subject(), format))),
        None => return Err(Error::backend(RecordError::Truncated(subject()))),
    }
    let body = bytes.get(HEAD..).ok_or_else(|| Error::backend(RecordError::Truncated(subject())))?;
    if bytes[1..HEAD] != checksum::hash(body).to_be_bytes() {
        return Err(Error::backend(RecordError::Checksum(subject())));
    }
    // Slices share the buffer of the backend. Nothing is copied, and an object that is kept keeps its whole record
    // alive.
    read(collection, bytes.slice(HEAD..)).ok_or_else(|| Error::backend(RecordError::Truncated(subject())))
}

fn read(collection: CollectionRef<'_>, mut bytes: Bytes) -> Option<Record> {
    let id = ResourceId::from_bytes(take(&mut bytes, 16)?.as_ref().try_into().ok()?);
    let resource_version = bytes.try_get_u64().ok()?;
    let created_at = Timestamp::from_micros(bytes.try_get_i64().ok()?);
    let modified_at = match take_optional(&mut bytes)? {
        Some(micros) => Some(Timestamp::from_micros(i64::from_be_bytes(micros.as_ref().try_into().ok()?))),
        None => None,
    };
    let name = match take_optional(&mut bytes)? {
        Some(name) => Some(text(&name)?),
        None => None,
    };
    let labels = take_map(&mut bytes)?;
    let annotations = take_map(&mut bytes)?;
    let mut document = || Some(take_optional(&mut bytes)?.map(JsonText::from_stored));
    let (extra, spec, status) = (document()?, document()?, document()?);
    // Kind, API version and namespace are not stored: the key has two of them, and a definition may raise its API
    // version without rewriting its resources.
    let CollectionRef { kind, namespace } = collection;
    let namespace = namespace.map(str::to_owned);
    // Records of earlier versions have none.
    let name = name.or_else(|| kind.singleton_name.clone());
    let metadata =
        Metadata { id, name, namespace, created_at, modified_at, labels, annotations, resource_version, extra };
    let object = Object { kind: kind.name.clone(), api_version: kind.api_version.clone(), metadata, spec, status };
    let mut record = Record::bare(object);
    read_areas(&mut record, bytes)?;
    Some(record)
}

// An unknown tag is of a newer program, which may only use one for values that older programs need not read, but carry
// along; any other addition raises the format.
fn read_areas(record: &mut Record, mut bytes: Bytes) -> Option<()> {
    let mut unknown = Vec::new();
    while bytes.has_remaining() {
        let stored = bytes.clone();
        let tag = bytes.try_get_u8().ok()?;
        let area = take_optional(&mut bytes)??;
        match tag {
            SECRETS => {
                if let Json::Object(members) = JsonText::from_stored(area).to_value() {
                    record.secrets = members;
                }
            }
            TARGETS => record.targets = read_targets(&area)?,
            SELECTED => record.selected = Selected::stored(area),
            AUTHORED => record.authored = u64::from_be_bytes(area.as_ref().try_into().ok()?),
            _ => unknown.push(stored.slice(..stored.len() - bytes.len())),
        }
    }
    record.unknown = joined(unknown);
    Some(())
}

/// Copies nothing in the usual cases of one part or none.
fn joined(mut parts: Vec<Bytes>) -> Bytes {
    match parts.len() {
        0 => Bytes::new(),
        1 => parts.remove(0),
        _ => parts.concat().into(),
    }
}

fn read_targets(area: &[u8]) -> Option<Targets> {
    let target = |bytes: &[u8]| {
        let (id, behaviour) = bytes.split_first_chunk::<16>()?;
        Some((ResourceId::from_bytes(*id), key::on_delete(*behaviour.first()?)?))
    };
    area.chunks(17).map(target).collect()
}

fn put_map(out: &mut BytesMut, map: Option<&StringMap>) {
    let Some(map) = map else { return out.put_u32(NOTHING) };
    out.put_u32(u32::try_from(map.len()).unwrap_or(NOTHING));
    out.put_slice(map.as_bytes());
}

fn take_map(bytes: &mut Bytes) -> Option<Option<StringMap>> {
    match bytes.try_get_u32().ok()? {
        NOTHING => Some(None),
        count => StringMap::read(count, bytes).map(Some),
    }
}

fn text(bytes: &Bytes) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// Decodes fuzzed bytes behind a valid checksum: they are refused, or decoded and encoded to the same record.
#[cfg(feature = "__fuzzing")]
pub fn fuzz_record(body: &[u8]) {
    use crate::registry::Registry;
    static REGISTRY: std::sync::LazyLock<Registry> =
        std::sync::LazyLock::new(|| Registry::builtin().expect("the definitions load"));
    let collection = CollectionRef::new(&REGISTRY.kinds()[0], Some("default"));
    let checksum = checksum::hash(body).to_be_bytes();
    let stored = [&[FORMAT][..], &checksum, body].concat();
    let Ok(record) = decode(collection, &stored.into()) else { return };
    let again = decode(collection, &encode(&record)).expect("what was written is read");
    assert_eq!(again, record);
    let documents = [&record.object.metadata.extra, &record.object.spec, &record.object.status];
    let is_own = |text: &JsonText| {
        let value = text.to_value();
        value.as_object().is_some() && JsonText::from_value(&value) == *text
    };
    let _ = record.object.to_json();
    // Documents are vouched for by the checksum, so that only those that this crate has written need to make sense.
    if documents.into_iter().flatten().all(is_own) {
        let _ = record.object.to_value();
    }
}
