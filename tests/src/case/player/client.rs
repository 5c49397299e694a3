//! The Rust client as a player.

use kindstore::manifest::{Format, Limits};
use kindstore::{FieldValidation, Json, JsonText, Metadata, Object, Store, Timestamp};
use kindstore_client::call::{Checks, Expects, InNamespace, Request, Writes};
use kindstore_client::{Call, Client, Document, Error, Operation, Resource, Result, Version, Written};

use super::{Hosted, Player, engine, tag, watch};
use crate::case::answer::{Answer, Problem, word};
use crate::case::step::Step;

pub(crate) struct RustClient {
    hosted: Hosted,
    client: Client,
}

impl RustClient {
    pub(crate) fn new(hosted: Hosted) -> Self {
        let client = hosted.runtime.block_on(Client::connect(hosted.address.to_string())).unwrap();
        Self { hosted, client }
    }

    async fn call(&self, step: &Step) -> Result<Answer> {
        let (client, kind, key, namespace) = (&self.client, &*step.kind, &*step.key, step.namespace.as_deref());
        let body = || document(step);
        match step.verb.as_str() {
            "get" => {
                let call = client.get(kind, key).namespace(namespace).revision(step.revision.unwrap_or_default());
                let resource = if step.reveal { call.reveal() } else { call }.await?;
                Ok(Answer { status: 200, document: Some(self.document(&resource)), ..Answer::default() })
            }
            "list" => self.list(step).await,
            "watch" => self.watch(step).await,
            "create" => self.written(step, self.checking(step, client.create(kind, body()))).await,
            "upsert" => {
                let call = client.upsert(kind, key, body());
                let call = if step.without_defaults { call.without_defaults() } else { call };
                self.written(step, self.expecting(step, self.checking(step, call))).await
            }
            "patch" => {
                self.written(step, self.expecting(step, self.checking(step, client.patch(kind, key, body())))).await
            }
            "json-patch" => {
                let call = client.json_patch(kind, key, body());
                self.written(step, self.expecting(step, self.checking(step, call))).await
            }
            "delete" => self.written(step, self.expecting(step, client.delete(kind, key))).await,
            "rollback" => self.written(step, self.expecting(step, client.rollback(kind, key, step.from))).await,
            "undelete" => self.written(step, client.undelete(kind, key)).await,
            "commit" => self.commit(step).await,
            _ => self.past(step).await,
        }
    }

    async fn written<R>(&self, step: &Step, call: Call<R>) -> Result<Answer>
    where
        R: Request<Answer = Written> + InNamespace + Writes,
    {
        let call = call.namespace(step.namespace.as_deref());
        let written = if step.dry_run { call.dry_run() } else { call }.await?;
        let is_flat = self.hosted.store.registry().find(&written.resource.kind).unwrap().flat.is_some();
        Ok(Answer {
            status: if written.created && !is_flat { 201 } else { 200 },
            document: Some(self.document(&written.resource)),
            warnings: written.warnings.iter().map(ToString::to_string).collect(),
            ..Answer::default()
        })
    }

    fn checking<R: Checks>(&self, step: &Step, call: Call<R>) -> Call<R> {
        call.field_validation(field_validation(step))
    }

    fn expecting<R: Expects>(&self, step: &Step, call: Call<R>) -> Call<R> {
        let Some(tag) = tag(&self.hosted.store, step) else { return call };
        let call = call.expected_version(tag.version);
        if let Some(id) = tag.id { call.expected_id(id.to_string()) } else { call }
    }

