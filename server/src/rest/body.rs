//! From the body of a request to a document.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use kindstore::kind::Kind;
use kindstore::{Document, Patch};

use super::accept::Media;
use crate::budget::Growth;
use crate::document::{self, MAX_BODY, too_large};
use crate::fault::Fault;
use crate::unread;

/// The largest body of a batch, in bytes.
// Each of its documents is bounded as one that comes alone.
pub(super) const MAX_BATCH_BODY: usize = 16 << 20;

/// How long a body may take to arrive.
const MAX_WAIT: Duration = Duration::from_secs(30);

const JSON: [&str; 3] = ["application/json", "text/json", "application/merge-patch+json"];
const YAML: [&str; 4] = ["application/yaml", "text/yaml", "application/x-yaml", "application/merge-patch+yaml"];

/// The media types of a JSON Patch.
const JSON_PATCH: [(&str, Media); 2] =
    [("application/json-patch+json", Media::Json), ("application/json-patch+yaml", Media::Yaml)];

/// The media types of a PATCH, for `Accept-Patch` (RFC 5789).
pub(super) const PATCHES: &str = "application/merge-patch+json, application/merge-patch+yaml, \
    application/json-patch+json, application/json-patch+yaml, application/json, application/yaml";

/// Reads the one document of a body.
pub(super) async fn document(kind: &Kind, headers: &HeaderMap, body: &mut Option<Body>) -> Result<Document, Fault> {
    let media = media(headers)?;
    check_length(headers, body.as_ref(), MAX_BODY)?;
    read(kind, media, body).await
}

/// Reads the patch of a body, which is what its Content-Type says: a JSON Patch, or else a merge patch.
pub(super) async fn patch(kind: &Kind, headers: &HeaderMap, body: &mut Option<Body>) -> Result<Patch, Fault> {
    let name = content_type(headers);
    match JSON_PATCH.iter().find(|(known, _)| *known == name) {
        Some((_, media)) => {
            check_encoding(headers)?;
            check_length(headers, body.as_ref(), MAX_BODY)?;
            Ok(Patch::Json(read(kind, *media, body).await?))
        }
        None => Ok(Patch::Merge(document(kind, headers, body).await?)),
    }
}

async fn read(kind: &Kind, media: Media, body: &mut Option<Body>) -> Result<Document, Fault> {
    let text = collect(body, MAX_BODY).await?;
    document::read(&text, media.format(), !kind.secret.is_empty()).await
}

/// Refuses a body that says of itself that it is too large, if its client waits to be asked for it.
// All others are sending it already, and see the answer only when it is read.
fn check_length(headers: &HeaderMap, body: Option<&Body>, most: usize) -> Result<(), Fault> {
    if !unread::waits(headers) {
        return Ok(());
    }
    let least = body.map_or(0, |body| body.size_hint().lower());
    if usize::try_from(least).is_ok_and(|least| least <= most) { Ok(()) } else { Err(too_large(most)) }
}

/// Checks the body of a request that needs none: it is empty, or of a type that is taken elsewhere.
// A page from elsewhere can send any other type without asking; and the client meant something by it.
pub(super) async fn check_unused(headers: &HeaderMap, body: &mut Option<Body>) -> Result<(), Fault> {
    let Err(fault) = media(headers) else { return Ok(()) };
    match body {
        Some(unread) if !unread.is_end_stream() => match unread.size_hint().exact() {
            Some(0) => Ok(()),
            Some(_) => Err(fault),
            // Without a length only reading tells.
            None => {
                let mut unread = body.take().unwrap_or_default();
                let is_empty = tokio::time::timeout(MAX_WAIT, is_empty(&mut unread)).await.map_err(|_| late())??;
                *body = Some(unread);
                if is_empty { Ok(()) } else { Err(fault) }
            }
        },
        _ => Ok(()),
    }
}

