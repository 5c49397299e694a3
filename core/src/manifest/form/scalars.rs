//! The scalars of documents with their places.

use std::ops::Range;

use crate::json::{Json, join};
use crate::manifest::Document;

/// Returns every scalar and where it is written.
pub(super) fn scalars(documents: &[Document]) -> Vec<(Range<usize>, &Json)> {
    let mut found = Vec::new();
    documents.iter().for_each(|document| collect(document, "", &document.value, &mut found));
    found
}

fn collect<'d>(document: &Document, pointer: &str, value: &'d Json, found: &mut Vec<(Range<usize>, &'d Json)>) {
    match value {
        Json::Object(members) => {
            members.iter().for_each(|(name, member)| collect(document, &join(pointer, name), member, found));
        }
        Json::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| collect(document, &join(pointer, &index.to_string()), item, found));
        }
        _ => found.extend(document.position(pointer).map(|place| (place.value, value))),
    }
}
