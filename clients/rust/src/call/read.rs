//! Reads: one resource, lists, versions, kinds.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use kindstore_proto::v1;
use tonic::Streaming;

use super::request::{Answer, AtRevision, Call, InNamespace, Pages, Request, Selects, address};
use crate::client::{Client, Clock, Stub};
use crate::error::{Error, Result};
use crate::resource::{Comparison, Difference, Kind, Resource, Version};

impl Client {
    /// Reads one resource by name or id; the key of a kind with one resource per namespace is empty.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get(&self, kind: &str, key: &str) -> Call<Get> {
        let (kind, namespace, key) = address(kind, key);
        Call::new(self, Get(v1::GetRequest { kind, namespace, key, ..Default::default() }))
    }

    /// Reads one resource as [`get`](Self::get) does; `None` if there is none.
    pub fn find(&self, kind: &str, key: &str) -> Call<Find> {
        let Call { client, deadline, request } = self.get(kind, key);
        Call { client, deadline, request: Find(request) }
    }

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

    /// Lists the versions of a resource that are kept, the newest first; of a deleted one too.
    pub fn history(&self, kind: &str, key: &str) -> Call<ListHistory> {
        Call::new(self, ListHistory(history_request(kind, key)))
    }

    /// Reads one page of [`history`](Self::history); `page_token` continues after another page.
    pub fn history_page(&self, kind: &str, key: &str) -> Call<ListHistoryPage> {
        Call::new(self, ListHistoryPage(history_request(kind, key)))
    }

    /// Reads one version of a resource, which may be deleted.
    ///
    /// # Errors
    /// `NotFound`, also for a version that is no longer kept.
    pub fn version(&self, kind: &str, key: &str, version: u64) -> Call<GetVersion> {
        let (kind, namespace, key) = address(kind, key);
        Call::new(self, GetVersion(v1::GetVersionRequest { kind, namespace, key, version }))
    }

    /// Compares a version of a resource with its newest one; `to_version` sets another.
    pub fn compare(&self, kind: &str, key: &str, from_version: u64) -> Call<Compare> {
        let (kind, namespace, key) = address(kind, key);
        Call::new(self, Compare(v1::DiffRequest { kind, namespace, key, from_version, ..Default::default() }))
    }

    /// Lists the kinds of the server.
    pub fn kinds(&self) -> Call<ListKinds> {
        Call::new(self, ListKinds(v1::ListKindsRequest {}))
    }

    /// Describes a kind, given by its name, plural, singular or a short name.
    ///
    /// # Errors
    /// `BadRequest` for a word that names no kind.
    pub fn kind(&self, name: &str) -> Call<GetKind> {
        Call::new(self, GetKind(v1::GetKindRequest { kind: name.to_owned() }))
    }
}

fn list_request(kind: &str) -> v1::ListRequest {
    let (kind, namespace, _) = address(kind, "");
    v1::ListRequest { kind, namespace, ..Default::default() }
}

fn history_request(kind: &str, key: &str) -> v1::ListVersionsRequest {
    let (kind, namespace, key) = address(kind, key);
    v1::ListVersionsRequest { kind, namespace, key, ..Default::default() }
}

/// The request of [`Client::get`].
#[derive(Clone, Debug)]
pub struct Get(v1::GetRequest);
/// The request of [`Client::find`].
#[derive(Clone, Debug)]
pub struct Find(Get);
/// The request of [`Client::list`].
#[derive(Clone, Debug)]
pub struct List(v1::ListRequest);
/// The request of [`Client::list_page`].
#[derive(Clone, Debug)]
pub struct ListPage(v1::ListRequest);
/// The request of [`Client::stream_list`].
#[derive(Clone, Debug)]
pub struct StreamList(v1::StreamListRequest);
/// The request of [`Client::history`].
#[derive(Clone, Debug)]
pub struct ListHistory(v1::ListVersionsRequest);
/// The request of [`Client::history_page`].
#[derive(Clone, Debug)]
pub struct ListHistoryPage(v1::ListVersionsRequest);
/// The request of [`Client::version`].
#[derive(Clone, Debug)]
pub struct GetVersion(v1::GetVersionRequest);
/// The request of [`Client::compare`].
#[derive(Clone, Debug)]
pub struct Compare(v1::DiffRequest);
/// The request of [`Client::kinds`].
#[derive(Clone, Debug)]
pub struct ListKinds(v1::ListKindsRequest);
/// The request of [`Client::kind`].
#[derive(Clone, Debug)]
pub struct GetKind(v1::GetKindRequest);

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

/// The versions of a resource, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The versions.
    pub versions: Vec<Version>,
    /// Whether the resource is deleted.
    pub deleted: bool,
    /// The `page_token` of the next page; `None` at the end.
    pub next_page_token: Option<String>,
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

impl Call<Get> {
    /// Includes secret members in the answer.
    pub fn reveal(mut self) -> Self {
        self.request.0.reveal = true;
        self
    }
}

