//! The gRPC interface of kindstore: messages, client and server traits, generated from `proto/kindstore/v1/*.proto`.
//!
//! The `.proto` files are the documentation; clients in other languages are generated from them.

mod watch;

pub use watch::WatchResponse;

/// Version 1 of the interface.
pub mod v1 {
    pub use crate::watch::WatchResponse;

    tonic::include_proto!("kindstore.v1");
}

/// The compiled definitions with their comments, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kindstore.bin"));
