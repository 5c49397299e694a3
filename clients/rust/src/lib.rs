//! An async client of kindstore: typed calls over gRPC, watches that resume, and errors with stable reasons.
//!
#![doc = include_str!("../README.md")]

pub mod call;
mod client;
mod document;
mod error;
mod resource;
mod retry;
mod time;
mod watch;

pub use self::call::{
    Call, Committed, FieldValidation, History, Operation, Outcome, Page, ResourceStream, Validation, Written,
};
pub use self::client::{Builder, Client};
pub use self::document::{Document, Format};
pub use self::error::{Error, Problem, Result};
pub use self::resource::{Comparison, Diagnostic, Difference, Kind, Metadata, Resource, Version};
pub use self::retry::Retry;
pub use self::time::Timestamp;
pub use self::watch::{ChangeType, Watch, WatchEvent};
pub use tonic::Code;
