//! Which requests are calls of gRPC, and the response to those that reach no service.

use std::collections::HashSet;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Response, Version};
use kindstore_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Status};

use super::refusal;
use crate::fault::Fault;

/// The media type of gRPC, and the beginning of that of gRPC-web.
const MEDIA: &[u8] = b"application/grpc";

/// Whether a request is a call, in gRPC or in gRPC-web.
pub(crate) fn is_call(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(is_media)
}

/// Whether a media type is that of a call.
pub(crate) fn is_media(value: &HeaderValue) -> bool {
    rest_of(value).is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';' | b'-' | b' ')))
}

/// Whether a media type is that of gRPC for browsers.
pub(super) fn is_web(value: &HeaderValue) -> bool {
    rest_of(value).is_some_and(|rest| rest.len() >= 4 && rest[..4].eq_ignore_ascii_case(b"-web"))
}

fn rest_of(value: &HeaderValue) -> Option<&[u8]> {
    let (begin, rest) = value.as_bytes().split_at_checked(MEDIA.len())?;
    begin.eq_ignore_ascii_case(MEDIA).then_some(rest)
}

/// The response to a call that reaches no service.
pub(crate) fn refuse(fault: &Fault, media: &HeaderValue) -> Response<Body> {
    respond(refusal::of(fault.clone()), Some(media))
}

/// The response that is only a status. Clients for browsers get it under their own media type.
pub(super) fn respond(status: Status, media: Option<&HeaderValue>) -> Response<Body> {
    let mut response = status.into_http();
    if let Some(media) = media.filter(|media| is_web(media)) {
        response.headers_mut().insert(CONTENT_TYPE, media.clone());
    }
    response
}

/// The fault of a call of a service that is not here.
pub(crate) fn unknown_service() -> Fault {
    Fault::new("NotImplemented", "there is no such service here; the service is kindstore.v1.ResourceService")
}

/// The paths of all methods.
pub(super) fn methods() -> HashSet<String> {
    let sets = [
        FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let files = sets.into_iter().filter_map(|set| FileDescriptorSet::decode(set).ok()).flat_map(|set| set.file);
    let services = files.flat_map(|file| {
        let package = file.package().to_owned();
        file.service.into_iter().map(move |service| (package.clone(), service))
    });
    let paths = services.flat_map(|(package, service)| {
        let name = format!("/{package}.{}/", service.name());
        service.method.into_iter().map(move |method| format!("{name}{}", method.name()))
    });
    paths.collect()
}

/// Checks that a request to the path of a service is a call of one of its methods.
///
/// # Errors
/// What the path is, and how it is called.
pub(super) fn check<B>(request: &Request<B>, methods: &HashSet<String>) -> Result<(), Fault> {
    let path = request.uri().path();
    if request.method() != Method::POST {
        let message = format!("{path} is the path of a gRPC call, which is a POST; REST begins at /api/v1");
        let mut fault = Fault::new("MethodNotAllowed", message);
        fault.allow = Some("POST, OPTIONS".to_owned());
        return Err(fault);
    }
    let Some(media) = request.headers().get(CONTENT_TYPE).filter(|value| is_media(value)) else {
        let message = format!("{path} is the path of a gRPC call; use a gRPC client for it, or REST at /api/v1");
        return Err(Fault::new("UnsupportedMediaType", message));
    };
    if request.version() < Version::HTTP_2 && !is_web(media) {
        return Err(Fault::new("BadRequest", "gRPC needs HTTP/2; over HTTP/1.1 there are gRPC-web and REST"));
    }
    if methods.contains(path) {
        return Ok(());
    }
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
    Err(Fault::new("NotImplemented", format!("the service {service} has no method {method:?}")))
}

/// The response of a service, with the words of this API where the transport refused a message in its own.
// The transport takes OUT_OF_RANGE for a message that is too large, which here means that a revision is compacted. All
// other statuses with that code have details.
pub(super) fn reworded(response: Response<Body>, most: usize) -> Response<Body> {
    let is_code = |code: &HeaderValue| code.as_bytes() == (Code::OutOfRange as i32).to_string().as_bytes();
    let headers = response.headers();
    let is_of_transport =
        headers.get(Status::GRPC_STATUS).is_some_and(is_code) && !headers.contains_key(Status::GRPC_STATUS_DETAILS);
    match is_of_transport {
        true => respond(refusal::of(crate::document::too_large(most)), headers.get(CONTENT_TYPE)),
        false => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_its_methods() {
        let methods = methods();
        for path in [
            "/kindstore.v1.ResourceService/Get",
            "/kindstore.v1.ResourceService/Commit",
            "/grpc.health.v1.Health/Check",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ] {
            assert!(methods.contains(path), "{path}");
        }
        assert!(!methods.contains("/kindstore.v1.ResourceService/"));
    }

    #[test]
    fn calls_are_known_by_their_media_type() {
        for (media, is_call, is_for_browsers) in [
            ("application/grpc", true, false),
            ("application/grpc+proto", true, false),
            ("Application/gRPC; x=y", true, false),
            ("application/grpc-web+proto", true, true),
            ("application/grpc-web-text", true, true),
            ("application/grpcish", false, false),
            ("application/json", false, false),
        ] {
            let media = media.parse().expect("a header");
            assert_eq!((is_media(&media), is_web(&media)), (is_call, is_for_browsers), "{media:?}");
        }
    }
}
