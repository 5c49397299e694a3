//! The versions of resources.

use kindstore::patch::Difference;
use kindstore::store::HistoryPage;
use kindstore::{Collection, Json, Version};

use super::super::write::{array, object, quoted, sparse};
use super::super::{Outcome, failure};
use super::PAGE_BYTES;
use super::request::Request;

/// A page of the versions of a resource.
pub(super) fn page(collection: &Collection, request: &Request) -> Outcome<String> {
    let asked =
        HistoryPage::new(request.size()?, PAGE_BYTES).token(request.token()).only_authored(request.authored_only);
    let read = collection.history_page(&request.key, asked);
    let (page, next) = read.map_err(failure::told)?;
    let next = next.map(|token| token.to_string()).unwrap_or_default();
    Ok(object([
        ("versions", array(page.versions.iter().map(told))),
        ("deleted", Json::from(page.is_deleted).to_text()),
        ("nextPageToken", quoted(&next)),
    ]))
}

/// One version of a resource.
pub(super) fn version(collection: &Collection, request: &Request) -> Outcome<String> {
    let found = collection.version(&request.key, request.version()?);
    found.map(|version| told(&version)).map_err(failure::told)
}

/// What differs between two versions of a resource.
pub(super) fn compare(collection: &Collection, request: &Request) -> Outcome<String> {
    let (from, to) = (request.version()?, request.to_version);
    let found = collection.compare(&request.key, from, to).map_err(failure::told)?;
    let number = |version: &Version| version.object.metadata.resource_version.to_string();
    Ok(object([
        ("fromVersion", number(&found.from)),
        ("toVersion", number(&found.to)),
        ("differences", array(found.differences.iter().map(difference))),
    ]))
}

/// Returns the JSON of a place at which two documents differ.
pub(in crate::call) fn difference(it: &Difference) -> String {
    // A side without the member stays out of the answer, where null is a value.
    let value = |value: &Option<Json>| value.as_ref().map(Json::to_text);
    sparse([("path", Some(quoted(&it.pointer))), ("old", value(&it.old)), ("new", value(&it.new))])
}

fn told(version: &Version) -> String {
    sparse([
        ("version", Some(version.object.metadata.resource_version.to_string())),
        ("revision", Some(version.revision.to_string())),
        ("endedRevision", version.ended.map(|ended| ended.to_string())),
        ("authored", Some(Json::from(version.is_authored).to_text())),
        ("resource", Some(version.object.to_json())),
    ])
}