/// Reads a body up to its first byte.
async fn is_empty(body: &mut Body) -> Result<bool, Fault> {
    while let Some(frame) = body.frame().await {
        if frame.map_err(|_| broken_off())?.data_ref().is_some_and(|data| !data.is_empty()) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn late() -> Fault {
    Fault::new("BadRequest", format!("the body did not arrive within {} seconds", MAX_WAIT.as_secs()))
}

/// Reads the text of a batch, which can be larger than other bodies.
pub(super) async fn batch(headers: &HeaderMap, body: &mut Option<Body>) -> Result<(Bytes, Media), Fault> {
    let media = media(headers)?;
    check_length(headers, body.as_ref(), MAX_BATCH_BODY)?;
    Ok((collect(body, MAX_BATCH_BODY).await?, media))
}

/// Reads a body of at most so many bytes, within the budget.
async fn collect(body: &mut Option<Body>, most: usize) -> Result<Bytes, Fault> {
    // The body is taken after that: a refusal still has to read it, so that its client sees the answer.
    let growth = Growth::begin(most).await?;
    let mut body = body.take().unwrap_or_default();
    let reading = async {
        let read = collect_most(&mut body, most, growth).await;
        if read.is_err() {
            unread::discard(&mut body, most + unread::MAX_DRAIN).await;
        }
        read
    };
    tokio::time::timeout(MAX_WAIT, reading).await.map_err(|_| late())?
}

/// Reads a body up to a limit; of one that is too large nothing is kept.
async fn collect_most(body: &mut Body, most: usize, mut growth: Growth) -> Result<Bytes, Fault> {
    let mut text = BytesMut::new();
    let announced = body.size_hint().exact().unwrap_or(most as u64);
    if body.size_hint().lower() > most as u64 {
        return Err(too_large(most));
    }
    let announced = usize::try_from(announced).unwrap_or(most);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| broken_off())?.into_data() else { continue };
        if text.len() + data.len() > most {
            return Err(too_large(most));
        }
        let length = text.len() + data.len();
        growth.cover(length).await?;
        if length > text.capacity() {
            // What is reserved at once: growing bit by bit would copy the text each time.
            text.reserve(growth.reserved().min(announced).max(length) - text.len());
        }
        text.extend_from_slice(&data);
    }
    Ok(text.freeze())
}

fn broken_off() -> Fault {
    Fault::new("BadRequest", "the body broke off before its end")
}

/// The form that the headers declare.
// A body without one is refused: browsers send such a body across sites without asking first (the Fetch standard,
// CORS-safelisted requests).
fn media(headers: &HeaderMap) -> Result<Media, Fault> {
    check_encoding(headers)?;
    match content_type(headers).as_str() {
        name if JSON.contains(&name) => Ok(Media::Json),
        name if YAML.contains(&name) => Ok(Media::Yaml),
        name if JSON_PATCH.iter().any(|(known, _)| *known == name) => {
            Err(unsupported("only PATCH accepts a JSON Patch"))
        }
        "" => Err(unsupported("the body has no Content-Type; send application/json or application/yaml")),
        name => {
            Err(unsupported(&format!("unsupported Content-Type {name:?}; send application/json or application/yaml")))
        }
    }
}

/// The type that a body declares, without its parameters, in lower case.
fn content_type(headers: &HeaderMap) -> String {
    declared(headers).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn declared(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether a body is plain UTF-8, as far as the headers say.
fn check_encoding(headers: &HeaderMap) -> Result<(), Fault> {
    // `identity` is the word for no encoding (RFC 9110, section 18.6).
    let is_plain = |value: &HeaderValue| value.is_empty() || value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Err(unsupported("Content-Encoding is not supported; send the body plain"));
    }
    // JSON is UTF-8 between systems (RFC 8259, section 8.1); older clients still declare a charset.
    let charset = declared(headers).split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    match charset.filter(|charset| !matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii")) {
        Some(charset) => Err(unsupported(&format!("unsupported charset {charset:?}; send UTF-8"))),
        None => Ok(()),
    }
}

fn unsupported(message: &str) -> Fault {
    Fault::new("UnsupportedMediaType", message)
}
