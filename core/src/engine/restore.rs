//! The steps by which what a resource was comes back: an older version as the newest one, a deleted resource under its id.

use std::borrow::Cow;

use super::create::creation;
use super::document::{selected_of, stamp, user_document};
use super::draft::draft;
use super::past::Tombstone;
use super::pipeline::{Request, submit};
use super::read::{Stored, View};
use super::record::{self, Record};
use super::write::Step;
use super::{Inner, WriteOutcome};
use crate::backend::{Batch, Operation, Precondition};
use crate::error::{Error, Result};
use crate::json::{Json, Members};
use crate::kind::Kind;
use crate::manifest::Document;
use crate::object::JsonText;
use crate::rules::envelope::Caller;
use crate::rules::initial;

impl Inner {
    /// The user's part of an older version, as a document.
    pub(super) fn earlier(&self, request: &Request, version: u64, current: &Stored) -> Result<Document> {
        let (kind, namespace) = (&request.kind, request.namespace.as_deref());
        let metadata = &current.record.object.metadata;
        if version == metadata.resource_version {
            return Ok(user_document(kind, &current.record, Caller::User).into());
        }
        let Some(past) = self.past(kind, namespace, metadata.id, version)? else {
            let key = request.key.clone().unwrap_or_default();
            return Err(self.no_version(kind, namespace, &key, metadata.id, version, metadata.resource_version)?);
        };
        Ok(user_document(kind, &past.record(kind, namespace)?, Caller::User).into())
    }

    /// The error for an undeletion of what is not deleted.
    pub(super) fn is_there(&self, request: &Request, current: &Stored) -> Error {
        let metadata = &current.record.object.metadata;
        let name = metadata.name.clone().unwrap_or_else(|| metadata.id.to_string());
        Error::AlreadyExists { kind: request.kind.name.to_string(), namespace: request.namespace.clone(), name }
    }

    /// What a deleted resource was last.
    pub(super) fn last_of(&self, kind: &Kind, namespace: Option<&str>, grave: &Tombstone) -> Result<Record> {
        let past = self.past(kind, namespace, grave.id, grave.version)?;
        past.ok_or_else(|| Error::backend(LastMissing { kind: kind.name.to_string() }))?.record(kind, namespace)
    }
}

/// Brings a deleted resource back as its next version, under the id that it had. What it refers to must be there.
pub(super) fn undelete(inner: &Inner, request: &Request) -> Result<Step<WriteOutcome>> {
    let (kind, namespace) = (&request.kind, request.namespace.as_deref());
    let mut preconditions = inner.enter(namespace)?;
    let addressed = request.key.as_deref().unwrap_or_default();
    let Some(grave) = inner.find_grave(kind, namespace, addressed)? else {
        return Err(inner.not_found(kind, namespace, addressed, View::Pending)?);
    };
    let mut old = inner.last_of(kind, namespace, &grave)?;
    if kind.terminating.is_some() && inner.is_terminating(&old.object) {
        // It was closed before it was deleted, and begins anew as one that is open.
        let mut document = Json::Object(Members::new());
        initial::fill(kind, &mut document);
        old.object.status = document.get("status").map(JsonText::from_value);
    }
    let text = Document::from(user_document(kind, &old, Caller::User));
    let draft = draft(inner, request, &text, Cow::Borrowed(&text.value), None, false)?;
    let object = stamp(request, draft.document, Some(&old.object), grave.id, (inner.clock)());
    let (selected, targets) = (selected_of(kind, &object), draft.found.targets.clone());
    let authored = object.metadata.resource_version;
    let record = Record { object, secrets: draft.secrets, targets, selected, authored };
    let name = record.object.metadata.name.as_deref().filter(|_| kind.has_name());
    if let Some(name) = name {
        inner.require_free(request, name)?;
    }
    preconditions.push(Precondition::At(grave.key.clone(), grave.ended));
    let bytes = record::encode(&record);
    let Batch { preconditions: free, mut operations } =
        creation(kind, namespace.unwrap_or_default(), (grave.id, bytes), name, &draft.found);
    preconditions.extend(free);
    operations.push(Operation::Delete(grave.key));
    let _noted = inner.note(request, &record.object, &record.selected);
    submit(inner, request, record.object, draft.warnings, Batch { preconditions, operations }, true)
}

#[derive(Debug, thiserror::Error)]
#[error("the last version of a deleted {kind} is not there")]
struct LastMissing {
    kind: String,
}
