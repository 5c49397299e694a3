//! The REST API: a request is routed by the definitions of the kinds, read, handed to the store, and answered.

mod accept;
mod address;
mod answer;
mod app;
mod batch;
mod body;
mod condition;
mod failure;
mod history;
mod info;
mod input;
mod list;
mod method;
mod query;
mod route;
mod watch;
mod write;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use http::request::Parts;
use http::{Method, Request, Response};

use self::accept::Media;
use self::route::Place;
use crate::fault::Fault;
use crate::shared::Shared;

/// Answers every request that is not gRPC.
// Whatever goes wrong, the answer is one that clients can parse.
pub(crate) async fn handle(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let is_head = request.method() == Method::HEAD;
    let response = respond(&shared, request).await;
    if is_head { answer::without_body(response) } else { response }
}

async fn respond(shared: &Shared, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut body = Some(body);
    let response = answer(shared, &parts, &mut body).await;
    // A client that is still sending sees the answer only when its body is read.
    if let Some(unread) = body {
        body::drain(unread).await;
    }
    response
}

async fn answer(shared: &Shared, parts: &Parts, body: &mut Option<Body>) -> Response<Body> {
    let media = accept::negotiate(&parts.headers);
    let place = match route::find(shared.store.registry(), parts.uri.path()) {
        Ok(place) => place,
        Err(fault) => return failure::render(&fault, media.unwrap_or(Media::Json), false),
    };
    let is_flat = place.is_flat();
    let media = match media {
        Ok(media) => media,
        // A file has the form that it has.
        Err(_) if matches!(place, Place::Swagger(_) | Place::App(_)) => Media::Json,
        // So do the events of a watch.
        Err(_) if accept::takes_stream(&parts.headers) && query::watches(parts.uri.query()) => Media::Json,
        Err(fault) => return failure::render(&fault, Media::Json, is_flat),
    };
    match method::dispatch(shared, &place, media, parts, body).await {
        Ok(answer) => answer.render(media),
        Err(fault) => failure::render(&fault, media, is_flat),
    }
}

/// The failure of a request that never reached a place, in JSON.
pub(crate) fn plain_failure(fault: &Fault) -> Response<Body> {
    failure::render(fault, Media::Json, false)
}
