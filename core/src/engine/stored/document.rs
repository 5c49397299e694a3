//! From a stored object to the document that a caller may change, and back.

use std::borrow::Cow;

use super::collection::CollectionRef;
use super::record::{Record, Selected};
use crate::engine::clock::time_of_change;
use crate::json::{Json, Members};
use crate::kind::Kind;
use crate::object::{JsonText, Metadata, Object, ResourceId, StringMap, Timestamp};
use crate::rules::envelope::{self, Caller};
use crate::rules::secret::Secrets;
use crate::rules::{initial, secret};

/// Returns the part of a stored resource that a caller writes, secret members included.
pub(crate) fn user_document(kind: &Kind, record: &Record, caller: Caller) -> Json {
    let object = &record.object;
    let mut metadata = extra_members(kind, object, |read_only| !read_only || caller == Caller::System);
    if let Some(name) = &object.metadata.name {
        metadata.insert("name".to_owned(), Json::from(name.as_str()));
    }
    for (name, map) in [("labels", &object.metadata.labels), ("annotations", &object.metadata.annotations)] {
        if let Some(map) = map {
            metadata.insert(name.to_owned(), from_map(map));
        }
    }
    let mut document = Members::from([
        ("kind".to_owned(), Json::from(&*object.kind)),
        ("apiVersion".to_owned(), Json::from(&*object.api_version)),
        ("metadata".to_owned(), Json::Object(metadata)),
    ]);
    let status = object.status.as_ref().filter(|_| caller == Caller::System);
    for (name, text) in [("spec", object.spec.as_ref()), ("status", status)] {
        if let Some(text) = text {
            document.insert(name.to_owned(), text.to_value());
        }
    }
    let mut document = Json::Object(document);
    // With its secrets: a merge patch is applied to this document, and one that names no secret must keep them.
    secret::reveal(&mut document, &record.secrets);
    document
}

/// The values that the store gives a new version.
pub(crate) struct Stamp<'a> {
    pub(crate) id: ResourceId,
    pub(crate) now: Timestamp,
    /// The version that it supersedes.
    pub(crate) old: Option<&'a Object>,
}

/// Returns the resource as it will be stored: with id, times and version, and with the members that belong to the system
/// carried over from the old version, unless the caller is the system.
pub(crate) fn stamp(
    collection: CollectionRef<'_>,
    caller: Caller,
    mut document: Json,
    Stamp { id, now, old }: Stamp<'_>,
) -> Object {
    let CollectionRef { kind, namespace } = collection;
    let mut part = |name: &str| match &mut document {
        Json::Object(members) => members.remove(name),
        _ => None,
    };
    let (metadata, spec, status) = (part("metadata"), part("spec"), part("status"));
    let mut members = match metadata {
        Some(Json::Object(members)) => members,
        _ => Members::new(),
    };
    let name = members.remove("name").and_then(|name| name.as_str().map(str::to_owned));
    let name = name.or_else(|| kind.singleton_name.clone());
    let labels = members.remove("labels").map(to_map);
    let annotations = members.remove("annotations").map(to_map);
    let text = |value: Json| JsonText::from_value(&value);
    // A document of a user lacks the members of the system, and saying nothing of them must not remove them.
    let kept = old.filter(|_| caller == Caller::User);
    if let Some(old) = kept {
        members.extend(extra_members(kind, old, |read_only| read_only));
    }
    let created_at = old.map_or(now, |old| old.metadata.created_at);
    let last = old.and_then(|old| old.metadata.modified_at).unwrap_or(created_at);
    let modified_at = time_of_change(now, last).max(created_at);
    let metadata = Metadata {
        id,
        name,
        namespace: namespace.map(str::to_owned),
        created_at,
        modified_at: kind.has_metadata("modifiedAt").then_some(modified_at),
        labels,
        annotations,
        resource_version: old.map_or(1, |old| old.metadata.resource_version + 1),
        extra: (!members.is_empty()).then(|| text(Json::Object(members))),
    };
    let status = match kept {
        Some(old) => old.status.clone(),
        None => status.map(text),
    };
    Object { kind: kind.name.clone(), api_version: kind.api_version.clone(), metadata, spec: spec.map(text), status }
}

