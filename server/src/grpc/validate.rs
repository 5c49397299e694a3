//! `Validate`: what a write would do, without doing it.

use kindstore::{Error, PendingWrite, WriteOptions, WriteOutcome};
use kindstore_proto::v1;
use kindstore_proto::v1::validate_request::Write as Kind;
use tonic::Status;

use super::convert::{diagnostics, document, key, namespace, options, patch, resource};
use super::diagnostic::diagnostic;
use super::{commit, refusal};
use crate::fault::Fault;
use crate::shared::Shared;

pub(super) async fn answer(shared: &Shared, request: v1::ValidateRequest) -> Result<v1::ValidateResponse, Status> {
    let request = match request.write {
        Some(Kind::Commit(transaction)) => return answer_commit(shared, transaction).await,
        write => v1::ValidateRequest { write },
    };
    let write = begin(shared, request)?;
    match shared.finish(write).await {
        Ok(written) => Ok(v1::ValidateResponse {
            valid: true,
            problems: Vec::new(),
            warnings: diagnostics(&written.warnings),
            resource: Some(resource(&written.object)),
        }),
        Err(Error::Invalid { problems, .. }) => Ok(v1::ValidateResponse {
            valid: false,
            problems: diagnostics(&problems),
            warnings: Vec::new(),
            resource: None,
        }),
        Err(error) => Err(refusal::status(error)),
    }
}

/// Validates a transaction.
// The answer has no resource, since there is not one.
async fn answer_commit(shared: &Shared, request: v1::CommitRequest) -> Result<v1::ValidateResponse, Status> {
    let (valid, problems, warnings) = match commit::judge(shared, request).await? {
        Ok(written) => (true, Vec::new(), written.iter().flat_map(|written| diagnostics(&written.warnings)).collect()),
        // All of them, unlike in an error: a message is not bounded as headers are.
        Err(Error::Invalid { problems, .. }) => (false, problems.iter().map(diagnostic).collect(), Vec::new()),
        Err(error) => return Err(refusal::status(error)),
    };
    Ok(v1::ValidateResponse { valid, problems, warnings, resource: None })
}

fn begin(shared: &Shared, request: v1::ValidateRequest) -> Result<PendingWrite<WriteOutcome>, Status> {
    let dry = |message| options(message).map(|options| WriteOptions { dry_run: true, ..options });
    let store = &shared.store;
    Ok(match request.write {
        Some(Kind::Create(write)) => {
            let (document, options) = (document(store.registry(), &write.kind, write.document)?, dry(write.options)?);
            store.create(&write.kind, namespace(&write.namespace), document, options)
        }
        Some(Kind::Upsert(write)) => {
            let (document, options) = (document(store.registry(), &write.kind, write.document)?, dry(write.options)?);
            store.upsert(&write.kind, namespace(&write.namespace), key(&write.key)?, document, options)
        }
        Some(Kind::Patch(mut write)) => {
            let (patch, options) = (patch(store.registry(), &mut write)?, dry(write.options)?);
            store.patch(&write.kind, namespace(&write.namespace), &write.key, patch, options)
        }
        Some(Kind::Delete(write)) => {
            store.delete(&write.kind, namespace(&write.namespace), &write.key, dry(write.options)?)
        }
        Some(Kind::Commit(_)) | None => {
            return Err(refusal::of(Fault::new("BadRequest", "name the write to validate")));
        }
    })
}
