//! Writes of one resource.

use kindstore_proto::v1;

use super::request::{Answer, Call, Checks, Expects, InNamespace, Request, Writes, address};
use crate::client::{Client, Stub};
use crate::document::Document;
use crate::error::Result;
use crate::resource::{Diagnostic, Resource};

impl Client {
    /// Creates a resource.
    ///
    /// # Errors
    /// `AlreadyExists`, `Invalid`.
    pub fn create(&self, kind: &str, document: impl Into<Document>) -> Call<Create> {
        Call::new(self, Create(create(kind, document.into())))
    }

    /// Creates a resource under a name, or replaces the user's part of the one that has it.
    ///
    /// # Errors
    /// `Invalid`, `PreconditionFailed`.
    pub fn upsert(&self, kind: &str, key: &str, document: impl Into<Document>) -> Call<Upsert> {
        Call::new(self, Upsert(upsert(kind, key, document.into())))
    }

    /// Changes parts of a resource by a merge patch (RFC 7386), in which null removes a member. Never creates.
    ///
    /// # Errors
    /// `NotFound`, `Invalid`, `PreconditionFailed`.
    pub fn patch(&self, kind: &str, key: &str, patch: impl Into<Document>) -> Call<Patch> {
        Call::new(self, Patch(self::patch(kind, key, patch.into(), v1::PatchType::Merge)))
    }

    /// Changes parts of a resource by a JSON Patch (RFC 6902): all its operations, or none. Never creates.
    ///
    /// # Errors
    /// As [`patch`](Self::patch); an operation that cannot be applied is `Invalid`.
    pub fn json_patch(&self, kind: &str, key: &str, patch: impl Into<Document>) -> Call<Patch> {
        Call::new(self, Patch(self::patch(kind, key, patch.into(), v1::PatchType::Json)))
    }

    /// Deletes a resource, and returns its last state.
    ///
    /// # Errors
    /// `NotFound`, `Blocked`, `PreconditionFailed`.
    pub fn delete(&self, kind: &str, key: &str) -> Call<Delete> {
        Call::new(self, Delete(delete(kind, key)))
    }

    /// Restores the user's part of an older version of a resource, as its next version. The status stays.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` if the kind's rules no longer allow that version; `PreconditionFailed`.
    pub fn rollback(&self, kind: &str, key: &str, version: u64) -> Call<Rollback> {
        let (kind, namespace, key) = address(kind, key);
        Call::new(self, Rollback(v1::RollbackRequest { kind, namespace, key, version, options: None }))
    }

    /// Restores a deleted resource under its id, as its next version.
    ///
    /// # Errors
    /// `NotFound` if nothing of it is kept; `AlreadyExists` if its name is taken; `Invalid` if a resource that it refers to
    /// is gone.
    pub fn undelete(&self, kind: &str, key: &str) -> Call<Undelete> {
        let (kind, namespace, key) = address(kind, key);
        Call::new(self, Undelete(v1::UndeleteRequest { kind, namespace, key, options: None }))
    }
}

pub(super) fn create(kind: &str, document: Document) -> v1::CreateRequest {
    let (kind, namespace, _) = address(kind, "");
    v1::CreateRequest { kind, namespace, document: Some(document.into_message()), options: None }
}

pub(super) fn upsert(kind: &str, key: &str, document: Document) -> v1::UpsertRequest {
    let (kind, namespace, key) = address(kind, key);
    v1::UpsertRequest { kind, namespace, key, document: Some(document.into_message()), options: None }
}

pub(super) fn patch(kind: &str, key: &str, patch: Document, patch_type: v1::PatchType) -> v1::PatchRequest {
    let (kind, namespace, key) = address(kind, key);
    let (patch, patch_type) = (Some(patch.into_message()), patch_type.into());
    v1::PatchRequest { kind, namespace, key, patch, options: None, patch_type }
}

pub(super) fn delete(kind: &str, key: &str) -> v1::DeleteRequest {
    let (kind, namespace, key) = address(kind, key);
    v1::DeleteRequest { kind, namespace, key, options: None }
}

/// The request of [`Client::create`].
#[derive(Clone, Debug)]
pub struct Create(v1::CreateRequest);
/// The request of [`Client::upsert`].
#[derive(Clone, Debug)]
pub struct Upsert(v1::UpsertRequest);
/// The request of [`Client::patch`] and [`Client::json_patch`].
#[derive(Clone, Debug)]
pub struct Patch(v1::PatchRequest);
/// The request of [`Client::delete`].
#[derive(Clone, Debug)]
pub struct Delete(v1::DeleteRequest);
/// The request of [`Client::rollback`].
#[derive(Clone, Debug)]
pub struct Rollback(v1::RollbackRequest);
/// The request of [`Client::undelete`].
#[derive(Clone, Debug)]
pub struct Undelete(v1::UndeleteRequest);

/// The result of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The resource as it is stored; after a delete, its last state.
    pub resource: Resource,
    /// Whether the write created it.
    pub created: bool,
    /// The remarks about a document that was accepted.
    pub warnings: Vec<Diagnostic>,
    /// The number of the commit; 0 if nothing was stored, as in a dry run or for a change that changes nothing.
    pub revision: u64,
}

impl Call<Upsert> {
    /// Stores the document as it is given, without defaults.
    pub fn without_defaults(mut self) -> Self {
        self.request.options().without_defaults = true;
        self
    }
}

/// The parts of the answer to a write.
struct Reply {
    resource: Option<v1::Resource>,
    created: bool,
    warnings: Vec<v1::Diagnostic>,
    revision: u64,
}

impl Reply {
    fn read(self) -> Result<Written> {
        let resource = Resource::of(self.resource)?;
        let warnings = Diagnostic::all(self.warnings);
        Ok(Written { resource, created: self.created, warnings, revision: self.revision })
    }
}

/// Sends each write by its method, and reads its answer.
// A macro and no generic function: the generated messages have members of the same names, and no trait that says so.
macro_rules! write {
    ($($request:ident by $method:ident: $answer:ident => $created:expr, $warnings:expr;)*) => {
        $(
            impl Request for $request {
                type Answer = Written;

                fn send(Call { client, deadline, mut request }: Call<Self>) -> Answer<Written> {
                    Call::<Self>::boxed(async move {
                        // A dry run that breaks changed nothing, so its outcome is never unknown.
                        let is_write = !request.options().dry_run;
                        let write = async |mut stub: Stub, request| stub.$method(request).await;
                        let $answer = client.run(deadline, is_write, request.0, write).await?;
                        let (created, warnings) = ($created, $warnings);
                        Reply { resource: $answer.resource, created, warnings, revision: $answer.revision }.read()
                    })
                }
            }

            impl InNamespace for $request {
                fn namespace(&mut self) -> &mut String {
                    &mut self.0.namespace
                }
            }

            impl Writes for $request {
                fn options(&mut self) -> &mut v1::WriteOptions {
                    self.0.options.get_or_insert_default()
                }
            }
        )*
    };
}

write! {
    Create by create: answer => true, answer.warnings;
    Upsert by upsert: answer => answer.created, answer.warnings;
    Patch by patch: answer => false, answer.warnings;
    Delete by delete: answer => false, Vec::new();
    Rollback by rollback: answer => false, answer.warnings;
    Undelete by undelete: answer => true, answer.warnings;
}

impl Expects for Upsert {}
impl Expects for Patch {}
impl Expects for Delete {}
impl Expects for Rollback {}
impl Checks for Create {}
impl Checks for Upsert {}
impl Checks for Patch {}
