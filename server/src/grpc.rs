//! The gRPC service: each method is three moves, convert in, call the store, convert out.

mod arrival;
mod call;
mod commit;
mod conversation;
mod convert;
mod deadline;
mod diagnostic;
mod enumeration;
mod head;
mod health;
mod inflate;
mod limit;
mod metered;
mod mount;
mod page;
mod refusal;
mod validate;
mod watch;

use std::sync::Arc;

use futures_util::future::Either;
use futures_util::stream::{self, BoxStream, Iter, StreamExt};
use kindstore::{Collection, GetOptions, ListOptions, Store};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_server::ResourceService;
use tonic::{Request, Response, Status};

use self::convert::{
    collection, comparison, diagnostics, key, kind, options, read_document, read_patch, resource, version,
};
use crate::shared::Shared;

pub(crate) use self::call::{is_call, is_media, refuse, unknown_service};
pub(crate) use self::health::{Following, Health};
pub(crate) use self::mount::{Services, Waiting};

#[derive(Clone)]
struct Service {
    shared: Arc<Shared>,
}

type Answer<T> = Result<Response<T>, Status>;

impl Service {
    /// The collection that a request names.
    fn collection(&self, kind: &str, namespace: &str) -> Result<Collection, Status> {
        collection(&self.shared.store, kind, namespace)
    }

    /// Reads on a thread that may block: the read can be longer than a task may run without giving way to others.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, Status> + Send + 'static,
    ) -> Answer<T> {
        let store = self.shared.store.clone();
        let read = tokio::task::spawn_blocking(move || read(&store));
        read.await.map_err(|_| Status::internal("the store could not be read"))?.map(Response::new)
    }
}

#[tonic::async_trait]
impl ResourceService for Service {
    async fn get(&self, request: Request<v1::GetRequest>) -> Answer<v1::GetResponse> {
        let request = request.into_inner();
        let options = GetOptions::default().reveal(request.reveal).revision(page::revision(request.revision));
        let collection = self.collection(&request.kind, &request.namespace)?;
        let key = request.key;
        let object = if request.revision == 0 {
            collection.get_with(&key, options)
        } else {
            // Many resources can have had the name since then.
            let read = tokio::task::spawn_blocking(move || collection.get_with(&key, options));
            read.await.map_err(|_| Status::internal("the store could not be read"))?
        };
        let mut response =
            Response::new(v1::GetResponse { resource: Some(resource(&object.map_err(refusal::status)?)) });
        if request.reveal {
            // The length of a compressed message reveals its content (the CRIME and BREACH attacks).
            response.disable_compression();
        }
        Ok(response)
    }

    async fn list(&self, request: Request<v1::ListRequest>) -> Answer<v1::ListResponse> {
        let request = request.into_inner();
        self.read(move |store| page::read(store, &request)).await
    }

    type StreamListStream = Either<Iter<page::Items>, BoxStream<'static, page::Item>>;

    async fn stream_list(&self, request: Request<v1::StreamListRequest>) -> Answer<Self::StreamListStream> {
        let request = request.into_inner();
        let store = self.shared.store.clone();
        // A request that makes no sense fails at once and not in the stream, so that a client can repeat it.
        let options = page::selected(&store, &request.kind, &request.label_selector, &request.field_selector)?;
        let options = options.revision(page::revision(request.revision));
        // Errors of the list itself, such as a namespace that does not exist, must come before the stream begins.
        let probe = ListOptions::default().limit(1).revision(options.revision);
        let collection = collection(&store, &request.kind, &request.namespace)?;
        collection.list_with(probe).map_err(refusal::status)?;
        // Without selectors each step is short. With them it may search long, which only a thread that may block can
        // do.
        let is_whole = options.labels.is_empty() && options.fields.is_empty();
        let items = page::Items::new(collection, options);
        Ok(Response::new(match is_whole {
            true => Either::Left(stream::iter(items)),
            // Between two that are selected there may be many that are not, and those are not looked at on a task.
            false => {
                Either::Right(stream::unfold((self.shared.workers.clone(), items), page::next_on_a_thread).boxed())
            }
        }))
    }

    type WatchStream = watch::NoMessages;

    async fn watch(&self, request: Request<v1::WatchRequest>) -> Answer<Self::WatchStream> {
        let mut response = watch::begin(&self.shared, request.get_ref())?;
        // To compress the same message for each client would take longer than all else.
        response.disable_compression();
        Ok(response)
    }

    async fn validate(&self, request: Request<v1::ValidateRequest>) -> Answer<v1::ValidateResponse> {
        validate::answer(&self.shared, request.into_inner()).await.map(Response::new)
    }

    async fn create(&self, request: Request<v1::CreateRequest>) -> Answer<v1::CreateResponse> {
        let request = request.into_inner();
        let (document, options) = (
            read_document(self.shared.store.registry(), &request.kind, request.document).await?,
            options(request.options)?,
        );
        let write = self.collection(&request.kind, &request.namespace)?.create(document).options(options).submit();
        let written = self.shared.finish(write).await.map_err(refusal::status)?;
        Ok(Response::new(v1::CreateResponse {
            resource: Some(resource(&written.object)),
            warnings: diagnostics(&written.warnings),
            revision: written.revision.unwrap_or(0),
        }))
    }

