//! The steps by which an earlier state comes back: an older version as the newest one, a deleted resource under its id.

use std::borrow::Cow;

use super::candidate::{Input, validated};
use super::create::creation;
use super::outcome::WriteOutcome;
use super::progress::Progress;
use super::request::Request;
use super::stage::Lookups;
use super::writer::Writer;
use crate::backend::{Operation, Precondition};
use crate::engine::read::View;
use crate::engine::stored::document::{Stamp, selected_of, stamp, user_document};
use crate::engine::stored::{CollectionRef, Record, Stored, Tombstone, record};
use crate::error::{Error, Result};
use crate::json::{Json, Members};
use crate::manifest::Document;
use crate::object::JsonText;
use crate::rules::envelope::Caller;
use crate::rules::initial;

impl Writer {
    /// Returns the user's part of an older version, as a document.
    ///
    /// # Errors
    /// `NoVersion`.
    pub(super) fn earlier(&self, request: &Request, version: u64, current: &Stored) -> Result<Document> {
        let (kind, collection) = (&request.kind, request.collection());
        let metadata = &current.record.object.metadata;
        let newest = metadata.resource_version;
        if version == newest {
            return Ok(user_document(kind, &current.record, Caller::User).into());
        }
        match self.reader.superseded_version(collection, metadata.id, version)? {
            Some(superseded) => Ok(user_document(kind, &superseded.record(collection)?, Caller::User).into()),
            None => {
                let oldest = self.reader.oldest(collection, metadata.id)?.unwrap_or(newest);
                let (kind, key) = (kind.name.to_string(), request.addressed().to_owned());
                Err(Error::NoVersion { kind, key, version, oldest, newest })
            }
        }
    }

    /// Brings a deleted resource back as its next version, under the id that it had. The resources that it refers to must
    /// exist.
    pub(super) fn undelete(&self, request: &Request) -> Result<Progress<WriteOutcome>> {
        let (kind, collection) = (&request.kind, request.collection());
        let active = self.require_active(request.namespace.as_deref(), Lookups::Fresh)?;
        let Some(tombstone) = self.reader.find_tombstone(collection, request.addressed())? else {
            return Err(self.reader.not_found(collection, request.addressed(), View::Pending));
        };
        let mut old = self.last_version(collection, &tombstone)?;
        if kind.terminating.is_some() && self.reader.is_terminating(&old.object) {
            // A namespace was terminating in its last version, and is restored as an active one.
            let mut document = Json::Object(Members::new());
            initial::fill(kind, &mut document);
            old.object.status = document.get("status").map(JsonText::from_value);
        }
        let text = Document::from(user_document(kind, &old, Caller::User));
        let input = Input { text: &text, value: Cow::Borrowed(&text.value) };
        let candidate = validated(self, request, input, None, Lookups::Fresh)?;
        // The number of the version goes on from the last one: superseded versions lie under their numbers, and a
        // number that is used twice would overwrite history.
        let stamped = Stamp { id: tombstone.id, now: (self.clock)(), old: Some(&old.object) };
        let object = stamp(collection, request.caller, candidate.document, stamped);
        let (selected, targets) = (selected_of(kind, &object), candidate.found.targets.clone());
        let (secrets, unknown) = (candidate.secrets, old.unknown);
        let record = Record { secrets, targets, selected, unknown, ..Record::bare(object) };
        let name = record.object.metadata.name.as_deref().filter(|_| kind.has_name());
        if let Some(name) = name {
            self.require_free(request, name)?;
        }
        let bytes = record::encode(&record);
        let mut batch = creation(collection, (tombstone.id, bytes), name, &candidate.found);
        batch
            .preconditions
            .splice(0..0, active.into_iter().chain([Precondition::At(tombstone.key.clone(), tombstone.ended)]));
        batch.operations.extend(tombstone.keys().map(Operation::Delete));
        let outcome =
            WriteOutcome { created: true, warnings: candidate.warnings, ..WriteOutcome::changed(record.object) };
        self.submit(request, outcome, batch)
    }

    /// Returns the last version of a deleted resource.
    fn last_version(&self, collection: CollectionRef<'_>, tombstone: &Tombstone) -> Result<Record> {
        let last = self.reader.superseded_version(collection, tombstone.id, tombstone.version)?;
        last.ok_or_else(|| Error::backend(LastMissing { kind: collection.kind.name.to_string() }))?.record(collection)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the last version of a deleted {kind} is missing")]
struct LastMissing {
    kind: String,
}
