//! kindstore as one server: gRPC and REST on one port, over one store.
//!
//! ```
//! use kindstore::Store;
//! use kindstore_server::Server;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::bind(([127, 0, 0, 1], 0)).await?;
//! println!("serving http://{}", server.address());
//! # let stop = std::future::ready(());
//! // `serve` goes on for ever; `serve_until` stops when a future resolves, and finishes the requests that it has.
//! server.serve_until(Store::in_memory()?, stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Settings`] sets more than the address. The feature `arguments` adds [`ServeArguments`], the settings as flags.
#![cfg_attr(not(feature = "arguments"), doc = "")]
#![cfg_attr(not(feature = "arguments"), doc = "[`ServeArguments`]: #")]

mod access;
mod app;
#[cfg(feature = "arguments")]
mod arguments;
mod asset;
mod batch;
mod budget;
mod compression;
mod connection;
mod document;
#[doc(hidden)]
pub mod envelope;
mod fault;
mod filter;
mod follow;
mod gate;
mod grpc;
mod paging;
mod probe;
mod protocol;
mod rest;
mod serve;
mod settings;
mod shared;
mod stall;
mod status;
mod swagger;
mod unread;
mod workers;

#[cfg(feature = "arguments")]
pub use self::arguments::{RetentionArguments, ServeArguments};
pub use self::serve::Server;
#[doc(hidden)]
pub use self::serve::Service;
pub use self::settings::{Settings, SettingsError, StoreAddress, StoreSettings};