    /// Reads a list in pages of two, or the page that is asked for.
    async fn list(&self, step: &Step) -> Result<Answer> {
        let page = |token: String| {
            let call = self.client.list_page(&step.kind).namespace(step.namespace.as_deref());
            let call = call.label_selector(&*step.label_selector).field_selector(&*step.field_selector);
            let call = call.revision(step.revision.unwrap_or_default()).page_token(token);
            call.page_size(step.limit.unwrap_or(2) as u32)
        };
        let (mut items, mut token) = (Vec::new(), step.token.clone().unwrap_or_default());
        loop {
            let page = page(token).await?;
            items.extend(page.resources.iter().map(|resource| self.document(resource)));
            match page.next_page_token {
                Some(next) if step.limit.is_none() => token = next,
                next => {
                    let revision = Some(page.revision).filter(|_| step.is_paged());
                    return Ok(Answer { status: 200, items: Some(items), revision, next, ..Answer::default() });
                }
            }
        }
    }

    async fn watch(&self, step: &Step) -> Result<Answer> {
        let call = self.client.watch(&step.kind).namespace(step.namespace.as_deref()).key(&*step.key).bookmarks();
        let call = call.label_selector(&*step.label_selector).field_selector(&*step.field_selector);
        let call = if step.begin == "list" { call.list() } else { call.cursor(&*step.begin) };
        let mut watch = call.await?;
        let mut items = Vec::new();
        while items.len() < step.events
            && let Ok(event) = tokio::time::timeout(watch::LONGEST, watch.next()).await
        {
            let event = event?;
            let word = format!("{:?}", event.change_type).to_uppercase();
            items.push(watch::told(&word, &event.cursor, event.resource.map(|resource| self.document(&resource))));
        }
        Ok(Answer { status: 200, items: Some(items), ..Answer::default() })
    }

    async fn commit(&self, step: &Step) -> Result<Answer> {
        let call = self.client.commit(&step.kind, step.operations.iter().map(|one| self.operation(one)));
        let committed = if step.dry_run { call.dry_run() } else { call }.await?;
        let results = &committed.results;
        let warnings = results.iter().flat_map(|one| &one.warnings);
        Ok(Answer {
            status: 200,
            items: Some(results.iter().map(|one| self.document(&one.resource)).collect()),
            words: Some(results.iter().map(|one| word(one.deleted, one.created, one.changed)).collect()),
            revision: Some(committed.revision).filter(|revision| *revision > 0),
            warnings: warnings.map(ToString::to_string).collect(),
            ..Answer::default()
        })
    }

    fn operation(&self, step: &Step) -> Operation {
        let (kind, key) = (&*step.kind, &*step.key);
        let operation = match step.verb.as_str() {
            "create" => Operation::create(kind, document(step)),
            "upsert" => Operation::upsert(kind, key, document(step)),
            "patch" => Operation::patch(kind, key, document(step)),
            "json-patch" => Operation::json_patch(kind, key, document(step)),
            "delete" => Operation::delete(kind, key),
            other => panic!("a commit does not {other}"),
        };
        let operation = operation.field_validation(field_validation(step));
        let operation = if step.without_defaults { operation.without_defaults() } else { operation };
        match tag(&self.hosted.store, step) {
            Some(tag) => operation.expected_version(tag.version).expected_id(tag.id.unwrap().to_string()),
            None => operation,
        }
    }

    /// The answers about versions.
    async fn past(&self, step: &Step) -> Result<Answer> {
        let (client, kind, key, namespace) = (&self.client, &*step.kind, &*step.key, step.namespace.as_deref());
        let (document, items, next) = match step.verb.as_str() {
            "history" => {
                let call = client.history_page(kind, key).namespace(namespace);
                let call = if step.only_authored { call.authored_only() } else { call };
                let call = call.page_size(step.limit.unwrap_or_default() as u32);
                let page = call.page_token(step.token.clone().unwrap_or_default()).await?;
                let items = page.versions.iter().map(|version| self.version(version)).collect();
                (serde_json::json!({"deleted": page.deleted}).into(), Some(items), page.next_page_token)
            }
            "get-version" => {
                let version = client.version(kind, key, step.from).namespace(namespace).await?;
                (self.version(&version), None, None)
            }
            "compare" => {
                let call = client.compare(kind, key, step.from).namespace(namespace);
                let found = call.to_version(step.to.unwrap_or_default()).await?;
                let told = serde_json::json!({"from": found.from_version, "to": found.to_version}).into();
                let item = |one: &kindstore_client::Difference| {
                    let path = Some(("path".to_owned(), one.path.as_str().into()));
                    let old = one.old.clone().map(|old| ("old".to_owned(), old.into()));
                    let new = one.new.clone().map(|new| ("new".to_owned(), new.into()));
                    Json::Object([path, old, new].into_iter().flatten().collect())
                };
                (told, Some(found.differences.iter().map(item).collect()), None)
            }
            other => panic!("no such verb: {other}"),
        };
        Ok(Answer { status: 200, document: Some(document), items, next, ..Answer::default() })
    }