impl Call<ListPage> {
    /// Continues after the page that had this as its `next_page_token`.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.request.0.page_token = token.into();
        self
    }
}

impl Call<ListHistory> {
    /// Leaves out versions that changed the status only.
    pub fn authored_only(mut self) -> Self {
        self.request.0.authored_only = true;
        self
    }
}

impl Call<ListHistoryPage> {
    /// Leaves out versions that changed the status only.
    pub fn authored_only(mut self) -> Self {
        self.request.0.authored_only = true;
        self
    }

    /// Continues after the page that had this as its `next_page_token`.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.request.0.page_token = token.into();
        self
    }
}

impl Call<Compare> {
    /// Sets the second version, the newest without it.
    pub fn to_version(mut self, version: u64) -> Self {
        self.request.0.to_version = version;
        self
    }
}

impl Request for Get {
    type Answer = Resource;

    fn send(call: Call<Self>) -> Answer<Resource> {
        Call::<Self>::boxed(async move {
            let Call { client, deadline, request } = call;
            let get = async |mut stub: Stub, request| stub.get(request).await;
            Resource::of(client.run(deadline, false, request.0, get).await?.resource)
        })
    }
}

impl Request for Find {
    type Answer = Option<Resource>;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Option<Resource>> {
        Call::<Self>::boxed(async move {
            match Get::send(Call { client, deadline, request: request.0 }).await {
                // A missing namespace is the same to a caller: what is looked for is not there.
                Err(error) if error.is_not_found() => Ok(None),
                other => other.map(Some),
            }
        })
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

impl Request for ListHistoryPage {
    type Answer = History;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<History> {
        Call::<Self>::boxed(async move {
            let list = async |mut stub: Stub, request| stub.list_versions(request).await;
            let page = client.run(deadline, false, request.0, list).await?;
            let versions = page.versions.into_iter().map(|one| Version::of(Some(one))).collect::<Result<_>>()?;
            Ok(History { versions, deleted: page.deleted, next_page_token: token(page.next_page_token) })
        })
    }
}

impl Request for ListHistory {
    type Answer = History;

    fn send(Call { client, deadline, mut request }: Call<Self>) -> Answer<History> {
        Call::<Self>::boxed(async move {
            let mut versions = Vec::new();
            loop {
                let page = Call { client: client.clone(), deadline, request: ListHistoryPage(request.0.clone()) };
                let mut page = page.await?;
                versions.append(&mut page.versions);
                match page.next_page_token {
                    Some(token) => request.0.page_token = token,
                    None => return Ok(History { versions, ..page }),
                }
            }
        })
    }
}

impl Request for GetVersion {
    type Answer = Version;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Version> {
        Call::<Self>::boxed(async move {
            let get = async |mut stub: Stub, request| stub.get_version(request).await;
            Version::of(client.run(deadline, false, request.0, get).await?.version)
        })
    }
}

impl Request for Compare {
    type Answer = Comparison;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Comparison> {
        Call::<Self>::boxed(async move {
            let diff = async |mut stub: Stub, request| stub.diff(request).await;
            let found = client.run(deadline, false, request.0, diff).await?;
            let differences = found.differences.into_iter().map(Difference::of).collect::<Result<_>>()?;
            Ok(Comparison { from_version: found.from_version, to_version: found.to_version, differences })
        })
    }
}

impl Request for ListKinds {
    type Answer = Vec<Kind>;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Vec<Kind>> {
        Call::<Self>::boxed(async move {
            let list = async |mut stub: Stub, request| stub.list_kinds(request).await;
            let found = client.run(deadline, false, request.0, list).await?;
            Ok(found.kinds.into_iter().map(Kind::of).collect())
        })
    }
}

impl Request for GetKind {
    type Answer = Kind;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Kind> {
        Call::<Self>::boxed(async move {
            let get = async |mut stub: Stub, request| stub.get_kind(request).await;
            let found = client.run(deadline, false, request.0, get).await?;
            found.kind.map(Kind::of).ok_or_else(|| Error::malformed("no kind is in it"))
        })
    }
}

fn token(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Gives requests the choices that they share.
macro_rules! share {
    ($trait:ident, $method:ident, $type:ty: $($request:ident),*) => {
        $(impl $trait for $request {
            fn $method(&mut self) -> &mut $type {
                &mut self.0.$method
            }
        })*
    };
}

share!(InNamespace, namespace, String: Get, List, ListPage, StreamList, ListHistory, ListHistoryPage, GetVersion, Compare);
share!(AtRevision, revision, u64: Get, List, ListPage, StreamList);
share!(Pages, page_size, u32: List, ListPage, ListHistoryPage);

impl InNamespace for Find {
    fn namespace(&mut self) -> &mut String {
        &mut self.0.0.namespace
    }
}

impl AtRevision for Find {
    fn revision(&mut self) -> &mut u64 {
        &mut self.0.0.revision
    }
}

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
