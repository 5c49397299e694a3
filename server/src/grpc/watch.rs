//! The stream of a watch: a resource is encoded once for all clients that receive it, and its bytes are shared by all of them.
//!
//! The encoder of the gRPC library copies each message into a buffer of the call. So the method's own stream stays empty,
//! and its response brings along a body of ready frames ([`Messages`]), which takes the place of the library's
//! ([`with_own_body`]).

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use kindstore::{ChangeType, Error, Object, WatchEvent, WatchOptions};
use kindstore_proto::{WatchResponse, v1};
use prost::Message;
use tonic::body::Body;
use tonic::{Response, Status};

use super::convert::{collection, resource};
use super::{page, refusal};
use crate::follow::{self, Form, IsWatch, Pieces};
use crate::shared::Shared;

/// The stream that the library sees.
pub(super) type NoMessages = tokio_stream::Empty<Result<WatchResponse, Status>>;

/// The key of the field `resource` of `WatchResponse`: number 3, with a length.
const RESOURCE_KEY: u8 = 3 << 3 | 2;

/// A body on its way from the method to the response. Extensions of a response can be cloned; the body is taken once.
#[derive(Clone)]
struct OwnBody(Arc<Mutex<Option<Body>>>);

/// Begins a watch.
// A request that makes no sense fails at once and not in the stream.
pub(super) fn begin(shared: &Shared, request: &v1::WatchRequest) -> Result<Response<NoMessages>, Status> {
    let selected = page::selected(&shared.store, &request.kind, &request.label_selector, &request.field_selector)?;
    let from = follow::begin(&request.cursor, request.list).map_err(refusal::of)?;
    let key = Some(request.key.clone()).filter(|key| !key.is_empty());
    let options = WatchOptions::default().from(from).key(key).labels(selected.labels).fields(selected.fields);
    let watch =
        collection(&shared.store, &request.kind, &request.namespace)?.watch_with(options).map_err(refusal::status)?;
    let body = Body::new(shared.follow(watch, request.bookmark_seconds, Messages));
    let mut response = Response::new(tokio_stream::empty());
    response.extensions_mut().insert(OwnBody(Arc::new(Mutex::new(Some(body)))));
    Ok(response)
}

/// Returns the response with the body that its method made for it, if it made one.
pub(super) fn with_own_body(mut response: http::Response<Body>) -> http::Response<Body> {
    let own = response.extensions_mut().remove::<OwnBody>();
    let body = own.and_then(|OwnBody(body)| body.lock().unwrap_or_else(PoisonError::into_inner).take());
    match body {
        Some(body) => {
            response.extensions_mut().insert(IsWatch);
            response.map(|_| body)
        }
        None => response,
    }
}

/// A watch as messages, each in its frame.
struct Messages;

impl Form for Messages {
    fn event(&mut self, event: &WatchEvent, pieces: &mut Pieces) {
        let cursor = event.cursor();
        let (change_type, encoded) = match event {
            WatchEvent::Change(change) => (kind_of(change.change_type), change.encoded(encoded)),
            WatchEvent::Bookmark(_) => (v1::ChangeType::Bookmark, Bytes::new()),
        };
        let begin = WatchResponse { change_type: change_type.into(), cursor: cursor.to_string(), ..Default::default() };
        let end = WatchResponse { revision: cursor.revision, ..Default::default() };
        frame(&begin, encoded, &end, pieces);
    }

    fn end(&mut self, error: Option<Error>, _: &mut Pieces) -> Option<HeaderMap> {
        let status = match error {
            Some(error) => refusal::status(error),
            None => Status::unavailable("the server stops; go on after the last cursor"),
        };
        let mut trailers = HeaderMap::new();
        if status.add_header(&mut trailers).is_err() {
            // A message or details that no header can carry would be a mistake here; the code is what counts.
            trailers.clear();
            trailers.insert(Status::GRPC_STATUS, (status.code() as i32).into());
        }
        Some(trailers)
    }
}

/// Writes a message in its frame (the length-prefixed message of the gRPC protocol): what is before the resource, the
/// resource, what is after it. Fields of a message may follow each other by the bytes.
fn frame(begin: &WatchResponse, resource: Bytes, end: &WatchResponse, pieces: &mut Pieces) {
    let mut head = vec![0; 5];
    // Writing to a vector does not fail.
    let _ = begin.encode(&mut head);
    if !resource.is_empty() {
        head.push(RESOURCE_KEY);
        let _ = prost::encode_length_delimiter(resource.len(), &mut head);
    }
    let length = head.len() - 5 + resource.len() + end.encoded_len();
    // A resource has a few MiB at the most.
    head[1..5].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    pieces.put(&head);
    pieces.share(resource);
    pieces.put(&end.encode_to_vec());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_bytes_of_the_encoded_message() {
        for length in [0, 1, 127, 128, 9_000, 2 << 20] {
            let (cursor, encoded_resource) = ("41.3".to_owned(), Bytes::from(vec![7; length]));
            let whole = WatchResponse { change_type: 2, cursor, encoded_resource, revision: 41 };
            let begin = WatchResponse { encoded_resource: Bytes::new(), revision: 0, ..whole.clone() };
            let end = WatchResponse { revision: 41, ..Default::default() };
            let mut pieces = Pieces::default();
            frame(&begin, whole.encoded_resource.clone(), &end, &mut pieces);
            let written: Vec<u8> = std::iter::from_fn(|| pieces.rest()).flatten().collect();
            let message = whole.encode_to_vec();
            let prefix = u32::try_from(message.len()).expect("it is short").to_be_bytes();
            assert_eq!(written, [&[0], &prefix[..], &message].concat());
        }
    }
}
