//! Pages of a list: no message grows beyond what clients take by default.

use kindstore::{List, ListOptions, ResourceId, Store};
use kindstore_proto::v1;
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

/// The size of a page from what was asked for.
pub(super) fn size(asked: u32) -> usize {
    match asked as usize {
        0 => MAX_SIZE,
        asked => asked.min(MAX_SIZE),
    }
}

/// Where a page begins.
pub(super) fn token(text: &str) -> Result<Option<ResourceId>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = |_| Fault::new("BadRequest", format!("the page token {text:?} is not one that a list answered"));
    text.parse().map(Some).map_err(|error| refusal::of(unknown(error)))
}

/// A page, cut where it would grow too large. It holds one resource at the least.
pub(super) fn response(list: List) -> v1::ListResponse {
    let mut resources = Vec::with_capacity(list.items.len());
    let (mut bytes, mut next) = (0, list.next);
    for object in &list.items {
        let resource = resource(object);
        bytes += resource.spec.len() + resource.status.len() + 1024;
        if bytes > MAX_BYTES && !resources.is_empty() {
            break;
        }
        next = Some(object.metadata.id);
        resources.push(resource);
    }
    let is_last = resources.len() == list.items.len() && list.next.is_none();
    let next_page_token = next.filter(|_| !is_last).map(|id| id.to_string()).unwrap_or_default();
    v1::ListResponse { resources, next_page_token, revision: list.revision }
}

type Item = Result<v1::StreamListResponse, Status>;

/// All resources of a list, read as fast as the client takes them, on a thread that may block.
pub(super) fn stream(store: Store, request: v1::StreamListRequest) -> ReceiverStream<Item> {
    let (sender, receiver) = mpsc::channel(STEP);
    tokio::task::spawn_blocking(move || {
        let mut after = None;
        loop {
            let options = ListOptions { limit: Some(STEP), after };
            let list = match store.list(&request.kind, namespace(&request.namespace), options) {
                Ok(list) => list,
                // The client may be gone; then nobody needs to know.
                Err(error) => return drop(sender.blocking_send(Err(refusal::status(error)))),
            };
            for object in &list.items {
                let item = v1::StreamListResponse { resource: Some(resource(object)) };
                if sender.blocking_send(Ok(item)).is_err() {
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
