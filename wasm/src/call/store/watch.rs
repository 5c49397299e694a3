//! Watches, which are polled for events.

use kindstore::{ChangeType, Cursor, Watch, WatchEvent, WatchFrom, WatchOptions};

use super::super::options::request;
use super::super::write::{quoted, sparse};
use super::super::{Outcome, failure};
use super::open::Opened;
use super::request::Request;

/// A watch under way.
#[derive(Debug)]
pub struct Watching {
    watch: Watch,
    tells_bookmarks: bool,
}

/// Begins the watch of a request.
///
/// # Errors
/// A request that cannot be read, and those of the store.
pub fn watch(opened: &Opened, text: &str) -> Outcome<Watching> {
    let request: Request = request(text)?;
    let store = &opened.store;
    let kind = store.registry().require(&request.kind).map_err(failure::told)?;
    let selected = request.selected(kind)?;
    let options = WatchOptions::default()
        .from(from(&request)?)
        .key(Some(request.key.clone()).filter(|key| !key.is_empty()))
        .labels(selected.labels)
        .fields(selected.fields);
    let watch = request.collection(store)?.watch_with(options).map_err(failure::told)?;
    Ok(Watching { watch, tells_bookmarks: request.bookmarks })
}

fn from(request: &Request) -> Outcome<WatchFrom> {
    let cursor = request.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    match (cursor, request.list) {
        (None, false) => Ok(WatchFrom::Now),
        (None, true) => Ok(WatchFrom::List),
        (Some(text), false) => {
            let cursor = text.parse::<Cursor>();
            let cursor = cursor.map_err(|error| failure::bad(format!("the cursor {text:?} is {error}")))?;
            Ok(WatchFrom::After(cursor))
        }
        (Some(_), true) => Err(failure::bad("a watch begins with a list or after a cursor, not both")),
    }
}

impl Watching {
    /// Returns the next event, if there is one now.
    ///
    /// # Errors
    /// `Expired` when it is not kept any more.
    pub fn event(&mut self) -> Outcome<Option<String>> {
        loop {
            // Never blocks: without threads nothing could happen meanwhile. The package polls after each write.
            let Some(event) = self.watch.try_next().map_err(failure::told)? else { return Ok(None) };
            if self.tells_bookmarks || matches!(event, WatchEvent::Change(_)) {
                return Ok(Some(told(&event)));
            }
        }
    }

    /// Returns the cursor up to which every event was returned.
    pub fn cursor(&self) -> String {
        self.watch.cursor().to_string()
    }
}

fn told(event: &WatchEvent) -> String {
    let (word, resource) = match event {
        WatchEvent::Change(change) => (ChangeType::word(change.change_type), Some(change.object().to_json())),
        WatchEvent::Bookmark(_) => ("BOOKMARK", None),
    };
    let cursor = event.cursor();
    sparse([
        ("type", Some(quoted(word))),
        ("cursor", Some(quoted(&cursor.to_string()))),
        ("revision", Some(cursor.revision.to_string())),
        ("resource", resource),
    ])
}
