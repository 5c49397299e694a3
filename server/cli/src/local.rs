//! The way to a store in a folder, in this process.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use kindstore::backend::{SledBackend, SledOptions};
use kindstore::manifest::Limits;
use kindstore::store::Operation;
use kindstore::store::{CheckReport, SelectorError};
use kindstore::{ETag, Json, Store, StoreBuilder, Version, WriteOptions};
use kindstore::{
    Expected, GetOptions, History, HistoryOptions, ListOptions, Object, OpenError, Patch, WatchEvent, WatchFrom,
    WatchOptions,
};
use kindstore_server::StoreAddress;

use super::access::{
    Access, Action, Collection, Committed, Event, From, Listener, Look, Options, Reference, Text, Watching, Write,
    WriteOutcome, alone,
};
use super::failure::{Failure, Problem, Result};
use super::kind::{Kind, Kinds};
use super::selector::Selection;

/// The files that stay in a folder when the making of a store is cut short.
const REST: [&str; 2] = ["kindstore.lock", "kindstore.marker.new"];

/// A store that this process has open.
pub(crate) struct Local {
    store: Store,
}

/// How a store is opened.
pub(crate) struct Opening {
    pub(crate) address: StoreAddress,
    pub(crate) plain_secrets: bool,
    /// Whether a folder that is not there is made; a command that only reads must not make one for a typing error.
    pub(crate) may_create: bool,
}

impl Local {
    /// The options of a list that these selectors make.
    fn selected(&self, kind: &Kind, selection: &Selection) -> Result<ListOptions> {
        let wrong = |error: SelectorError| Failure::usage(error.to_string());
        let kind = self.store.registry().require(&kind.name)?;
        ListOptions::selecting(kind, selection.labels(), selection.fields()).map_err(wrong)
    }

    pub(crate) fn open(opening: &Opening) -> Result<Self> {
        // Only the server of the store and `compact` remove old versions: a command for something else must not.
        Ok(Self { store: builder(opening)?.background(false).open()? })
    }

    /// A store in memory that has these namespaces and global defaults, to try documents in.
    pub(crate) fn scratch(namespaces: &BTreeSet<String>, defaults: Vec<(String, Json)>) -> Result<Self> {
        let builder = Store::builder().plain_secrets(true).background(false);
        let builder =
            defaults.into_iter().fold(builder, |builder, (kind, document)| builder.global_defaults(&kind, document));
        let store = builder.open()?;
        let kind = store.kind(&store.registry().namespace().name)?;
        for name in namespaces {
            // A name that is refused is refused in the document of the namespace; what goes to it finds none.
            let _ = kind.create(serde_json::json!({"metadata": {"name": name}})).wait();
        }
        Ok(Self { store })
    }

    /// Whether the store has this kind.
    pub(crate) fn knows(&self, kind: &Kind) -> bool {
        self.store.registry().find(&kind.name).is_some()
    }
}

/// Reads all that is stored, and reports damage.
pub(crate) fn check(opening: &Opening) -> Result<CheckReport> {
    Ok(builder(opening)?.check()?)
}

/// A store that is put together and not open yet; its folder is.
fn builder(opening: &Opening) -> Result<StoreBuilder> {
    let builder = Store::builder().plain_secrets(opening.plain_secrets);
    let StoreAddress::Sled(folder) = &opening.address else { return Ok(builder) };
    Ok(builder.backend(backend(opening, folder)?))
}

/// The files of a store, open.
pub(crate) fn backend(opening: &Opening, folder: &Path) -> Result<Arc<SledBackend>> {
    // A typing error in a path must not create an empty store.
    if !opening.may_create && holds_nothing(folder) {
        return Err(Failure::new("NotFound", format!("there is no store in {}", folder.display()))
            .hint("`kindstore apply` and `kindstore create` make one"));
    }
    Ok(Arc::new(SledBackend::open(folder, SledOptions::default()).map_err(|error| explained(error, folder))?))
}

/// Whether a folder is missing, or has nothing in it but what is left of a store that was not made: opening it would make a
/// new store. One with other files is refused when it is opened.
pub(crate) fn holds_nothing(folder: &Path) -> bool {
    let is_rest = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| REST.iter().any(|name| entry.file_name() == *name))
    };
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.all(is_rest),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

