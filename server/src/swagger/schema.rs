//! JSON Schemas for descriptions, from the schemas of the definitions.

use kindstore::kind::{Flat, Kind, Schema, SchemaDialect};
use serde_json::{Map, Value, json};

use super::api::Api;

/// A reference to a schema of the same description.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema of one resource in answers and requests.
pub(super) fn name(kind: &Kind) -> String {
    kind.name.to_string()
}

/// The schema of a list, and of one resource, as an answer has them.
pub(super) fn list_name(kind: &Kind) -> String {
    match kind.flat {
        Some(_) => format!("List{}sResponse", kind.name),
        None => kind.list_kind(),
    }
}

/// The schema of an answer with one resource.
pub(super) fn answer_name(kind: &Kind) -> String {
    if kind.flat.is_some() { format!("{}Response", kind.name) } else { name(kind) }
}

/// The schema of a patch: all members may be absent, and null removes.
pub(super) fn patch_name(kind: &Kind) -> String {
    format!("{}Patch", kind.name)
}

/// The schema of a JSON Patch, which is the same for all kinds.
pub(super) const JSON_PATCH: &str = "JsonPatch";

/// All schemas of a kind.
pub(super) fn of_kind(kind: &Kind) -> Map<String, Value> {
    let mut schemas = Map::new();
    match &kind.flat {
        Some(flat) => {
            schemas.insert(name(kind), flat_schema(kind, flat));
            let one =
                json!({"type": "object", "required": [flat.one], "properties": {&flat.one: reference(&name(kind))}});
            schemas.insert(answer_name(kind), one);
            let items = json!({"type": "array", "items": reference(&name(kind))});
            let many = json!({"type": "object", "required": [flat.many], "properties": {&flat.many: items}});
            schemas.insert(list_name(kind), many);
        }
        None => {
            schemas.insert(name(kind), enveloped(kind));
            schemas.insert(list_name(kind), list(kind));
            let description = "A merge patch (RFC 7386) of the resource: members replace, null removes.";
            schemas.insert(patch_name(kind), json!({"type": "object", "description": description}));
        }
    }
    schemas
}

fn enveloped(kind: &Kind) -> Value {
    let mut schema = convert(&kind.schema);
    // A request may leave out members that an answer has; the server reports those that are missing.
    schema["description"] = json!(kind.description);
    schema["properties"]["kind"] = json!({"type": "string", "enum": [kind.name]});
    schema["properties"]["apiVersion"] = json!({"type": "string", "enum": [kind.api_version]});
    for pointer in &kind.secret {
        // A secret is asked for and not answered, so that no answer can be held to it.
        forget_required(&mut schema, pointer);
    }
    schema
}

fn forget_required(schema: &mut Value, pointer: &str) {
    let (parents, last) = pointer.rsplit_once('/').unwrap_or_default();
    let place = parents.replace('/', "/properties/");
    if let Some(Value::Array(required)) = schema.pointer_mut(&format!("{place}/required")) {
        required.retain(|name| name != last);
    }
    if let Some(Value::Object(member)) = schema.pointer_mut(&format!("{place}/properties/{last}")) {
        // It is not `writeOnly`: that would say that no answer has it, and one that reveals it does.
        let said = member.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{said} Only an answer to `reveal=true` has it.").trim().to_owned();
        member.insert("description".to_owned(), json!(description));
    }
}

fn list(kind: &Kind) -> Value {
    json!({
        "type": "object",
        "required": ["kind", "apiVersion", "metadata", "items"],
        "properties": {
            "kind": {"type": "string", "enum": [kind.list_kind()]},
            "apiVersion": {"type": "string", "enum": [kind.api_version]},
            "metadata": {
                "type": "object",
                "properties": {
                    "revision": {
                        "type": "integer", "format": "int64",
                        "description": "The revision of the store that the list shows, the same on all pages.",
                    },
                    "continue": {"type": "string", "description": "Where to go on, when there may be more."},
                },
            },
            "items": {"type": "array", "items": reference(&name(kind))},
        },
    })
}

fn flat_schema(kind: &Kind, flat: &Flat) -> Value {
    let mut properties = Map::from_iter([(
        "name".to_owned(),
        json!({"type": "string", "example": format!("{}name", flat.name_prefix)}),
    )]);
    for (member, pointer) in &flat.members {
        let found = pointer.split('/').skip(1).try_fold(&kind.schema, |schema, name| schema.properties.get(name));
        let mut schema = found.map_or_else(|| json!({}), convert);
        if pointer.starts_with("/status/") {
            schema["readOnly"] = json!(true);
        }
        properties.insert(member.clone(), schema);
    }
    json!({"type": "object", "description": kind.description, "properties": properties})
}

/// The schema of a definition as JSON Schema.
fn convert(schema: &Schema) -> Value {
    schema.to_json_schema(SchemaDialect::OpenApi)
}

/// The schemas of errors.
pub(super) fn errors(api: Api) -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let problem = json!({
        "type": "object",
        "required": ["attribute", "message"],
        "properties": {
            "attribute": text(), "message": text(), "reason": text(),
            "line": {"type": "integer", "format": "int32"}, "column": {"type": "integer", "format": "int32"},
        },
    });
    let mut properties = match api {
        Api::AppManager => json!({
            "kind": {"type": "string", "enum": ["ApiException", "ApiValidationException"]},
            "apiVersion": text(), "reason": text(), "statusCode": {"type": "integer", "format": "int32"},
            "context": {"type": "object", "additionalProperties": text()},
        }),
        Api::Platform => json!({
            "code": text(), "description": text(), "cause": {}, "ok": {"type": "boolean"}, "reason": text(),
        }),
    };
    properties["message"] = text();
    properties["errors"] = json!({"type": "array", "items": problem});
    let error = json!({"type": "object", "required": ["message"], "properties": properties});
    Map::from_iter([("Error".to_owned(), error)])
}

/// The schemas of what belongs to no kind.
pub(super) fn of_pages() -> Map<String, Value> {
    let status = json!({"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}});
    let info = json!({
        "type": "object",
        "required": ["kind", "apiVersion", "status"],
        "properties": {"kind": {"type": "string"}, "apiVersion": {"type": "string"}, "status": {"type": "object"}},
    });
    let names = ["Status", "SystemInformation", JSON_PATCH].map(str::to_owned);
    names.into_iter().zip([status, info, json_patch()]).collect()
}

fn json_patch() -> Value {
    let pointer = |about: &str| json!({"type": "string", "description": about});
    let operation = json!({
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": pointer("A JSON pointer (RFC 6901) to the member; - at its end means behind the last item."),
            "from": pointer("A JSON pointer to what is moved or copied."),
            "value": {"description": "What is added, put in place of what is there, or expected."},
        },
    });
    let description = "A JSON Patch (RFC 6902): operations in their order, applied whole or not at all. They see the \
        resource as it is shown; what belongs to the server can be tested and not written.";
    json!({"type": "array", "maxItems": 1000, "description": description, "items": operation})
}
