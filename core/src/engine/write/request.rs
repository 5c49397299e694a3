//! A write as it was requested.

use std::sync::Arc;

use super::options::WriteOptions;
use crate::engine::stored::CollectionRef;
use crate::error::{Error, Result};
use crate::kind::{Kind, Verb};
use crate::manifest::{Document, Limits};
use crate::object::Metadata;
use crate::rules::envelope::Caller;

/// A write, which owns everything that it needs to begin again.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) kind: Arc<Kind>,
    pub(crate) namespace: Option<String>,
    /// The id or name that is addressed; none when a document is created.
    pub(crate) key: Option<String>,
    pub(crate) change: Change,
    pub(crate) caller: Caller,
    pub(crate) options: WriteOptions,
}

/// The change that a write makes.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Create(Document),
    Upsert(Document),
    Patch(Document),
    JsonPatch(Document),
    /// Back to the user's part of an older version.
    Rollback(u64),
    Delete,
    Undelete,
}

impl Change {
    /// Whether it begins with a stored state, which was validated before, so that no defaults are filled in.
    pub(crate) fn is_patch(&self) -> bool {
        matches!(self, Change::Patch(_) | Change::JsonPatch(_) | Change::Rollback(_) | Change::Undelete)
    }

    /// Checks the nesting of a document, on which all that walks through stored values relies. Text was bounded when it was
    /// read, but a program makes documents without one, and can set the value of those that have one.
    fn check_depth(&self) -> Result<()> {
        let (Change::Create(document)
        | Change::Upsert(document)
        | Change::Patch(document)
        | Change::JsonPatch(document)) = self
        else {
            return Ok(());
        };
        let limit = Limits::default().depth;
        if document.value.is_deeper_than(limit) {
            let message = format!("collections are nested more than {limit} deep; make the document flatter");
            return Err(Error::bad_request(message));
        }
        Ok(())
    }

    /// Returns the verb that a kind must allow.
    pub(crate) fn verb(&self, kind: &Kind) -> Verb {
        match self {
            Change::Create(_) | Change::Undelete => Verb::Create,
            Change::Upsert(_) => Verb::Upsert,
            Change::Patch(_) | Change::JsonPatch(_) => Verb::Patch,
            // Some kinds are replaced and never patched; a rollback is allowed by either.
            Change::Rollback(_) if kind.allows(Verb::Upsert) => Verb::Upsert,
            Change::Rollback(_) => Verb::Patch,
            Change::Delete => Verb::Delete,
        }
    }
}

impl Request {
    /// Returns the kind and namespace of the resource.
    pub(crate) fn collection(&self) -> CollectionRef<'_> {
        CollectionRef::new(&self.kind, self.namespace.as_deref())
    }

    /// Returns the key that is addressed, empty for a create.
    pub(crate) fn addressed(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// Returns the address under which writes of this resource take a contention lock.
    pub(crate) fn address(&self) -> (&str, Option<&str>, Option<&str>) {
        (&self.kind.name, self.namespace.as_deref(), self.key.as_deref())
    }

    /// Checks that the kind allows the change to this caller, that its document is not too deep, and that the namespace fits
    /// the kind.
    ///
    /// # Errors
    /// `Unsupported`, `BadRequest`.
    pub(crate) fn permit(&self) -> Result<()> {
        // The system manages the kinds that users only read, so no verb is denied to it.
        if self.caller == Caller::User {
            self.kind.require(self.change.verb(&self.kind))?;
        }
        self.change.check_depth()?;
        self.kind.check_scope(self.namespace.as_deref())
    }

    /// Checks the expected version against the current one.
    ///
    /// # Errors
    /// `PreconditionFailed`; `BadRequest` for a create, which addresses no resource.
    pub(crate) fn check_version(&self, actual: Option<&Metadata>) -> Result<()> {
        let Some(expected) = &self.options.expected else { return Ok(()) };
        // Not passed over: a caller who expects a version of a new resource is mistaken about one of the two.
        if matches!(self.change, Change::Create(_)) {
            return Err(Error::bad_request("a create expects no version; leave it out, or use upsert"));
        }
        if expected.holds(actual.map(|metadata| (metadata.id, metadata.resource_version))) {
            return Ok(());
        }
        Err(Error::PreconditionFailed {
            kind: self.kind.name.to_string(),
            key: self.addressed().to_owned(),
            expected: expected.to_string(),
            actual: actual.map(|metadata| metadata.resource_version),
        })
    }

    /// Returns the error for a resource whose state does not allow the change.
    pub(crate) fn blocked(&self, why: &str) -> Error {
        Error::Blocked {
            kind: self.kind.name.to_string(),
            key: self.addressed().to_owned(),
            why: why.to_owned(),
            referenced_by: Vec::new(),
        }
    }

    /// Returns the error for a write that others overtook too often.
    pub(crate) fn conflict(&self) -> Error {
        Error::Conflict { kind: self.kind.name.to_string(), key: self.addressed().to_owned() }
    }
}
