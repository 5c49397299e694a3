//! gRPC as a player.

use kindstore::manifest::{Format, Limits};
use kindstore::{FieldValidation, Json, JsonText, Metadata, Object, Store, Timestamp};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use prost::Message;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::pb::bad_request::FieldViolation;
use tonic_types::{StatusExt, pb};

use super::{Hosted, Player, command, engine, tag, watch};
use crate::case::answer::{Answer, Problem, word};
use crate::case::step::Step;

pub(crate) struct Grpc {
    hosted: Hosted,
    client: ResourceServiceClient<Channel>,
}

impl Grpc {
    pub(crate) fn new(hosted: Hosted) -> Self {
        let address = format!("http://{}", hosted.address);
        let client = hosted.runtime.block_on(ResourceServiceClient::connect(address)).unwrap();
        Self { hosted, client }
    }

    fn written(&self, resource: Option<v1::Resource>, is_new: bool, warnings: &[v1::Diagnostic]) -> Answer {
        let object = object(&resource.unwrap());
        let kind = self.hosted.store.registry().find(&object.kind).unwrap();
        Answer {
            status: if is_new && kind.flat.is_none() { 201 } else { 200 },
            document: Some(kind.document(&object)),
            warnings: warnings.iter().map(shown).collect(),
            ..Answer::default()
        }
    }

    async fn call(&self, step: &Step) -> Result<Answer, Status> {
        let mut client = self.client.clone();
        let kind = step.kind.clone();
        let namespace = step.namespace.clone().unwrap_or_default();
        let (key, options) = (step.key.clone(), Some(options(&self.hosted.store, step)));
        let document = document(step);
        match step.verb.as_str() {
            "get" => {
                let request = v1::GetRequest {
                    kind,
                    namespace,
                    key,
                    reveal: step.reveal,
                    revision: step.revision.unwrap_or_default(),
                };
                let response = client.get(request).await?.into_inner();
                Ok(self.written(response.resource, false, &[]))
            }
            "list" => self.list(client, kind, namespace, step).await,
            "watch" => watch::messages(client, self.hosted.store.registry().find(&kind).unwrap(), step).await,
            "create" => {
                let request = v1::CreateRequest { kind, namespace, document, options };
                let response = client.create(request).await?.into_inner();
                Ok(self.written(response.resource, true, &response.warnings))
            }
            "upsert" => {
                let request = v1::UpsertRequest { kind, namespace, key, document, options };
                let response = client.upsert(request).await?.into_inner();
                Ok(self.written(response.resource, response.created, &response.warnings))
            }
            "patch" | "json-patch" => {
                let patch_type = if step.verb == "patch" { v1::PatchType::Unspecified } else { v1::PatchType::Json };
                let patch_type = patch_type.into();
                let request = v1::PatchRequest { kind, namespace, key, patch: document, options, patch_type };
                let response = client.patch(request).await?.into_inner();
                Ok(self.written(response.resource, false, &response.warnings))
            }
            "delete" => {
                let request = v1::DeleteRequest { kind, namespace, key, options };
                let response = client.delete(request).await?.into_inner();
                Ok(self.written(response.resource, false, &[]))
            }
            "rollback" => {
                let request = v1::RollbackRequest { kind, namespace, key, version: step.from, options };
                let response = client.rollback(request).await?.into_inner();
                Ok(self.written(response.resource, false, &response.warnings))
            }
            "undelete" => {
                let request = v1::UndeleteRequest { kind, namespace, key, options };
                let response = client.undelete(request).await?.into_inner();
                Ok(self.written(response.resource, true, &response.warnings))
            }
            "commit" => self.commit(client, step).await,
            _ => self.past(client, kind, namespace, step).await,
        }
    }

