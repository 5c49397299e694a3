//! The history of a resource: its versions, the differences between them, rollback and undelete.

use axum::body::Body;
use http::StatusCode;
use kindstore::kind::Kind;
use kindstore::store::HistoryPage;
use kindstore::{Comparison, History, Json, Store, Version};

use super::address::Address;
use super::answer::{Answer, Outcome};
use super::input::Input;
use super::query::Query;
use super::route::Part;
use super::{body, condition, write};
use crate::fault::Fault;
use crate::paging::MAX_SIZE;

/// At about how many bytes of resources a page of versions ends.
const PAGE_BYTES: usize = 4 << 20;

/// Answers a request for a part of a history.
pub(super) async fn answer(input: Input<'_>, address: &Address, part: &Part, body: &mut Option<Body>) -> Outcome {
    match part {
        Part::Versions => versions(input, address).await,
        Part::Version(text) => version(input, address, number(text)?).await,
        Part::Diff => diff(input, address).await,
        Part::Rollback => rollback(input, address, body).await,
        Part::Undelete => undelete(input, address, body).await,
    }
}

async fn versions(input: Input<'_>, address: &Address) -> Outcome {
    let Query { limit, token, only_authored, .. } = input.query.clone();
    read(input, address, move |store, at| {
        let asked = HistoryPage::new(limit.unwrap_or(MAX_SIZE), PAGE_BYTES)
            .token(token.as_deref())
            .only_authored(only_authored);
        let (page, next) = at.collection.of(store)?.history_page(&at.key, asked)?;
        Ok(list(at.kind(), &page, next.map(|token| token.to_string()).as_deref()))
    })
    .await
}

async fn version(input: Input<'_>, address: &Address, number: u64) -> Outcome {
    read(input, address, move |store, at| {
        let version = at.collection.of(store)?.version(&at.key, number)?;
        let mut text = "{\"kind\":\"Version\",\"apiVersion\":\"v1\",".to_owned();
        write_version(at.kind(), &version, &mut text);
        Ok(text + "}")
    })
    .await
}

async fn diff(input: Input<'_>, address: &Address) -> Outcome {
    if input.query.from.is_empty() {
        return Err(Fault::new("BadRequest", "name the version to compare with: ?from=3"));
    }
    let (from, to) = (number(&input.query.from)?, input.query.to);
    read(input, address, move |store, at| Ok(comparison(&at.collection.of(store)?.compare(&at.key, from, to)?))).await
}

async fn rollback(Input { shared, query, parts, .. }: Input<'_>, at: &Address, body: &mut Option<Body>) -> Outcome {
    let expected = condition::expected(&parts.headers, &at.key)?;
    let document = body::document(at.kind(), &parts.headers, body).await?.value;
    // The number is read from its text: a JSON number beyond 2^53 would be rounded on its way through a double.
    let version = document.get("version").and_then(|version| version.to_text().parse().ok());
    let Some(version) = version else {
        return Err(Fault::new("BadRequest", "name the version to go back to: {\"version\": 3}"));
    };
    let options = write::options(query, expected);
    let write = at.collection.of(&shared.store)?.rollback(&at.key, version).options(options).submit();
    Ok(write::after_write(at.kind(), StatusCode::OK, query, &shared.finish(write).await?))
}

async fn undelete(input: Input<'_>, at: &Address, body: &mut Option<Body>) -> Outcome {
    let Input { shared, query, parts, .. } = input;
    // A resource that is deleted has no version, so only the condition that there is none can hold.
    let options = write::options(query, condition::expected(&parts.headers, &at.key)?);
    body::check_unused(&parts.headers, body).await?;
    let write = at.collection.of(&shared.store)?.undelete(&at.key).options(options).submit();
    let written = shared.finish(write).await?;
    let status = if at.kind().flat.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let answer = write::after_write(at.kind(), status, query, &written);
    Ok(answer.location(write::location(at.kind(), &written)))
}

/// Reads on a thread that may block, since versions are looked up one after the other.
async fn read(
    input: Input<'_>,
    address: &Address,
    read: impl FnOnce(&Store, &Address) -> Result<String, Fault> + Send + 'static,
) -> Outcome {
    let (store, address) = (input.shared.store.clone(), address.clone());
    let task = tokio::task::spawn_blocking(move || read(&store, &address));
    let text = task.await.map_err(|_| Fault::new("Internal", "the versions could not be read"))??;
    Ok(Answer::json(StatusCode::OK, text))
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
        Some(_) => text.push_str(&kind.document(&version.object).to_text()),
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