/// Returns the values of the kind's selectable members. A user's document lacks those that the system owns, which are
/// taken from the current record.
pub(crate) fn selected(kind: &Kind, caller: Caller, document: &Json, current: Option<&Record>) -> Selected {
    let kept = current.filter(|_| caller == Caller::User);
    Selected::new(kind.selectable.iter().enumerate().map(|(index, pointer)| match kept {
        Some(record) if envelope::is_owned(kind, pointer) => record.selected.get(index).map(Cow::Borrowed),
        _ => document.at(pointer).and_then(scalar),
    }))
}

/// Returns the values of the kind's selectable members of a stored resource.
pub(crate) fn selected_of(kind: &Kind, object: &Object) -> Selected {
    if kind.selectable.is_empty() {
        return Selected::default();
    }
    let document = object.to_value();
    Selected::new(kind.selectable.iter().map(|pointer| document.at(pointer).and_then(scalar)))
}

/// The text of a string, a number or a boolean.
fn scalar(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Number(number) => Some(Cow::Owned(number.to_string())),
        Json::Bool(flag) => Some(Cow::Borrowed(if flag.value() { "true" } else { "false" })),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Returns the singleton of a kind before its first write: empty, with the id and the age of its namespace.
pub(crate) fn unwritten(collection: CollectionRef<'_>, owner: &Metadata) -> Object {
    let CollectionRef { kind, namespace } = collection;
    let mut document = Json::object();
    initial::fill(kind, &mut document);
    let metadata = Metadata {
        id: owner.id,
        name: kind.singleton_name.clone(),
        namespace: namespace.map(str::to_owned),
        created_at: owner.created_at,
        modified_at: kind.has_metadata("modifiedAt").then_some(owner.created_at),
        labels: None,
        annotations: None,
        resource_version: 1,
        extra: None,
    };
    let status = document.get("status").map(JsonText::from_value);
    let spec = Some(JsonText::from_value(&Json::object()));
    Object { kind: kind.name.clone(), api_version: kind.api_version.clone(), metadata, spec, status }
}

/// Whether two records differ in nothing but time and version, so that storing the new one would change nothing.
pub(crate) fn is_same(new: &Record, old: &Record) -> bool {
    let (new_metadata, old_metadata) = (&new.object.metadata, &old.object.metadata);
    // Targets and selected values are left out, since they follow from the documents. To repeat a document changes
    // nothing, even if the target of a dangling reference was created since.
    new.object.spec == old.object.spec
        && new.object.status == old.object.status
        && new.secrets == old.secrets
        && new_metadata.name == old_metadata.name
        && new_metadata.labels == old_metadata.labels
        && new_metadata.annotations == old_metadata.annotations
        && new_metadata.extra == old_metadata.extra
}

/// Returns the newest version that changed more than the status, when this object supersedes an older one. Metadata that
/// the system writes counts as status.
pub(crate) fn authored(caller: Caller, object: &Object, secrets: &Secrets, old: &Record) -> u64 {
    let (new_metadata, old_metadata) = (&object.metadata, &old.object.metadata);
    let is_status_only = object.spec == old.object.spec
        && *secrets == old.secrets
        && new_metadata.labels == old_metadata.labels
        && new_metadata.annotations == old_metadata.annotations
        && (caller == Caller::System || new_metadata.extra == old_metadata.extra);
    if is_status_only { old.authored } else { new_metadata.resource_version }
}

/// Returns the kind's own members of an object's metadata, filtered by whether the member is read-only.
fn extra_members(kind: &Kind, object: &Object, wanted: impl Fn(bool) -> bool) -> Members {
    let Some(Json::Object(mut members)) = object.metadata.extra.as_ref().map(JsonText::to_value) else {
        return Members::new();
    };
    members.retain(|name, _| wanted(kind.metadata_schema(name).is_some_and(|schema| schema.read_only)));
    members
}

fn from_map(map: &StringMap) -> Json {
    Json::Object(map.iter().map(|(name, text)| (name.to_owned(), Json::from(text))).collect())
}

/// Converts a map of strings; validation has refused other values.
fn to_map(value: Json) -> StringMap {
    let Json::Object(members) = value else { return StringMap::new() };
    let entry = |(name, value): (String, Json)| match value {
        Json::String(text) => Some((name, text)),
        _ => None,
    };
    members.into_iter().filter_map(entry).collect()
}