    /// The answers about versions.
    async fn past(
        &self,
        mut client: ResourceServiceClient<Channel>,
        kind: String,
        namespace: String,
        step: &Step,
    ) -> Result<Answer, Status> {
        let key = step.key.clone();
        let (document, items, next) = match step.verb.as_str() {
            "history" => {
                let (page_token, authored_only) = (step.token.clone().unwrap_or_default(), step.only_authored);
                let page_size = step.limit.unwrap_or_default() as u32;
                let request = v1::ListVersionsRequest { kind, namespace, key, page_size, page_token, authored_only };
                let page = client.list_versions(request).await?.into_inner();
                let items = page.versions.into_iter().map(|version| self.version(version)).collect();
                let next = Some(page.next_page_token).filter(|token| !token.is_empty());
                (serde_json::json!({"deleted": page.deleted}).into(), Some(items), next)
            }
            "get-version" => {
                let request = v1::GetVersionRequest { kind, namespace, key, version: step.from };
                let version = client.get_version(request).await?.into_inner().version;
                (self.version(version.unwrap()), None, None)
            }
            "compare" => {
                let to_version = step.to.unwrap_or_default();
                let request = v1::DiffRequest { kind, namespace, key, from_version: step.from, to_version };
                let found = client.diff(request).await?.into_inner();
                let told = serde_json::json!({"from": found.from_version, "to": found.to_version}).into();
                (told, Some(found.differences.iter().map(difference).collect()), None)
            }
            other => panic!("no such verb: {other}"),
        };
        Ok(Answer { status: 200, document: Some(document), items, next, ..Answer::default() })
    }

    fn version(&self, version: v1::Version) -> Json {
        let object = object(&version.resource.unwrap());
        let kind = self.hosted.store.registry().find(&object.kind).unwrap();
        let mut told = serde_json::json!({
            "version": version.version, "revision": version.revision, "authored": version.authored,
        });
        if version.ended_revision > 0 {
            told["endedRevision"] = version.ended_revision.into();
        }
        engine::with_resource(told, kind.document(&object))
    }

    async fn commit(&self, mut client: ResourceServiceClient<Channel>, step: &Step) -> Result<Answer, Status> {
        let operations = step.operations.iter().map(|one| self.operation(one)).collect();
        let request = v1::CommitRequest { namespace: step.kind.clone(), operations, dry_run: step.dry_run };
        let response = client.commit(request).await?.into_inner();
        let written = |one: &v1::CommitResult| self.written(one.resource.clone(), one.created, &one.warnings);
        let written: Vec<_> = response.results.iter().map(written).collect();
        let words = response.results.iter().map(|one| word(one.deleted, one.created, one.changed));
        Ok(Answer {
            status: 200,
            items: Some(written.iter().filter_map(|one| one.document.clone()).collect()),
            words: Some(words.collect()),
            revision: Some(response.revision).filter(|revision| *revision > 0),
            warnings: written.into_iter().flat_map(|one| one.warnings).collect(),
            ..Answer::default()
        })
    }

    fn operation(&self, step: &Step) -> v1::CommitOperation {
        use v1::commit_operation::Operation;
        let (kind, key, options) = (step.kind.clone(), step.key.clone(), Some(options(&self.hosted.store, step)));
        // Nobody needs to say the namespace twice.
        let namespace = String::new();
        let document = document(step);
        let operation = match step.verb.as_str() {
            "create" => Operation::Create(v1::CreateRequest { kind, namespace, document, options }),
            "upsert" => Operation::Upsert(v1::UpsertRequest { kind, namespace, key, document, options }),
            "patch" | "json-patch" => {
                let patch_type = if step.verb == "patch" { v1::PatchType::Unspecified } else { v1::PatchType::Json };
                let patch_type = patch_type.into();
                Operation::Patch(v1::PatchRequest { kind, namespace, key, patch: document, options, patch_type })
            }
            "delete" => Operation::Delete(v1::DeleteRequest { kind, namespace, key, options }),
            other => panic!("a commit does not {other}"),
        };
        v1::CommitOperation { operation: Some(operation) }
    }

