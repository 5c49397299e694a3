//! The history of a resource: its versions, the differences between them, rollback and undelete.

use std::sync::Arc;

use axum::body::Body;
use http::StatusCode;
use http::request::Parts;
use kindstore::{Comparison, History, HistoryPage, Json, Kind, Store, Version, to_document};

use super::answer::{Answer, Outcome};
use super::query::Query;
use super::route::Part;
use super::{body, condition, write};
use crate::fault::Fault;
use crate::paging::MAX_SIZE;
use crate::shared::Shared;

/// At about how many bytes of resources a page of versions ends.
const PAGE_BYTES: usize = 4 << 20;

/// A resource whose history is read or restored.
pub(super) struct Past<'a> {
    pub(super) kind: &'a Arc<Kind>,
    pub(super) namespace: Option<&'a str>,
    pub(super) key: &'a str,
}

impl Past<'_> {
    pub(super) async fn dispatch(
        &self,
        part: &Part,
        shared: &Shared,
        query: &Query,
        parts: &Parts,
        body: &mut Option<Body>,
    ) -> Outcome {
        match part {
            Part::Versions => self.versions(shared, query).await,
            Part::Version(text) => self.version(shared, number(text)?).await,
            Part::Diff => self.diff(shared, query).await,
            Part::Rollback => self.rollback(shared, query, parts, body).await,
            Part::Undelete => self.undelete(shared, query).await,
        }
    }

    async fn versions(&self, shared: &Shared, query: &Query) -> Outcome {
        let (size, token, only_authored) = (query.limit.unwrap_or(MAX_SIZE), query.token.clone(), query.only_authored);
        self.read(shared, move |store, kind, namespace, key| {
            let (token, bytes) = (token.as_deref(), PAGE_BYTES);
            let asked = HistoryPage { size, token, only_authored, bytes };
            let (page, next) = store.history_page(&kind.name, namespace, key, asked)?;
            Ok(list(kind, &page, next.map(|token| token.to_string()).as_deref()))
        })
        .await
    }

    async fn version(&self, shared: &Shared, number: u64) -> Outcome {
        self.read(shared, move |store, kind, namespace, key| {
            let version = store.version(&kind.name, namespace, key, number)?;
            let mut text = "{\"kind\":\"Version\",\"apiVersion\":\"v1\",".to_owned();
            write_version(kind, &version, &mut text);
            Ok(text + "}")
        })
        .await
    }

    async fn diff(&self, shared: &Shared, query: &Query) -> Outcome {
        if query.from.is_empty() {
            return Err(Fault::new("BadRequest", "name the version to compare with: ?from=3"));
        }
        let (from, to) = (number(&query.from)?, query.to);
        self.read(shared, move |store, kind, namespace, key| {
            Ok(comparison(&store.compare(&kind.name, namespace, key, from, to)?))
        })
        .await
    }

    async fn rollback(&self, shared: &Shared, query: &Query, parts: &Parts, body: &mut Option<Body>) -> Outcome {
        let expected = condition::expected(&parts.headers, &parts.method, self.key)?;
        let document = body::document(self.kind, &parts.headers, body).await?.value;
        let version = document.get("version").and_then(|version| version.to_text().parse().ok());
        let Some(version) = version else {
            return Err(Fault::new("BadRequest", "name the version to go back to: {\"version\": 3}"));
        };
        let options = write::options(query, expected);
        let write = shared.store.rollback(&self.kind.name, self.namespace, self.key, version, options);
        Ok(write::after_write(self.kind, StatusCode::OK, query, &shared.finish(write).await?))
    }

    async fn undelete(&self, shared: &Shared, query: &Query) -> Outcome {
        let options = write::options(query, None);
        let write = shared.store.undelete(&self.kind.name, self.namespace, self.key, options);
        let written = shared.finish(write).await?;
        let status = if self.kind.flat.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        let answer = write::after_write(self.kind, status, query, &written);
        Ok(answer.location(write::location(self.kind, &written)))
    }

    /// Reads on a thread that may block, since versions are looked up one after the other.
    async fn read(
        &self,
        shared: &Shared,
        read: impl FnOnce(&Store, &Kind, Option<&str>, &str) -> Result<String, Fault> + Send + 'static,
    ) -> Outcome {
        let (store, kind) = (shared.store.clone(), Arc::clone(self.kind));
        let (namespace, key) = (self.namespace.map(str::to_owned), self.key.to_owned());
        let task = tokio::task::spawn_blocking(move || read(&store, &kind, namespace.as_deref(), &key));
        let text = task.await.map_err(|_| Fault::new("Internal", "the versions could not be read"))??;
        Ok(Answer::json(StatusCode::OK, text))
    }
}

fn number(text: &str) -> Result<u64, Fault> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Fault::new("BadRequest", format!("a version is a number from 1 on, not {text:?}")))
}

fn list(kind: &Kind, page: &History, next: Option<&str>) -> String {
    let next = next.map(|token| format!(",\"continue\":\"{token}\"")).unwrap_or_default();
    let mut text = format!(
        "{{\"kind\":\"VersionList\",\"apiVersion\":\"v1\",\"metadata\":{{\"deleted\":{}{next}}},\"items\":[",
        page.is_deleted
    );
    for (index, version) in page.versions.iter().enumerate() {
        text.push_str(if index > 0 { ",{" } else { "{" });
        write_version(kind, version, &mut text);
        text.push('}');
    }
    text + "]}"
}

/// The members of a version, as JSON text.
fn write_version(kind: &Kind, version: &Version, text: &mut String) {
    let (number, revision) = (version.object.metadata.resource_version, version.revision);
    text.push_str(&format!("\"version\":{number},\"revision\":{revision}"));
    if let Some(ended) = version.ended {
        text.push_str(&format!(",\"endedRevision\":{ended}"));
    }
    text.push_str(&format!(",\"authored\":{},\"resource\":", version.is_authored));
    match kind.flat {
        None => version.object.write_json(text),
        Some(_) => text.push_str(&to_document(kind, &version.object).to_text()),
    }
}

fn comparison(comparison: &Comparison) -> String {
    let number = |version: &Version| version.object.metadata.resource_version;
    let (from, to) = (number(&comparison.from), number(&comparison.to));
    let member = |name: &str, value: &Option<Json>| {
        value.as_ref().map(|value| format!(",\"{name}\":{}", value.to_text())).unwrap_or_default()
    };
    let items: Vec<String> = comparison
        .differences
        .iter()
        .map(|it| {
            let path = Json::from(it.pointer.as_str()).to_text();
            format!("{{\"path\":{path}{}{}}}", member("old", &it.old), member("new", &it.new))
        })
        .collect();
    let items = items.join(",");
    format!("{{\"kind\":\"VersionDiff\",\"apiVersion\":\"v1\",\"from\":{from},\"to\":{to},\"items\":[{items}]}}")
}