    async fn upsert(&self, request: Request<v1::UpsertRequest>) -> Answer<v1::UpsertResponse> {
        let request = request.into_inner();
        let (document, options) = (
            read_document(self.shared.store.registry(), &request.kind, request.document).await?,
            options(request.options)?,
        );
        let key = key(&request.key)?;
        let write = self.collection(&request.kind, &request.namespace)?.upsert(key, document).options(options).submit();
        let written = self.shared.finish(write).await.map_err(refusal::status)?;
        Ok(Response::new(v1::UpsertResponse {
            resource: Some(resource(&written.object)),
            created: written.created,
            warnings: diagnostics(&written.warnings),
            revision: written.revision.unwrap_or(0),
        }))
    }

    async fn patch(&self, request: Request<v1::PatchRequest>) -> Answer<v1::PatchResponse> {
        let mut request = request.into_inner();
        let (patch, options) =
            (read_patch(self.shared.store.registry(), &mut request).await?, options(request.options)?);
        let write =
            self.collection(&request.kind, &request.namespace)?.patch(&request.key, patch).options(options).submit();
        let written = self.shared.finish(write).await.map_err(refusal::status)?;
        Ok(Response::new(v1::PatchResponse {
            resource: Some(resource(&written.object)),
            warnings: diagnostics(&written.warnings),
            revision: written.revision.unwrap_or(0),
        }))
    }

    async fn delete(&self, request: Request<v1::DeleteRequest>) -> Answer<v1::DeleteResponse> {
        let request = request.into_inner();
        let options = options(request.options)?;
        let write = self.collection(&request.kind, &request.namespace)?.delete(&request.key).options(options).submit();
        let written = self.shared.finish(write).await.map_err(refusal::status)?;
        Ok(Response::new(v1::DeleteResponse {
            resource: Some(resource(&written.object)),
            revision: written.revision.unwrap_or(0),
        }))
    }

    async fn commit(&self, request: Request<v1::CommitRequest>) -> Answer<v1::CommitResponse> {
        commit::answer(&self.shared, request.into_inner()).await.map(Response::new)
    }

    async fn list_kinds(&self, _: Request<v1::ListKindsRequest>) -> Answer<v1::ListKindsResponse> {
        let kinds = self.shared.store.registry().kinds().iter().map(|known| kind(known)).collect();
        Ok(Response::new(v1::ListKindsResponse { kinds }))
    }

    async fn get_kind(&self, request: Request<v1::GetKindRequest>) -> Answer<v1::GetKindResponse> {
        let word = request.into_inner().kind;
        let registry = self.shared.store.registry();
        match registry.find_word(&word) {
            Some(known) => Ok(Response::new(v1::GetKindResponse { kind: Some(kind(known)) })),
            None => Err(refusal::status(registry.unknown(&word))),
        }
    }

    async fn list_versions(&self, request: Request<v1::ListVersionsRequest>) -> Answer<v1::ListVersionsResponse> {
        let request = request.into_inner();
        self.read(move |store| page::versions(store, &request)).await
    }

    async fn get_version(&self, request: Request<v1::GetVersionRequest>) -> Answer<v1::GetVersionResponse> {
        let request = request.into_inner();
        self.read(move |store| {
            let found = collection(store, &request.kind, &request.namespace)?.version(&request.key, request.version);
            Ok(v1::GetVersionResponse { version: Some(version(&found.map_err(refusal::status)?)) })
        })
        .await
    }

    async fn diff(&self, request: Request<v1::DiffRequest>) -> Answer<v1::DiffResponse> {
        let request = request.into_inner();
        self.read(move |store| {
            let (from, to) = (request.from_version, Some(request.to_version).filter(|to| *to > 0));
            let found = collection(store, &request.kind, &request.namespace)?.compare(&request.key, from, to);
            Ok(comparison(&found.map_err(refusal::status)?))
        })
        .await
    }

    async fn rollback(&self, request: Request<v1::RollbackRequest>) -> Answer<v1::RollbackResponse> {
        let request = request.into_inner();
        let options = options(request.options)?;
        let write = self
            .collection(&request.kind, &request.namespace)?
            .rollback(&request.key, request.version)
            .options(options)
            .submit();
        let written = self.shared.finish(write).await.map_err(refusal::status)?;
        Ok(Response::new(v1::RollbackResponse {
            resource: Some(resource(&written.object)),
            warnings: diagnostics(&written.warnings),
            revision: written.revision.unwrap_or(0),
        }))
    }

    async fn undelete(&self, request: Request<v1::UndeleteRequest>) -> Answer<v1::UndeleteResponse> {
        let request = request.into_inner();
        let options = options(request.options)?;
        let write =
            self.collection(&request.kind, &request.namespace)?.undelete(&request.key).options(options).submit();
        let written = self.shared.finish(write).await.map_err(refusal::status)?;
        Ok(Response::new(v1::UndeleteResponse {
            resource: Some(resource(&written.object)),
            warnings: diagnostics(&written.warnings),
            revision: written.revision.unwrap_or(0),
        }))
    }
}
