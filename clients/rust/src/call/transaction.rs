//! Several writes as one, and writes that are only checked.

use std::fmt;

use kindstore_proto::v1;
use kindstore_proto::v1::commit_operation::Operation as Write;

use super::request::{Answer, Call, FieldValidation, InNamespace, Request};
use super::write::{create, delete, patch, upsert};
use crate::client::{Client, Stub};
use crate::document::Document;
use crate::error::Result;
use crate::resource::{Diagnostic, Resource};

impl Client {
    /// Does several writes in a namespace under one revision, or none of them.
    ///
    /// They run in their order, each seeing those before it: at most 1,000, each about another resource.
    ///
    /// # Errors
    /// `Invalid` with the problems of all documents, each at `operations[INDEX].document`; any other failure is that of the
    /// first operation that is refused, with its index as `operation` in the context.
    pub fn commit(&self, namespace: &str, operations: impl IntoIterator<Item = Operation>) -> Call<Commit> {
        // The transaction has the namespace, and an operation must not name another one.
        let operation = |Operation(mut write): Operation| {
            namespace_of(&mut write).clear();
            v1::CommitOperation { operation: Some(write) }
        };
        let operations = operations.into_iter().map(operation).collect();
        Call::new(self, Commit(v1::CommitRequest { namespace: namespace.to_owned(), operations, dry_run: false }))
    }

    /// Reports the result of a write without doing it. A document that breaks the rules is an answer here and not an error.
    ///
    /// # Errors
    /// Those of the write that have nothing to do with its document, such as `AlreadyExists`.
    pub fn validate(&self, operation: Operation) -> Call<Validate> {
        Call::new(self, Validate(operation))
    }

    /// Reports the problems of a whole transaction without doing it.
    ///
    /// # Errors
    /// As [`commit`](Self::commit), but for the problems of documents.
    pub fn validate_commit(
        &self,
        namespace: &str,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Call<ValidateCommit> {
        Call::new(self, ValidateCommit(self.commit(namespace, operations).request))
    }
}

/// One write of a transaction, or one to validate.
#[derive(Clone)]
pub struct Operation(Write);

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the write: its document may have secret members.
        f.debug_struct("Operation").finish_non_exhaustive()
    }
}

/// The request of [`Client::commit`].
#[derive(Clone, Debug)]
pub struct Commit(v1::CommitRequest);
/// The request of [`Client::validate`].
#[derive(Clone, Debug)]
pub struct Validate(Operation);
/// The request of [`Client::validate_commit`].
#[derive(Clone, Debug)]
pub struct ValidateCommit(Commit);

/// The result of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// The outcome of each operation, in their order.
    pub results: Vec<Outcome>,
    /// The number of the commit, which all share; 0 if nothing was stored.
    pub revision: u64,
}

/// The outcome of one operation of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The resource as it is stored; after a delete, its last state.
    pub resource: Resource,
    /// Whether the operation created it.
    pub created: bool,
    /// Whether the operation changed anything.
    pub changed: bool,
    /// Whether the operation deleted it.
    pub deleted: bool,
    /// The remarks about a document that was accepted.
    pub warnings: Vec<Diagnostic>,
}

/// The expected result of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validation {
    /// Whether the write would be done.
    pub valid: bool,
    /// Every problem of the document.
    pub problems: Vec<Diagnostic>,
    /// The remarks about a document that is valid.
    pub warnings: Vec<Diagnostic>,
    /// The resource as it would be stored.
    pub resource: Option<Resource>,
}

impl Operation {
    /// Creates a resource.
    pub fn create(kind: &str, document: impl Into<Document>) -> Self {
        Self(Write::Create(create(kind, document.into())))
    }

    /// Creates a resource under a name, or replaces the user's part of the one that has it.
    pub fn upsert(kind: &str, key: &str, document: impl Into<Document>) -> Self {
        Self(Write::Upsert(upsert(kind, key, document.into())))
    }

    /// Changes parts of a resource by a merge patch (RFC 7386).
    pub fn patch(kind: &str, key: &str, patch: impl Into<Document>) -> Self {
        Self(Write::Patch(self::patch(kind, key, patch.into(), v1::PatchType::Merge)))
    }

    /// Changes parts of a resource by a JSON Patch (RFC 6902).
    pub fn json_patch(kind: &str, key: &str, patch: impl Into<Document>) -> Self {
        Self(Write::Patch(self::patch(kind, key, patch.into(), v1::PatchType::Json)))
    }

