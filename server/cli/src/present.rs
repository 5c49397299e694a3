//! The current resource of a document, and whether the document differs from it.

use kindstore::kind::Verb;
use kindstore::patch::merge_patch;
use kindstore::validation::ManifestValidator;
use kindstore::{FieldValidation, Json, Object, Registry};

use super::access::{Access, Look, WriteOutcome};
use super::batch::{self, Done};
use super::failure::{Failure, Result};
use super::manifest::Item;

/// The resource as it is, if it is there.
pub(crate) fn present(access: &dyn Access, item: &Item) -> Result<Option<Object>> {
    let reference = &item.reference;
    if !reference.kind.allows(Verb::Get) || (reference.key.is_empty() && !reference.kind.is_singleton()) {
        return Ok(None);
    }
    match access.get(reference, Look::default()) {
        Ok(object) => Ok(Some(object)),
        // The namespace may be missing too; the write reports that better than a read.
        Err(failure) if failure.is("NotFound") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Resources without names have ids that the store gives: one that is there can be compared, a new one looks the same as
/// one that was applied before.
pub(crate) fn applied_by_id(access: &dyn Access, item: &Item) -> Result<Done> {
    match present(access, item)? {
        Some(object) => unchanged(object, item),
        None => Err(batch::nameless(item, "apply").hint("`kindstore create -f` makes a new one each time")),
    }
}

/// A resource that cannot be changed is as it should be, or it is refused.
pub(crate) fn unchanged(object: Object, item: &Item) -> Result<Done> {
    if differs(&object, &kept(item)?) {
        let kind = &item.reference.kind;
        let verbs = kind.verb_names();
        let message = format!("{} {:?} exists and differs", kind.name, item.reference.key);
        return Err(Failure::new("AlreadyExists", message)
            .hint(format!("a {} cannot be changed, it supports {verbs}", kind.name)));
    }
    let written = WriteOutcome { object, was_created: false, was_stored: false, warnings: Vec::new() };
    Ok(Done { word: "unchanged".into(), written })
}

/// What a store would keep of a document: members that no resource of the kind has are dropped by every write.
fn kept(item: &Item) -> Result<Json> {
    let registry = Registry::builtin()?;
    let namespace = item.reference.namespace.as_deref();
    let terms = ManifestValidator { registry: &registry, namespace, field_validation: FieldValidation::Ignore };
    let document = item.manifest.value();
    Ok(match terms.validate(&item.manifest.part, &[]).value {
        // A kind that only the store knows.
        None => document.clone(),
        // Only what the document says itself counts, and not what it gets by default.
        Some(stored) if document.get("metadata").is_some() => common(document, stored),
        // The flat form has the members elsewhere.
        Some(stored) => stored,
    })
}

/// The part of what is stored that the document says.
fn common(document: &Json, stored: Json) -> Json {
    match (document, stored) {
        (Json::Object(said), Json::Object(stored)) => Json::Object(
            stored
                .into_iter()
                .filter_map(|(name, value)| Some((name.clone(), common(said.get(&name)?, value))))
                .collect(),
        ),
        (_, stored) => stored,
    }
}

/// Whether a document says anything that the resource does not.
fn differs(object: &Object, document: &Json) -> bool {
    let mut wanted = document.clone();
    // The store ignores the members that belong to it, so a difference in them is none.
    if let Json::Object(members) = &mut wanted {
        members.remove("status");
    }
    if let Some(Json::Object(metadata)) = wanted.get_mut("metadata") {
        metadata.retain(|name, _| !["id", "createdAt", "modifiedAt", "resourceVersion"].contains(&name.as_str()));
        if object.metadata.namespace.is_none() {
            metadata.remove("namespace");
        }
    }
    let before = object.to_value();
    without_empty(&mut wanted, Some(&before));
    let mut after = before.clone();
    // As a merge patch: members that the document leaves out may have come from defaults, and are no difference.
    merge_patch(&mut after, &wanted);
    after != before
}

/// Drops objects with nothing in them where the resource has none: they say nothing.
fn without_empty(wanted: &mut Json, there: Option<&Json>) {
    let Json::Object(members) = wanted else { return };
    members.retain(|name, member| {
        let there = there.and_then(|there| there.get(name));
        without_empty(member, there);
        there.is_some() || member.as_object().is_none_or(|object| !object.is_empty())
    });
}
