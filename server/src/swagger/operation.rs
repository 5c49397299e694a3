//! The paths of a kind with their operations, from its verbs.

use kindstore::kind::{KeyScheme, Kind, Scope, Verb};
use serde_json::{Map, Value, json};

use super::path;
use super::schema::{JSON_PATCH, answer_name, list_name, name, patch_name, reference};
use crate::filter::FILTERS;

pub(super) const FORMS: [&str; 2] = ["application/json", "application/yaml"];
const PATCH_FORMS: [&str; 4] =
    ["application/merge-patch+json", "application/merge-patch+yaml", "application/json", "application/yaml"];

const JSON_PATCH_FORMS: [&str; 2] = ["application/json-patch+json", "application/json-patch+yaml"];

/// The paths of a kind.
pub(super) fn paths(kind: &Kind) -> Map<String, Value> {
    let (collection, resource) = (path::collection(kind), path::resource(kind));
    let mut paths = Map::new();
    for (verb, path, method) in [
        (Verb::List, &collection, "get"),
        (Verb::Create, &collection, "post"),
        (Verb::Get, &resource, "get"),
        (Verb::Upsert, &resource, "put"),
        (Verb::Patch, &resource, "patch"),
        (Verb::Delete, &resource, "delete"),
    ] {
        if kind.allows(verb) {
            let methods = paths.entry(path.clone()).or_insert_with(|| json!({}));
            methods[method] = operation(kind, verb);
        }
    }
    paths
}

fn operation(kind: &Kind, verb: Verb) -> Value {
    let mut operation = json!({
        "tags": [kind.name],
        "summary": summary(kind, verb),
        "operationId": operation_id(kind, verb),
        "parameters": parameters(kind, verb),
        "responses": responses(kind, verb),
    });
    let body = match verb {
        Verb::Create | Verb::Upsert => Some(content(&FORMS, &name(kind))),
        Verb::Patch => Some(patch_content(kind)),
        _ => None,
    };
    if let Some(content) = body {
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    operation
}

fn summary(kind: &Kind, verb: Verb) -> String {
    let name = &kind.name;
    match verb {
        Verb::List => format!("List all {name} resources"),
        Verb::Get => format!("Get one {name}"),
        Verb::Create => format!("Create a {name}"),
        Verb::Upsert => format!("Create or replace a {name}"),
        Verb::Patch => format!("Change parts of a {name} by a merge patch or a JSON Patch"),
        Verb::Delete => format!("Delete a {name}"),
    }
}

// Generators make the names of methods from these, so they must never change.
fn operation_id(kind: &Kind, verb: Verb) -> String {
    match verb {
        Verb::List => format!("list{}s", kind.name.trim_end_matches('s')),
        other => format!("{other}{}", kind.name),
    }
}

/// A parameter of a query.
pub(super) fn parameter(name: &str, form: &str, about: &str) -> Value {
    json!({"name": name, "in": "query", "required": false, "description": about, "schema": {"type": form}})
}

/// The parameters of a path to one resource.
pub(super) fn address(kind: &Kind) -> Vec<Value> {
    let mut parameters = place(kind);
    match kind.key {
        KeyScheme::Name => parameters.push(segment("nameOrId", "The name or the id.")),
        KeyScheme::Id => parameters.push(segment("id", "The id.")),
        KeyScheme::Singleton => {}
    }
    parameters
}

/// The parameters of a path to all resources.
fn place(kind: &Kind) -> Vec<Value> {
    let mut namespace = segment("namespace", "The namespace.");
    namespace["schema"]["default"] = json!("default");
    if kind.scope == Scope::Namespaced { vec![namespace] } else { Vec::new() }
}

fn segment(name: &str, about: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": about, "schema": {"type": "string", "minLength": 1}})
}

/// How an answer is read page by page.
pub(super) fn paging() -> Vec<Value> {
    let mut limit = parameter("limit", "integer", "The most on a page, which can hold less; 0 for no pages.");
    (limit["schema"]["minimum"], limit["schema"]["maximum"]) = (json!(0), json!(crate::paging::MAX_SIZE));
    let about = "Where to go on: the continue of the page before. 410 when that is too long ago; begin again then.";
    vec![limit, parameter("continue", "string", about)]
}

fn parameters(kind: &Kind, verb: Verb) -> Vec<Value> {
    let flag = |name: &str, about: &str| parameter(name, "boolean", about);
    let is_one = !matches!(verb, Verb::List | Verb::Create);
    let mut parameters = if is_one { address(kind) } else { place(kind) };
    if verb == Verb::List {
        parameters.extend(selectors(kind));
        parameters.extend(if kind.flat.is_none() { paging() } else { Vec::new() });
    }
    if matches!(verb, Verb::List | Verb::Get) {
        let about = "Shows the store at this revision; 410 when that is no longer kept.";
        let mut revision = parameter("revision", "integer", about);
        (revision["schema"]["format"], revision["schema"]["minimum"]) = (json!("int64"), json!(1));
        parameters.push(revision);
    }
    if verb == Verb::Get && !kind.secret.is_empty() {
        parameters.push(flag("reveal", "Includes secret members in the answer."));
    }
    if verb == Verb::Upsert {
        parameters.push(flag("applyDefaults", "Whether defaults fill what the document leaves out; true by default."));
    }
    if matches!(verb, Verb::Create | Verb::Upsert | Verb::Patch) {
        let about = "What becomes of members that the kind does not know: each is a warning, each refuses the document, or nothing is said.";
        parameters.push(json!({
            "name": "fieldValidation", "in": "query", "required": false, "description": about,
            "schema": {"type": "string", "enum": ["Warn", "Strict", "Ignore"], "default": "Warn"},
        }));
    }
    if !matches!(verb, Verb::List | Verb::Get) {
        parameters.push(flag("dryRun", "Answers as the real call would and stores nothing."));
    }
    if matches!(verb, Verb::Upsert | Verb::Patch | Verb::Delete) {
        let about = "The ETag that the resource must have, or * for any.";
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false, "description": about, "schema": {"type": "string"},
        }));
    }
    parameters
}

