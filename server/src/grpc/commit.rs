//! `Commit`: several writes as one, all or nothing.

use kindstore::store;
use kindstore::{Json, Registry, Store, Transaction, WriteOptions, WriteOutcome};
use kindstore_proto::v1;
use kindstore_proto::v1::commit_operation::Operation;
use prost::Message;
use tonic::Status;

use super::convert::{bad, diagnostics, document, key, options, patch, resource};
use super::{convert, refusal};
use crate::batch::{self, MAX_NODES};
use crate::shared::Shared;

/// Does what a request says.
// Validating many documents takes longer than a task may run without giving way to others.
pub(super) async fn answer(shared: &Shared, request: v1::CommitRequest) -> Result<v1::CommitResponse, Status> {
    let (store, wait) = (shared.store.clone(), shared.write_wait());
    let is_deleted: Vec<bool> =
        request.operations.iter().map(|one| matches!(one.operation, Some(Operation::Delete(_)))).collect();
    let size = request.encoded_len();
    reserve(size, &request).await?;
    let done = shared.turns.run(size, move || write(&store, request)?.wait_for(wait).map_err(refusal::status));
    let written = done.await.map_err(refusal::status)??;
    let revision = batch::revision(&written).unwrap_or(0);
    let results = written.iter().zip(is_deleted).map(|(written, deleted)| result(written, deleted)).collect();
    Ok(v1::CommitResponse { results, revision })
}

/// Checks a transaction that can be read as a whole.
pub(super) async fn judge(
    shared: &Shared,
    request: v1::CommitRequest,
) -> Result<kindstore::Result<Vec<WriteOutcome>>, Status> {
    let (store, wait) = (shared.store.clone(), shared.write_wait());
    let request = v1::CommitRequest { dry_run: true, ..request };
    let size = request.encoded_len();
    reserve(size, &request).await?;
    shared.turns.run(size, move || Ok(write(&store, request)?.wait_for(wait))).await.map_err(refusal::status)?
}

/// Reserves for the values of a transaction's documents.
async fn reserve(size: usize, request: &v1::CommitRequest) -> Result<(), Status> {
    let document = |operation: &v1::CommitOperation| match &operation.operation {
        Some(Operation::Create(write)) => convert::size(write.document.as_ref()),
        Some(Operation::Upsert(write)) => convert::size(write.document.as_ref()),
        Some(Operation::Patch(write)) => convert::size(write.patch.as_ref()),
        Some(Operation::Delete(_)) | None => 0,
    };
    let values = || request.operations.iter().map(document).sum();
    batch::reserve(size, values).await.map_err(refusal::of)
}

fn write(store: &Store, request: v1::CommitRequest) -> Result<Transaction, Status> {
    let operations = operations(store.registry(), &request.namespace, request.operations)?;
    Ok(store.transaction(&request.namespace).operations(operations).dry_run(request.dry_run))
}

fn operations(
    registry: &Registry,
    namespace: &str,
    messages: Vec<v1::CommitOperation>,
) -> Result<Vec<store::Operation>, Status> {
    batch::check_count(messages.len()).map_err(refusal::status)?;
    let (mut operations, mut nodes) = (Vec::with_capacity(messages.len()), 0);
    for (index, message) in messages.into_iter().enumerate() {
        let within = |status: Status| refusal::within(index, &status);
        let mut read = Reader { registry, namespace, nodes };
        operations.push(read.operation(message).map_err(within)?);
        nodes = read.nodes;
    }
    Ok(operations)
}

/// Reads operations, and counts the values of their documents.
struct Reader<'a> {
    registry: &'a Registry,
    namespace: &'a str,
    nodes: usize,
}

impl Reader<'_> {
    fn operation(&mut self, message: v1::CommitOperation) -> Result<store::Operation, Status> {
        let (operation, options) = match message.operation {
            Some(Operation::Create(write)) => {
                self.check_namespace(&write.namespace)?;
                let document = document(self.registry, &write.kind, write.document)?;
                self.count(&document.value)?;
                (store::Operation::create(&write.kind, document), write.options)
            }
            Some(Operation::Upsert(write)) => {
                self.check_namespace(&write.namespace)?;
                let document = document(self.registry, &write.kind, write.document)?;
                self.count(&document.value)?;
                (store::Operation::upsert(&write.kind, key(&write.key)?, document), write.options)
            }
            Some(Operation::Patch(mut write)) => {
                self.check_namespace(&write.namespace)?;
                let patch = patch(self.registry, &mut write)?;
                let (kindstore::Patch::Merge(document) | kindstore::Patch::Json(document)) = &patch;
                self.count(&document.value)?;
                (store::Operation::patch(&write.kind, &write.key, patch), write.options)
            }
            Some(Operation::Delete(write)) => {
                self.check_namespace(&write.namespace)?;
                (store::Operation::delete(&write.kind, &write.key), write.options)
            }
            None => return Err(bad("the operation is empty; name a write")),
        };
        let options: WriteOptions = self::options(options)?;
        Ok(operation.options(options))
    }

    fn check_namespace(&self, namespace: &str) -> Result<(), Status> {
        if namespace.is_empty() || namespace == self.namespace {
            return Ok(());
        }
        Err(bad(format!("the namespace is {namespace:?}, and that of the transaction {:?}", self.namespace)))
    }

    fn count(&mut self, value: &Json) -> Result<(), Status> {
        self.nodes += batch::nodes(value);
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        Err(bad(format!(
            "the documents have more than {MAX_NODES} values together; split it into several transactions"
        )))
    }
}

fn result(written: &WriteOutcome, deleted: bool) -> v1::CommitResult {
    v1::CommitResult {
        resource: Some(resource(&written.object)),
        created: written.created,
        changed: written.changed && !deleted,
        deleted,
        warnings: diagnostics(&written.warnings),
    }
}
