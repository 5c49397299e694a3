//! Lists: a short one is answered at once, a long one in JSON flows while it is read, so that it takes no more memory than
//! a few steps of it.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use kindstore::kind::Kind;
use kindstore::store::SelectorError;
use kindstore::{List, ListOptions, Object, ResourceId, Selector, Store};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::accept::Media;
use super::address::Collection;
use super::answer::{Answer, Outcome, begin};
use super::input::Input;
use super::query::Query;
use crate::fault::Fault;
use crate::paging;

/// How many resources are read on the task itself; what is behind them goes to a thread that may block.
const INLINE: usize = 64;
const INLINE_BYTES: usize = 1 << 20;

/// At about how many bytes a page ends, which then has less resources than were asked for.
const PAGE_BYTES: usize = 4 << 20;

/// How many resources are read at once after that, and at about how many bytes a step ends.
const STEP: usize = 128;
const STEP_BYTES: usize = 256 << 10;

/// How many steps wait for a slow client.
const WAITING: usize = 1;

pub(super) async fn answer(input: Input<'_>, collection: &Collection) -> Outcome {
    let (kind, Input { shared, query, media, .. }) = (&collection.kind, input);
    if kind.flat.is_some() && (query.limit.is_some() || query.token.is_some()) {
        let message = format!("a list of {} has no pages here; leave out limit and continue", kind.plural);
        return Err(Fault::new("BadRequest", message));
    }
    let selected = match query.is_of_revision() {
        true => collection.of(&shared.store)?.page(selected(kind, query)?, query.revision, query.token.as_deref())?,
        false => selected(kind, query)?,
    };
    let limit = query.limit.unwrap_or(INLINE);
    let bytes = if query.limit.is_some() { PAGE_BYTES } else { INLINE_BYTES };
    let first = selected.clone().limit(limit).bytes(bytes);
    let read = match !query.selects() && !query.is_of_revision() {
        true => collection.of(&shared.store)?.list_with(first),
        false => {
            // Few of many resources may match, and an earlier revision is searched: both can take longer than a task may.
            let (store, all) = (shared.store.clone(), collection.clone());
            let read = tokio::task::spawn_blocking(move || all.of(&store)?.list_with(first));
            read.await.map_err(|_| Fault::new("Internal", "the list could not be read"))?
        }
    };
    let list = read.map_err(|error| paging::fault(error, query.token.is_some()))?;
    if query.limit.is_some() {
        let at = collection.of(&shared.store)?;
        let next = list.next.map(|after| at.token(&selected, list.revision, after).to_string());
        return Ok(Answer::list(kind, &list, next.as_deref()));
    }
    let Some(after) = list.next else { return Ok(Answer::list(kind, &list, None)) };
    let rest = Rest { store: shared.store.clone(), collection: collection.clone(), selected };
    match media {
        Media::Json if kind.flat.is_none() => {
            let begin = begin(kind, &list, None);
            Ok(Answer::flowing(rest.flow(begin, after)))
        }
        _ => rest.whole(list, after, media).await,
    }
}

/// The part of a list behind its first step.
struct Rest {
    store: Store,
    collection: Collection,
    selected: ListOptions,
}

/// The options of a list that a query selects by labels, by members, and by the filters of the published API, which are
/// selectable members of metadata by their names.
pub(super) fn selected(kind: &Kind, query: &Query) -> Result<ListOptions, Fault> {
    let wrong = |error: SelectorError| Fault::new("BadRequest", error.to_string());
    let mut selected = ListOptions::selecting(kind, &query.label_selector, &query.field_selector).map_err(wrong)?;
    for (name, id) in &query.filters {
        let pointer = format!("/metadata/{name}");
        if !kind.selectable.contains(&pointer) {
            return Err(Fault::new("BadRequest", format!("a list of {} cannot be filtered by {name:?}", kind.plural)));
        }
        selected.fields = selected.fields.and(Selector::equal(&format!("metadata.{name}"), &id.to_string()));
    }
    Ok(selected)
}

impl Rest {
    /// The whole list in one piece, for forms that cannot be written piece by piece.
    async fn whole(self, list: List, after: ResourceId, media: Media) -> Outcome {
        let read = move || {
            let options = self.selected.clone().after(after);
            let rest = self.collection.of(&self.store)?.list_with(options)?;
            let items = list.items.into_iter().chain(rest.items).collect();
            let list = List { items, next: None, revision: list.revision };
            Ok(Answer::list(&self.collection.kind, &list, None).written(media))
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| Fault::new("Internal", "the list could not be read"))?
    }

    /// The list as JSON text, a step at a time.
    // When a step cannot be read the body breaks off without its end (RFC 9112, section 8), which every client can
    // distinguish from a whole list: the status was sent already.
    fn flow(self, begin: String, mut after: ResourceId) -> Body {
        // The channel bounds the memory: a step is read only when the client has taken an earlier one.
        let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(WAITING);
        let rest = Arc::new(self);
        tokio::spawn(async move {
            let mut next = Some(Bytes::from(begin));
            while let Some(piece) = next.take() {
                // The client may be gone; then the rest is not needed.
                if sender.send(Ok(piece)).await.is_err() {
                    return;
                }
                let rest = Arc::clone(&rest);
                // Only the reading may block; a slow client keeps no thread.
                match tokio::task::spawn_blocking(move || rest.step(after)).await {
                    Ok(Ok((piece, Some(last)))) => (next, after) = (Some(piece), last),
                    Ok(Ok((piece, None))) => return drop(sender.send(Ok(piece)).await),
                    Ok(Err(error)) => {
                        tracing::error!(%error, "a list breaks off");
                        return drop(sender.send(Err(std::io::Error::other("the list could not be read"))).await);
                    }
                    Err(_) => return drop(sender.send(Err(std::io::Error::other("the list could not be read"))).await),
                }
            }
        });
        Body::from_stream(ReceiverStream::new(receiver))
    }

    /// The text of the next step, and the last id of it when there is more.
    fn step(&self, after: ResourceId) -> kindstore::Result<(Bytes, Option<ResourceId>)> {
        let options = self.selected.clone().after(after).limit(STEP).bytes(STEP_BYTES);
        let list = self.collection.of(&self.store)?.list_with(options)?;
        let mut text = String::with_capacity(list.items.iter().map(Object::size).sum::<usize>() + 2);
        for object in &list.items {
            text.push(',');
            object.write_json(&mut text);
        }
        if list.next.is_none() {
            text.push_str("]}");
        }
        Ok((text.into(), list.next))
    }
}
