//! Preconditions in headers (RFC 9110, section 13): `If-Match` and `If-None-Match` with ETags `"<id>.<version>"`.

use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, Method};
use kindstore::{ETag, Expected, Object, ResourceId};

use crate::fault::Fault;

/// The ETag of a resource.
pub(super) fn etag(object: &Object) -> String {
    format!("\"{}.{}\"", object.metadata.id, object.metadata.resource_version)
}

/// Returns the version that a write demands.
// A bare version counts only where the path names the resource by id: by name it would match another resource after a
// delete and a create.
pub(super) fn expected(headers: &HeaderMap, method: &Method, key: &str) -> Result<Option<Expected>, Fault> {
    // Only PUT creates; for other methods the header is a condition of reads (RFC 9110, section 13.1.2).
    if method == Method::PUT && tags(headers, &IF_NONE_MATCH)?.is_some_and(|tags| tags == Tags::Any) {
        return Ok(Some(Expected::Absent));
    }
    match tags(headers, &IF_MATCH)? {
        None => Ok(None),
        Some(Tags::Any) => Ok(Some(Expected::Exists)),
        Some(Tags::List(tags)) => {
            let is_bare = tags.iter().any(|tag| tag.id.is_none());
            if is_bare && key.parse::<ResourceId>().is_err() {
                let message =
                    "If-Match with a bare version needs a path by id; send the ETag that the resource was read with";
                return Err(Fault::new("BadRequest", message));
            }
            Ok(Some(Expected::OneOf(tags)))
        }
    }
}

/// Whether the client has this version already.
pub(super) fn is_known(headers: &HeaderMap, object: &Object) -> Result<bool, Fault> {
    let has = |tag: &ETag| {
        tag.version == object.metadata.resource_version && tag.id.is_none_or(|id| id == object.metadata.id)
    };
    Ok(match tags(headers, &IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(has),
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Any,
    List(Vec<ETag>),
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Fault> {
    let mut list = Vec::new();
    // A list may be spread over several lines of a header (RFC 9110, section 5.3).
    for value in headers.get_all(name) {
        let text = value.to_str().map_err(|_| malformed(name, "text that is not ASCII"))?;
        if text.trim() == "*" {
            return Ok(Some(Tags::Any));
        }
        for item in text.split(',') {
            list.push(tag(item.trim()).ok_or_else(|| malformed(name, item.trim()))?);
        }
    }
    Ok((!list.is_empty()).then_some(Tags::List(list)))
}

fn tag(item: &str) -> Option<ETag> {
    // If-Match compares strongly (RFC 9110, section 13.1.1), but proxies that compress weaken a tag on its way;
    // versions are exact all the same.
    let strong = item.strip_prefix("W/").unwrap_or(item);
    let bare = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(strong);
    // A tag of another form is well formed and of no resource here; version 0 never exists.
    match bare.parse() {
        Ok(tag) => Some(tag),
        Err(_) if strong.len() > 1 && bare.len() + 2 == strong.len() => {
            Some(ETag { id: Some(ResourceId::from_bytes([0; 16])), version: 0 })
        }
        Err(_) => None,
    }
}

fn malformed(name: &HeaderName, found: &str) -> Fault {
    Fault::new("BadRequest", format!("invalid ETag {found:?} in the header {name}; use the form \"<id>.<version>\""))
}
