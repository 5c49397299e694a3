//! Turns the resource that a caller passes into the record that a store would have.

use std::borrow::Cow;

use super::options::SimulateOptions;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::stored::document::{Stamp, stamp};
use crate::engine::stored::{CollectionRef, Record};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::{Kind, Scope};
use crate::manifest::Document;
use crate::object::{ResourceId, Timestamp};
use crate::rules::diagnostics::Diagnostics;
use crate::rules::envelope::{Caller, ValidationContext};
use crate::rules::immutable::put;
use crate::rules::shape::Form;
use crate::rules::structure::{self, ValidationMode};
use crate::rules::validate;
use crate::rules::{initial, labels, secret, shape};

/// The stand-in for a secret that reads left out. No document has this value.
const UNKNOWN_SECRET: &str = "\u{fffd}";

/// The members that the server sets, as far as the resource has them.
struct Stamps {
    /// Whether there are none, as in a manifest.
    are_new: bool,
    id: Option<ResourceId>,
    resource_version: Option<u64>,
    created_at: Option<Timestamp>,
    modified_at: Option<Timestamp>,
}

/// A resource in the envelope, as it is given: as reads return it, or as a manifest.
struct Given<'a> {
    kind: &'a Kind,
    value: Json,
    stamps: Stamps,
    /// The namespace of the resource, where its kind lives in namespaces.
    namespace: Option<String>,
}

/// The record of a resource that is given as it is shown, or as a manifest. `first` is the namespace of one without.
///
/// # Errors
/// `Invalid` with every problem of the resource, placed in its text.
pub(super) fn given(
    kind: &Kind,
    mut document: Document,
    first: Option<&str>,
    options: &SimulateOptions,
) -> Result<Record> {
    let form = Form::of(kind, &document.value);
    let invalid = |document: &Document, problems| {
        let problems = validate::placed(kind, document, form, problems);
        Error::Invalid { kind: kind.name.to_string(), problems }
    };
    if document.value.as_object().is_none() {
        let message = format!("must be an object, not {}", document.value.type_name());
        return Err(invalid(&document, vec![Diagnostic::error("", Code::HasWrongType, message)]));
    }
    let mut value = shape::to_envelope(kind, Cow::Owned(std::mem::take(&mut document.value))).into_owned();
    shape::put_metadata(&mut value);
    let mut diagnostics = Diagnostics::default();
    let stamps = stamps(kind, &value, &mut diagnostics);
    let namespace = namespace(kind, &value, options).or(first).filter(|_| kind.scope == Scope::Namespaced);
    let namespace = namespace.map(str::to_owned);
    let mut given = Given { kind, value, stamps, namespace };
    given.judge(options, &mut diagnostics);
    diagnostics.problems.extend(validate::unkept(kind, &document, &given.value));
    if !diagnostics.problems.is_empty() {
        return Err(invalid(&document, diagnostics.problems));
    }
    Ok(given.into_record(options))
}

fn namespace<'d>(kind: &Kind, value: &'d Json, options: &'d SimulateOptions) -> Option<&'d str> {
    let own = value.at("/metadata/namespace").and_then(Json::as_str);
    own.or(options.namespace.as_deref()).filter(|_| kind.scope == Scope::Namespaced)
}

/// Returns the members that the server sets, with a problem for each value that a server cannot have set.
fn stamps(kind: &Kind, value: &Json, diagnostics: &mut Diagnostics) -> Stamps {
    let mut text = |name: &str| -> Option<Json> {
        let pointer = format!("/metadata/{name}");
        let mut stamp = value.at(&pointer).filter(|stamp| !stamp.is_null())?.clone();
        let mut own = Diagnostics::default();
        structure::validate(kind.metadata_schema(name)?, &mut stamp, ValidationMode::default(), &mut own);
        let moved = |problem: Diagnostic| Diagnostic { pointer: format!("{pointer}{}", problem.pointer), ..problem };
        diagnostics.problems.extend(own.problems.into_iter().map(moved));
        Some(stamp)
    };
    let time = |stamp: Option<Json>| stamp.as_ref().and_then(Json::as_str).and_then(Timestamp::parse);
    let version = text("resourceVersion").and_then(|stamp| match stamp {
        Json::Number(number) => number.as_i64().and_then(|number| u64::try_from(number).ok()),
        _ => None,
    });
    let is_given = |name| value.at(&format!("/metadata/{name}")).is_some_and(|stamp| !stamp.is_null());
    Stamps {
        are_new: !["id", "resourceVersion", "createdAt"].into_iter().any(is_given),
        id: text("id").and_then(|stamp| stamp.as_str()?.parse().ok()),
        resource_version: version,
        created_at: time(text("createdAt")),
        modified_at: time(text("modifiedAt")),
    }
}

impl Given<'_> {
    /// Judges the resource as the system would bring it; a manifest with its defaults.
    fn judge(&mut self, options: &SimulateOptions, diagnostics: &mut Diagnostics) {
        let layers: Vec<&Json> = options.defaults.iter().collect();
        let fills = self.stamps.are_new && !options.write.without_defaults;
        let (namespace, layers) = (self.namespace.as_deref(), fills.then_some(&layers[..]));
        // A store has what it once let in, and says no more of it.
        let terms = ValidationContext { namespace, caller: Caller::System, unknown: None, layers };
        validate::check_document(self.kind, &mut self.value, terms, diagnostics);
        if self.stamps.are_new {
            diagnostics.problems.extend(labels::check(&self.value, None));
            return;
        }
        for pointer in &self.kind.secret {
            let is_hidden = |problem: &Diagnostic| problem.code == Code::IsMissing && problem.pointer == *pointer;
            if diagnostics.problems.iter().any(is_hidden) {
                diagnostics.problems.retain(|problem| !is_hidden(problem));
                put(&mut self.value, pointer, Json::from(UNKNOWN_SECRET));
            }
        }
    }

    fn into_record(self, options: &SimulateOptions) -> Record {
        let Self { kind, mut value, stamps, namespace } = self;
        if stamps.are_new {
            initial::fill(kind, &mut value);
        }
        let secrets = secret::take(kind, &mut value);
        let id = stamps.id.or(options.id).unwrap_or(ResourceId::from_bytes([0; 16]));
        let created_at = stamps.created_at.unwrap_or(options.now);
        let collection = CollectionRef::new(kind, namespace.as_deref());
        let stamped = Stamp { id, now: created_at, old: None };
        let mut object = stamp(collection, Caller::System, value, stamped);
        let metadata = &mut object.metadata;
        metadata.resource_version = stamps.resource_version.unwrap_or(1);
        metadata.modified_at = metadata.modified_at.map(|created_at| stamps.modified_at.unwrap_or(created_at));
        Record { secrets, ..Record::bare(object) }
    }
}
