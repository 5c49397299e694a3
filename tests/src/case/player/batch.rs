//! A commit in the form of REST.

use kindstore::manifest::Format;
use kindstore::{FieldValidation, Json, Store};
use serde_json::json;

use super::tag;
use crate::case::answer::Answer;
use crate::case::step::{Body, Step};

/// The body that a commit is sent as.
pub(super) fn body(store: &Store, step: &Step, format: Format) -> String {
    let operations: Vec<Json> = step.operations.iter().map(|one| operation(store, one)).collect();
    let value = Json::Object([("operations".to_owned(), Json::Array(operations))].into());
    if format == Format::Json { value.to_text() } else { kindstore::manifest::to_yaml(&value) }
}

fn operation(store: &Store, step: &Step) -> Json {
    let mut value = json!({"operation": step.verb, "kind": step.kind});
    if !step.key.is_empty() {
        value["name"] = json!(step.key);
    }
    if let Some(tag) = tag(store, step) {
        value["expectedVersion"] = json!(tag.version);
        value["expectedId"] = json!(tag.id.unwrap().to_string());
    }
    if step.without_defaults {
        value["applyDefaults"] = json!(false);
    }
    match step.field_validation {
        FieldValidation::Warn => {}
        FieldValidation::Strict => value["fieldValidation"] = json!("Strict"),
        FieldValidation::Ignore => value["fieldValidation"] = json!("Ignore"),
    }
    let Json::Object(mut members) = Json::from(value) else { unreachable!("an object was made") };
    if let Some(Body::Value(document)) = &step.body {
        members.insert("document".to_owned(), document.clone());
    }
    Json::Object(members)
}

/// The answer to a commit.
pub(super) fn read(body: &Json) -> Answer {
    assert_eq!(body.get("kind").and_then(Json::as_str), Some("BatchResult"));
    let items = body.get("items").and_then(Json::as_array).unwrap();
    let word = |item: &Json| match item.get("operation").and_then(Json::as_str).unwrap() {
        "created" => "created",
        "configured" => "configured",
        "unchanged" => "unchanged",
        "deleted" => "deleted",
        other => panic!("no such word: {other}"),
    };
    let text = |warning: &Json, name: &str| warning.get(name).and_then(Json::as_str).unwrap().to_owned();
    let warnings = items.iter().flat_map(|item| item.get("warnings").and_then(Json::as_array).unwrap_or_default());
    Answer {
        status: 200,
        items: Some(items.iter().map(|item| item.get("resource").unwrap().clone()).collect()),
        words: Some(items.iter().map(word).collect()),
        revision: body.at("/metadata/revision").map(|revision| revision.to_text().parse().unwrap()),
        warnings: warnings.map(|one| format!("{}: {}", text(one, "attribute"), text(one, "message"))).collect(),
        ..Answer::default()
    }
}
