//! Adds the system's members to a new resource.

use super::immutable::put;
use crate::json::{Json, join};
use crate::kind::Kind;

/// Adds the system's first metadata and status, where the document has none.
pub(crate) fn fill(kind: &Kind, document: &mut Json) {
    let applies = |pointer: &String| document.at(pointer).is_some_and(|value| !value.is_null());
    let Some(initial) = kind.initial.iter().find(|initial| initial.when_present.as_ref().is_none_or(applies)) else {
        return;
    };
    let members = initial.metadata.iter().map(|(name, value)| (join("/metadata", name), value));
    let status = initial.status.iter().map(|status| ("/status".to_owned(), status));
    for (pointer, value) in members.chain(status) {
        if document.at(&pointer).is_none() {
            put(document, &pointer, value.clone());
        }
    }
}
