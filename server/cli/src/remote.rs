//! The way to a store behind a server, by the Rust client.

use std::future::IntoFuture;
use std::time::Duration;

use kindstore::{ChangeType, History, Object, Version};
use kindstore_client::call::{InNamespace, Request, Writes};
use kindstore_client::{Call, Client, Error, Operation, Retry, Validation, Written};
use tokio::runtime::Runtime;

use super::access::{
    Access, Action, Collection, Committed, Event, From, Listener, Look, Reference, Watching, Write, WriteOutcome,
};
use super::failure::{Failure, Result};
use super::kind::{Kind, Kinds};
use super::message::{self, checking, expecting};
use super::selector::Selection;

/// The most bytes that the documents of a transaction have together; the rest of the message is small.
// The server accepts messages of 16 MiB. Checked here, the limit has a name; the transport would only break off.
const MAX_DOCUMENTS: usize = 15 << 20;

/// A connection to a server.
pub(crate) struct Remote {
    runtime: Runtime,
    client: Client,
    timeout: Duration,
}

impl Remote {
    /// Connects to `http://HOST:PORT`.
    pub(crate) fn connect(server: &str, timeout: Duration) -> Result<Self> {
        let address = address(server)?;
        // One thread is enough: a command makes one call at a time.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // A person who waits sees each failure at once; only a watch asks again.
        let retry = Retry { attempts: 1, ..Retry::default() };
        let connection = Client::builder(address).deadline(timeout).retry(retry).connect();
        let client = runtime.block_on(connection).map_err(|error| match error.is_unavailable() {
            true => Failure::new(error.reason(), error.message())
                .hint("start one with `kindstore serve`, or name another with --server, --context or --store"),
            false => invalid_server(server),
        })?;
        Ok(Self { runtime, client, timeout })
    }

    /// Waits for a call.
    fn call<R: Request>(&self, call: Call<R>) -> std::result::Result<R::Answer, Error> {
        self.runtime.block_on(call.into_future())
    }

    /// Waits for a call that only reads.
    fn read<R: Request>(&self, call: Call<R>) -> Result<R::Answer> {
        self.call(call).map_err(|error| message::failure(&error))
    }

    fn do_write(&self, write: &Write<'_>) -> std::result::Result<Written, Error> {
        let Write { action, reference, text, options } = write;
        let (client, kind, key, options) = (&self.client, &*reference.kind.name, &*reference.key, *options);
        let document = message::document(text);
        match *action {
            Action::Create => self.send(write, checking(client.create(kind, document), options)),
            Action::Upsert => {
                self.send(write, expecting(checking(client.upsert(kind, key, document), options), options))
            }
            Action::Patch => self.send(write, expecting(checking(client.patch(kind, key, document), options), options)),
            Action::JsonPatch => {
                self.send(write, expecting(checking(client.json_patch(kind, key, document), options), options))
            }
            Action::Delete => self.send(write, expecting(client.delete(kind, key), options)),
            Action::Rollback(version) => self.send(write, expecting(client.rollback(kind, key, version), options)),
            Action::Undelete => self.send(write, client.undelete(kind, key)),
        }
    }

    fn send<R>(&self, write: &Write<'_>, call: Call<R>) -> std::result::Result<Written, Error>
    where
        R: Request<Answer = Written> + InNamespace + Writes,
    {
        let call = call.namespace(write.reference.namespace.as_deref());
        self.call(if write.options.is_dry_run { call.dry_run() } else { call })
    }

    /// Returns the failure of a write with the places of its problems.
    // Only a validation has them as pointers, and all of them: the details of an error travel in headers, of which
    // clients take 8 KiB.
    fn failure<R: Request<Answer = Validation>>(&self, error: &Error, validate: Option<Call<R>>) -> Failure {
        let failure = message::failure(error);
        let validation = validate.filter(|_| error.is_invalid()).and_then(|validate| self.call(validate).ok());
        match validation {
            Some(found) if !found.problems.is_empty() => failure.problems(message::problems(found.problems)),
            _ => failure,
        }
    }
}

impl Access for Remote {
    fn kinds(&self) -> Result<Kinds> {
        Ok(Kinds::new(self.read(self.client.kinds())?.into_iter().map(Kind::from)))
    }

    fn get(&self, reference: &Reference, look: Look) -> Result<Object> {
        let call = self.client.get(&reference.kind.name, &reference.key).namespace(reference.namespace.as_deref());
        let call = if look.reveal { call.reveal() } else { call };
        message::object(&self.read(call.revision(look.revision.unwrap_or_default()))?)
    }

    fn list(&self, collection: &Collection, selection: &Selection) -> Result<Vec<Object>> {
        let Collection { kind, namespace } = collection;
        let call = self
            .client
            .list(&kind.name)
            .namespace(namespace.as_deref())
            .revision(selection.revision().unwrap_or_default());
        let call = call.label_selector(selection.labels()).field_selector(selection.fields());
        self.read(call)?.iter().map(message::object).collect()
    }

