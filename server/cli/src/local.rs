//! The way to a store in a folder, in this process.

use std::path::Path;
use std::sync::Arc;

use kindstore::{
    CheckReport, CommitOperation, CommitOptions, Expected, GetOptions, History, HistoryOptions, Limits, ListOptions,
    Object, OpenError, Patch, SelectorError, SledBackend, SledOptions, WatchEvent, WatchFrom, WatchOptions,
};
use kindstore::{CompactionReport, ETag, Retention, Store, StoreBuilder, Version, WriteOptions};
use kindstore_server::{RetentionArguments, StoreAddress};

use super::access::{
    Access, Action, Collection, Committed, Event, From, Listener, Look, Options, Reference, Text, Watching, Write,
    WriteOutcome, alone,
};
use super::failure::{Failure, Problem, Result};
use super::kind::{Kind, Kinds};
use super::selector::Selection;

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
        Ok(Self { store: builder(opening)?.retention(Retention::forever()).open()? })
    }
}

/// The result of compacting a store.
pub(crate) struct Compacted {
    /// How many old versions were removed.
    pub(crate) removed: u64,
    /// How many bytes the files had and have.
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Removes versions beyond the limits, and rewrites the files.
pub(crate) fn compact(
    opening: &Opening,
    retention: RetentionArguments,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Compacted> {
    let StoreAddress::Sled(folder) = &opening.address else {
        return Err(Failure::usage("a store in memory has no files"));
    };
    let kept = retention.keep_revisions.unwrap_or(0);
    let store = builder(opening)?.retention(retention.retention()).open()?;
    let removed = store.compact(kept)?.removed;
    // The files are replaced as a whole, which nothing else may have open.
    drop(store);
    let rewritten = SledBackend::rewrite(folder, &SledOptions::default(), |at| progress(at.written, at.total));
    let CompactionReport { before, after } = rewritten.map_err(|error| explained(error, folder))?;
    Ok(Compacted { removed, before, after })
}

/// Reads all that is stored, and reports damage.
pub(crate) fn check(opening: &Opening) -> Result<CheckReport> {
    Ok(builder(opening)?.check()?)
}

/// A store that is put together and not open yet; its folder is.
fn builder(opening: &Opening) -> Result<StoreBuilder> {
    let builder = Store::builder().plain_secrets(opening.plain_secrets);
    let StoreAddress::Sled(folder) = &opening.address else { return Ok(builder) };
    // A typing error in a path must not create an empty store.
    if !opening.may_create && !folder.exists() {
        return Err(Failure::new("NotFound", format!("there is no store in {}", folder.display()))
            .hint("`kindstore apply` and `kindstore create` make one"));
    }
    let backend = SledBackend::open(folder, SledOptions::default()).map_err(|error| explained(error, folder))?;
    Ok(builder.backend(Arc::new(backend)))
}

/// Says more about a folder that cannot be opened, where more can be said.
fn explained(error: kindstore::Error, folder: &Path) -> Failure {
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
        let options = GetOptions { reveal: look.reveal, revision: look.revision };
        Ok(self.store.get(&reference.kind.name, namespace, &reference.key, options)?)
    }

    fn list(&self, collection: &Collection, selection: &Selection) -> Result<Vec<Object>> {
        let Collection { kind, namespace } = collection;
        let options = ListOptions { revision: selection.revision(), ..self.selected(kind, selection)? };
        Ok(self.store.list(&kind.name, namespace.as_deref(), options)?.items)
    }

    fn versions(&self, reference: &Reference, limit: Option<usize>) -> Result<History> {
        let Reference { kind, namespace, key } = reference;
        let options = HistoryOptions { limit, ..HistoryOptions::default() };
        Ok(self.store.history(&kind.name, namespace.as_deref(), key, options)?)
    }

    fn version(&self, reference: &Reference, number: u64) -> Result<Version> {
        let Reference { kind, namespace, key } = reference;
        Ok(self.store.version(&kind.name, namespace.as_deref(), key, number)?)
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
        let options = WatchOptions { from, key, labels: selected.labels, fields: selected.fields };
        let mut watch = self.store.watch(&kind.name, namespace.as_deref(), options)?;
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
        let options = options(write.options);
        let written = match write.action {
            Action::Create => self.store.create(kind, namespace, document(&write.text)?, options),
            Action::Upsert => self.store.upsert(kind, namespace, key, document(&write.text)?, options),
            Action::Patch => self.store.patch(kind, namespace, key, document(&write.text)?, options),
            Action::JsonPatch => self.store.patch(kind, namespace, key, Patch::Json(document(&write.text)?), options),
            Action::Delete => self.store.delete(kind, namespace, key, options),
            Action::Rollback(version) => self.store.rollback(kind, namespace, key, version, options),
            Action::Undelete => self.store.undelete(kind, namespace, key, options),
        };
        Ok(outcome(written.wait()?))
    }

    fn commit(&self, namespace: &str, writes: &[Write<'_>], is_dry_run: bool) -> Result<Vec<Committed>> {
        let operations = writes.iter().map(operation).collect::<Result<Vec<_>>>()?;
        let written = self.store.commit(namespace, operations, CommitOptions { dry_run: is_dry_run }).wait()?;
        let committed =
            |written: kindstore::WriteOutcome| Committed { was_changed: written.changed, written: outcome(written) };
        Ok(written.into_iter().map(committed).collect())
    }
}

fn operation(write: &Write<'_>) -> Result<CommitOperation> {
    let Reference { kind, key, .. } = write.reference;
    let kind = kind.name.as_str();
    let operation = match write.action {
        Action::Create => CommitOperation::create(kind, document(&write.text)?),
        Action::Upsert => CommitOperation::upsert(kind, key, document(&write.text)?),
        Action::Patch => CommitOperation::patch(kind, key, document(&write.text)?),
        Action::JsonPatch => CommitOperation::patch(kind, key, Patch::Json(document(&write.text)?)),
        Action::Delete => CommitOperation::delete(kind, key),
        Action::Rollback(_) | Action::Undelete => return Err(alone()),
    };
    Ok(operation.with(options(write.options)))
}

fn options(options: Options) -> WriteOptions {
    WriteOptions {
        // By the version alone, as over a server: a resource that was deleted and created anew may have the same number.
        expected: options.expected.map(|version| Expected::OneOf(vec![ETag { id: None, version }])),
        dry_run: options.is_dry_run,
        without_defaults: false,
        field_validation: options.fields,
    }
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
    kindstore::read(text.text.as_bytes(), text.format, &Limits::default())
        .map_err(|error| Failure::new("BadRequest", error.to_string()))
}
