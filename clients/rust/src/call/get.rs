//! Reads of one resource, of one version, of kinds.

use kindstore_proto::v1;

use super::request::{Answer, AtRevision, Call, InNamespace, Request, address, share};
use crate::client::{Client, Stub};
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

/// The request of [`Client::get`].
#[derive(Clone, Debug)]
pub struct Get(v1::GetRequest);
/// The request of [`Client::find`].
#[derive(Clone, Debug)]
pub struct Find(Get);
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

impl Call<Get> {
    /// Includes secret members in the answer.
    pub fn reveal(mut self) -> Self {
        self.request.0.reveal = true;
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

share!(InNamespace, namespace, String: Get, GetVersion, Compare);
share!(AtRevision, revision, u64: Get);

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
