//! The resource as a value: envelope, metadata, spec and status.

mod string_map;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

pub use self::string_map::StringMap;
use crate::json::Json;
use crate::json::text::{display, write_string};

/// The id of a resource: a UUID, written in lower case. Ids of one store increase with the time of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId([u8; 16]);

impl ResourceId {
    /// An id from its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, in the order in which ids sort.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn as_uuid(&self) -> &uuid::Uuid {
        uuid::Uuid::from_bytes_ref(&self.0)
    }
}

impl FromStr for ResourceId {
    type Err = ParseIdError;

    /// Reads the 36 characters of a hyphenated UUID, in any case.
    ///
    /// ```
    /// use kindstore::ResourceId;
    /// let id: ResourceId = "5B0C0BD4-4D8B-4F8E-9D1C-5A0F3D2F7C11".parse()?;
    /// assert_eq!(id.to_string(), "5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11");
    /// assert!("5b0c0bd44d8b4f8e9d1c5a0f3d2f7c11".parse::<ResourceId>().is_err());
    /// # Ok::<(), kindstore::store::ParseIdError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        // `try_parse` also takes UUIDs in braces, as URN and without hyphens. One id must have one spelling in a path.
        if text.len() != 36 {
            return Err(ParseIdError);
        }
        uuid::Uuid::try_parse(text).map(|uuid| Self(uuid.into_bytes())).map_err(|_| ParseIdError)
    }
}

/// The text is not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11")]
pub struct ParseIdError;

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_uuid().as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a path segment has the form of an id, so that it is tried as one first.
pub(crate) fn is_id(text: &str) -> bool {
    text.parse::<ResourceId>().is_ok()
}

/// A point in time, in microseconds since 1970 in UTC; written in RFC 3339 with six fraction digits and `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point that many microseconds after the start of 1970, clamped to the years -9999 to 9999.
    pub fn from_micros(micros: i64) -> Self {
        // In whole seconds: of its last second jiff takes the beginning only, where it is given microseconds.
        let [first, last] = [jiff::Timestamp::MIN, jiff::Timestamp::MAX].map(|edge| edge.as_second() * 1_000_000);
        Self(micros.clamp(first, last))
    }

    /// Parses a time in RFC 3339, to the microsecond; `None` for any other text.
    ///
    /// ```
    /// use kindstore::Timestamp;
    /// let time = Timestamp::parse("2024-05-01T10:00:00.5+02:00").expect("it is RFC 3339");
    /// assert_eq!(time.to_string(), "2024-05-01T08:00:00.500000Z");
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|time| Self::from_micros(time.as_microsecond()))
    }

    /// Microseconds since the start of 1970.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// The time in whole seconds, as the flat kinds of the Platform API write it: `2024-05-01T08:00:00Z`.
    pub fn to_seconds_text(self) -> String {
        let mut text = String::with_capacity(20);
        self.write_seconds(&mut text);
        text.push('Z');
        text
    }

    /// Appends the time with six fraction digits.
    pub(crate) fn write(self, out: &mut String) {
        self.write_seconds(out);
        out.push('.');
        push_digits(self.0.rem_euclid(1_000_000).unsigned_abs(), 6, out);
        out.push('Z');
    }

    fn write_seconds(self, out: &mut String) {
        // The constructor clamps to what jiff can hold.
        let time = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        let time = jiff::tz::Offset::UTC.to_datetime(time);
        if time.year() < 0 {
            out.push('-');
        }
        push_digits(u64::from(time.year().unsigned_abs()), 4, out);
        let parts =
            [('-', time.month()), ('-', time.day()), ('T', time.hour()), (':', time.minute()), (':', time.second())];
        for (before, part) in parts {
            out.push(before);
            push_digits(u64::from(part.unsigned_abs()), 2, out);
        }
    }
}

/// Appends a number with at least this many digits. Every response has several, and `format!` takes ten times as long.
fn push_digits(number: u64, width: u32, out: &mut String) {
    for place in (0..width).rev() {
        let digit = number / 10_u64.pow(place) % 10;
        out.push(char::from(b'0' + digit as u8));
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(27);
        self.write(&mut text);
        f.write_str(&text)
    }
}

/// JSON text that is known to be well formed, shared without copying.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(Bytes);

impl JsonText {
    /// The text of a value.
    pub fn from_value(value: &Json) -> Self {
        Self(value.to_text().into())
    }

    /// The text from bytes that a [`JsonText`] once gave away; the caller vouches for them, as by a checksum.
    pub(crate) fn from_stored(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Written by serde_json and kept under a checksum.
        std::str::from_utf8(&self.0).unwrap_or("null")
    }

