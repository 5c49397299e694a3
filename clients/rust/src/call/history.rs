//! Reads of the versions of a resource.

use kindstore_proto::v1;

use super::request::{Answer, Call, InNamespace, Pages, Request, address, share, token};
use crate::client::{Client, Stub};
use crate::error::Result;
use crate::resource::Version;

impl Client {
    /// Lists the versions of a resource that are kept, the newest first; of a deleted one too.
    pub fn history(&self, kind: &str, key: &str) -> Call<ListHistory> {
        Call::new(self, ListHistory(history_request(kind, key)))
    }

    /// Reads one page of [`history`](Self::history); `page_token` continues after another page.
    pub fn history_page(&self, kind: &str, key: &str) -> Call<ListHistoryPage> {
        Call::new(self, ListHistoryPage(history_request(kind, key)))
    }
}

fn history_request(kind: &str, key: &str) -> v1::ListVersionsRequest {
    let (kind, namespace, key) = address(kind, key);
    v1::ListVersionsRequest { kind, namespace, key, ..Default::default() }
}

/// The request of [`Client::history`].
#[derive(Clone, Debug)]
pub struct ListHistory(v1::ListVersionsRequest);
/// The request of [`Client::history_page`].
#[derive(Clone, Debug)]
pub struct ListHistoryPage(v1::ListVersionsRequest);

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

share!(InNamespace, namespace, String: ListHistory, ListHistoryPage);
share!(Pages, page_size, u32: ListHistoryPage);
