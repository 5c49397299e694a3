//! Pages of a list: no message grows beyond what clients take by default.

use std::vec::IntoIter;

use kindstore::store::{HistoryPage, SelectorError};
use kindstore::{Collection, ListOptions, Object, ResourceId, Revision, Store};
use kindstore_proto::v1;
use prost::Message;
use tonic::Status;

use super::convert::{collection, resource, version};
use super::refusal;
use crate::fault::Fault;
use crate::paging::{self, MAX_SIZE};
use crate::workers::Workers;

/// The most bytes of documents on a page; clients take messages of 4 MiB by default.
const MAX_BYTES: usize = 2 << 20;

/// How many resources of a page are read at once.
const STEP: usize = 64;

/// How many resources of a stream are read at once, and at about how many bytes such a step ends.
const STREAM_STEP: usize = 32;
const STREAM_BYTES: usize = 256 << 10;

/// A page of a list, ended where it would grow too large.
// It holds at least one resource, or a list with one large resource would never get further.
pub(super) fn read(store: &Store, request: &v1::ListRequest) -> Result<v1::ListResponse, Status> {
    let selected = selected(store, &request.kind, &request.label_selector, &request.field_selector)?;
    let token = some(&request.page_token);
    let collection = collection(store, &request.kind, &request.namespace)?;
    let begun = collection.page(selected, revision(request.revision), token).map_err(refusal::status)?;
    let refused = |error| refusal::of(paging::fault(error, token.is_some()));
    let size = size(request.page_size);
    let revision = begun.revision.unwrap_or_default();
    let mut page = v1::ListResponse { revision, ..v1::ListResponse::default() };
    let (mut after, mut bytes) = (begun.after, 0);
    let next = |after| collection.token(&begun, revision, after).to_string();
    loop {
        let limit = Some(STEP.min(size - page.resources.len()));
        // The revision of the first page is in the token, so that all pages show the same one.
        let options = begun.clone().after(after).limit(limit).bytes(MAX_BYTES);
        let list = collection.list_with(options).map_err(refused)?;
        let count = list.items.len();
        for (index, object) in list.items.iter().enumerate() {
            let resource = resource(object);
            bytes += resource.encoded_len();
            if bytes > MAX_BYTES && !page.resources.is_empty() {
                page.next_page_token = after.map(next).unwrap_or_default();
                return Ok(page);
            }
            after = Some(object.metadata.id);
            page.resources.push(resource);
            let is_last = index + 1 == count && list.next.is_none();
            if page.resources.len() == size && !is_last {
                page.next_page_token = next(object.metadata.id);
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

/// The revision that is asked for, if any is.
pub(super) fn revision(number: u64) -> Option<Revision> {
    (number > 0).then_some(number)
}

/// A text, if it is not empty.
fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The size of a page from what was asked for.
pub(super) fn size(asked: u32) -> usize {
    match asked as usize {
        0 => MAX_SIZE,
        asked => asked.min(MAX_SIZE),
    }
}

/// A page of the versions of a resource.
pub(super) fn versions(store: &Store, request: &v1::ListVersionsRequest) -> Result<v1::ListVersionsResponse, Status> {
    let asked = HistoryPage::new(size(request.page_size), MAX_BYTES)
        .token(some(&request.page_token))
        .only_authored(request.authored_only);
    let read = collection(store, &request.kind, &request.namespace)?.history_page(&request.key, asked);
    let (page, next) = read.map_err(refusal::status)?;
    Ok(v1::ListVersionsResponse {
        versions: page.versions.iter().map(version).collect(),
        next_page_token: next.map(|token| token.to_string()).unwrap_or_default(),
        deleted: page.is_deleted,
    })
}

pub(super) type Item = Result<v1::StreamListResponse, Status>;

/// The next resource of a stream, looked for on a thread that may block.
pub(super) async fn next_on_a_thread((workers, mut items): (Workers, Items)) -> Option<(Item, (Workers, Items))> {
    let (item, items) = workers.run(move || items.next().map(|item| (item, items))).await??;
    Some((item, (workers, items)))
}

/// All resources of a list, read step by step as the client takes them.
// A step is as short as a task may read by itself, so that a client that takes nothing keeps one step in memory and no
// more.
pub(super) struct Items {
    collection: Collection,
    options: ListOptions,
    read: IntoIter<Object>,
    /// Where the next step begins, while there is one.
    next: Option<Option<ResourceId>>,
}

impl Items {
    pub(super) fn new(collection: Collection, options: ListOptions) -> Self {
        Self { collection, options, read: Vec::new().into_iter(), next: Some(None) }
    }

    /// Reads the next step.
    fn step(&mut self, after: Option<ResourceId>) -> kindstore::Result<()> {
        let options = self.options.clone().limit(STREAM_STEP).bytes(STREAM_BYTES).after(after);
        let list = self.collection.list_with(options)?;
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
