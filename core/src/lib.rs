//! A store for declarative resources: `kind`, `apiVersion`, `metadata`, `spec`, `status`.
//!
//! Resources live in namespaces, have ids and names, are replaced whole or changed by merge patches, and carry a version
//! that rises with each change. Kinds are data: a definition says how the resources of a kind are named, addressed,
//! checked and guarded. The store lives in a folder on disk or in memory, and an acknowledged write is on disk.
//!
//! ```
//! use kindstore::Store;
//! use kindstore::manifest::{self, Format, Limits};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), kindstore::Error> {
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let folder = folder.path().join("store");
//! let store = Store::open(&folder)?;
//! let targets = store.kind("DeploymentTarget")?.namespace("default");
//! targets.create(json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {"namespace": "flink"}}})).wait()?;
//!
//! let clicks = manifest::read(b"
//! metadata:
//!   name: clicks
//! spec:
//!   deploymentTargetName: jobs
//!   template:
//!     spec:
//!       artifact: {kind: JAR, jarUri: 's3://apps/clicks.jar', flinkVersion: 1.20}
//!       flinkConfiguration: {foo: bar}
//! ", Format::Yaml, &Limits::default())?;
//! let deployments = store.kind("Deployment")?.namespace("default");
//! deployments.create(clicks).wait()?;
//!
//! // A merge patch (RFC 7386): null removes.
//! let patch = json!({"spec": {"template": {"spec": {"flinkConfiguration": {"foo": null, "bar": "baz"}}}}});
//! deployments.patch("clicks", patch).expect_version(1).wait()?;
//!
//! let clicks = deployments.get("clicks")?;
//! assert_eq!(clicks.metadata.resource_version, 2);
//! assert_eq!(clicks.spec_value().at("/template/spec/artifact/flinkVersion"), Some(&"1.20".into()));
//!
//! deployments.delete("clicks").wait()?;
//! assert_eq!(deployments.find("clicks")?, None);
//! # Ok(())
//! # }
//! ```
//!
//! A [`Store`] is a handle that can be cloned and used from many threads. A [`Collection`] is the resources of a kind in a
//! namespace. Reads return at once; writes return a [`Write`], which a thread waits on and a task awaits. No async runtime
//! is needed, and any will do.
//!
//! # Features
//!
//! | feature | default | effect |
//! | --- | --- | --- |
//! | `sled` | yes | stores on disk; without it the crate uses no files and no threads |
//! | `format` | no | `manifest::format`, which brings a manifest into one form and keeps its comments |
//! | `editor` | no | completion and hover for editors, in the module `editor` |

// The modules in reading order: values, kinds, rules, help for editors, engine, backends.
mod checksum;
mod delta;
mod diagnostic;
mod error;
mod json;
mod object;

pub mod kind;
pub mod manifest;
mod registry;

mod rules;

#[cfg(feature = "editor")]
pub mod editor;
mod validator;

mod engine;

pub mod backend;

pub mod patch {
    //! Patches without a store: applying them, computing them, and simulating the write that a store would do.
    pub use crate::engine::{SimulateError, SimulateOptions, simulate_patch};
    pub use crate::rules::difference::{Difference, difference};
    pub use crate::rules::json_patch::{json_patch, json_patch_between};
    pub use crate::rules::patch::{merge_patch, merge_patch_between};
}

pub mod store {
    //! What accompanies a [`Store`](crate::Store): queries, pages, maintenance, clock and ids, errors of its texts.
    pub use crate::engine::{
        Changed, CheckReport, Clock, Compaction, ContinueToken, Flaw, Health, HistoryLag, HistoryPage, HistoryQuery,
        HistoryToken, IdSource, IndexState, Items, ListQuery, MAX_COMMIT, Operation, ParseCursorError, WatchQuery,
        WatchScope,
    };
    pub use crate::object::ParseIdError;
    pub use crate::rules::selector::SelectorError;
    pub use crate::rules::version::ParseETagError;
}

pub mod validation {
    //! Manifests checked without a store: problems with places and hints, and the values that defaults fill in.
    pub use crate::diagnostic::{Code, Position, Severity, Span, attribute};
    pub use crate::rules::effective::{EffectiveValue, Origin, effective_values};
    pub use crate::rules::suggestion::suggestion;
    pub use crate::rules::validate::validate;
    pub use crate::validator::{
        ManifestDocument, ManifestValidator, SourcedValue, ValidationReport, apply_order, sourced_values,
    };
}

#[cfg(feature = "__fuzzing")]
#[doc(hidden)]
pub mod fuzzing {
    //! What is read from the disk or imported, for the fuzzer: each function panics when what must hold does not.
    pub use crate::backend::fuzz_export as export;
    #[cfg(feature = "sled")]
    pub use crate::backend::fuzz_frame as frame;
    pub use crate::delta::fuzz_delta as delta;
    pub use crate::engine::fuzz_record as record;
}

pub use backend::Revision;
pub use diagnostic::Diagnostic;
pub use engine::{
    ChangeType, Collection, Comparison, Cursor, GetOptions, History, HistoryOptions, List, ListOptions, Patch,
    PendingWrite, Resource, ResourceChange, Retention, Store, StoreBuilder, Transaction, Version, Watch, WatchEvent,
    WatchFrom, WatchOptions, Write, WriteOptions, WriteOutcome,
};
pub use error::{Error, OpenError, Result};
pub use json::Json;
pub use manifest::Document;
pub use object::{JsonText, Metadata, Object, ResourceId, StringMap, Timestamp};
pub use registry::Registry;
pub use rules::selector::Selector;
pub use rules::validate::FieldValidation;
pub use rules::version::{ETag, Expected};

/// The README's example, run as a test.
#[cfg(all(doctest, feature = "sled"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The example of the guide to adding a kind, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../docs/kinds.md")]
struct Kinds;

/// The guide's example, run as a test.
#[cfg(all(doctest, feature = "sled"))]
#[doc = include_str!("../../docs/embedding.md")]
struct Embedding;
