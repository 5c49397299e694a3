//! From OpenAPI 3.1 to Swagger 2.0, as far as our own descriptions go.

use serde_json::{Map, Value, json};

/// The same description in Swagger 2.0.
pub(super) fn convert(mut document: Value) -> Value {
    let mut take = |pointer: &str| document.pointer_mut(pointer).map(Value::take).unwrap_or_default();
    let (mut info, tags, schemas, mut paths) =
        (take("/info"), take("/tags"), take("/components/schemas"), take("/paths"));
    if let Some(license) = info.pointer_mut("/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
    }
    let operations = paths.as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in operations.filter_map(Value::as_object_mut).flat_map(|methods| methods.values_mut()) {
        convert_operation(operation);
    }
    let mut converted = json!({
        "swagger": "2.0", "info": info, "basePath": "/", "tags": tags, "paths": paths, "definitions": schemas,
    });
    convert_schemas(&mut converted);
    converted
}

fn convert_operation(operation: &mut Value) {
    let body = operation.as_object_mut().and_then(|operation| operation.remove("requestBody"));
    let mut parameters: Vec<Value> = match operation.get_mut("parameters").map(Value::take) {
        Some(Value::Array(parameters)) => parameters.into_iter().map(flatten).collect(),
        _ => Vec::new(),
    };
    if let Some((forms, schema)) = body.as_ref().and_then(|body| first(&body["content"])) {
        operation["consumes"] = json!(forms);
        parameters.push(json!({"name": "body", "in": "body", "required": true, "schema": schema}));
    }
    operation["parameters"] = json!(parameters);
    // In 2.0 the media types stand beside the operation and not in each response.
    operation["produces"] = json!(["application/json", "application/yaml"]);
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for response in responses.into_iter().flat_map(|responses| responses.values_mut()) {
        let content = response.as_object_mut().and_then(|response| response.remove("content")).unwrap_or_default();
        if let Some((_, schema)) = first(&content) {
            response["schema"] = schema;
        }
    }
}

/// A parameter with its schema's members beside its own.
fn flatten(mut parameter: Value) -> Value {
    if let Some(Value::Object(schema)) = parameter.as_object_mut().and_then(|parameter| parameter.remove("schema")) {
        parameter.as_object_mut().into_iter().for_each(|parameter| parameter.extend(schema.clone()));
    }
    parameter
}

/// The forms of a content and the schema that all of them have.
fn first(content: &Value) -> Option<(Vec<String>, Value)> {
    let content = content.as_object()?;
    let (_, form) = content.iter().next()?;
    Some((content.keys().cloned().collect(), form["schema"].clone()))
}

/// References lead to `definitions`, and words of later versions go.
fn convert_schemas(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(convert_schemas),
        Value::Object(members) => {
            convert_members(members);
            members.values_mut().for_each(convert_schemas);
        }
        _ => {}
    }
}

fn convert_members(members: &mut Map<String, Value>) {
    if let Some(Value::String(reference)) = members.get_mut("$ref") {
        *reference = reference.replace("#/components/schemas/", "#/definitions/");
    }
    if members.get("deprecated").is_some_and(Value::is_boolean) {
        members.remove("deprecated");
    }
    if members.get("propertyNames").and_then(|names| names.get("pattern")).is_some_and(Value::is_string) {
        members.remove("propertyNames");
    }
    // Swagger 2.0 knows one example (OpenAPI 2.0, Schema Object).
    if let Some(Value::Array(examples)) = members.get_mut("examples") {
        let first = examples.first_mut().map(Value::take).unwrap_or_default();
        members.remove("examples");
        members.insert("example".to_owned(), first);
    }
}
