//! The current resource of a document, and whether the document differs from it.

use kindstore::kind::Verb;
use kindstore::patch::merge_patch;
use kindstore::{Json, Object};

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
    if differs(&object, item.manifest.value()) {
        let kind = &item.reference.kind;
        let verbs = kind.verb_names();
        let message = format!("{} {:?} exists and differs", kind.name, item.reference.key);
        return Err(Failure::new("AlreadyExists", message)
            .hint(format!("a {} cannot be changed, it supports {verbs}", kind.name)));
    }
    let written = WriteOutcome { object, was_created: false, was_stored: false, warnings: Vec::new() };
    Ok(Done { word: "unchanged".into(), written })
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
    }
    let before = object.to_value();
    let mut after = before.clone();
    // As a merge patch: members that the document leaves out may have come from defaults, and are no difference.
    merge_patch(&mut after, &wanted);
    after != before
}
