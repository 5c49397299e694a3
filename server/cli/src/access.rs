//! The interface of the commands to a store, whether it is behind a server or in a folder.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use kindstore::manifest::Format;
use kindstore::{FieldValidation, History, Object, Version};

use super::failure::{Failure, Problem, Result};
use super::kind::{Kind, Kinds};
use super::selector::Selection;

/// The way to a store. Both ways give the same answers.
pub(crate) trait Access {
    /// Which kinds there are.
    fn kinds(&self) -> Result<Kinds>;

    /// One resource.
    fn get(&self, reference: &Reference, look: Look) -> Result<Object>;

    /// Lists the resources of a collection, in the order of their creation.
    fn list(&self, collection: &Collection, selection: &Selection) -> Result<Vec<Object>>;

    /// The versions of a resource that are kept, the newest first: all, or so many.
    fn versions(&self, reference: &Reference, limit: Option<usize>) -> Result<History>;

    /// One version of a resource.
    fn version(&self, reference: &Reference, number: u64) -> Result<Version>;

    /// Reports changes as they come, until the listener breaks; in a folder, until there are no more.
    fn watch(&self, watching: &Watching, report: &mut Listener<'_>) -> Result<()>;

    /// Changes one resource. A document that breaks the rules is refused with every problem and its pointer.
    fn write(&self, write: &Write<'_>) -> Result<WriteOutcome>;

    /// Does all these writes in a namespace, or none of them. The pointers of problems begin at the operation.
    fn commit(&self, namespace: &str, writes: &[Write<'_>], is_dry_run: bool) -> Result<Vec<Committed>>;
}

/// The options of a read; by default the current resource.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Asks for its secrets too.
    pub(crate) reveal: bool,
    /// As it was at this revision of the store.
    pub(crate) revision: Option<u64>,
}

/// A kind within a namespace.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    pub(crate) kind: Arc<Kind>,
    /// None for kinds that live in no namespace.
    pub(crate) namespace: Option<String>,
}

impl Collection {
    /// Returns the collection of a kind. A kind that lives in no namespace ignores the one that is given.
    pub(crate) fn of(kind: &Arc<Kind>, namespace: &str) -> Self {
        Self { kind: Arc::clone(kind), namespace: kind.is_namespaced.then(|| namespace.to_owned()) }
    }
}

/// One resource by its address.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) kind: Arc<Kind>,
    /// None for kinds that live in no namespace.
    pub(crate) namespace: Option<String>,
    /// The name or id; empty for the only one of its kind.
    pub(crate) key: String,
}

/// `deployment/clicks`, as the command line takes it too.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.singular)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, "/{}", self.key) }
    }
}

impl Reference {
    /// The address of a resource that was read.
    pub(crate) fn of(kind: &Arc<Kind>, object: &Object) -> Self {
        let key = match &object.metadata.name {
            Some(name) if kind.key == kindstore::kind::KeyScheme::Name => name.clone(),
            _ if kind.is_singleton() => String::new(),
            _ => object.metadata.id.to_string(),
        };
        Self { kind: Arc::clone(kind), namespace: object.metadata.namespace.clone(), key }
    }
}

/// The type of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Upsert,
    Patch,
    JsonPatch,
    Delete,
    /// Back to this version.
    Rollback(u64),
    Undelete,
}

/// A document as text, which is sent as it was written: `1.10` must reach the store as such.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) format: Format,
}

impl Text {
    /// A value as text.
    pub(crate) fn json(value: &kindstore::Json) -> Self {
        Self { text: value.to_text(), format: Format::Json }
    }

    pub(crate) fn none() -> Self {
        Self { text: String::new(), format: Format::Json }
    }
}

/// One write.
#[derive(Clone, Debug)]
pub(crate) struct Write<'a> {
    pub(crate) action: Action,
    pub(crate) reference: &'a Reference,
    pub(crate) text: Text,
    pub(crate) options: Options,
}

/// The options of a write.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// The version that must be there.
    pub(crate) expected: Option<u64>,
    /// Runs every step but the last, and stores nothing.
    pub(crate) is_dry_run: bool,
    /// How members that the kind does not know are treated.
    pub(crate) fields: FieldValidation,
}

/// The outcome of a write.
#[derive(Clone, Debug)]
pub(crate) struct WriteOutcome {
    /// The resource as it is now; after a delete, as it was last.
    pub(crate) object: Object,
    /// Whether there was none before.
    pub(crate) was_created: bool,
    /// Whether anything was stored; never in a dry run.
    pub(crate) was_stored: bool,
    /// The remarks about a document that was accepted.
    pub(crate) warnings: Vec<Problem>,
}

/// The outcome of one write of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    pub(crate) written: WriteOutcome,
    /// Whether anything differs from before, or would after a dry run.
    pub(crate) was_changed: bool,
}

/// The resources that a watch reports, and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Watching {
    pub(crate) collection: Collection,
    /// The name or id of the only one; empty for all.
    pub(crate) key: String,
    pub(crate) selection: Selection,
    pub(crate) from: From,
}

/// The place where a watch begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Now,
    List,
    After(String),
}

/// An event of a watch.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// `ADDED`, `MODIFIED`, `DELETED` or `BOOKMARK`.
    pub(crate) word: &'static str,
    /// Where to go on.
    pub(crate) cursor: String,
    pub(crate) object: Option<Object>,
}

/// Takes an event, and decides whether to go on.
pub(crate) type Listener<'a> = dyn FnMut(&Event) -> Result<ControlFlow<()>> + 'a;

/// Reads where a watch begins.
pub(crate) fn from(text: &str) -> std::result::Result<From, String> {
    match text {
        "now" => Ok(From::Now),
        "list" => Ok(From::List),
        cursor => match cursor.parse::<kindstore::Cursor>() {
            // Read here only to refuse a typing error before a server is asked, which reads it itself.
            Ok(_) => Ok(From::After(cursor.to_owned())),
            Err(error) => Err(format!("{error}, nor `now` or `list`")),
        },
    }
}

/// Returns the failure for a write that no transaction does.
pub(crate) fn alone() -> Failure {
    Failure::refused("a rollback or an undeletion is no part of a transaction")
}
