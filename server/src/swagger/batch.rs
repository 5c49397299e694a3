//! The description of transactions, which belong to no kind.

use kindstore::store::MAX_COMMIT;
use serde_json::{Map, Value, json};

use super::operation::{FORMS, content};

const REQUEST: &str = "Batch";
const RESULT: &str = "BatchResult";

/// The path of transactions.
pub(super) fn paths() -> Map<String, Value> {
    let flag = |name: &str, about: &str| json!({"name": name, "in": "query", "required": false, "description": about, "schema": {"type": "boolean"}});
    let about = "What becomes of members that a kind does not know, unless an operation says it: each is a warning, each refuses the document, or nothing is said.";
    let parameters = json!([
        {"name": "namespace", "in": "path", "required": true, "description": "The namespace.", "schema": {"type": "string", "minLength": 1, "default": "default"}},
        {"name": "fieldValidation", "in": "query", "required": false, "description": about, "schema": {"type": "string", "enum": ["Warn", "Strict", "Ignore"], "default": "Warn"}},
        flag("applyDefaults", "Whether defaults fill what the documents leave out, unless an operation says it; true by default."),
        flag("dryRun", "Answers as the real call would and stores nothing."),
    ]);
    let response = |about: &str, schema: &str| json!({"description": about, "content": content(&FORMS, schema)});
    let operation = json!({
        "tags": ["Batch"],
        "summary": "Write several resources together, all or nothing",
        "operationId": "commit",
        "parameters": parameters,
        "requestBody": {"required": true, "content": content(&FORMS, REQUEST)},
        "responses": {
            "200": response("Done.", RESULT),
            "400": response("The request or a document is not valid.", "Error"),
            "404": response("There is no such resource or namespace.", "Error"),
            "409": response("The state of a resource does not allow it.", "Error"),
            "default": response("Any other failure.", "Error"),
        },
    });
    Map::from_iter([("/api/v1/namespaces/{namespace}:batch".to_owned(), json!({"post": operation}))])
}

/// The schemas of transactions.
pub(super) fn schemas() -> Map<String, Value> {
    Map::from_iter([(REQUEST.to_owned(), request()), (RESULT.to_owned(), result())])
}

fn request() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let operation = json!({
        "type": "object",
        "required": ["operation", "kind"],
        "additionalProperties": false,
        "properties": {
            "operation": {"type": "string", "enum": ["create", "upsert", "patch", "json-patch", "delete"]},
            "kind": text("The kind, such as Deployment."),
            "name": text("The name or the id; the document of a create says it."),
            "document": {"description": "The resource, or the patch; a delete has none."},
            "expectedVersion": {"type": "integer", "format": "int64", "minimum": 0, "description": "The version that must be there."},
            "expectedId": {"type": "string", "format": "uuid", "description": "With expectedVersion: the id that must be there."},
            "fieldValidation": {"type": "string", "enum": ["Warn", "Strict", "Ignore"]},
            "applyDefaults": {"type": "boolean"},
        },
    });
    json!({
        "type": "object",
        "description": "Writes of a namespace that are done in their order under one revision, or not at all, each about another resource; at most 16 MiB.",
        "required": ["operations"],
        "additionalProperties": false,
        "properties": {"operations": {"type": "array", "maxItems": MAX_COMMIT, "items": operation}},
    })
}

fn result() -> Value {
    let text = || json!({"type": "string"});
    let warning = json!({
        "type": "object",
        "required": ["attribute", "message"],
        "properties": {
            "attribute": text(), "message": text(), "reason": text(),
            "line": {"type": "integer", "format": "int32"}, "column": {"type": "integer", "format": "int32"},
        },
    });
    let item = json!({
        "type": "object",
        "required": ["operation", "resource"],
        "properties": {
            "operation": {"type": "string", "enum": ["created", "configured", "unchanged", "deleted"]},
            "resource": {"type": "object", "description": "The resource as it is stored; after a delete, as it was last."},
            "warnings": {"type": "array", "items": warning},
        },
    });
    json!({
        "type": "object",
        "required": ["kind", "apiVersion", "metadata", "items"],
        "properties": {
            "kind": {"type": "string", "enum": [RESULT]},
            "apiVersion": {"type": "string", "enum": ["v1"]},
            "metadata": {
                "type": "object",
                "properties": {"revision": {"type": "integer", "format": "int64", "description": "The commit; none when nothing was stored."}},
            },
            "items": {"type": "array", "items": item},
        },
    })
}
