//! The paths of a kind with their operations, from its verbs.

use kindstore::{KeyScheme, Kind, Scope, Verb};
use serde_json::{Map, Value, json};

use super::schema::{JSON_PATCH, answer_name, list_name, name, patch_name, reference};

pub(super) const FORMS: [&str; 2] = ["application/json", "application/yaml"];
const PATCH_FORMS: [&str; 4] =
    ["application/merge-patch+json", "application/merge-patch+yaml", "application/json", "application/yaml"];

const JSON_PATCH_FORMS: [&str; 2] = ["application/json-patch+json", "application/json-patch+yaml"];

/// The paths of a kind.
pub(super) fn paths(kind: &Kind) -> Map<String, Value> {
    let collection = match kind.scope {
        Scope::Namespaced => format!("{}/namespaces/{{namespace}}/{}", kind.group, kind.plural),
        Scope::Global => format!("{}/{}", kind.group, kind.plural),
    };
    let resource = match kind.key {
        KeyScheme::Singleton => collection.clone(),
        KeyScheme::Name => format!("{collection}/{{nameOrId}}"),
        KeyScheme::Id => format!("{collection}/{{id}}"),
    };
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

fn operation_id(kind: &Kind, verb: Verb) -> String {
    match verb {
        Verb::List => format!("list{}s", kind.name.trim_end_matches('s')),
        other => format!("{other}{}", kind.name),
    }
}

fn parameters(kind: &Kind, verb: Verb) -> Vec<Value> {
    let mut parameters = Vec::new();
    let path = |name: &str, about: &str| json!({"name": name, "in": "path", "required": true, "description": about, "schema": {"type": "string", "minLength": 1}});
    let flag = |name: &str, about: &str| json!({"name": name, "in": "query", "required": false, "description": about, "schema": {"type": "boolean"}});
    if kind.scope == Scope::Namespaced {
        let mut namespace = path("namespace", "The namespace.");
        namespace["schema"]["default"] = json!("default");
        parameters.push(namespace);
    }
    let is_one = !matches!(verb, Verb::List | Verb::Create);
    match kind.key {
        KeyScheme::Name if is_one => parameters.push(path("nameOrId", "The name or the id.")),
        KeyScheme::Id if is_one => parameters.push(path("id", "The id.")),
        _ => {}
    }
    if verb == Verb::List {
        parameters.extend(selectors(kind));
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

/// What a list can be selected by.
fn selectors(kind: &Kind) -> Vec<Value> {
    let text = |name: &str, about: &str| json!({"name": name, "in": "query", "required": false, "description": about, "schema": {"type": "string"}});
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
    for name in crate::rest::FILTERS {
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
    let mut responses = Map::new();
    let is_created = kind.flat.is_none() && matches!(verb, Verb::Create | Verb::Upsert);
    if is_created {
        responses.insert("201".to_owned(), good("Created."));
    }
    if !is_created || verb == Verb::Upsert {
        responses.insert("200".to_owned(), good("Done."));
    }
    for (status, about) in [
        ("400", "The request or the document is not valid."),
        ("404", "There is no such resource or namespace."),
        ("409", "The state of a resource does not allow it."),
        ("default", "Any other failure."),
    ] {
        responses.insert(status.to_owned(), json!({"description": about, "content": content(&FORMS, "Error")}));
    }
    Value::Object(responses)
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