    /// The text as shared bytes.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The value that the text spells.
    pub fn to_value(&self) -> Json {
        crate::json::read_own(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Metadata that every resource has. Members that its kind does not use are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The id, given by the store on create and never changed.
    pub id: ResourceId,
    /// The name, given by the user on create and never changed.
    pub name: Option<String>,
    /// The namespace it lives in.
    pub namespace: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Option<Timestamp>,
    /// Labels, by which users select.
    pub labels: Option<StringMap>,
    /// Annotations, which only people and tools read.
    pub annotations: Option<StringMap>,
    /// The resource's own logical version: 1 on create, one more with each stored change.
    pub resource_version: u64,
    /// Members of metadata that only this kind has, as the text of a JSON object.
    pub extra: Option<JsonText>,
}

/// One resource. Its serialized form is the document that users read and write, in the order kind, apiVersion, metadata, spec, status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The kind, such as `Deployment`.
    pub kind: Arc<str>,
    /// The version of the kind's structure, such as `v1`.
    pub api_version: Arc<str>,
    /// The metadata.
    pub metadata: Metadata,
    /// The state that the user wants: an object, without its secret members.
    pub spec: Option<JsonText>,
    /// The state that the system observed: an object.
    pub status: Option<JsonText>,
}

impl Object {
    /// About how many bytes the resource has as a document.
    pub fn size(&self) -> usize {
        let stored = |text: &Option<JsonText>| text.as_ref().map_or(0, |text| text.as_bytes().len());
        let map = |map: &Option<StringMap>| map.as_ref().map_or(0, |map| map.size() + 6 * map.len());
        let metadata = &self.metadata;
        let maps = map(&metadata.labels) + map(&metadata.annotations);
        // The constant stands for ids, times, member names and braces.
        512 + maps + stored(&metadata.extra) + stored(&self.spec) + stored(&self.status)
    }

    /// The whole resource as JSON text. Spec and status are copied, not parsed.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(self.size());
        self.write_json(&mut out);
        out
    }

    /// Appends the resource's JSON text, which is how lists are built without a copy for each item.
    pub fn write_json(&self, out: &mut String) {
        out.push_str("{\"kind\":");
        write_string(&self.kind, out);
        out.push_str(",\"apiVersion\":");
        write_string(&self.api_version, out);
        out.push_str(",\"metadata\":");
        self.metadata.write_json(out);
        for (name, text) in [("spec", &self.spec), ("status", &self.status)] {
            if let Some(text) = text {
                push_name(out, name);
                out.push_str(text.as_str());
            }
        }
        out.push('}');
    }

    fn metadata_json(&self) -> String {
        let mut out = String::new();
        self.metadata.write_json(&mut out);
        out
    }

    /// The whole resource as a value.
    pub fn to_value(&self) -> Json {
        // What it writes is well formed; anything else would be a bug that an empty answer must not hide.
        crate::json::read_own(self.to_json().as_bytes()).expect("an object writes JSON")
    }

    /// The spec as a value; an empty object when there is none.
    pub fn spec_value(&self) -> Json {
        self.spec.as_ref().map_or_else(Json::object, JsonText::to_value)
    }

    /// The status as a value; an empty object when there is none.
    pub fn status_value(&self) -> Json {
        self.status.as_ref().map_or_else(Json::object, JsonText::to_value)
    }
}

impl Metadata {
    fn write_json(&self, out: &mut String) {
        out.push_str("{\"id\":");
        out.push('"');
        out.push_str(self.id.as_uuid().as_hyphenated().encode_lower(&mut [0; 36]));
        out.push('"');
        for (name, text) in [("name", &self.name), ("namespace", &self.namespace)] {
            if let Some(text) = text {
                push_name(out, name);
                write_string(text, out);
            }
        }
        for (name, time) in [("createdAt", Some(self.created_at)), ("modifiedAt", self.modified_at)] {
            if let Some(time) = time {
                push_name(out, name);
                out.push('"');
                time.write(out);
                out.push('"');
            }
        }
        for (name, map) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            if let Some(map) = map {
                push_name(out, name);
                push_map(out, map);
            }
        }
        push_name(out, "resourceVersion");
        display(self.resource_version, out);
        // The members of another object, without its braces.
        if let Some(members) = self.extra.as_ref().and_then(|extra| extra.as_str().get(1..)) {
            if members.len() > 1 {
                out.push(',');
            }
            out.push_str(members);
        } else {
            out.push('}');
        }
    }
}

fn push_name(out: &mut String, name: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}

fn push_map(out: &mut String, map: &StringMap) {
    out.push('{');
    for (index, (name, text)) in map.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(name, out);
        out.push(':');
        write_string(text, out);
    }
    out.push('}');
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metadata = crate::json::read_own(self.metadata_json().as_bytes());
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &*self.kind)?;
        map.serialize_entry("apiVersion", &*self.api_version)?;
        map.serialize_entry("metadata", &metadata)?;
        for (name, text) in [("spec", &self.spec), ("status", &self.status)] {
            if let Some(text) = text {
                map.serialize_entry(name, &text.to_value())?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_full_from_edge_to_edge() {
        for micros in [i64::MIN, -62_167_219_200_000_000, -1, 0, 951_827_696_000_009, 1_714_550_400_123_456, i64::MAX] {
            let time = Timestamp::from_micros(micros);
            let formatted = jiff::Timestamp::from_microsecond(time.as_micros()).expect("it was clamped");
            assert_eq!(time.to_string(), formatted.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string());
            assert_eq!(time.to_seconds_text(), formatted.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }
}
