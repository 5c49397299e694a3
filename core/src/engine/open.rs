//! Opening a store: creates the resources that exist from the start, and finishes the work that a crash interrupted.

mod reindex;
mod tombstones;

use std::sync::Arc;

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
/// Those of the backend. Interrupted work that cannot be finished now is logged and left to the next opening: the rest of
/// the store must stay readable.
pub(crate) fn prepare(writer: &Arc<Writer>) -> Result<()> {
    let namespaces = Arc::clone(writer.reader.registry.namespace());
    for name in &namespaces.from_the_start {
        // Looked for first: a store that takes no writes any more must still open for reading.
        if writer.reader.find_name(writer.reader.namespaces(), name, View::Durable)?.is_none() {
            let document = Json::from(serde_json::json!({"metadata": {"name": name}}));
            write(writer, None, Change::Create(document.into()))?;
        }
    }
    // Before any deletion is finished: a cascade finds dependents by the keys that this brings up to date.
    reindex(writer, tombstones::few(writer.backend())?)?;
    // Without threads all of it is done here: such a store is in memory, and small.
    #[cfg(target_family = "wasm")]
    tombstones::name_all(writer.backend(), || false)?;
    if let Err(error) = writer.finish_cascades() {
        tracing::error!(%error, "the dependents of deleted resources could not be deleted");
    }
    for name in writer.unfinished_namespaces()? {
        match write(writer, Some(name.clone()), Change::Delete) {
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(error) => tracing::error!(namespace = name, %error, "a namespace could not be emptied"),
        }
    }
    Ok(())
}

/// Writes a namespace as the system.
fn write(writer: &Arc<Writer>, key: Option<String>, change: Change) -> Result<WriteOutcome> {
    let kind = Arc::clone(writer.reader.registry.namespace());
    let request =
        Request { kind, namespace: None, key, change, caller: Caller::System, options: WriteOptions::default() };
    PendingWrite::submit(Box::new(SingleWrite::new(Arc::clone(writer), request))).wait()
}