    fn version(&self, version: &Version) -> Json {
        let mut told = serde_json::json!({
            "version": version.version, "revision": version.revision, "authored": version.authored,
        });
        if let Some(ended) = version.ended_revision {
            told["endedRevision"] = ended.into();
        }
        engine::with_resource(told, self.document(&version.resource))
    }

    fn document(&self, resource: &Resource) -> Json {
        self.hosted.store.registry().find(&resource.kind).unwrap().document(&object(resource))
    }
}

impl Player for RustClient {
    fn name(&self) -> String {
        "the Rust client".to_owned()
    }

    fn store(&self) -> &Store {
        &self.hosted.store
    }

    fn play(&mut self, step: &Step) -> Answer {
        self.hosted.runtime.block_on(self.call(step)).unwrap_or_else(|error| failure(&error))
    }
}

fn document(step: &Step) -> Document {
    match engine::text(step, Format::Json).expect("a body") {
        (text, Format::Json) => Document::text(text, kindstore_client::Format::Json),
        (text, Format::Yaml) => Document::text(text, kindstore_client::Format::Yaml),
    }
}

fn field_validation(step: &Step) -> kindstore_client::FieldValidation {
    match step.field_validation {
        FieldValidation::Warn => kindstore_client::FieldValidation::Warn,
        FieldValidation::Strict => kindstore_client::FieldValidation::Strict,
        FieldValidation::Ignore => kindstore_client::FieldValidation::Ignore,
    }
}

fn failure(error: &Error) -> Answer {
    assert!(error.is_from_store(), "{error}");
    let problem = |one: &kindstore_client::Problem| Problem {
        attribute: one.field.clone(),
        code: one.reason.clone(),
        message: one.message.clone(),
        place: one.line.zip(one.column).map(|(line, column)| format!("{line}:{column}")),
    };
    Answer::failure(error.reason(), error.message(), error.problems().iter().map(problem).collect())
}

/// The object of a resource, so that both can be shown in one form. REST answers the same text as the client shows.
fn object(resource: &Resource) -> Object {
    let time = |time: kindstore_client::Timestamp| Timestamp::from_micros(time.as_micros());
    let text = |text: &str| {
        JsonText::from_value(
            &kindstore::manifest::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap().value,
        )
    };
    let metadata = &resource.metadata;
    let object = Object {
        kind: resource.kind.as_str().into(),
        api_version: resource.api_version.as_str().into(),
        metadata: Metadata {
            id: metadata.id.parse().unwrap(),
            name: metadata.name.clone(),
            namespace: metadata.namespace.clone(),
            created_at: time(metadata.created_at),
            modified_at: metadata.modified_at.map(time),
            labels: metadata.labels.clone().map(|map| map.into_iter().collect()),
            annotations: metadata.annotations.clone().map(|map| map.into_iter().collect()),
            resource_version: metadata.resource_version,
            extra: metadata.extra_text().map(text),
        },
        spec: resource.spec_text().map(text),
        status: resource.status_text().map(text),
    };
    let shown =
        kindstore::manifest::read(resource.to_json().as_bytes(), Format::Json, &Limits::default()).unwrap().value;
    assert_eq!(shown, object.to_value());
    object
}