    /// Reads a list in pages of two, so that every case of a list is one of paging too; or the page that is asked for.
    async fn list(
        &self,
        mut client: ResourceServiceClient<Channel>,
        kind: String,
        namespace: String,
        step: &Step,
    ) -> Result<Answer, Status> {
        let known = self.hosted.store.registry().find(&kind).unwrap();
        let (mut items, mut page_token) = (Vec::new(), step.token.clone().unwrap_or_default());
        loop {
            let (kind, namespace) = (kind.clone(), namespace.clone());
            let page = client
                .list(v1::ListRequest {
                    kind,
                    namespace,
                    page_size: step.limit.unwrap_or(2) as u32,
                    page_token,
                    label_selector: step.label_selector.clone(),
                    field_selector: step.field_selector.clone(),
                    revision: step.revision.unwrap_or_default(),
                })
                .await?
                .into_inner();
            items.extend(page.resources.iter().map(|resource| known.document(&object(resource))));
            page_token = page.next_page_token;
            if page_token.is_empty() || step.limit.is_some() {
                let revision = Some(page.revision).filter(|_| step.is_paged());
                let next = Some(page_token).filter(|token| !token.is_empty());
                return Ok(Answer { status: 200, items: Some(items), revision, next, ..Answer::default() });
            }
        }
    }
}

fn difference(difference: &v1::Difference) -> Json {
    let value = |name: &str, text: &[u8]| {
        let value = kindstore::manifest::read(text, Format::Json, &Limits::default()).ok()?.value;
        Some((name.to_owned(), value))
    };
    let path = Some(("path".to_owned(), difference.path.as_str().into()));
    let (old, new) = (value("old", &difference.old_value), value("new", &difference.new_value));
    Json::Object([path, old, new].into_iter().flatten().collect())
}

impl Player for Grpc {
    fn name(&self) -> String {
        "gRPC".to_owned()
    }

    fn store(&self) -> &Store {
        &self.hosted.store
    }

    fn play(&mut self, step: &Step) -> Answer {
        let answer = self.hosted.runtime.block_on(self.call(step)).unwrap_or_else(|status| failure(&status));
        if step.verb == "watch" {
            let kind = self.hosted.store.registry().find(&step.kind).unwrap();
            command::agree(self.hosted.address, kind, step, &answer);
        }
        answer
    }
}

fn document(step: &Step) -> Option<v1::Document> {
    let (text, format) = engine::text(step, Format::Json)?;
    let format = match format {
        Format::Json => v1::DocumentFormat::Json,
        Format::Yaml => v1::DocumentFormat::Yaml,
    };
    Some(v1::Document { text: text.into(), format: format.into() })
}

fn options(store: &Store, step: &Step) -> v1::WriteOptions {
    let tag = tag(store, step);
    v1::WriteOptions {
        expected_version: tag.as_ref().map(|tag| tag.version),
        expected_id: tag.and_then(|tag| tag.id).map(|id| id.to_string()).unwrap_or_default(),
        dry_run: step.dry_run,
        without_defaults: step.without_defaults,
        field_validation: match step.field_validation {
            FieldValidation::Warn => v1::FieldValidation::Unspecified,
            FieldValidation::Strict => v1::FieldValidation::Strict,
            FieldValidation::Ignore => v1::FieldValidation::Ignore,
        }
        .into(),
    }
}

/// The object that a message is about, so that both can be shown in one form.
pub(super) fn object(resource: &v1::Resource) -> Object {
    let metadata = resource.metadata.clone().unwrap();
    let filled = |text: String| (!text.is_empty()).then_some(text);
    let entries = |map: Option<v1::StringMap>| map.map(|map| map.entries.into_iter().collect());
    Object {
        kind: resource.kind.as_str().into(),
        api_version: resource.api_version.as_str().into(),
        metadata: Metadata {
            id: metadata.id.parse().unwrap(),
            name: filled(metadata.name),
            namespace: filled(metadata.namespace),
            created_at: time(&metadata.created_at.unwrap()),
            modified_at: metadata.modified_at.as_ref().map(time),
            labels: entries(metadata.labels),
            annotations: entries(metadata.annotations),
            resource_version: metadata.resource_version,
            extra: text(&metadata.extra),
        },
        spec: text(&resource.spec),
        status: text(&resource.status),
    }
}

fn time(message: &prost_types::Timestamp) -> Timestamp {
    Timestamp::from_micros(message.seconds * 1_000_000 + i64::from(message.nanos) / 1000)
}

