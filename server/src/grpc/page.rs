//! Pages of a list: no message grows beyond what clients take by default.

use std::vec::IntoIter;

use kindstore::{ListOptions, Object, ResourceId, SelectorError, Store};
use kindstore_proto::v1;
use prost::Message;
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

/// How many resources of a stream are read at once, and at about how many bytes such a step ends.
const STREAM_STEP: usize = 32;
const STREAM_BYTES: usize = 256 << 10;

/// A page of a list, ended where it would grow too large. It holds one resource at the least.
pub(super) fn read(store: &Store, request: &v1::ListRequest) -> Result<v1::ListResponse, Status> {
    let mut after = token(&request.page_token)?;
    let selected = selected(store, &request.kind, &request.label_selector, &request.field_selector)?;
    let size = size(request.page_size);
    let mut page = v1::ListResponse::default();
    let mut bytes = 0;
    loop {
        let limit = Some(STEP.min(size - page.resources.len()));
        let options = ListOptions { after, limit, bytes: Some(MAX_BYTES), ..selected.clone() };
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

/// The options of a list with these selectors.
pub(super) fn selected(store: &Store, kind: &str, labels: &str, fields: &str) -> Result<ListOptions, Status> {
    let kind = store.registry().require(kind).map_err(refusal::status)?;
    let wrong = |error: SelectorError| refusal::of(Fault::new("BadRequest", error.to_string()));
    ListOptions::selecting(kind, labels, fields).map_err(wrong)
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

pub(super) type Item = Result<v1::StreamListResponse, Status>;

/// The next resource of a stream, looked for on a thread that may block.
pub(super) async fn next_on_a_thread(mut items: Items) -> Option<(Item, Items)> {
    let next = tokio::task::spawn_blocking(move || items.next().map(|item| (item, items)));
    next.await.unwrap_or_default()
}

/// All resources of a list, read step by step as the client takes them. A step is as short as what a task may read
/// itself, so that nothing is kept for a client that takes nothing but the step that it is at.
pub(super) struct Items {
    store: Store,
    request: v1::StreamListRequest,
    options: ListOptions,
    read: IntoIter<Object>,
    /// Where the next step begins, while there is one.
    next: Option<Option<ResourceId>>,
}

impl Items {
    pub(super) fn new(store: Store, request: v1::StreamListRequest, options: ListOptions) -> Self {
        Self { store, request, options, read: Vec::new().into_iter(), next: Some(None) }
    }

    /// Reads the next step.
    fn step(&mut self, after: Option<ResourceId>) -> kindstore::Result<()> {
        let (limit, bytes) = (Some(STREAM_STEP), Some(STREAM_BYTES));
        let options = ListOptions { limit, bytes, after, ..self.options.clone() };
        let list = self.store.list(&self.request.kind, namespace(&self.request.namespace), options)?;
        (self.read, self.next) = (list.items.into_iter(), list.next.map(Some));
        Ok(())
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(object) = self.read.next() {
                return Some(Ok(v1::StreamListResponse { resource: Some(resource(&object)) }));
            }
            let after = self.next.take()?;
            if let Err(error) = self.step(after) {
                return Some(Err(refusal::status(error)));
            }
        }
    }
}