/// The parameters that select the items of a list.
fn selectors(kind: &Kind) -> Vec<Value> {
    let text = |name: &str, about: &str| parameter(name, "string", about);
    let mut parameters = vec![
        text(
            "labelSelector",
            "Which labels the resources have: a=b, a!=b, a in (b,c), a notin (b), a, !a; joined by commas.",
        ),
        text(
            "fieldSelector",
            "Which members the resources have, such as metadata.name=x; those that the kind lets select by.",
        ),
    ];
    for name in FILTERS {
        if kind.selectable.iter().any(|pointer| pointer.strip_prefix("/metadata/") == Some(name)) {
            let mut parameter = text(name, "What the resources belong to, by its id.");
            parameter["schema"]["format"] = json!("uuid");
            parameters.push(parameter);
        }
    }
    parameters
}

fn responses(kind: &Kind, verb: Verb) -> Value {
    let answer = match verb {
        Verb::List => list_name(kind),
        _ => answer_name(kind),
    };
    let good = |about: &str| json!({"description": about, "content": content(&FORMS, &answer)});
    let mut responses = failures();
    let is_created = kind.flat.is_none() && matches!(verb, Verb::Create | Verb::Upsert);
    if is_created {
        responses.insert("201".to_owned(), good("Created."));
    }
    if !is_created || verb == Verb::Upsert {
        responses.insert("200".to_owned(), good("Done."));
    }
    Value::Object(responses)
}

/// How every operation can fail.
pub(super) fn failures() -> Map<String, Value> {
    let about = [
        ("400", "The request or the document is not valid."),
        ("404", "There is no such resource or namespace."),
        ("409", "The state of a resource does not allow it."),
        ("default", "Any other failure."),
    ];
    let failure = |about: &str| json!({"description": about, "content": content(&FORMS, "Error")});
    about.into_iter().map(|(status, about)| (status.to_owned(), failure(about))).collect()
}

pub(super) fn content(forms: &[&str], schema: &str) -> Value {
    forms.iter().map(|form| ((*form).to_owned(), json!({"schema": reference(schema)}))).collect::<Map<_, _>>().into()
}

/// Merge patches, and JSON Patches, which are the same for all kinds.
fn patch_content(kind: &Kind) -> Value {
    let mut forms = content(&PATCH_FORMS, &patch_name(kind));
    for form in JSON_PATCH_FORMS {
        forms[form] = json!({"schema": reference(JSON_PATCH)});
    }
    forms
}

/// The paths that belong to no kind.
pub(super) fn pages() -> Map<String, Value> {
    let page = |id: &str, summary: &str, schema: &str| {
        let good = json!({"description": "Done.", "content": content(&FORMS, schema)});
        let bad = json!({"description": "Any failure.", "content": content(&FORMS, "Error")});
        json!({"get": {
            "tags": ["Status"], "summary": summary, "operationId": id,
            "responses": {"200": good, "default": bad},
        }})
    };
    Map::from_iter([
        ("/api/v1/status".to_owned(), page("getStatus", "Whether the server works", "Status")),
        ("/api/v1/status/system-info".to_owned(), page("getSystemInfo", "What the server is", "SystemInformation")),
    ])
}
