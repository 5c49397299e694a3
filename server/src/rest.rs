//! The REST API: a request is routed by the definitions of the kinds, read, handed to the store, and answered.

mod accept;
mod address;
mod answer;
mod app;
mod batch;
mod body;
mod condition;
mod entity_tag;
mod failure;
mod flow;
mod form;
mod history;
mod info;
mod input;
mod list;
mod method;
mod published;
mod query;
mod route;
mod watch;
mod write;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use http::header::{ACCEPT, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};

use self::accept::Media;
use self::answer::Answer;
use self::route::Place;
use crate::fault::Fault;
use crate::shared::Shared;
use crate::unread;

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
    if let Some(rest) = body {
        unread::drain_body(&parts.headers, rest).await;
    }
    response
}

async fn answer(shared: &Shared, parts: &Parts, body: &mut Option<Body>) -> Response<Body> {
    let media = accept::negotiate(&parts.headers);
    let place = match route::find(shared.store.registry(), parts.uri.path()) {
        Ok(place) => place,
        Err(fault) => {
            let is_flat = published::is_flat(parts.uri.path());
            return failure::render(&fault, media.unwrap_or(Media::Json), is_flat);
        }
    };
    let is_flat = place.is_flat();
    let media = match media {
        Ok(media) => media,
        // A file has the form that it has.
        Err(_) if matches!(place, Place::Swagger(_) | Place::App(_)) => Media::Json,
        // So do the events of a watch, which finds out by itself whether its client takes them.
        Err(_) if matches!(parts.method, Method::GET | Method::HEAD) && query::watches(parts.uri.query()) => {
            Media::Json
        }
        Err(fault) => return failure::render(&fault, Media::Json, is_flat),
    };
    match method::dispatch(shared, &place, media, parts, body).await {
        Ok(answer) => answer.written_apart(media).await.render(media),
        Err(fault) => failure::render(&fault, media, is_flat),
    }
}

/// The response to a request that never reaches a place, in the form of the API that its path belongs to.
pub(crate) fn refuse(fault: &Fault, method: &Method, path: &str, accept: &[HeaderValue]) -> Response<Body> {
    let headers: HeaderMap = accept.iter().map(|value| (ACCEPT, value.clone())).collect();
    if *method == Method::OPTIONS
        && let Some(allow) = &fault.allow
    {
        return Answer::empty(StatusCode::NO_CONTENT).allow(allow).render(Media::Json);
    }
    let media = accept::negotiate(&headers).unwrap_or(Media::Json);
    let response = failure::render(fault, media, published::is_flat(path));
    if *method == Method::HEAD { answer::without_body(response) } else { response }
}
