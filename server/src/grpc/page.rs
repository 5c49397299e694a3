//! Pages of a list: no message grows beyond what clients take by default.

use std::sync::Arc;

use kindstore::{ListOptions, ResourceId, Store};
use kindstore_proto::v1;
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::convert::{namespace, resource};
use super::refusal;
use crate::fault::Fault;

/// The most resources on a page.
const MAX_SIZE: usize = 1000;

/// The most bytes of documents on a page; clients take messages of 4 MiB by default.
const MAX_BYTES: usize = 2 << 20;

/// How many resources a stream reads at once, and how many wait for a slow client.
const STEP: usize = 64;

/// A page of a list, ended where it would grow too large. It holds one resource at the least.
pub(super) fn read(store: &Store, request: &v1::ListRequest) -> Result<v1::ListResponse, Status> {
    let mut after = token(&request.page_token)?;
    let size = size(request.page_size);
    let mut page = v1::ListResponse::default();
    let mut bytes = 0;
    loop {
        let limit = Some(STEP.min(size - page.resources.len()));
        let options = ListOptions { after, limit, bytes: Some(MAX_BYTES) };
        let list = store.list(&request.kind, namespace(&request.namespace), options).map_err(refusal::status)?;
        page.revision = list.revision;
        let count = list.items.len();
        for (index, object) in list.items.iter().enumerate() {
            let resource = resource(object);
            bytes += resource.encoded_len();
            if bytes > MAX_BYTES && !page.resources.is_empty() {
                page.next_page_token = after.map(|id| id.to_string()).unwrap_or_default();
                return Ok(page);
            }
            after = Some(object.metadata.id);
            page.resources.push(resource);
            let is_last = index + 1 == count && list.next.is_none();
            if page.resources.len() == size && !is_last {
                page.next_page_token = object.metadata.id.to_string();
                return Ok(page);
            }
        }
        if list.next.is_none() {
            return Ok(page);
        }
    }
}

/// The size of a page from what was asked for.
fn size(asked: u32) -> usize {
    match asked as usize {
        0 => MAX_SIZE,
        asked => asked.min(MAX_SIZE),
    }
}

/// Where a page begins.
fn token(text: &str) -> Result<Option<ResourceId>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = |_| Fault::new("BadRequest", format!("the page token {text:?} is not one that a list answered"));
    text.parse().map(Some).map_err(|error| refusal::of(unknown(error)))
}

type Item = Result<v1::StreamListResponse, Status>;

/// All resources of a list, read step by step as fast as the client takes them.
pub(super) fn stream(store: Store, request: v1::StreamListRequest) -> ReceiverStream<Item> {
    let (sender, receiver) = mpsc::channel(STEP);
    tokio::spawn(async move {
        let request = Arc::new(request);
        let mut after = None;
        loop {
            let (store, request) = (store.clone(), Arc::clone(&request));
            let options = ListOptions { limit: Some(STEP), bytes: Some(MAX_BYTES), after };
            // Only the reading may block; a slow client keeps no thread.
            let step = move || store.list(&request.kind, namespace(&request.namespace), options);
            let list = match tokio::task::spawn_blocking(step).await {
                Ok(Ok(list)) => list,
                // The client may be gone; then nobody needs to know.
                Ok(Err(error)) => return drop(sender.send(Err(refusal::status(error))).await),
                Err(_) => return drop(sender.send(Err(Status::internal("the list could not be read"))).await),
            };
            for object in &list.items {
                let item = v1::StreamListResponse { resource: Some(resource(object)) };
                if sender.send(Ok(item)).await.is_err() {
                    return;
                }
            }
            after = list.next;
            if after.is_none() {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}
