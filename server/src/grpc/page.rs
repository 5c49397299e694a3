//! Pages of a list: no message grows beyond what clients take by default.

use std::sync::Arc;
use std::vec::IntoIter;

use futures_util::StreamExt;
use futures_util::stream::{Flatten, Iter, Map};
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

/// How many resources of a page are read at once.
const STEP: usize = 64;

/// How many resources of a stream are read at once, and how many such steps wait for a slow client. One more is on its way
/// out, and one is ready to wait.
const STREAM_STEP: usize = 32;
const WAITING: usize = 1;

/// At about how many bytes such a step ends.
const STREAM_BYTES: usize = 256 << 10;

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
        if page.revision == 0 {
            page.revision = list.revision;
        }
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

/// The items of a stream.
pub(super) type Items = Flatten<Map<ReceiverStream<Vec<Item>>, fn(Vec<Item>) -> Iter<IntoIter<Item>>>>;

/// All resources of a list, read step by step as fast as the client takes them.
pub(super) fn stream(store: Store, request: v1::StreamListRequest) -> Items {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let request = Arc::new(request);
        let mut after = None;
        loop {
            let (store, request) = (store.clone(), Arc::clone(&request));
            // Only the reading may block; a slow client keeps no thread.
            let (items, next) = match tokio::task::spawn_blocking(move || step(&store, &request, after)).await {
                Ok(Ok(step)) => step,
                Ok(Err(error)) => (vec![Err(refusal::status(error))], None),
                Err(_) => (vec![Err(Status::internal("the list could not be read"))], None),
            };
            // The client may be gone; then nobody needs the rest.
            if sender.send(items).await.is_err() || next.is_none() {
                return;
            }
            after = next;
        }
    });
    let flat: fn(Vec<Item>) -> Iter<IntoIter<Item>> = |items| futures_util::stream::iter(items);
    ReceiverStream::new(receiver).map(flat).flatten()
}

/// The next resources of a list, and where to go on when there are more.
fn step(
    store: &Store,
    request: &v1::StreamListRequest,
    after: Option<ResourceId>,
) -> kindstore::Result<(Vec<Item>, Option<ResourceId>)> {
    let options = ListOptions { limit: Some(STREAM_STEP), bytes: Some(STREAM_BYTES), after };
    let list = store.list(&request.kind, namespace(&request.namespace), options)?;
    let item = |object| Ok(v1::StreamListResponse { resource: Some(resource(object)) });
    Ok((list.items.iter().map(item).collect(), list.next))
}
