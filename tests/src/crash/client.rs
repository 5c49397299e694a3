//! Clients of a running server, over REST and gRPC.

use std::net::SocketAddr;

use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};

use super::writer::{Answer, Client, KIND};
use crate::exchange::{Reply, try_send};

const LIST: &str = "/api/v1/namespaces/default/deployments";

/// REST, a connection for each request.
pub(crate) struct Rest(pub(crate) SocketAddr);

impl Rest {
    fn send(&self, method: &str, key: &str, headers: &[&str], body: &str) -> Answer {
        let path = if key.is_empty() { LIST.to_owned() } else { format!("{LIST}/{key}") };
        match try_send(self.0, method, &path, headers, body.as_bytes()) {
            Some(reply) if is_whole(&reply) => answer(&reply),
            _ => Answer::Gone,
        }
    }
}

/// A server that is killed may have sent half of an answer.
fn is_whole(reply: &Reply) -> bool {
    reply.header("content-length").and_then(|length| length.parse().ok()) == Some(reply.body.len())
}

fn answer(reply: &Reply) -> Answer {
    match reply.status {
        200 | 201 => Answer::Done(serde_json::from_slice(&reply.body).unwrap(), 0),
        404 | 409 | 412 => Answer::Refused,
        other => panic!("{other}: {}", String::from_utf8_lossy(&reply.body)),
    }
}

const JSON: &str = "content-type: application/json";

impl Client for Rest {
    fn create(&mut self, document: Value) -> Answer {
        self.send("POST", "", &[JSON], &document.to_string())
    }

    fn upsert(&mut self, name: &str, document: Value) -> Answer {
        self.send("PUT", name, &[JSON], &document.to_string())
    }

    fn patch(&mut self, name: &str, patch: Value, id: &str, version: u64) -> Answer {
        self.send("PATCH", name, &[JSON, &format!("if-match: \"{id}.{version}\"")], &patch.to_string())
    }

    fn delete(&mut self, name: &str) -> Answer {
        self.send("DELETE", name, &[], "")
    }

    fn get(&mut self, name: &str) -> Answer {
        self.send("GET", name, &[], "")
    }

    fn create_together(&mut self, documents: Vec<Value>) -> Answer {
        let operation = |document| json!({"operation": "create", "kind": KIND, "document": document});
        let body = json!({"operations": documents.into_iter().map(operation).collect::<Vec<_>>()}).to_string();
        match try_send(self.0, "POST", "/api/v1/namespaces/default:batch", &[JSON], body.as_bytes()) {
            Some(reply) if is_whole(&reply) => match answer(&reply) {
                Answer::Done(mut result, _) => {
                    let revision = result["metadata"]["revision"].as_u64().unwrap();
                    Answer::Done(result["items"][0]["resource"].take(), revision)
                }
                other => other,
            },
            _ => Answer::Gone,
        }
    }
}

/// gRPC, on a connection of its own.
pub(crate) struct Grpc {
    runtime: Runtime,
    client: ResourceServiceClient<Channel>,
}

impl Grpc {
    /// `None` when the server is gone already.
    pub(crate) fn connect(address: SocketAddr) -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(ResourceServiceClient::connect(format!("http://{address}"))).ok()?;
        Some(Self { runtime, client })
    }

    fn answer<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut ResourceServiceClient<Channel>) -> Result<Response<T>, Status>,
        read: impl FnOnce(T) -> (Option<v1::Resource>, u64),
    ) -> Answer {
        match self.runtime.block_on(call(&mut self.client)) {
            Ok(response) => {
                let (resource, revision) = read(response.into_inner());
                Answer::Done(object(&resource.unwrap()), revision)
            }
            Err(status) => match status.code() {
                Code::NotFound | Code::AlreadyExists | Code::Aborted => Answer::Refused,
                Code::InvalidArgument | Code::FailedPrecondition | Code::Internal => panic!("{status}"),
                _ => Answer::Gone,
            },
        }
    }
}

fn text(document: &Value) -> Option<v1::Document> {
    Some(v1::Document { text: document.to_string().into(), format: v1::DocumentFormat::Json.into() })
}

fn object(resource: &v1::Resource) -> Value {
    let metadata = resource.metadata.clone().unwrap();
    let map = |map: Option<v1::StringMap>| json!(map.unwrap_or_default().entries);
    json!({
        "metadata": {
            "id": metadata.id,
            "name": metadata.name,
            "resourceVersion": metadata.resource_version,
            "labels": map(metadata.labels),
            "annotations": map(metadata.annotations),
        },
        "spec": serde_json::from_slice::<Value>(&resource.spec).unwrap(),
    })
}

impl Client for Grpc {
    fn create(&mut self, document: Value) -> Answer {
        let (kind, namespace) = (KIND.to_owned(), "default".to_owned());
        let request = v1::CreateRequest { kind, namespace, document: text(&document), options: None };
        self.answer(async |client| client.create(request).await, |done| (done.resource, done.revision))
    }

    fn upsert(&mut self, name: &str, document: Value) -> Answer {
        let (kind, namespace, key) = (KIND.to_owned(), "default".to_owned(), name.to_owned());
        let request = v1::UpsertRequest { kind, namespace, key, document: text(&document), options: None };
        self.answer(async |client| client.upsert(request).await, |done| (done.resource, done.revision))
    }

    fn patch(&mut self, name: &str, patch: Value, id: &str, version: u64) -> Answer {
        let (kind, namespace, key) = (KIND.to_owned(), "default".to_owned(), name.to_owned());
        let options = v1::WriteOptions {
            expected_version: Some(version),
            expected_id: id.to_owned(),
            ..v1::WriteOptions::default()
        };
        let request = v1::PatchRequest {
            kind,
            namespace,
            key,
            patch: text(&patch),
            options: Some(options),
            ..Default::default()
        };
        self.answer(async |client| client.patch(request).await, |done| (done.resource, done.revision))
    }

    fn delete(&mut self, name: &str) -> Answer {
        let (kind, namespace, key) = (KIND.to_owned(), "default".to_owned(), name.to_owned());
        let request = v1::DeleteRequest { kind, namespace, key, options: None };
        self.answer(async |client| client.delete(request).await, |done| (done.resource, done.revision))
    }

    fn get(&mut self, name: &str) -> Answer {
        let (kind, namespace, key) = (KIND.to_owned(), "default".to_owned(), name.to_owned());
        let request = v1::GetRequest { kind, namespace, key, ..Default::default() };
        self.answer(async |client| client.get(request).await, |done| (done.resource, 0))
    }

    fn create_together(&mut self, documents: Vec<Value>) -> Answer {
        let operation = |document| {
            let document = text(&document);
            let request = v1::CreateRequest { kind: KIND.to_owned(), document, ..v1::CreateRequest::default() };
            v1::CommitOperation { operation: Some(v1::commit_operation::Operation::Create(request)) }
        };
        let operations = documents.into_iter().map(operation).collect();
        let request = v1::CommitRequest { namespace: "default".to_owned(), operations, dry_run: false };
        self.answer(
            async |client| client.commit(request).await,
            |done| (done.results.into_iter().next().unwrap().resource, done.revision),
        )
    }
}
