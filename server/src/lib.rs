//! kindstore as one server: gRPC and REST on one port, over one store.
//!
//! ```no_run
//! use kindstore_server::{Server, Settings};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let store = kindstore::Store::in_memory()?;
//! let server = Server::bind(store, &Settings::default()).await?;
//! println!("{}", server.address());
//! server.run(std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod access;
mod app;
mod asset;
mod batch;
mod compression;
mod document;
#[doc(hidden)]
pub mod envelope;
mod fault;
mod filter;
mod follow;
mod grpc;
mod paging;
mod protocol;
mod rest;
mod retention;
mod serve;
mod settings;
mod shared;
mod stall;
mod status;
mod swagger;

pub use self::retention::RetentionArguments;
pub use self::serve::Server;
pub use self::settings::{ServeArguments, Settings, SettingsError, StoreAddress};
