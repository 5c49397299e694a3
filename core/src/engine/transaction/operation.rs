//! The operations of a transaction, and the requests that they are.

use std::collections::HashMap;

use super::faults::{subject, twice, within};
use crate::diagnostic::shown;
use crate::engine::write::Request;
use crate::error::{Error, Result};

/// The most operations that one transaction can have.
pub const MAX_COMMIT: usize = 1_000;

/// One operation of a transaction: a request, or the reason why there is none.
pub(crate) struct Requested {
    pub(crate) request: Result<Request>,
    /// The kind as the caller named it.
    pub(crate) kind: String,
    /// The id or name that is addressed; none for a create.
    pub(crate) key: Option<String>,
}

impl Requested {
    /// Returns the operation of a request.
    pub(crate) fn new(request: Request) -> Self {
        Self { kind: request.kind.name.to_string(), key: request.key.clone(), request: Ok(request) }
    }

    /// Returns an operation that is refused before it begins.
    pub(crate) fn refused(error: Error) -> Self {
        Self { kind: "operation".to_owned(), key: None, request: Err(error) }
    }

    fn about(&self) -> String {
        match &self.key {
            Some(key) if !key.is_empty() => format!("{} {:?}", self.kind, shown(key)),
            _ => self.kind.clone(),
        }
    }

    fn permitted(self, namespace: &str) -> Result<Request> {
        let request = self.request?;
        // Before anything is staged: what no state of the store allows is refused without reading it.
        request.permit()?;
        if request.options.dry_run {
            return Err(Error::bad_request("a dry run applies to the whole transaction; set it there"));
        }
        match request.namespace.as_deref() {
            None => {
                let message = format!("{} lives in no namespace; a transaction is about one", request.kind.name);
                Err(Error::bad_request(message))
            }
            Some(own) if own == namespace => Ok(request),
            Some(own) => {
                let message = format!("is in namespace {own:?}; this transaction is about namespace {namespace:?}");
                Err(Error::bad_request(message))
            }
        }
    }
}

/// Returns the requests of operations.
///
/// # Errors
/// `BadRequest` when there are too many, or two that name the same resource; `InTransaction` with the first operation that
/// no state of the store allows.
pub(crate) fn requests(namespace: &str, operations: Vec<Requested>) -> Result<Vec<Request>> {
    let count = operations.len();
    if count > MAX_COMMIT {
        let message = format!("a transaction has at most {MAX_COMMIT} operations, this one has {count}; split it");
        return Err(Error::bad_request(message));
    }
    let mut requests: Vec<Request> = Vec::with_capacity(count);
    let mut named = HashMap::new();
    for (index, operation) in operations.into_iter().enumerate() {
        let about = operation.about();
        let request = operation.permitted(namespace).map_err(|error| within(index, about, error))?;
        if let Some(key) = &request.key
            && let Some(first) = named.insert((request.kind.name.clone(), key.clone()), index)
        {
            return Err(twice(first, index, &subject(&request)));
        }
        requests.push(request);
    }
    Ok(requests)
}
