//! A store for declarative resources: `kind`, `apiVersion`, `metadata`, `spec`, `status`.
//!
//! Resources live in namespaces, have ids and names, are replaced whole or changed by merge patches, and carry a version
//! that rises with each change. Kinds are data: a definition says how the resources of a kind are named, addressed,
//! checked and guarded. The store lives in a folder on disk or in memory, and an acknowledged write is on disk.
//!
//! ```
//! use kindstore::{Error, GetOptions, ListOptions, Store, WriteOptions};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Error> {
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let folder = folder.path().join("store");
//! let store = Store::open(&folder)?;
//! let namespace = Some("default");
//!
//! let target = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {"namespace": "flink"}}});
//! store.create("DeploymentTarget", namespace, target, WriteOptions::default()).wait()?;
//!
//! let deployment = kindstore::read(b"
//! metadata:
//!   name: clicks
//! spec:
//!   deploymentTargetName: jobs
//!   template:
//!     spec:
//!       artifact: {kind: JAR, jarUri: 's3://apps/clicks.jar', flinkVersion: 1.20}
//!       flinkConfiguration: {foo: bar}
//! ", kindstore::Format::Yaml, &kindstore::Limits::default())?;
//! let written = store.create("Deployment", namespace, deployment, WriteOptions::default()).wait()?;
//! assert_eq!(written.object.metadata.resource_version, 1);
//!
//! // A merge patch (RFC 7386): null removes.
//! let patch = json!({"spec": {"template": {"spec": {"flinkConfiguration": {"foo": null, "bar": "baz"}}}}});
//! let written = store.patch("Deployment", namespace, "clicks", patch, WriteOptions::default()).wait()?;
//! assert_eq!(written.object.metadata.resource_version, 2);
//!
//! let clicks = store.get("Deployment", namespace, "clicks", GetOptions::default())?;
//! assert_eq!(clicks.spec_value().at("/template/spec/artifact/flinkVersion"), Some(&"1.20".into()));
//! assert_eq!(store.list("Deployment", namespace, ListOptions::default())?.items, [clicks]);
//!
//! store.delete("Deployment", namespace, "clicks", WriteOptions::default()).wait()?;
//! let gone = store.get("Deployment", namespace, "clicks", GetOptions::default());
//! assert!(matches!(gone, Err(Error::NotFound { .. })));
//! # Ok(())
//! # }
//! ```
//!
//! A [`Store`] is a handle that can be cloned and used from many threads. Reads return at once; writes answer a
//! [`Write`], which a thread waits on and a task awaits. No async runtime is needed, and any will do.
//!
//! Without the default feature `sled` the crate keeps stores in memory only, and uses no files and no threads.

// The modules in reading order: values, kinds, rules, what editors ask for, engine, backends.
mod checksum;
mod diagnostic;
mod error;
mod json;
mod object;

mod kind;
mod manifest;
mod registry;

mod rules;

mod assist;
mod validator;

mod engine;

mod backend;

pub use assist::{Category, CompletionItem, Completions, Hover, complete, hover};
#[cfg(any(test, feature = "conformance"))]
#[doc(hidden)]
pub use backend::conformance;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing {
    //! What is read from the disk or imported, for the fuzzer: each function panics when what must hold does not.
    pub use crate::backend::fuzz_export as export;
    #[cfg(feature = "sled")]
    pub use crate::backend::fuzz_frame as frame;
    pub use crate::engine::fuzz_record as record;
}
pub use backend::{
    Backend, Batch, Change, CommitError, Completion, FIRST_KEY_BYTE, Key, MAX_BATCH, MAX_KEY, MAX_PAGE, MemoryBackend,
    Operation, Page, Precondition, Revision, RevisionListener, RevisionNotifier, Scan, Versioned,
};
#[cfg(feature = "sled")]
pub use backend::{CompactionProgress, CompactionReport, Disk, SledBackend, SledOptions, SystemDisk};
pub use diagnostic::{Code, Diagnostic, Position, Severity, Span, attribute};
pub use engine::{
    ChangeType, CheckReport, Clock, Collection, CommitOperation, CommitOptions, Compaction, Comparison, ContinueToken,
    Cursor, Flaw, GetOptions, History, HistoryOptions, HistoryPage, HistoryQuery, HistoryToken, IdSource, Items, List,
    ListOptions, ListQuery, MAX_COMMIT, ParseCursorError, Patch, PendingWrite, Resource, ResourceChange, Retention,
    SimulateError, SimulateOptions, Store, StoreBuilder, System, Transaction, Version, Watch, WatchEvent, WatchFrom,
    WatchOptions, WatchQuery, Write, WriteOptions, WriteOutcome, simulate_patch,
};
pub use error::{Error, OpenError, Result};
pub use json::{Json, Members, Number};
pub use kind::{
    Additional, Changeable, DefaultExclusion, Discriminator, Flat, Guard, HistoryLimits, Initial, JsonType, KeyScheme,
    Kind, Manager, Naming, OnDelete, Pattern, Properties, Reference, ReferenceKey, Schema, SchemaDialect, Scope,
    StringFormat, Verb,
};
pub use manifest::{
    Document, Format, Limits, Place, ReadError, Tree, locate, read, read_all, read_any, to_yaml, write_json, write_yaml,
};
#[cfg(feature = "format")]
pub use manifest::{FormatError, format};
pub use object::{JsonText, Metadata, Object, ParseIdError, ResourceId, StringMap, Timestamp};
pub use registry::Registry;
pub use rules::difference::{Difference, difference};
pub use rules::effective::{EffectiveValue, Origin, effective_values};
pub use rules::json_patch::{json_patch, json_patch_between};
pub use rules::patch::{merge_patch, merge_patch_between};
pub use rules::selector::{Selector, SelectorError};
pub use rules::shape::to_document;
pub use rules::suggestion::suggestion;
pub use rules::validate::{FieldValidation, validate};
pub use rules::version::{ETag, Expected, ParseETagError};
pub use validator::{ManifestDocument, ManifestValidator, SourcedValue, ValidationReport, sourced_values};

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
