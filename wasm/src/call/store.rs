//! A store in memory, with all that a server offers.

mod history;
mod open;
mod request;
mod watch;
mod write;

use kindstore::store::Flaw;
use kindstore::{Collection, GetOptions, Json, Object};

pub use self::open::Opened;
use self::request::Request;
pub use self::watch::{Watching, watch};
pub use self::write::{commit, write};
use super::write::{array, object, quoted, sparse};
use super::{Outcome, failure};

/// The most resources or versions on a page.
const MAX_SIZE: usize = 1000;

/// The size in bytes at which a page ends.
const PAGE_BYTES: usize = 4 << 20;

/// Reads what a request asks for: `get`, `list`, `history`, `version` or `compare`.
///
/// # Errors
/// A request that cannot be read, and those of the store.
pub fn read(opened: &Opened, text: &str) -> Outcome<String> {
    let request: Request = super::options::request(text)?;
    let store = &opened.store;
    let collection = request.collection(store)?;
    match request.verb.as_str() {
        "get" => {
            let options = GetOptions::default().reveal(request.reveal).revision(request.revision);
            let found = collection.get_with(&request.key, options).map_err(failure::told)?;
            Ok(found.to_json())
        }
        "list" => list(&collection, &request),
        "history" => history::page(&collection, &request),
        "version" => history::version(&collection, &request),
        "compare" => history::compare(&collection, &request),
        other => Err(failure::bad(format!("there is no read {other:?}"))),
    }
}

fn list(collection: &Collection, request: &Request) -> Outcome<String> {
    let begun = collection
        .page(request.selected(collection.kind())?, request.revision, request.token())
        .map_err(failure::told)?;
    let bounded = begun.limit(request.size()?).bytes(PAGE_BYTES);
    let list = collection.list_with(bounded.clone()).map_err(failure::told)?;
    let next = list.next.map(|after| collection.token(&bounded, list.revision, after).to_string()).unwrap_or_default();
    Ok(object([
        ("resources", array(list.items.iter().map(Object::to_json))),
        ("nextPageToken", quoted(&next)),
        ("revision", list.revision.to_string()),
    ]))
}

/// Compacts the history, except that of this number of the newest commits.
///
/// # Errors
/// Those of the store.
pub fn compact(opened: &Opened, revisions: u64) -> Outcome<String> {
    let done = opened.store.compact(revisions).map_err(failure::told)?;
    Ok(object([
        ("floor", done.floor.to_string()),
        ("revision", done.revision.to_string()),
        ("removed", done.removed.to_string()),
    ]))
}

/// Checks all that is stored, and returns the flaws.
///
/// # Errors
/// Those of the store.
pub fn check(opened: &Opened) -> Outcome<String> {
    let report = opened.check()?;
    let optional = |text: &Option<String>| text.as_deref().map(quoted);
    let flaw = |flaw: &Flaw| {
        sparse([
            ("kind", optional(&flaw.kind)),
            ("namespace", optional(&flaw.namespace)),
            ("key", optional(&flaw.key)),
            ("message", Some(quoted(&flaw.message))),
        ])
    };
    Ok(object([
        ("sound", Json::from(report.is_sound()).to_text()),
        ("resources", report.resources.to_string()),
        ("flaws", array(report.flaws.iter().map(flaw))),
    ]))
}
