//! Preconditions in headers (RFC 9110, section 13): `If-Match` and `If-None-Match` with ETags `"<id>.<version>"`.

use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, Method};
use kindstore::{ETag, Error, Expected, Object, ResourceId};

use super::entity_tag::{EntityTag, Tags};
use crate::fault::Fault;

/// How many bytes of a list of tags an error shows.
const MAX_SHOWN: usize = 256;

/// The ETag of a resource.
pub(super) fn etag(object: &Object) -> String {
    format!("\"{}.{}\"", object.metadata.id, object.metadata.resource_version)
}

/// Returns the versions that a write demands, of the resource with this name or id.
pub(super) fn expected(headers: &HeaderMap, key: &str) -> Result<Option<Expected>, Fault> {
    let wanted = tags(headers, &IF_MATCH)?.map(|tags| match tags {
        Tags::Any => Ok(Expected::Exists),
        Tags::List(tags) => Ok(spelled(Expected::OneOf(own(&tags, key)?), &tags, || shown(&tags, " or "))),
    });
    let unwanted = tags(headers, &IF_NONE_MATCH)?.map(|tags| match tags {
        Tags::Any => Ok(Expected::Absent),
        Tags::List(tags) => {
            let text = || format!("anything but {}", shown(&tags, " and "));
            Ok(spelled(Expected::NoneOf(own(&tags, key)?), &tags, text))
        }
    });
    let mut all = wanted.into_iter().chain(unwanted).collect::<Result<Vec<_>, Fault>>()?;
    Ok(if all.len() > 1 { Some(Expected::All(all)) } else { all.pop() })
}

/// The same, in the words of the client where a tag is of something else and has no words of ours.
fn spelled(expected: Expected, tags: &[EntityTag], text: impl Fn() -> String) -> Expected {
    match tags.iter().all(|tag| tag.version().is_some()) {
        true => expected,
        false => Expected::Spelled { expected: Box::new(expected), text: text() },
    }
}

/// The tags that are versions of a resource; no other one can match.
// A bare version counts only where the path names the resource by id: by name it would match another resource after a
// delete and a create.
fn own(tags: &[EntityTag], key: &str) -> Result<Vec<ETag>, Fault> {
    let own: Vec<ETag> = tags.iter().filter_map(EntityTag::version).collect();
    if own.iter().any(|tag| tag.id.is_none()) && key.parse::<ResourceId>().is_err() {
        let message = "a bare version in If-Match or If-None-Match needs a path by id; send the ETag that the resource \
            was read with";
        return Err(Fault::new("BadRequest", message));
    }
    Ok(own)
}

/// Tags as they were sent.
fn shown(tags: &[EntityTag], between: &str) -> String {
    let text = tags.iter().map(|tag| tag.text.as_str()).collect::<Vec<_>>().join(between);
    match text.char_indices().find(|(at, _)| *at >= MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Checks that the resource of a read is the one that the client demands.
pub(super) fn check_read(headers: &HeaderMap, key: &str, object: &Object) -> Result<(), Fault> {
    match tags(headers, &IF_MATCH)? {
        Some(Tags::List(tags)) if !tags.iter().any(|tag| is_of(tag, object)) => {
            Err(Fault::from(Error::PreconditionFailed {
                kind: object.kind.to_string(),
                key: key.to_owned(),
                expected: shown(&tags, " or "),
                actual: Some(object.metadata.resource_version),
            }))
        }
        _ => Ok(()),
    }
}

/// Whether the client has this version already.
pub(super) fn is_known(headers: &HeaderMap, object: &Object) -> Result<bool, Fault> {
    Ok(match tags(headers, &IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(|tag| is_of(tag, object)),
    })
}

fn is_of(tag: &EntityTag, object: &Object) -> bool {
    let metadata = &object.metadata;
    tag.version()
        .is_some_and(|tag| tag.version == metadata.resource_version && tag.id.is_none_or(|id| id == metadata.id))
}

/// Checks the preconditions of a request to something without an ETag, which is there and has no version.
// A condition that cannot hold must not be passed over: the client would take the write for a safe one.
pub(super) fn check_without_tag(headers: &HeaderMap, method: &Method) -> Result<(), Fault> {
    let failed = |message: &str| Err(Fault::new("PreconditionFailed", message));
    if let Some(Tags::List(tags)) = tags(headers, &IF_MATCH)? {
        return failed(&format!("expected {}, and what is at this path has no ETag", shown(&tags, " or ")));
    }
    let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_read && tags(headers, &IF_NONE_MATCH)? == Some(Tags::Any) {
        return failed(
            "what is at this path exists; to create a resource only if there is none, PUT it at its own path",
        );
    }
    Ok(())
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Fault> {
    Tags::read(headers, name).map_err(|found| {
        let message = match found.as_str() {
            "" => format!("the header {name} holds no ETag; send one in the form \"<id>.<version>\", or leave it out"),
            _ => format!("invalid ETag {found:?} in the header {name}; use the form \"<id>.<version>\""),
        };
        Fault::new("BadRequest", message)
    })
}
