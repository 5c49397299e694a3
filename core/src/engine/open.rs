//! Opening a store: creates the resources that exist from the start, and finishes the work that a crash interrupted.

mod reindex;
mod tombstones;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use self::reindex::reindex;
#[cfg(not(target_family = "wasm"))]
pub(crate) use self::tombstones::TombstoneNaming;
use super::read::View;
use super::write::{Change, PendingWrite, Request, SingleWrite, WriteOptions, WriteOutcome, Writer};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::rules::envelope::Caller;

/// Prepares a store for its users.
///
/// # Errors
/// Those of the backend. Interrupted work that cannot be finished now is logged and left to the worker, or to the next opening:
/// the rest of the store must stay readable.
pub(crate) fn prepare(writer: &Arc<Writer>) -> Result<()> {
    let namespaces = Arc::clone(writer.reader.registry.namespace());
    for name in &namespaces.from_the_start {
        // Looked for first: a store that takes no writes any more must still open for reading.
        if writer.reader.find_name(writer.reader.namespaces(), name, View::Durable)?.is_none() {
            let document = Json::from(serde_json::json!({"metadata": {"name": name}}));
            match write(writer, None, Change::Create(document.into())) {
                // Another one that opens the same store was first.
                Ok(_) | Err(Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    match bring_up_to_date(writer) {
        Err(Error::Unavailable { why }) => {
            tracing::error!(why, "the store is not up to date, and takes no writes until it is")
        }
        result => result?,
    }
    // Without threads all of it is done here: such a store is in memory, and small.
    #[cfg(target_family = "wasm")]
    tombstones::name_all(writer.backend(), || false)?;
    finish_deletions(writer)
}

/// Does what was left for want of space, and finishes deletions that were begun.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn catch_up(writer: &Arc<Writer>) -> Result<()> {
    if writer.is_outdated.load(Ordering::Relaxed) {
        bring_up_to_date(writer)?;
    }
    if writer.unfinished.load(Ordering::Relaxed) { finish_deletions(writer) } else { Ok(()) }
}

/// Brings stored references up to the definitions. Before any deletion is finished: a cascade finds dependents by them.
fn bring_up_to_date(writer: &Arc<Writer>) -> Result<()> {
    let result = tombstones::few(writer.backend()).and_then(|batch| reindex(writer, batch));
    writer.is_outdated.store(result.is_err(), Ordering::Relaxed);
    result
}

/// Finishes the deletions that were begun. Those that cannot be finished now are logged and left for later.
fn finish_deletions(writer: &Arc<Writer>) -> Result<()> {
    if writer.is_outdated.load(Ordering::Relaxed) {
        writer.unfinished.store(true, Ordering::Relaxed);
        return Ok(());
    }
    // First: what is left by others meanwhile must not be lost.
    writer.unfinished.store(false, Ordering::Relaxed);
    let mut is_any_left = false;
    if let Err(error) = writer.finish_cascades() {
        is_any_left = true;
        tracing::error!(%error, "the dependents of deleted resources could not be deleted");
    }
    for name in writer.unfinished_namespaces()? {
        match write(writer, Some(name.clone()), Change::Delete) {
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(error) => {
                is_any_left = true;
                tracing::error!(namespace = name, %error, "a namespace could not be emptied");
            }
        }
    }
    writer.unfinished.fetch_or(is_any_left, Ordering::Relaxed);
    Ok(())
}

/// Writes a namespace as the system.
fn write(writer: &Arc<Writer>, key: Option<String>, change: Change) -> Result<WriteOutcome> {
    let kind = Arc::clone(writer.reader.registry.namespace());
    let request =
        Request { kind, namespace: None, key, change, caller: Caller::System, options: WriteOptions::default() };
    PendingWrite::submit(Box::new(SingleWrite::new(Arc::clone(writer), request))).wait()
}
