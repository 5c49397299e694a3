//! The forms in which resources are printed: `-o table|wide|yaml|json|name|jsonpath=...`.

use std::sync::Arc;

use kindstore::{Json, Object};
use serde::Serialize;

use super::access::Reference;
use super::failure::{Failure, Result};
use super::jsonpath::Template;
use super::kind::Kind;
use super::safe;

/// A form of output.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    Table,
    Wide,
    Yaml,
    Json,
    Name,
    JsonPath(Template),
}

/// The names of the forms, for help and completion.
pub(crate) const FORMS: [&str; 6] = ["table", "wide", "yaml", "json", "name", "jsonpath="];

/// The forms of a validation.
pub(crate) const VERDICT_FORMS: [&str; 4] = ["text", "json", "github", "sarif"];

/// Reads the value of `-o`.
pub(crate) fn form(text: &str) -> std::result::Result<Form, String> {
    match (text, text.strip_prefix("jsonpath=")) {
        ("table", _) => Ok(Form::Table),
        ("wide", _) => Ok(Form::Wide),
        ("yaml", _) => Ok(Form::Yaml),
        ("json", _) => Ok(Form::Json),
        ("name", _) => Ok(Form::Name),
        (_, Some(path)) => Template::parse(path).map(Form::JsonPath),
        _ => Err("the forms are table, wide, yaml, json, name and jsonpath='{.metadata.name}'".to_owned()),
    }
}

/// Resources with their kinds, to be printed.
pub(crate) struct Found {
    pub(crate) items: Vec<(Arc<Kind>, Object)>,
    /// Whether one resource was asked for by its name, which is then printed alone and not as a list.
    pub(crate) is_single: bool,
}

/// Returns the output in every form but a table.
pub(crate) fn render(form: &Form, found: &Found) -> Result<String> {
    match form {
        Form::Name => {
            Ok(found.items.iter().map(|(kind, object)| format!("{}\n", Reference::of(kind, object))).collect())
        }
        Form::Json => json(found),
        Form::JsonPath(template) => Ok(template.render(&value(found).into())),
        Form::Table | Form::Wide | Form::Yaml => Ok(yaml(&value(found))),
    }
}

/// Returns the output as one value: the resource, or a list that `apply -f` takes.
fn value(found: &Found) -> Json {
    match (found.items.as_slice(), found.is_single) {
        ([(_, object)], true) => object.to_value(),
        (items, _) => {
            let items = items.iter().map(|(_, object)| object.to_value()).collect();
            let members =
                [("kind", Json::from("List")), ("apiVersion", Json::from("v1")), ("items", Json::Array(items))];
            Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        }
    }
}

/// A list in the order in which its members are printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    kind: &'static str,
    api_version: &'static str,
    items: Vec<&'a Object>,
}

fn json(found: &Found) -> Result<String> {
    let text = match (found.items.as_slice(), found.is_single) {
        ([(_, object)], true) => serde_json::to_string_pretty(object),
        (items, _) => {
            let items = items.iter().map(|(_, object)| object).collect();
            serde_json::to_string_pretty(&List { kind: "List", api_version: "v1", items })
        }
    };
    text.map(|text| safe::json(&text) + "\n")
        .map_err(|error| Failure::refused(format!("the resources cannot be written: {error}")))
}

/// A resource or a list as YAML, the envelope in its order.
pub(crate) fn yaml(value: &Json) -> String {
    // It writes what steers a terminal as escapes.
    kindstore_server::envelope::to_yaml(value)
}
