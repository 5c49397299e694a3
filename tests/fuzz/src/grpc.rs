//! A gRPC message: a byte for the method, the message behind it.

use axum::body::Body;
use http::Request;
use kindstore_proto::v1;
use prost::Message;
use tonic::Code;

use crate::client::{Answer, ask};

const METHODS: [&str; 17] = [
    "Get",
    "List",
    "StreamList",
    "Validate",
    "Create",
    "Upsert",
    "Patch",
    "Delete",
    "ListKinds",
    "GetKind",
    "ListVersions",
    "GetVersion",
    "Diff",
    "Rollback",
    "Undelete",
    "Commit",
    "Watch",
];

/// Every message is answered, or refused with a code that says whose fault it is.
pub fn grpc(input: &[u8]) {
    let Some((method, message)) = input.split_first() else { return };
    let method = METHODS[usize::from(*method) % METHODS.len()];
    let length = u32::try_from(message.len()).expect("an input is small");
    let frame = [&[0][..], &length.to_be_bytes(), message].concat();
    let request = Request::post(format!("http://localhost/kindstore.v1.ResourceService/{method}"))
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::from(frame))
        .expect("the request is well formed");
    let answer = ask(request);
    assert_eq!(answer.status, 200);
    let code = code(&answer);
    // What no message is, prost says with Internal.
    assert!(code != Code::Unknown && (code != Code::Internal || !is_message(method, message)), "{method}: {code:?}");
    if code == Code::Ok {
        is_well_formed(method, &answer.body);
    }
}

fn code(answer: &Answer) -> Code {
    let code = answer.trailers.get("grpc-status").or(answer.headers.get("grpc-status"));
    // A watch that goes on has none yet.
    code.map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}

fn is_message(method: &str, message: &[u8]) -> bool {
    match method {
        "Get" => v1::GetRequest::decode(message).is_ok(),
        "List" => v1::ListRequest::decode(message).is_ok(),
        "StreamList" => v1::StreamListRequest::decode(message).is_ok(),
        "Validate" => v1::ValidateRequest::decode(message).is_ok(),
        "Create" => v1::CreateRequest::decode(message).is_ok(),
        "Upsert" => v1::UpsertRequest::decode(message).is_ok(),
        "Patch" => v1::PatchRequest::decode(message).is_ok(),
        "Delete" => v1::DeleteRequest::decode(message).is_ok(),
        "Commit" => v1::CommitRequest::decode(message).is_ok(),
        "Watch" => v1::WatchRequest::decode(message).is_ok(),
        "ListKinds" => v1::ListKindsRequest::decode(message).is_ok(),
        "ListVersions" => v1::ListVersionsRequest::decode(message).is_ok(),
        "GetVersion" => v1::GetVersionRequest::decode(message).is_ok(),
        "Diff" => v1::DiffRequest::decode(message).is_ok(),
        "Rollback" => v1::RollbackRequest::decode(message).is_ok(),
        "Undelete" => v1::UndeleteRequest::decode(message).is_ok(),
        _ => v1::GetKindRequest::decode(message).is_ok(),
    }
}

/// The answer is whole frames; of a resource, its documents are JSON.
fn is_well_formed(method: &str, mut body: &[u8]) {
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let (message, rest) = rest.split_at_checked(length).expect("a frame is whole");
        let resource = match method {
            "Get" => v1::GetResponse::decode(message).expect("decodes").resource,
            "Create" => v1::CreateResponse::decode(message).expect("decodes").resource,
            "Upsert" => v1::UpsertResponse::decode(message).expect("decodes").resource,
            "Patch" => v1::PatchResponse::decode(message).expect("decodes").resource,
            "Delete" => v1::DeleteResponse::decode(message).expect("decodes").resource,
            "Rollback" => v1::RollbackResponse::decode(message).expect("decodes").resource,
            "Undelete" => v1::UndeleteResponse::decode(message).expect("decodes").resource,
            "Watch" => v1::WatchResponse::decode(message).expect("decodes").resource().expect("decodes"),
            "GetVersion" => {
                v1::GetVersionResponse::decode(message).expect("decodes").version.and_then(|it| it.resource)
            }
            _ => None,
        };
        for text in resource.iter().flat_map(|resource| [&resource.spec, &resource.status]) {
            assert!(text.is_empty() || serde_json::from_slice::<serde_json::Value>(text).is_ok());
        }
        body = rest;
    }
    assert!(body.is_empty(), "{} bytes after the last frame", body.len());
}
