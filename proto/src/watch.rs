//! The message of a watch, with its resource as it is on the wire.

use prost::bytes::Bytes;
use prost::{DecodeError, Message};

use crate::v1::{ChangeType, Resource};

/// A change of a resource, or how far all was told: the message `WatchResponse`. Its resource is written once for all
/// clients of a server, and read by those who want it.
#[derive(Clone, PartialEq, Message)]
pub struct WatchResponse {
    /// What happened.
    #[prost(enumeration = "ChangeType", tag = "1")]
    pub change_type: i32,
    /// The place of the change in the history of the store, to go on after.
    #[prost(string, tag = "2")]
    pub cursor: String,
    /// The message `Resource` as bytes; empty in a bookmark.
    #[prost(bytes = "bytes", tag = "3")]
    pub encoded_resource: Bytes,
    /// The commit.
    #[prost(uint64, tag = "4")]
    pub revision: u64,
}

impl WatchResponse {
    /// The resource; none in a bookmark.
    ///
    /// # Errors
    /// The bytes are not a resource.
    pub fn resource(&self) -> Result<Option<Resource>, DecodeError> {
        if self.encoded_resource.is_empty() {
            return Ok(None);
        }
        Resource::decode(self.encoded_resource.clone()).map(Some)
    }
}
