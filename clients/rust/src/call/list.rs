//! Reads of lists.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use kindstore_proto::v1;
use tonic::Streaming;

use super::request::{Answer, AtRevision, Call, InNamespace, Pages, Request, Selects, address, share, token};
use crate::client::{Client, Clock, Stub};
use crate::error::{Error, Result};
use crate::resource::Resource;

impl Client {
    /// Lists the resources of a kind in a namespace, in the order of their creation.
    ///
    /// The list is read in pages, which all show the revision of the first one, whatever is written meanwhile. A list that
    /// should not be in memory as a whole is better read by [`stream_list`](Self::stream_list).
    pub fn list(&self, kind: &str) -> Call<List> {
        Call::new(self, List(list_request(kind)))
    }

    /// Reads one page of a list; `page_token` continues after another page.
    ///
    /// # Errors
    /// `Expired` if the revision of the first page is no longer kept: begin again.
    pub fn list_page(&self, kind: &str) -> Call<ListPage> {
        Call::new(self, ListPage(list_request(kind)))
    }

    /// Lists the resources of a kind as a stream, as fast as the caller takes them. It has no deadline unless the call sets
    /// one. A stream that cannot begin is repeated; one that breaks later ends with an error.
    pub fn stream_list(&self, kind: &str) -> Call<StreamList> {
        let (kind, namespace, _) = address(kind, "");
        Call::new(self, StreamList(v1::StreamListRequest { kind, namespace, ..Default::default() }))
    }
}

fn list_request(kind: &str) -> v1::ListRequest {
    let (kind, namespace, _) = address(kind, "");
    v1::ListRequest { kind, namespace, ..Default::default() }
}

/// The request of [`Client::list`].
#[derive(Clone, Debug)]
pub struct List(v1::ListRequest);
/// The request of [`Client::list_page`].
#[derive(Clone, Debug)]
pub struct ListPage(v1::ListRequest);
/// The request of [`Client::stream_list`].
#[derive(Clone, Debug)]
pub struct StreamList(v1::StreamListRequest);

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The resources, in the order of their creation.
    pub resources: Vec<Resource>,
    /// The `page_token` of the next page; `None` at the end.
    pub next_page_token: Option<String>,
    /// The revision of the store that all pages show.
    pub revision: u64,
}

/// A list that comes one resource after the other.
#[derive(Debug)]
pub struct ResourceStream {
    first: VecDeque<v1::StreamListResponse>,
    stream: Streaming<v1::StreamListResponse>,
}

impl Stream for ResourceStream {
    type Item = Result<Resource>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = |message: v1::StreamListResponse| Resource::of(message.resource);
        if let Some(message) = self.first.pop_front() {
            return Poll::Ready(Some(read(message)));
        }
        let next = std::task::ready!(Pin::new(&mut self.stream).poll_next(context));
        Poll::Ready(next.map(|message| message.map_err(|status| Error::from_status(&status, false)).and_then(read)))
    }
}

impl ResourceStream {
    /// Returns the next resource; `None` at the end of the list.
    pub async fn next(&mut self) -> Option<Result<Resource>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Call<ListPage> {
    /// Continues after the page that had this as its `next_page_token`.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.request.0.page_token = token.into();
        self
    }
}

impl Request for ListPage {
    type Answer = Page;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Page> {
        Call::<Self>::boxed(async move {
            let list = async |mut stub: Stub, request| stub.list(request).await;
            let page = client.run(deadline, false, request.0, list).await?;
            let resources = page.resources.into_iter().map(|one| Resource::of(Some(one))).collect::<Result<_>>()?;
            Ok(Page { resources, next_page_token: token(page.next_page_token), revision: page.revision })
        })
    }
}

impl Request for List {
    type Answer = Vec<Resource>;

    fn send(Call { client, deadline, mut request }: Call<Self>) -> Answer<Vec<Resource>> {
        Call::<Self>::boxed(async move {
            let mut found = Vec::new();
            loop {
                // All pages show the revision of the first one, which the token names.
                let page = Call { client: client.clone(), deadline, request: ListPage(request.0.clone()) };
                let mut page = page.await?;
                found.append(&mut page.resources);
                match page.next_page_token {
                    Some(token) => request.0.page_token = token,
                    None => return Ok(found),
                }
            }
        })
    }
}

impl Request for StreamList {
    type Answer = ResourceStream;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<ResourceStream> {
        Call::<Self>::boxed(async move {
            // The deadline of the call alone: that of the client is meant for one answer, and a stream may take as long
            // as its reader.
            let clock = Clock::new(deadline);
            let mut attempt = 1;
            loop {
                let mut message = client.request(request.0.clone());
                if let Some(deadline) = deadline {
                    message.set_timeout(deadline);
                }
                let mut stub = client.stub();
                let begin = async {
                    let mut stream = stub.stream_list(message).await?.into_inner();
                    // The first message shows whether the stream begins; until then a failure can be repeated without
                    // reporting anything twice.
                    let first = stream.message().await?.into_iter().collect();
                    Ok(ResourceStream { first, stream })
                };
                let error = match clock.limit(begin).await {
                    Ok(stream) => return Ok(stream),
                    Err(status) => Error::from_status(&status, false),
                };
                match client.retry().pause(attempt, &error).filter(|pause| clock.allows(*pause)) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(error),
                }
                attempt += 1;
            }
        })
    }
}

share!(InNamespace, namespace, String: List, ListPage, StreamList);
share!(AtRevision, revision, u64: List, ListPage, StreamList);
share!(Pages, page_size, u32: List, ListPage);

impl Selects for List {
    fn selectors(&mut self) -> (&mut String, &mut String) {
        (&mut self.0.label_selector, &mut self.0.field_selector)
    }
}

impl Selects for ListPage {
    fn selectors(&mut self) -> (&mut String, &mut String) {
        (&mut self.0.label_selector, &mut self.0.field_selector)
    }
}

impl Selects for StreamList {
    fn selectors(&mut self) -> (&mut String, &mut String) {
        (&mut self.0.label_selector, &mut self.0.field_selector)
    }
}
