//! Operations of one thread on a store in memory, to have their instructions counted: the same every time, whatever else
//! the machine is doing.

use kindstore::manifest::{Format, Limits};
use kindstore::patch::merge_patch;
use kindstore::validation::validate;
use kindstore::{FieldValidation, Json, ListOptions, Store};

use axum::body::Body;
use axum::extract::Request;
use http::request::Builder;
use kindstore_proto::v1;
use kindstore_server::Server;
use prost::Message;

use crate::document::{self, KIND};
use crate::fill::{self, collection};

/// The operations that can be counted.
pub(crate) const NAMES: [&str; 15] = [
    "read-json",
    "read-yaml",
    "copy",
    "judge",
    "merge-patch",
    "peer-merge-patch",
    "create",
    "patch",
    "get-by-id",
    "get-by-name",
    "list-100",
    "write-json",
    "rest-get",
    "grpc-get",
    "grpc-create",
];

/// Runs an operation `times` times, after one time that warms up. `None` when there is no such operation.
pub(crate) fn run(name: &str, times: usize) -> Option<()> {
    let texts = document::Texts::new();
    let store = fill::furnished(Store::in_memory().expect("a store in memory opens"));
    let read = |text: &str, format| {
        kindstore::manifest::read(text.as_bytes(), format, &Limits::default()).expect("it is readable")
    };
    let create = |number: usize| {
        let document = read(&texts.text(number), Format::Json);
        collection(&store).create(document).wait().expect("it is created").object
    };
    let objects: Vec<_> = (0..100).map(|number| create(1_000_000 + number)).collect();
    let ids: Vec<String> = objects.iter().map(|object| object.metadata.id.to_string()).collect();
    let yaml = kindstore::manifest::to_yaml(&read(&texts.text(0), Format::Json).value);
    let read_once = read(&texts.text(0), Format::Json);
    let kind = store.registry().require(KIND).expect("the kind is there");
    let deployments = collection(&store);
    let get = |key: &str| drop(deployments.get(key).expect("it is there"));
    let operation: Box<dyn Fn(usize)> = match name {
        "read-json" => Box::new(|number| drop(read(&texts.text(number), Format::Json))),
        "read-yaml" => Box::new(|_| drop(read(&yaml, Format::Yaml))),
        // What judging costs is the difference of the two: each time a copy is judged.
        "copy" => Box::new(|_| drop(read_once.clone())),
        "judge" => Box::new(|_| {
            let mut document = read_once.clone();
            assert!(validate(kind, &mut document, &[], FieldValidation::Warn).is_empty());
        }),
        "merge-patch" => Box::new(|number| {
            let mut target = read(&texts.text(number), Format::Json).value;
            merge_patch(&mut target, &Json::from(document::patch(number)));
            drop(target.to_text());
        }),
        "peer-merge-patch" => Box::new(|number| {
            let mut target: serde_json::Value = serde_json::from_str(&texts.text(number)).expect("it is JSON");
            json_patch::merge(&mut target, &document::patch(number));
            drop(target.to_string());
        }),
        "create" => Box::new(|number| drop(create(number))),
        "patch" => Box::new(|number| {
            let patch = document::patch(number);
            collection(&store).patch(&ids[0], patch).wait().expect("it is patched");
        }),
        "get-by-id" => Box::new(|number| get(&ids[number % 100])),
        "get-by-name" => Box::new(|number| get(&document::name(1_000_000 + number % 100))),
        "list-100" => Box::new(|_| {
            let options = ListOptions::default().limit(100);
            drop(collection(&store).list_with(options).expect("it lists"));
        }),
        "write-json" => Box::new(|number| drop(objects[number % 100].to_json())),
        "rest-get" => {
            let answer = server(&store);
            Box::new(move |number| {
                let name = document::name(1_000_000 + number % 100);
                let path = format!("/api/v1/namespaces/{}/{}s/{name}", document::NAMESPACE, KIND.to_lowercase());
                answer(Request::builder().uri(path), Vec::new());
            })
        }
        "grpc-get" | "grpc-create" => {
            let answer = server(&store);
            let (kind, namespace) = (KIND.to_owned(), document::NAMESPACE.to_owned());
            let is_get = name == "grpc-get";
            Box::new(move |number| {
                let (kind, namespace) = (kind.clone(), namespace.clone());
                let (method, message) = if is_get {
                    let key = ids[number % 100].clone();
                    ("Get", v1::GetRequest { kind, namespace, key, ..Default::default() }.encode_to_vec())
                } else {
                    let text = texts.text(number).into();
                    let document = Some(v1::Document { format: v1::DocumentFormat::Json.into(), text });
                    ("Create", v1::CreateRequest { kind, namespace, document, options: None }.encode_to_vec())
                };
                let length = u32::try_from(message.len()).expect("it is short").to_be_bytes();
                let path = format!("/kindstore.v1.ResourceService/{method}");
                let request = Request::builder()
                    .method("POST")
                    .version(http::Version::HTTP_2)
                    .uri(path)
                    .header("content-type", "application/grpc");
                answer(request, [&[0], &length[..], &message].concat());
            })
        }
        _ => return None,
    };
    (0..=times).for_each(operation);
    Some(())
}

/// Answers requests in this thread, over a store.
fn server(store: &Store) -> impl Fn(Builder, Vec<u8>) + use<> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).expect("it binds");
    let server = runtime.block_on(server.with_store(store.clone()));
    move |request, body| {
        let request = request.header("host", "localhost").body(Body::from(body)).expect("a request");
        runtime.block_on(async {
            let response = server.answer(request).await;
            assert_eq!(response.status(), 200, "it is answered");
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("it is whole");
            assert!(body.len() > 1000, "it is a resource");
        });
    }
}
