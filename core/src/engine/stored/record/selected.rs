//! The values that lists are selected by, kept beside a document so that no document is read for them.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use super::part::{NOTHING, put_optional};

/// The values of a kind's selectable members as they are stored: for each its length and its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selected(Bytes);

impl Selected {
    pub(crate) fn new<'v>(values: impl Iterator<Item = Option<Cow<'v, str>>>) -> Self {
        let mut bytes = BytesMut::new();
        for value in values {
            put_optional(&mut bytes, value.as_deref().map(str::as_bytes));
        }
        Self(bytes.freeze())
    }

    /// Values as they were stored.
    pub(crate) fn stored(bytes: Bytes) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value of the member with this index, if it has one.
    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let mut rest = &self.0[..];
        for passed in 0..=index {
            let length = rest.split_off(..4)?;
            let length = u32::from_be_bytes(length.try_into().ok()?);
            let value = if length == NOTHING { None } else { Some(rest.split_off(..length as usize)?) };
            if passed == index {
                return std::str::from_utf8(value?).ok();
            }
        }
        None
    }
}
