//! Watches: as events for browsers (the HTML standard's event stream), or as lines of JSON.

use std::sync::Arc;

use axum::body::Body;
use http::HeaderMap;
use kindstore::kind::Kind;
use kindstore::{Error, WatchEvent, WatchFrom, WatchOptions};

use super::accept::{self, Stream};
use super::address::Collection;
use super::answer::{Answer, Outcome};
use super::failure;
use super::input::Input;
use super::list;
use super::query::Query;
use crate::fault::Fault;
use crate::follow::{self, Form, Pieces};

/// Watches the resources of a kind, or the one with this key.
pub(super) fn answer(input: Input<'_>, collection: &Collection, key: Option<&str>) -> Outcome {
    let (kind, Input { shared, query, parts, .. }) = (&collection.kind, input);
    let headers = &parts.headers;
    let form = accept::negotiate_stream(headers)?;
    let selected = list::selected(kind, query)?;
    let from = begin(query, headers)?;
    let key = key.map(str::to_owned);
    let options = WatchOptions::default().from(from).key(key).labels(selected.labels).fields(selected.fields);
    let watch = collection.of(&shared.store)?.watch_with(options)?;
    let text = Text { form, kind: Arc::clone(kind), is_listing: from == WatchFrom::List };
    let body = shared.follow(watch, query.bookmark_seconds, text);
    let answer = Answer::flowing(Body::new(body)).of_type(form.content_type());
    // Events go out one by one, and a compressor would hold them back.
    Ok(answer.uncompressed().unstored().watching())
}

/// Where a watch begins: a browser that comes again says where it was, and that counts before what its address says. One
/// that saw no event yet says nothing.
fn begin(query: &Query, headers: &HeaderMap) -> Result<WatchFrom, Fault> {
    let last = headers.get("last-event-id").filter(|id| !id.as_bytes().trim_ascii().is_empty());
    match last.map(|id| id.to_str()) {
        Some(Ok(id)) => follow::begin(id, false),
        Some(Err(_)) => Err(Fault::new("BadRequest", "the header Last-Event-ID is not ASCII")),
        None => match query.from.as_str() {
            "" | "now" => Ok(WatchFrom::Now),
            "list" => Ok(WatchFrom::List),
            cursor => follow::begin(cursor, false),
        },
    }
}

/// A watch as events or as lines of JSON.
struct Text {
    form: Stream,
    kind: Arc<Kind>,
    /// Whether the first list is under way: until its end a client that reconnects must begin again.
    is_listing: bool,
}

impl Form for Text {
    fn event(&mut self, event: &WatchEvent, pieces: &mut Pieces) {
        let cursor = event.cursor();
        if matches!(event, WatchEvent::Bookmark(_)) {
            self.is_listing = false;
        }
        if self.form == Stream::Events {
            // A browser sends the last id when it reconnects. In the middle of a list there is no place to go on from.
            let id = if self.is_listing { String::new() } else { format!("id: {cursor}\n") };
            pieces.put(format!("{id}data: ").as_bytes());
        }
        match event {
            WatchEvent::Bookmark(_) => {
                pieces.put(format!("{{\"type\":\"BOOKMARK\",\"cursor\":\"{cursor}\"}}").as_bytes());
            }
            WatchEvent::Change(change) => {
                let word = change.change_type.word();
                pieces.put(format!("{{\"type\":\"{word}\",\"cursor\":\"{cursor}\",\"object\":").as_bytes());
                pieces.share(match self.kind.flat {
                    None => change.json(),
                    Some(_) => change.document(|object| self.kind.document(object).to_text().into()),
                });
                pieces.put(b"}");
            }
        }
        pieces.put(self.line_end());
    }

    fn end(&mut self, error: Option<Error>, pieces: &mut Pieces) -> Option<HeaderMap> {
        if let Some(error) = error {
            // The status was sent long ago, so the error travels as an event.
            let begin = if self.form == Stream::Events { "data: " } else { "" };
            let exception = failure::exception(&error.into());
            pieces.put(format!("{begin}{{\"type\":\"ERROR\",\"object\":{exception}}}").as_bytes());
            pieces.put(self.line_end());
        }
        None
    }
}

impl Text {
    fn line_end(&self) -> &'static [u8] {
        if self.form == Stream::Events { b"\n\n" } else { b"\n" }
    }
}
