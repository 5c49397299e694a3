//! The history of a resource: its versions, the differences between them, rollback and undelete.

use std::sync::Arc;

use axum::body::Body;
use http::StatusCode;
use kindstore::store::HistoryPage;
use kindstore::{Comparison, Json, Store, Version};

use super::address::Address;
use super::answer::{Answer, Outcome};
use super::form::{Form, write_version};
use super::input::Input;
use super::query::Query;
use super::route::Part;
use super::{body, condition, list, write};
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
    let (page, next) = read(input, address, move |store, at| {
        let asked = HistoryPage::new(limit.unwrap_or(MAX_SIZE), PAGE_BYTES)
            .token(token.as_deref())
            .only_authored(only_authored);
        Ok(at.collection.of(store)?.history_page(&at.key, asked)?)
    })
    .await?;
    let form = Form { kind: Arc::clone(&address.collection.kind), media: input.media };
    let next = next.map(|token| format!(",\"continue\":\"{token}\"")).unwrap_or_default();
    let begin = form.text_before_items(format!(
        "{{\"kind\":\"VersionList\",\"apiVersion\":\"v1\",\"metadata\":{{\"deleted\":{}{next}}},\"items\":[",
        page.is_deleted
    ));
    list::written(input.shared, form, begin, page.versions)
}

async fn version(input: Input<'_>, address: &Address, number: u64) -> Outcome {
    let text = read(input, address, move |store, at| {
        let version = at.collection.of(store)?.version(&at.key, number)?;
        let mut text = "{\"kind\":\"Version\",\"apiVersion\":\"v1\",".to_owned();
        write_version(at.kind(), &version, &mut text);
        Ok(text + "}")
    });
    Ok(Answer::json(StatusCode::OK, text.await?))
}

async fn diff(input: Input<'_>, address: &Address) -> Outcome {
    if input.query.from.is_empty() {
        return Err(Fault::new("BadRequest", "name the version to compare with: ?from=3"));
    }
    let (from, to) = (number(&input.query.from)?, input.query.to);
    let text =
        read(input, address, move |store, at| Ok(comparison(&at.collection.of(store)?.compare(&at.key, from, to)?)));
    Ok(Answer::json(StatusCode::OK, text.await?))
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
async fn read<T: Send + 'static>(
    input: Input<'_>,
    address: &Address,
    read: impl FnOnce(&Store, &Address) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (store, address) = (input.shared.store.clone(), address.clone());
    let task = tokio::task::spawn_blocking(move || read(&store, &address));
    task.await.map_err(|_| Fault::new("Internal", "the versions could not be read"))?
}

fn number(text: &str) -> Result<u64, Fault> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Fault::new("BadRequest", format!("a version is a number from 1 on, not {text:?}")))
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
