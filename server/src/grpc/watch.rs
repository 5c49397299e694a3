//! The stream of a watch: a resource is encoded once for all clients that receive it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use kindstore::{ChangeType, Object, WatchEvent, WatchOptions};
use kindstore_proto::{WatchResponse, v1};
use prost::Message;
use tonic::Status;

use super::convert::{collection, resource};
use super::{page, refusal};
use crate::follow::{self, Following};
use crate::shared::Shared;

/// The messages of a watch.
pub(crate) struct Messages {
    events: Following,
    has_ended: bool,
}

/// Begins a watch.
// A request that makes no sense fails at once and not in the stream.
pub(super) fn begin(shared: &Shared, request: &v1::WatchRequest) -> Result<Messages, Status> {
    let selected = page::selected(&shared.store, &request.kind, &request.label_selector, &request.field_selector)?;
    let from = follow::begin(&request.cursor, request.list).map_err(refusal::of)?;
    let key = Some(request.key.clone()).filter(|key| !key.is_empty());
    let options = WatchOptions::default().from(from).key(key).labels(selected.labels).fields(selected.fields);
    let watch =
        collection(&shared.store, &request.kind, &request.namespace)?.watch_with(options).map_err(refusal::status)?;
    Ok(Messages { events: shared.closing.follow(watch, request.bookmark_seconds), has_ended: false })
}

impl Stream for Messages {
    type Item = Result<WatchResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let next = std::task::ready!(Pin::new(&mut self.events).poll_next(context));
        Poll::Ready(Some(match next {
            Some(Ok(event)) => Ok(message(&event)),
            Some(Err(error)) => Err(refusal::status(error)),
            None => {
                self.has_ended = true;
                Err(Status::unavailable("the server stops; go on after the last cursor"))
            }
        }))
    }
}

fn message(event: &WatchEvent) -> WatchResponse {
    let cursor = event.cursor();
    let (change_type, encoded_resource) = match event {
        WatchEvent::Change(change) => (kind_of(change.change_type), change.encoded(encoded)),
        WatchEvent::Bookmark(_) => (v1::ChangeType::Bookmark, Bytes::new()),
    };
    let (cursor, revision) = (cursor.to_string(), cursor.revision);
    WatchResponse { change_type: change_type.into(), cursor, encoded_resource, revision }
}

fn kind_of(change_type: ChangeType) -> v1::ChangeType {
    match change_type {
        ChangeType::Added => v1::ChangeType::Added,
        ChangeType::Modified => v1::ChangeType::Modified,
        ChangeType::Deleted => v1::ChangeType::Deleted,
    }
}

fn encoded(object: &Object) -> Bytes {
    resource(object).encode_to_vec().into()
}
