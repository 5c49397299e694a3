//! The message of a watch, with an encoded resource.

use prost::bytes::Bytes;
use prost::{DecodeError, Message};

use crate::v1::{ChangeType, Resource};

/// A change of a resource, or a bookmark: the message `WatchResponse`. The resource is encoded once for all clients of a server, and
/// decoded on demand.
#[derive(Clone, PartialEq, Message)]
pub struct WatchResponse {
    /// The type of the change.
    #[prost(enumeration = "ChangeType", tag = "1")]
    pub change_type: i32,
    /// The position of the change in the change log, for resuming.
    #[prost(string, tag = "2")]
    pub cursor: String,
    /// The message `Resource` as bytes; empty in a bookmark.
    #[prost(bytes = "bytes", tag = "3")]
    pub encoded_resource: Bytes,
    /// The revision of the commit.
    #[prost(uint64, tag = "4")]
    pub revision: u64,
}

impl WatchResponse {
    /// Decodes the resource; returns `None` for a bookmark.
    ///
    /// # Errors
    /// Fails if the bytes are not a resource.
    pub fn resource(&self) -> Result<Option<Resource>, DecodeError> {
        if self.encoded_resource.is_empty() {
            return Ok(None);
        }
        Resource::decode(self.encoded_resource.clone()).map(Some)
    }
}
