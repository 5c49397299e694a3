//! The gRPC API of kindstore: messages, client and server traits, generated from `kindstore/v1/*.proto`.
//!
//! The comments of the `.proto` files are the documentation. Clients in other languages are generated from the same files.

mod watch;

pub use watch::WatchResponse;

/// Version 1 of the API.
pub mod v1 {
    pub use crate::watch::WatchResponse;

    tonic::include_proto!("kindstore.v1");
}

/// The compiled proto files with their comments, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kindstore.bin"));

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
