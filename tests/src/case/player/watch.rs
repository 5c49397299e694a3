//! Watches as the bindings tell them: each player takes as many events as a case expects.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use kindstore::kind::Kind;
use kindstore::manifest::{Format, Limits};
use kindstore::store::SelectorError;
use kindstore::{Cursor, Error, Json, Selector, Store};
use kindstore::{WatchEvent, WatchFrom, WatchOptions};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use tonic::Status;
use tonic::transport::Channel;

use super::grpc;
use crate::case::answer::Answer;
use crate::case::step::Step;

/// An event that does not come for so long does not come.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// What the embedded interface tells. What it tells beyond what is expected is part of the answer, too.
pub(super) fn embedded(store: &Store, step: &Step) -> Result<Answer, Error> {
    let kind = store.registry().require(&step.kind)?;
    let bad = |message: String| Error::BadRequest { message };
    let wrong = |error: SelectorError| bad(error.to_string());
    let from = match step.begin.as_str() {
        "" => WatchFrom::Now,
        "list" => WatchFrom::List,
        text => {
            let cursor = text.parse::<Cursor>();
            WatchFrom::After(cursor.map_err(|error| bad(format!("the cursor {text:?} is {error}")))?)
        }
    };
    let options = WatchOptions::default()
        .from(from)
        .key(Some(step.key.clone()).filter(|key| !key.is_empty()))
        .labels(Selector::labels(&step.label_selector).map_err(wrong)?)
        .fields(Selector::fields(kind, &step.field_selector).map_err(wrong)?);
    let mut watch = store.collection(&step.kind, step.namespace.as_deref())?.watch_with(options)?;
    let mut items = Vec::new();
    while items.len() < step.events
        && let Some(event) = watch.next_within(LONGEST)?
    {
        items.push(event);
    }
    while let Some(event) = watch.try_next()? {
        items.push(event);
    }
    let told = |event: &WatchEvent| {
        let (word, object) = match event {
            WatchEvent::Change(change) => (change.change_type.word(), Some(kind.document(change.object()))),
            WatchEvent::Bookmark(_) => ("BOOKMARK", None),
        };
        told(word, &event.cursor().to_string(), object)
    };
    Ok(answer(items.iter().map(told).collect()))
}

/// What gRPC tells.
pub(super) async fn messages(
    mut client: ResourceServiceClient<Channel>,
    kind: &Kind,
    step: &Step,
) -> Result<Answer, Status> {
    let is_list = step.begin == "list";
    let request = v1::WatchRequest {
        kind: step.kind.clone(),
        namespace: step.namespace.clone().unwrap_or_default(),
        key: step.key.clone(),
        label_selector: step.label_selector.clone(),
        field_selector: step.field_selector.clone(),
        cursor: if is_list { String::new() } else { step.begin.clone() },
        list: is_list,
        bookmark_seconds: 0,
    };
    let mut stream = client.watch(request).await?.into_inner();
    let mut items = Vec::new();
    while items.len() < step.events
        && let Ok(response) = tokio::time::timeout(LONGEST, stream.message()).await
        && let Some(response) = response?
    {
        let word = response.change_type().as_str_name().trim_start_matches("CHANGE_TYPE_");
        let cursor: Cursor = response.cursor.parse().unwrap();
        assert_eq!(cursor.revision, response.revision);
        let resource = response.resource().unwrap();
        let object = resource.map(|resource| kind.document(&grpc::object(&resource)));
        items.push(told(word, &response.cursor, object));
    }
    Ok(answer(items))
}

/// What REST tells: lines of JSON, or the events of browsers.
pub(super) async fn pieces<B: BodyExt<Data = Bytes> + Unpin>(mut response: Response<B>, step: &Step) -> Answer {
    let is_events = response.headers()["content-type"] == "text/event-stream";
    assert_eq!(response.headers()["cache-control"], "no-store");
    let (mut text, mut items, mut is_listing) = (String::new(), Vec::new(), step.begin == "list");
    while items.len() < step.events
        && let Ok(Some(Ok(frame))) = tokio::time::timeout(LONGEST, response.frame()).await
    {
        text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        while let Some((piece, rest)) = text.split_once(if is_events { "\n\n" } else { "\n" }) {
            let (id, data) = if is_events { event(piece) } else { (None, piece) };
            let item = kindstore::manifest::read(data.as_bytes(), Format::Json, &Limits::default()).unwrap().value;
            let cursor = item.get("cursor").and_then(Json::as_str);
            is_listing &= item.get("type").and_then(Json::as_str) != Some("BOOKMARK");
            // A browser that comes again in the middle of a list has to begin anew.
            assert_eq!(id, cursor.filter(|_| is_events && !is_listing), "the id of {piece}");
            items.push(item);
            text = rest.to_owned();
        }
    }
    items.truncate(step.events);
    answer(items)
}

/// The id and the data of an event.
fn event(piece: &str) -> (Option<&str>, &str) {
    let (id, data) = piece.split_once('\n').map_or((None, piece), |(id, data)| (Some(id), data));
    (id.map(|id| id.strip_prefix("id: ").unwrap()), data.strip_prefix("data: ").unwrap())
}

/// An event as REST tells it.
pub(super) fn told(word: &str, cursor: &str, object: Option<Json>) -> Json {
    let members = [("type", Some(word.into())), ("cursor", Some(cursor.into())), ("object", object)];
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Json::Object(members.collect())
}

fn answer(items: Vec<Json>) -> Answer {
    Answer { status: 200, items: Some(items), ..Answer::default() }
}
