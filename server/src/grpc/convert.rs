//! Between messages and the store's values, one direction a function.

use kindstore::kind::{KeyScheme, Kind, Manager, Scope, Verb};
use kindstore::manifest::Format;
use kindstore::patch::Difference;
use kindstore::{
    Collection, Comparison, Diagnostic, Document, ETag, Expected, FieldValidation, Json, JsonText, Object, Patch,
    Registry, ResourceId, Store, StringMap, Timestamp, Version, WriteOptions,
};
use kindstore_proto::v1;
use tonic::Status;

use super::diagnostic::diagnostic;
use super::enumeration::declared;
use super::refusal;
use crate::budget;
use crate::document;
use crate::fault::Fault;

/// The most remarks that a message carries.
const MAX_DIAGNOSTICS: usize = 100;

/// The collection that a request names. Kinds that live in no namespace leave that field empty.
pub(super) fn collection(store: &Store, kind: &str, namespace: &str) -> Result<Collection, Status> {
    store.collection(kind, Some(namespace).filter(|name| !name.is_empty())).map_err(refusal::status)
}

/// A name or id; none is a mistake of the caller that no resource's absence should hide.
pub(super) fn key(text: &str) -> Result<&str, Status> {
    if text.is_empty() { Err(bad("the key is empty; name the resource by id or name")) } else { Ok(text) }
}

/// The one document of a message, once the budget has enough for its values.
pub(super) async fn read_document(
    registry: &Registry,
    kind: &str,
    message: Option<v1::Document>,
) -> Result<Document, Status> {
    budget::reserve_values(size(message.as_ref())).await.map_err(refusal::of)?;
    document(registry, kind, message)
}

/// The patch of a request, once the budget has enough for its values.
pub(super) async fn read_patch(registry: &Registry, request: &mut v1::PatchRequest) -> Result<Patch, Status> {
    budget::reserve_values(size(request.patch.as_ref())).await.map_err(refusal::of)?;
    patch(registry, request)
}

/// About how many bytes the values of a message's document take.
pub(super) fn size(message: Option<&v1::Document>) -> usize {
    let size = |message: &v1::Document| Some(document::size(&message.text, format(message).ok()?));
    message.and_then(size).unwrap_or_default()
}

/// The format of a document, which nobody has to name.
fn format(message: &v1::Document) -> Result<Format, Status> {
    Ok(match declared("format", message.format)? {
        v1::DocumentFormat::Json => Format::Json,
        v1::DocumentFormat::Yaml => Format::Yaml,
        v1::DocumentFormat::Unspecified => match message.text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Format::Json,
            _ => Format::Yaml,
        },
    })
}

/// The one document of a message, for which the caller has reserved.
// A text that may hold secrets is never quoted.
pub(super) fn document(registry: &Registry, kind: &str, message: Option<v1::Document>) -> Result<Document, Status> {
    // The kind is that of the request: the text itself may not be readable.
    let is_secret = registry.find(kind).is_some_and(|kind| !kind.secret.is_empty());
    let Some(message) = message else { return Err(bad("the document is missing")) };
    document::parse(&message.text, format(&message)?, is_secret).map_err(refusal::of)
}

/// The patch of a request, in the form that it says.
pub(super) fn patch(registry: &Registry, request: &mut v1::PatchRequest) -> Result<Patch, Status> {
    let document = document(registry, &request.kind, request.patch.take())?;
    Ok(match declared("patch_type", request.patch_type)? {
        v1::PatchType::Unspecified | v1::PatchType::Merge => Patch::Merge(document),
        v1::PatchType::Json => Patch::Json(document),
    })
}

pub(super) fn options(message: Option<v1::WriteOptions>) -> Result<WriteOptions, Status> {
    let message = message.unwrap_or_default();
    let id = match message.expected_id.as_str() {
        "" => None,
        text => Some(text.parse::<ResourceId>().map_err(|error| bad(format!("expected_id {text:?} is {error}")))?),
    };
    let expected = match message.expected_version {
        Some(version) => Some(Expected::OneOf(vec![ETag { id, version }])),
        // An id alone would let a write overwrite versions that the client has not seen.
        None if id.is_some() => return Err(bad("expected_id goes with expected_version")),
        None => None,
    };
    let field_validation = match declared("field_validation", message.field_validation)? {
        v1::FieldValidation::Unspecified | v1::FieldValidation::Warn => FieldValidation::Warn,
        v1::FieldValidation::Strict => FieldValidation::Strict,
        v1::FieldValidation::Ignore => FieldValidation::Ignore,
    };
    let (dry_run, without_defaults) = (message.dry_run, message.without_defaults);
    Ok(WriteOptions::default()
        .expected(expected)
        .dry_run(dry_run)
        .without_defaults(without_defaults)
        .field_validation(field_validation))
}