fn text(bytes: &[u8]) -> Option<JsonText> {
    let value = |bytes| kindstore::manifest::read(bytes, Format::Json, &Limits::default()).unwrap().value;
    (!bytes.is_empty()).then(|| JsonText::from_value(&value(bytes)))
}

fn failure(status: &Status) -> Answer {
    let details = status.get_error_details();
    let info = details.error_info().expect("every failure says its reason");
    assert_eq!(info.domain, "kindstore");
    assert_eq!(status.code(), code(&info.reason), "the code of {}", info.reason);
    let violations = violations(status);
    let mut places = diagnostics(status).into_iter().map(|diagnostic| {
        let start = diagnostic.span?.start?;
        Some(format!("{}:{}", start.line, start.column))
    });
    let problem = |one: FieldViolation| Problem {
        attribute: one.field,
        code: one.reason,
        message: one.description,
        place: places.next().flatten(),
    };
    Answer::failure(&info.reason, status.message(), violations.into_iter().map(problem).collect())
}

/// The places of problems, a detail of our own.
fn diagnostics(status: &Status) -> Vec<v1::Diagnostic> {
    let details = pb::Status::decode(status.details()).unwrap().details;
    let own = details.iter().find(|detail| detail.type_url == "type.googleapis.com/kindstore.v1.Diagnostics");
    own.map(|own| v1::Diagnostics::decode(&own.value[..]).unwrap().diagnostics).unwrap_or_default()
}

/// The violations with their reasons, which the richer form of the library leaves out.
fn violations(status: &Status) -> Vec<FieldViolation> {
    let details = pb::Status::decode(status.details()).unwrap().details;
    let own = details.iter().find(|detail| detail.type_url == "type.googleapis.com/google.rpc.BadRequest");
    own.map(|own| pb::BadRequest::decode(&own.value[..]).unwrap().field_violations).unwrap_or_default()
}

/// The table of the documentation once more, so that a slip in the server's is seen.
fn code(reason: &str) -> Code {
    match reason {
        "Invalid" | "BadRequest" => Code::InvalidArgument,
        "NotFound" => Code::NotFound,
        "MethodNotAllowed" | "NotImplemented" => Code::Unimplemented,
        "AlreadyExists" => Code::AlreadyExists,
        "Conflict" | "PreconditionFailed" => Code::Aborted,
        "Blocked" => Code::FailedPrecondition,
        "Expired" => Code::OutOfRange,
        other => panic!("no case expects the reason {other}"),
    }
}

/// Errors travel in headers, of which clients take 8 KiB.
#[test]
fn an_error_about_many_problems_reaches_the_client() {
    let grpc = Grpc::new(Hosted::new(Store::in_memory().unwrap()));
    let labels: Vec<String> = (0..1000).map(|number| format!(r#""label-{number}": []"#)).collect();
    let text = format!(r#"{{"metadata": {{"name": "one", "labels": {{{}}}}}}}"#, labels.join(","));
    let document = Some(v1::Document { text: text.into(), format: v1::DocumentFormat::Json.into() });
    let (kind, namespace) = ("DeploymentTarget".to_owned(), "default".to_owned());
    let request = v1::CreateRequest { kind, namespace, document, options: None };
    let status = grpc.hosted.runtime.block_on(grpc.client.clone().create(request)).unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().len() + status.details().len() < 6 << 10);
    assert!(failure(&status).errors.last().unwrap().message.contains("more problems"));
}

/// Numbers beyond a double's precision must not pass through one.
#[test]
fn documents_travel_as_text_and_not_as_doubles() {
    let text = text(b"{\"n\":9007199254740993}").unwrap();
    assert_eq!(text.to_value().get("n").map(Json::to_text).as_deref(), Some("9007199254740993"));
}

/// A warning as the other bindings write it, the hint after the message.
fn shown(warning: &v1::Diagnostic) -> String {
    let v1::Diagnostic { attribute, message, hint, .. } = warning;
    match hint.is_empty() || message.ends_with(hint.as_str()) {
        true => format!("{attribute}: {message}"),
        false => format!("{attribute}: {message}; {hint}"),
    }
}