    fn versions(&self, reference: &Reference, limit: Option<usize>) -> Result<History> {
        let mut history = History { versions: Vec::new(), next: None, is_deleted: false };
        let mut token = String::new();
        loop {
            // 0 leaves the size of a page to the server.
            let left = limit.map_or(0, |limit| u32::try_from(limit - history.versions.len()).unwrap_or(0));
            let call = self.client.history_page(&reference.kind.name, &reference.key);
            let call = call.namespace(reference.namespace.as_deref()).page_size(left).page_token(token);
            let page = self.read(call)?;
            for version in &page.versions {
                history.versions.push(message::version(version)?);
            }
            history.is_deleted = page.deleted;
            match page.next_page_token {
                Some(next) if limit.is_none_or(|limit| history.versions.len() < limit) => token = next,
                _ => return Ok(history),
            }
        }
    }

    fn version(&self, reference: &Reference, number: u64) -> Result<Version> {
        let call = self.client.version(&reference.kind.name, &reference.key, number);
        message::version(&self.read(call.namespace(reference.namespace.as_deref()))?)
    }

    fn watch(&self, watching: &Watching, report: &mut Listener<'_>) -> Result<()> {
        let Watching { collection: Collection { kind, namespace }, key, selection, from } = watching;
        let call = self.client.watch(&kind.name).namespace(namespace.as_deref()).key(key).patience(self.timeout);
        let call = call.label_selector(selection.labels()).field_selector(selection.fields()).bookmarks();
        let call = match from {
            From::Now => call,
            From::List => call.list(),
            From::After(cursor) => call.cursor(cursor),
        };
        let failure = |error: Error| message::failure(&error);
        self.runtime.block_on(async {
            let mut watch = call.await.map_err(failure)?;
            loop {
                let event = watch.next().await.map_err(failure)?;
                let word = match event.change_type {
                    kindstore_client::ChangeType::Added => ChangeType::Added.word(),
                    kindstore_client::ChangeType::Modified => ChangeType::Modified.word(),
                    kindstore_client::ChangeType::Deleted => ChangeType::Deleted.word(),
                    _ => "BOOKMARK",
                };
                let object = event.resource.as_ref().map(message::object).transpose()?;
                if report(&Event { word, cursor: event.cursor, object })?.is_break() {
                    return Ok(());
                }
            }
        })
    }

    fn write(&self, write: &Write<'_>) -> Result<WriteOutcome> {
        // Made only for a failure: the same write once more, as a validation, tells where each problem is.
        let validate = || message::operation(write).ok().map(|operation| self.client.validate(operation));
        let namespace = write.reference.namespace.as_deref();
        let written = self.do_write(write);
        let Written { resource, created, revision, warnings, .. } =
            written.map_err(|error| self.failure(&error, validate().map(|call| call.namespace(namespace))))?;
        message::written(&resource, created, revision, warnings)
    }

    fn commit(&self, namespace: &str, writes: &[Write<'_>], is_dry_run: bool) -> Result<Vec<Committed>> {
        let bytes: usize = writes.iter().map(|write| write.text.text.len()).sum();
        if bytes > MAX_DOCUMENTS {
            let message = format!("the documents have {bytes} bytes, and a transaction may have {MAX_DOCUMENTS}");
            return Err(Failure::refused(message).hint("split it into several transactions"));
        }
        let operations = writes.iter().map(message::operation).collect::<Result<Vec<Operation>>>()?;
        let commit = self.client.commit(namespace, operations.clone());
        let committed = self.call(if is_dry_run { commit.dry_run() } else { commit });
        let committed = committed
            .map_err(|error| self.failure(&error, Some(self.client.validate_commit(namespace, operations))))?;
        let results = committed.results.into_iter().map(|one| {
            let was_changed = one.changed || one.deleted;
            // A transaction has one revision, also for the operations that changed nothing.
            let revision = if was_changed { committed.revision } else { 0 };
            let written = message::written(&one.resource, one.created, revision, one.warnings)?;
            Ok(Committed { written, was_changed })
        });
        results.collect()
    }
}

/// The address for the client. The scheme may be left out.
fn address(server: &str) -> Result<&str> {
    let server = server.trim_end_matches('/');
    match server.split_once("://") {
        None if !server.is_empty() => Ok(server),
        Some(("http", rest)) if !rest.is_empty() => Ok(server),
        _ => Err(invalid_server(server)),
    }
}

fn invalid_server(server: &str) -> Failure {
    Failure::usage(format!("invalid server {server:?}; use http://HOST:PORT such as http://127.0.0.1:8080"))
}