    /// Deletes a resource and those that belong to it.
    pub fn delete(kind: &str, key: &str) -> Self {
        Self(Write::Delete(delete(kind, key)))
    }

    /// Demands that the resource has this version.
    #[must_use]
    pub fn expected_version(mut self, version: u64) -> Self {
        self.options().expected_version = Some(version);
        self
    }

    /// Demands, with `expected_version`, that the resource has this id.
    #[must_use]
    pub fn expected_id(mut self, id: impl Into<String>) -> Self {
        self.options().expected_id = id.into();
        self
    }

    /// Stores the document of an upsert as it is given, without defaults.
    #[must_use]
    pub fn without_defaults(mut self) -> Self {
        self.options().without_defaults = true;
        self
    }

    /// Sets whether members that the kind does not know are warnings (the default), problems, or ignored.
    #[must_use]
    pub fn field_validation(mut self, validation: FieldValidation) -> Self {
        self.options().field_validation = validation.to_message();
        self
    }

    fn options(&mut self) -> &mut v1::WriteOptions {
        let options = match &mut self.0 {
            Write::Create(request) => &mut request.options,
            Write::Upsert(request) => &mut request.options,
            Write::Patch(request) => &mut request.options,
            Write::Delete(request) => &mut request.options,
        };
        options.get_or_insert_default()
    }
}

fn namespace_of(write: &mut Write) -> &mut String {
    match write {
        Write::Create(request) => &mut request.namespace,
        Write::Upsert(request) => &mut request.namespace,
        Write::Patch(request) => &mut request.namespace,
        Write::Delete(request) => &mut request.namespace,
    }
}

impl Call<Commit> {
    /// Runs every step but the last: the answer is that of the real transaction, and nothing is stored.
    pub fn dry_run(mut self) -> Self {
        self.request.0.dry_run = true;
        self
    }
}

impl InNamespace for Validate {
    fn namespace(&mut self) -> &mut String {
        namespace_of(&mut self.0.0)
    }
}

impl Request for Commit {
    type Answer = Committed;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Committed> {
        Call::<Self>::boxed(async move {
            // A dry run stores nothing, so that a broken connection leaves no doubt about it.
            let is_write = !request.0.dry_run;
            let commit = async |mut stub: Stub, request| stub.commit(request).await;
            let answer = client.run(deadline, is_write, request.0, commit).await?;
            let results = answer.results.into_iter().map(Outcome::of).collect::<Result<_>>()?;
            Ok(Committed { results, revision: answer.revision })
        })
    }
}

impl Request for Validate {
    type Answer = Validation;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Validation> {
        // The interface has two types with the same variants: a request to validate can also be a whole transaction.
        use v1::validate_request::Write as Validated;
        let write = match request.0.0 {
            Write::Create(request) => Validated::Create(request),
            Write::Upsert(request) => Validated::Upsert(request),
            Write::Patch(request) => Validated::Patch(request),
            Write::Delete(request) => Validated::Delete(request),
        };
        Call::<Self>::boxed(Call { client, deadline, request: () }.validate(write))
    }
}

impl Request for ValidateCommit {
    type Answer = Validation;

    fn send(Call { client, deadline, request }: Call<Self>) -> Answer<Validation> {
        let write = v1::validate_request::Write::Commit(request.0.0);
        Call::<Self>::boxed(Call { client, deadline, request: () }.validate(write))
    }
}

impl Call<()> {
    async fn validate(self, write: v1::validate_request::Write) -> Result<Validation> {
        let request = v1::ValidateRequest { write: Some(write) };
        let validate = async |mut stub: Stub, request| stub.validate(request).await;
        let answer = self.client.run(self.deadline, false, request, validate).await?;
        let resource = answer.resource.map(|resource| Resource::of(Some(resource))).transpose()?;
        let (problems, warnings) = (Diagnostic::all(answer.problems), Diagnostic::all(answer.warnings));
        Ok(Validation { valid: answer.valid, problems, warnings, resource })
    }
}

impl Outcome {
    fn of(message: v1::CommitResult) -> Result<Self> {
        Ok(Self {
            resource: Resource::of(message.resource)?,
            created: message.created,
            changed: message.changed,
            deleted: message.deleted,
            warnings: Diagnostic::all(message.warnings),
        })
    }
}
