//! `Validate`: what a write would do, without doing it.

use kindstore::{Error, PendingWrite, WriteOutcome};
use kindstore_proto::v1;
use kindstore_proto::v1::validate_request::Write as Kind;
use tonic::Status;

use super::convert::{collection, diagnostics, key, options, read_document, read_patch, resource};
use super::diagnostic::diagnostic;
use super::{commit, refusal};
use crate::fault::Fault;
use crate::shared::Shared;

pub(super) async fn answer(shared: &Shared, request: v1::ValidateRequest) -> Result<v1::ValidateResponse, Status> {
    let request = match request.write {
        Some(Kind::Commit(transaction)) => return answer_commit(shared, transaction).await,
        write => v1::ValidateRequest { write },
    };
    let write = begin(shared, request).await?;
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

async fn begin(shared: &Shared, request: v1::ValidateRequest) -> Result<PendingWrite<WriteOutcome>, Status> {
    let dry = |message| options(message).map(|options| options.dry_run(true));
    let store = &shared.store;
    Ok(match request.write {
        Some(Kind::Create(write)) => {
            let (document, options) =
                (read_document(store.registry(), &write.kind, write.document).await?, dry(write.options)?);
            collection(store, &write.kind, &write.namespace)?.create(document).options(options).submit()
        }
        Some(Kind::Upsert(write)) => {
            let (document, options) =
                (read_document(store.registry(), &write.kind, write.document).await?, dry(write.options)?);
            collection(store, &write.kind, &write.namespace)?
                .upsert(key(&write.key)?, document)
                .options(options)
                .submit()
        }
        Some(Kind::Patch(mut write)) => {
            let (patch, options) = (read_patch(store.registry(), &mut write).await?, dry(write.options)?);
            collection(store, &write.kind, &write.namespace)?.patch(&write.key, patch).options(options).submit()
        }
        Some(Kind::Delete(write)) => {
            collection(store, &write.kind, &write.namespace)?.delete(&write.key).options(dry(write.options)?).submit()
        }
        Some(Kind::Commit(_)) | None => {
            return Err(refusal::of(Fault::new("BadRequest", "name the write to validate")));
        }
    })
}
