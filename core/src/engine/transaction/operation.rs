//! What a transaction is asked to do, and the requests that this means.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::pipeline::{Change, Request};
use super::super::store::permit;
use super::super::{Patch, WriteOptions};
use super::{subject, twice, within};
use crate::diagnostic::shown;
use crate::error::{Error, Result};
use crate::kind::Verb;
use crate::manifest::Document;
use crate::registry::Registry;
use crate::rules::envelope::Caller;

/// The most operations that one transaction can have.
pub const MAX_COMMIT: usize = 1_000;

/// What a caller may choose for a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommitOptions {
    /// Runs every step but the last: the answers are those of the real transaction, and nothing is stored.
    pub dry_run: bool,
}

/// One write of a transaction.
#[derive(Clone, Debug)]
pub struct CommitOperation {
    kind: String,
    key: Option<String>,
    verb: Verb,
    change: Change,
    options: WriteOptions,
}

impl CommitOperation {
    /// Creates a resource, as [`super::super::Store::create`] does.
    pub fn create(kind: &str, document: impl Into<Document>) -> Self {
        Self::new(kind, None, Verb::Create, Change::Create(document.into()))
    }

    /// Creates or replaces a resource, as [`super::super::Store::upsert`] does.
    pub fn upsert(kind: &str, key: &str, document: impl Into<Document>) -> Self {
        Self::new(kind, Some(key), Verb::Upsert, Change::Upsert(document.into()))
    }

    /// Changes a resource, as [`super::super::Store::patch`] does.
    pub fn patch(kind: &str, key: &str, patch: impl Into<Patch>) -> Self {
        let change = match patch.into() {
            Patch::Merge(document) => Change::Patch(document),
            Patch::Json(document) => Change::JsonPatch(document),
        };
        Self::new(kind, Some(key), Verb::Patch, change)
    }

    /// Deletes a resource, as [`super::super::Store::delete`] does. What belongs to it is deleted in the same transaction.
    pub fn delete(kind: &str, key: &str) -> Self {
        Self::new(kind, Some(key), Verb::Delete, Change::Delete)
    }

    /// The same with what the caller chooses for it. A dry run is chosen for the whole transaction, by [`CommitOptions`].
    #[must_use]
    pub fn with(self, options: WriteOptions) -> Self {
        Self { options, ..self }
    }

    fn new(kind: &str, key: Option<&str>, verb: Verb, change: Change) -> Self {
        let (kind, key) = (kind.to_owned(), key.map(str::to_owned));
        Self { kind, key, verb, change, options: WriteOptions::default() }
    }

    fn request(self, registry: &Registry, namespace: &str) -> Result<Request> {
        let kind = Arc::clone(registry.require(&self.kind)?);
        permit(&kind, Caller::User, self.verb, Some(namespace))?;
        if self.options.dry_run {
            return Err(Error::bad_request("a dry run is of the whole transaction; ask for it there"));
        }
        let Self { key, change, options, .. } = self;
        Ok(Request { kind, namespace: Some(namespace.to_owned()), key, change, caller: Caller::User, options })
    }
}

/// The requests of these operations.
///
/// # Errors
/// `BadRequest` when there are too many, or two that name the same resource; what is wrong with the first one that no kind
/// allows.
pub(super) fn requests(registry: &Registry, namespace: &str, operations: Vec<CommitOperation>) -> Result<Vec<Request>> {
    let count = operations.len();
    if count > MAX_COMMIT {
        let message =
            format!("a transaction has at most {MAX_COMMIT} operations, this one has {count}; make several of it");
        return Err(Error::bad_request(message));
    }
    let mut requests: Vec<Request> = Vec::with_capacity(count);
    let mut named = HashMap::new();
    for (index, operation) in operations.into_iter().enumerate() {
        let about = match &operation.key {
            Some(key) if !key.is_empty() => format!("{} {:?}", operation.kind, shown(key)),
            _ => operation.kind.clone(),
        };
        let request = operation.request(registry, namespace).map_err(|error| within(index, about, error))?;
        if let Some(key) = &request.key
            && let Some(first) = named.insert((Arc::clone(&request.kind.name), key.clone()), index)
        {
            return Err(twice(first, index, &subject(&request)));
        }
        requests.push(request);
    }
    Ok(requests)
}
