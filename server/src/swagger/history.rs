//! The paths of histories, with their operations and schemas.

use kindstore::kind::{Kind, Verb};
use serde_json::{Map, Value, json};

use super::operation::{self, FORMS, content, parameter};
use super::schema::{answer_name, name, reference};

/// The schemas that are the same for all kinds.
const DIFF: &str = "VersionDiff";
const TARGET: &str = "RollbackTarget";

fn version_name(kind: &Kind) -> String {
    format!("{}Version", kind.name)
}

fn list_name(kind: &Kind) -> String {
    format!("{}VersionList", kind.name)
}

/// The paths below one resource of a kind.
pub(super) fn paths(kind: &Kind, resource: &str) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut add = |path: &str, method: &str, operation: Value| {
        paths.insert(format!("{resource}/{path}"), json!({method: operation}));
    };
    let name = &kind.name;
    if kind.allows(Verb::Get) {
        let summary = format!("List the versions of a {name} that are kept, the newest first");
        let authored = parameter("authored", "boolean", "Leaves out versions that changed the status only.");
        let parameters = [operation::paging(), vec![authored]].concat();
        let id = format!("list{name}Versions");
        add("versions", "get", read(kind, &id, &summary, parameters, &list_name(kind)));
        let number = json!({
            "name": "version", "in": "path", "required": true, "description": "The number of the version.",
            "schema": {"type": "integer", "format": "int64", "minimum": 1},
        });
        let (id, summary) = (format!("get{name}Version"), format!("Get one version of a {name}"));
        add("versions/{version}", "get", read(kind, &id, &summary, vec![number], &version_name(kind)));
        let version = |name: &str, about: &str| {
            let mut version = parameter(name, "integer", about);
            (version["schema"]["format"], version["schema"]["minimum"]) = (json!("int64"), json!(1));
            version
        };
        let mut from = version("from", "The number of the first version.");
        from["required"] = json!(true);
        let to = version("to", "The number of the second version; the newest, when it is left out.");
        let (id, summary) = (format!("diff{name}"), format!("Compare two versions of a {name}"));
        add("diff", "get", read(kind, &id, &summary, vec![from, to], DIFF));
    }
    if kind.allows(Verb::Upsert) || kind.allows(Verb::Patch) {
        let (id, summary) = (format!("rollback{name}"), format!("Make a {name} what it was in an older version"));
        let mut rollback = write(kind, &id, &summary, "200");
        let about = "The ETag that the resource must have, or * for any.";
        let expected = json!({
            "name": "If-Match", "in": "header", "required": false, "description": about, "schema": {"type": "string"},
        });
        rollback["parameters"].as_array_mut().into_iter().for_each(|parameters| parameters.push(expected.clone()));
        rollback["requestBody"] = json!({"required": true, "content": content(&FORMS, TARGET)});
        add("rollback", "post", rollback);
    }
    if kind.allows(Verb::Create) {
        let (id, summary) = (format!("undelete{name}"), format!("Bring a deleted {name} back as it was last"));
        let status = if kind.flat.is_some() { "200" } else { "201" };
        add("undelete", "post", write(kind, &id, &summary, status));
    }
    paths
}

fn read(kind: &Kind, id: &str, summary: &str, parameters: Vec<Value>, answer: &str) -> Value {
    whole(kind, id, summary, parameters, ("200", answer))
}

fn write(kind: &Kind, id: &str, summary: &str, status: &str) -> Value {
    let dry_run = parameter("dryRun", "boolean", "Answers as the real call would and stores nothing.");
    whole(kind, id, summary, vec![dry_run], (status, &answer_name(kind)))
}

fn whole(kind: &Kind, id: &str, summary: &str, more: Vec<Value>, (status, answer): (&str, &str)) -> Value {
    let parameters = [operation::address(kind), more].concat();
    let mut responses = operation::failures();
    let good = json!({"description": "Done.", "content": content(&FORMS, answer)});
    responses.insert(status.to_owned(), good);
    json!({
        "tags": [kind.name], "summary": summary, "operationId": id, "parameters": parameters, "responses": responses,
    })
}

/// The schemas of a kind's versions.
pub(super) fn of_kind(kind: &Kind) -> Map<String, Value> {
    let number = |about: &str| json!({"type": "integer", "format": "int64", "description": about});
    let word = |word: &str| json!({"type": "string", "enum": [word]});
    let version = json!({
        "type": "object",
        "required": ["version", "revision", "authored", "resource"],
        "properties": {
            "kind": word("Version"), "apiVersion": word("v1"),
            "version": number("The resourceVersion that the resource had."),
            "revision": number("The revision of the store that stored it; 0 for what was never written."),
            "endedRevision": number("The revision that stored the next version or deleted the resource."),
            "authored": {"type": "boolean", "description": "Whether it changed more than the status."},
            "resource": reference(&name(kind)),
        },
    });
    let next = json!({"type": "string", "description": "Where to go on, when there are older ones."});
    let deleted = json!({"type": "boolean", "description": "Whether the resource is deleted."});
    let list = json!({
        "type": "object",
        "required": ["kind", "apiVersion", "metadata", "items"],
        "properties": {
            "kind": word("VersionList"), "apiVersion": word("v1"),
            "metadata": {
                "type": "object", "required": ["deleted"], "properties": {"deleted": deleted, "continue": next},
            },
            "items": {"type": "array", "items": reference(&version_name(kind))},
        },
    });
    Map::from_iter([(version_name(kind), version), (list_name(kind), list)])
}

/// The schemas that are the same for all kinds.
pub(super) fn shared() -> Map<String, Value> {
    let number = || json!({"type": "integer", "format": "int64", "minimum": 1});
    let item = json!({
        "type": "object",
        "required": ["path"],
        "properties": {
            "path": {"type": "string", "description": "A JSON pointer (RFC 6901) into both versions."},
            "old": {"description": "What the first one has there; absent when it has nothing."},
            "new": {"description": "What the second one has there; absent when it has nothing."},
        },
    });
    let diff = json!({
        "type": "object",
        "required": ["kind", "apiVersion", "from", "to", "items"],
        "properties": {
            "kind": {"type": "string", "enum": [DIFF]}, "apiVersion": {"type": "string", "enum": ["v1"]},
            "from": number(), "to": number(), "items": {"type": "array", "items": item},
        },
    });
    let target = json!({"type": "object", "required": ["version"], "properties": {"version": number()}});
    Map::from_iter([(DIFF.to_owned(), diff), (TARGET.to_owned(), target)])
}
