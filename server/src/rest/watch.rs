//! Watches: as events for browsers (the HTML standard's event stream), or as lines of JSON.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_util::Stream as Flow;
use http::HeaderMap;
use kindstore::kind::Kind;
use kindstore::{WatchEvent, WatchFrom, WatchOptions};

use super::accept::{self, Stream};
use super::address::Collection;
use super::answer::{Answer, Outcome};
use super::failure;
use super::input::Input;
use super::list;
use super::query::Query;
use crate::fault::Fault;
use crate::follow::{self, Following};

/// A piece of a body ends once it has this many bytes.
const PIECE: usize = 32 << 10;

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
    let (events, kind) = (shared.closing.follow(watch, query.bookmark_seconds), Arc::clone(kind));
    let pieces = Pieces { events, form, kind, is_listing: from == WatchFrom::List, has_ended: false };
    let answer = Answer::flowing(Body::from_stream(pieces)).of_type(form.content_type());
    // Events go out one by one, and a compressor would hold them back.
    Ok(answer.uncompressed().unstored())
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

/// The body of a watch, in pieces, each with all events that are ready.
struct Pieces {
    events: Following,
    form: Stream,
    kind: Arc<Kind>,
    /// Whether the first list is under way: until its end a client that reconnects must begin again.
    is_listing: bool,
    has_ended: bool,
}

impl Flow for Pieces {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut piece = String::new();
        while !self.has_ended && piece.len() < PIECE {
            match Pin::new(&mut self.events).poll_next(context) {
                Poll::Ready(Some(Ok(event))) => self.write(&event, &mut piece),
                Poll::Ready(Some(Err(error))) => {
                    // The status was sent long ago, so the error travels as an event.
                    let text = format!("{{\"type\":\"ERROR\",\"object\":{}}}", failure::exception(&error.into()));
                    self.frame(None, &text, &mut piece);
                    self.has_ended = true;
                }
                Poll::Ready(None) => self.has_ended = true,
                Poll::Pending if piece.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(if piece.is_empty() { None } else { Some(Ok(piece.into())) })
    }
}

impl Pieces {
    fn write(&mut self, event: &WatchEvent, piece: &mut String) {
        let cursor = event.cursor();
        let text = match event {
            WatchEvent::Bookmark(_) => {
                self.is_listing = false;
                format!("{{\"type\":\"BOOKMARK\",\"cursor\":\"{cursor}\"}}")
            }
            WatchEvent::Change(change) => {
                let json = match self.kind.flat {
                    None => change.json(),
                    Some(_) => self.kind.document(change.object()).to_text().into(),
                };
                // Written as JSON, it is UTF-8.
                let object = std::str::from_utf8(&json).unwrap_or("null");
                let word = change.change_type.word();
                format!("{{\"type\":\"{word}\",\"cursor\":\"{cursor}\",\"object\":{object}}}")
            }
        };
        // A browser sends the last id when it reconnects. In the middle of a list there is no place to go on from.
        let id = (!self.is_listing).then(|| cursor.to_string());
        self.frame(id.as_deref(), &text, piece);
    }

    fn frame(&self, id: Option<&str>, text: &str, piece: &mut String) {
        let written = match (self.form, id) {
            (Stream::Lines(_), _) => writeln!(piece, "{text}"),
            (Stream::Events, None) => write!(piece, "data: {text}\n\n"),
            (Stream::Events, Some(id)) => write!(piece, "id: {id}\ndata: {text}\n\n"),
        };
        // Writing to a string does not fail.
        debug_assert!(written.is_ok());
    }
}
