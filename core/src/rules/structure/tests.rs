//! What one pass over a value finds, fills and brings into form.

use serde_json::json;

use super::*;

fn schema() -> Schema {
    serde_json::from_value(json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "id": {"type": "string", "format": "uuid"},
            "state": {"type": "string", "enum": ["ON", "OFF"], "default": "OFF"},
            "cpu": {"type": "number"},
            "count": {"type": "integer"},
            "flag": {"type": "boolean"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "list": {"type": "array", "items": {"type": "string"}},
        }
    }))
    .expect("a schema")
}

fn check(text: &str, expected: &str) {
    let mut value = crate::manifest::read(text.as_bytes(), crate::manifest::Format::Json, &Default::default())
        .expect("readable")
        .value;
    let mut diagnostics = Diagnostics::default();
    validate(&schema(), &mut value, ValidationMode::default(), &mut diagnostics);
    let problems = diagnostics.problems;
    let found = if problems.is_empty() { value.to_text() } else { problems.iter().map(|p| format!("{p}; ")).collect() };
    assert_eq!(found.trim_end_matches("; "), expected, "for {text}");
}

#[test]
fn scalars_become_what_is_declared_and_keep_their_text() {
    check(r#"{"name": 1.10}"#, r#"{"name":"1.10"}"#);
    check(r#"{"name": true}"#, r#"{"name":"true"}"#);
    check(
        r#"{"name": "a", "cpu": "1.5", "count": "3", "flag": "true"}"#,
        r#"{"count":3,"cpu":1.5,"flag":true,"name":"a"}"#,
    );
    check(
        r#"{"name": "a", "labels": {"a": 1, "b": false, "c": 1e3}}"#,
        r#"{"labels":{"a":"1","b":"false","c":"1e3"},"name":"a"}"#,
    );
    check(r#"{"name": "a", "state": "on"}"#, r#"{"name":"a","state":"ON"}"#);
}

#[test]
fn null_for_a_declared_member_or_in_a_string_map_is_not_given() {
    check(
        r#"{"name": "a", "cpu": null, "labels": {"a": null}, "free": null}"#,
        r#"{"free":null,"labels":{},"name":"a"}"#,
    );
    check(r#"{"name": null}"#, "name: is required");
}

#[test]
fn every_problem_is_reported_at_its_place() {
    check(
        r#"{"cpu": "1,5", "count": 1.5, "flag": "yes", "id": "x", "state": "UP", "labels": {"a.b": []}, "list": [1, {}]}"#,
        "count: must be an integer, not the number 1.5; cpu: must be a number, not the string \"1,5\"; write 1.5; \
         flag: must be a boolean, not the string \"yes\"; write true; id: \"x\" is not a UUID such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11; \
         labels['a.b']: must be a string, not an array; list[1]: must be a string, not an object; \
         state: \"UP\" is not one of ON, OFF; name: is required",
    );
}

#[test]
fn defaults_fill_only_when_asked_and_only_what_is_absent() {
    let mut value = Json::from(json!({"name": "a"}));
    validate(
        &schema(),
        &mut value,
        ValidationMode { fills: true, ..ValidationMode::default() },
        &mut Diagnostics::default(),
    );
    assert_eq!(value.to_text(), r#"{"name":"a","state":"OFF"}"#);
}
