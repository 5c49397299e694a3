//! The resource as a value: envelope, metadata, spec and status.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::json::Json;

/// The id of a resource: a UUID, written in lower case. Ids of one store rise with the time of creation.
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
}

impl FromStr for ResourceId {
    type Err = NotAnId;

    /// Reads the 36 characters of a hyphenated UUID, in any case.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 36 {
            return Err(NotAnId);
        }
        uuid::Uuid::try_parse(text).map(|uuid| Self(uuid.into_bytes())).map_err(|_| NotAnId)
    }
}

/// The text is not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11")]
pub struct NotAnId;

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
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
    /// The point that many microseconds after the start of 1970. Beyond the years -9999 to 9999 it is the nearest edge.
    pub fn from_micros(micros: i64) -> Self {
        let edges = jiff::Timestamp::MIN.as_microsecond()..=jiff::Timestamp::MAX.as_microsecond();
        Self(micros.clamp(*edges.start(), *edges.end()))
    }

    /// Microseconds since the start of 1970.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// The time in whole seconds, as the flat kinds of the Platform API write it: `2024-05-01T08:00:00Z`.
    pub fn to_seconds_text(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    fn format(self, format: &str) -> String {
        // The constructor clamps to what jiff can hold.
        let time = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        time.strftime(format).to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format("%Y-%m-%dT%H:%M:%S.%6fZ"))
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
        serde_json::from_slice(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.as_str()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