/// Says more about a folder that cannot be opened, where more can be said.
pub(crate) fn explained(error: kindstore::Error, folder: &Path) -> Failure {
    let hint = match &error {
        kindstore::Error::Open(OpenError::InUse { .. }) => {
            Some("if that is a server, talk to it: --server http://HOST:PORT".to_owned())
        }
        kindstore::Error::Open(OpenError::Foreign { .. }) if folder.join("store/kindstore.marker").exists() => {
            Some(format!("its store is in --store sled:{}", folder.join("store").display()))
        }
        _ => None,
    };
    let failure = Failure::from(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

impl Access for Local {
    fn kinds(&self) -> Result<Kinds> {
        Ok(Kinds::new(self.store.registry().kinds().iter().map(|kind| Kind::from(&**kind))))
    }

    fn get(&self, reference: &Reference, look: Look) -> Result<Object> {
        let namespace = reference.namespace.as_deref();
        let options = GetOptions::default().reveal(look.reveal).revision(look.revision);
        Ok(self.store.collection(&reference.kind.name, namespace)?.get_with(&reference.key, options)?)
    }

    fn list(&self, collection: &Collection, selection: &Selection) -> Result<Vec<Object>> {
        let Collection { kind, namespace } = collection;
        let options = self.selected(kind, selection)?.revision(selection.revision());
        Ok(self.store.collection(&kind.name, namespace.as_deref())?.list_with(options)?.items)
    }

    fn versions(&self, reference: &Reference, limit: Option<usize>) -> Result<History> {
        let Reference { kind, namespace, key } = reference;
        let options = HistoryOptions::default().limit(limit);
        Ok(self.store.collection(&kind.name, namespace.as_deref())?.history_with(key, options)?)
    }

    fn version(&self, reference: &Reference, number: u64) -> Result<Version> {
        let Reference { kind, namespace, key } = reference;
        Ok(self.store.collection(&kind.name, namespace.as_deref())?.version(key, number)?)
    }

    /// Reports the changes until now: nothing else writes to a folder while it is open, so that the watch ends.
    fn watch(&self, watching: &Watching, report: &mut Listener<'_>) -> Result<()> {
        let Watching { collection: Collection { kind, namespace }, key, selection, from } = watching;
        let selected = self.selected(kind, selection)?;
        let from = match from {
            From::Now => WatchFrom::Now,
            From::List => WatchFrom::List,
            From::After(cursor) => WatchFrom::After(cursor.parse().map_err(|_| Failure::usage("invalid cursor"))?),
        };
        let key = Some(key.clone()).filter(|key| !key.is_empty());
        let options = WatchOptions::default().from(from).key(key).labels(selected.labels).fields(selected.fields);
        let mut watch = self.store.collection(&kind.name, namespace.as_deref())?.watch_with(options)?;
        while let Some(event) = watch.try_next()? {
            let cursor = event.cursor().to_string();
            let event = match event {
                WatchEvent::Bookmark(_) => Event { word: "BOOKMARK", cursor, object: None },
                WatchEvent::Change(change) => {
                    Event { word: change.change_type.word(), cursor, object: Some(change.object().clone()) }
                }
            };
            if report(&event)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, write: &Write<'_>) -> Result<WriteOutcome> {
        let Reference { kind, namespace, key } = write.reference;
        let (kind, namespace) = (kind.name.as_str(), namespace.as_deref());
        let collection = self.store.collection(kind, namespace)?;
        let pending = match write.action {
            Action::Create => collection.create(document(&write.text)?),
            Action::Upsert => collection.upsert(key, document(&write.text)?),
            Action::Patch => collection.patch(key, document(&write.text)?),
            Action::JsonPatch => collection.patch(key, Patch::Json(document(&write.text)?)),
            Action::Delete => collection.delete(key),
            Action::Rollback(version) => collection.rollback(key, version),
            Action::Undelete => collection.undelete(key),
        };
        Ok(outcome(pending.options(options(write.options)).wait()?))
    }

    fn commit(&self, namespace: &str, writes: &[Write<'_>], is_dry_run: bool) -> Result<Vec<Committed>> {
        let operations = writes.iter().map(operation).collect::<Result<Vec<_>>>()?;
        let written = self.store.transaction(namespace).operations(operations).dry_run(is_dry_run).wait()?;
        let committed =
            |written: kindstore::WriteOutcome| Committed { was_changed: written.changed, written: outcome(written) };
        Ok(written.into_iter().map(committed).collect())
    }
}

fn operation(write: &Write<'_>) -> Result<Operation> {
    let Reference { kind, key, .. } = write.reference;
    let kind = kind.name.as_str();
    let operation = match write.action {
        Action::Create => Operation::create(kind, document(&write.text)?),
        Action::Upsert => Operation::upsert(kind, key, document(&write.text)?),
        Action::Patch => Operation::patch(kind, key, document(&write.text)?),
        Action::JsonPatch => Operation::patch(kind, key, Patch::Json(document(&write.text)?)),
        Action::Delete => Operation::delete(kind, key),
        Action::Rollback(_) | Action::Undelete => return Err(alone()),
    };
    Ok(operation.options(options(write.options)))
}

fn options(options: Options) -> WriteOptions {
    WriteOptions::default()
        .expected(options.expected.map(|version| Expected::OneOf(vec![ETag { id: None, version }])))
        .dry_run(options.is_dry_run)
        .field_validation(options.fields)
}

fn outcome(written: kindstore::WriteOutcome) -> WriteOutcome {
    WriteOutcome {
        was_created: written.created,
        was_stored: written.revision.is_some(),
        warnings: written.warnings.iter().map(Problem::from).collect(),
        object: written.object,
    }
}

/// Reads a text as a server would.
fn document(text: &Text) -> Result<kindstore::Document> {
    kindstore::manifest::read(text.text.as_bytes(), text.format, &Limits::default())
        .map_err(|error| Failure::new("BadRequest", error.to_string()))
}