pub(super) fn resource(object: &Object) -> v1::Resource {
    let metadata = &object.metadata;
    v1::Resource {
        kind: object.kind.to_string(),
        api_version: object.api_version.to_string(),
        metadata: Some(v1::Metadata {
            id: metadata.id.to_string(),
            name: metadata.name.clone().unwrap_or_default(),
            namespace: metadata.namespace.clone().unwrap_or_default(),
            created_at: Some(timestamp(metadata.created_at)),
            modified_at: metadata.modified_at.map(timestamp),
            labels: metadata.labels.as_ref().map(string_map),
            annotations: metadata.annotations.as_ref().map(string_map),
            resource_version: metadata.resource_version,
            extra: bytes(metadata.extra.as_ref()),
        }),
        spec: bytes(object.spec.as_ref()),
        status: bytes(object.status.as_ref()),
    }
}

pub(super) fn version(version: &Version) -> v1::Version {
    v1::Version {
        version: version.object.metadata.resource_version,
        revision: version.revision,
        ended_revision: version.ended.unwrap_or(0),
        authored: version.is_authored,
        resource: Some(resource(&version.object)),
    }
}

pub(super) fn comparison(comparison: &Comparison) -> v1::DiffResponse {
    let text = |value: &Option<Json>| value.as_ref().map(Json::to_text).unwrap_or_default().into();
    let difference = |it: &Difference| v1::Difference {
        path: it.pointer.clone(),
        old_value: text(&it.old),
        new_value: text(&it.new),
    };
    v1::DiffResponse {
        from_version: comparison.from.object.metadata.resource_version,
        to_version: comparison.to.object.metadata.resource_version,
        differences: comparison.differences.iter().map(difference).collect(),
    }
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic]) -> Vec<v1::Diagnostic> {
    diagnostics.iter().take(MAX_DIAGNOSTICS).map(diagnostic).collect()
}

pub(super) fn kind(kind: &Kind) -> v1::Kind {
    v1::Kind {
        kind: kind.name.to_string(),
        api_version: kind.api_version.to_string(),
        description: kind.description.clone(),
        group: kind.group.clone(),
        plural: kind.plural.clone(),
        singular: kind.singular.clone(),
        short_names: kind.short_names.clone(),
        namespaced: kind.scope == Scope::Namespaced,
        system_managed: kind.managed_by == Manager::System,
        key_scheme: key_scheme(kind.key).into(),
        verbs: kind.verbs.iter().map(|known| verb(*known).into()).collect(),
    }
}

fn key_scheme(key: KeyScheme) -> v1::KeyScheme {
    match key {
        KeyScheme::Name => v1::KeyScheme::Name,
        KeyScheme::Id => v1::KeyScheme::Id,
        KeyScheme::Singleton => v1::KeyScheme::Singleton,
    }
}

fn verb(verb: Verb) -> v1::Verb {
    match verb {
        Verb::List => v1::Verb::List,
        Verb::Get => v1::Verb::Get,
        Verb::Create => v1::Verb::Create,
        Verb::Upsert => v1::Verb::Upsert,
        Verb::Patch => v1::Verb::Patch,
        Verb::Delete => v1::Verb::Delete,
    }
}

fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let (seconds, micros) = (time.as_micros().div_euclid(1_000_000), time.as_micros().rem_euclid(1_000_000));
    // Less than a million microseconds are less than 2^31 nanoseconds.
    prost_types::Timestamp { seconds, nanos: i32::try_from(micros * 1000).unwrap_or(0) }
}

fn string_map(map: &StringMap) -> v1::StringMap {
    v1::StringMap { entries: map.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect() }
}

// Shared and not copied: it is the text that the store holds.
fn bytes(text: Option<&JsonText>) -> bytes::Bytes {
    text.map(|text| text.as_bytes().clone()).unwrap_or_default()
}

/// The status for a request that makes no sense.
pub(super) fn bad(message: impl Into<String>) -> Status {
    refusal::of(Fault::new("BadRequest", message))
}
