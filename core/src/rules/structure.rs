//! Holds a value against a schema: one pass coerces, fills defaults and places every problem.

use crate::diagnostic::{Cause, Diagnostic, shown};
use crate::json::{Json, Members, Number, join, segments};
use crate::kind::{JsonType, Schema};

/// Brings a value into the form its schema declares and reports what cannot be.
///
/// `null` for a declared member or in a string map means that it was not given. A scalar where a string is declared
/// becomes the text as it was written; a string that is exactly a number or boolean where one is declared becomes it.
/// Enumerations match without regard to case. With `fill`, absent members take their defaults.
pub(crate) fn judge(schema: &Schema, value: &mut Json, fill: bool, problems: &mut Vec<Diagnostic>) {
    Judge { fill, problems }.value(schema, value, &Path::Root);
}

/// Whether a string is declared at a pointer.
pub(crate) fn declares_string(schema: &Schema, pointer: &str) -> bool {
    let declared =
        segments(pointer).try_fold(schema, |schema, segment| schema.member(&segment).or(schema.items.as_deref()));
    declared.is_some_and(|schema| schema.json_type == Some(JsonType::String))
}

/// The way to a value. Only a problem needs it written as a pointer, and most values have none.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn pointer(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Member(parent, name) => join(&parent.pointer(), name),
            Path::Item(parent, index) => join(&parent.pointer(), &index.to_string()),
        }
    }
}

struct Judge<'a> {
    fill: bool,
    problems: &'a mut Vec<Diagnostic>,
}

impl Judge<'_> {
    fn value(&mut self, schema: &Schema, value: &mut Json, path: &Path<'_>) {
        if let Some(expected) = schema.json_type {
            coerce(expected, value);
            if !is_type(expected, value) {
                return self.report(path, Cause::HasWrongType, wrong_type(expected, value));
            }
        }
        match value {
            Json::Object(members) => self.object(schema, members, path),
            Json::Array(items) => self.array(schema, items, path),
            _ => self.scalar(schema, value, path),
        }
    }

    fn object(&mut self, schema: &Schema, members: &mut Members, path: &Path<'_>) {
        let is_map = schema.is_string_map();
        members.retain(|name, value| !value.is_null() || !(is_map || schema.properties.contains_key(name)));
        if self.fill {
            fill_defaults(schema, members);
        }
        for name in schema.required.iter().filter(|name| !members.contains_key(*name)) {
            self.report(&Path::Member(path, name), Cause::IsMissing, "is required".to_owned());
        }
        for (name, value) in members {
            if let Some(schema) = schema.member(name) {
                self.value(schema, value, &Path::Member(path, name));
            }
        }
    }

    fn array(&mut self, schema: &Schema, items: &mut [Json], path: &Path<'_>) {
        if let Some(schema) = &schema.items {
            for (index, item) in items.iter_mut().enumerate() {
                self.value(schema, item, &Path::Item(path, index));
            }
        }
    }

    fn scalar(&mut self, schema: &Schema, value: &mut Json, path: &Path<'_>) {
        if let Some(format) = schema.format
            && let Some(text) = value.as_str()
            && !format.holds(text)
        {
            self.report(path, Cause::IsInvalid, format!("{:?} is not {}", shown(text), format.name()));
        }
        if schema.allowed.is_empty() {
            return;
        }
        match schema.allowed.iter().find(|allowed| equals_ignoring_case(allowed, value)) {
            Some(allowed) => *value = allowed.clone(),
            None => {
                let allowed: Vec<_> = schema.allowed.iter().map(plain).collect();
                let message = format!("{} is not one of {}", shown(&value.to_text()), allowed.join(", "));
                self.report(path, Cause::IsInvalid, message);
            }
        }
    }

    fn report(&mut self, path: &Path<'_>, cause: Cause, message: String) {
        self.problems.push(Diagnostic::error(path.pointer(), cause, message));
    }
}

fn fill_defaults(schema: &Schema, members: &mut Members) {
    for (name, schema) in &schema.properties {
        if let Some(default) = schema.default.as_ref().filter(|_| !members.contains_key(name)) {
            members.insert(name.clone(), default.clone());
        }
    }
}

fn coerce(expected: JsonType, value: &mut Json) {
    let coerced = match (expected, &*value) {
        (JsonType::String, Json::Number(number)) => Some(Json::String(number.text())),
        (JsonType::String, Json::Bool(flag)) => Some(Json::String(flag.to_string())),
        (JsonType::Boolean, Json::String(text)) => text.parse().ok().map(Json::Bool),
        (JsonType::Number | JsonType::Integer, Json::String(text)) => json_number(text).map(Json::Number),
        _ => None,
    };
    if let Some(coerced) = coerced {
        *value = coerced;
    }
}

/// The number, when the text is exactly one in JSON.
fn json_number(text: &str) -> Option<Number> {
    serde_json::from_str::<serde_json::Number>(text).ok().and_then(|_| Number::parse(text))
}

fn is_type(expected: JsonType, value: &Json) -> bool {
    match (expected, value) {
        (JsonType::Boolean, Json::Bool(_))
        | (JsonType::Number, Json::Number(_))
        | (JsonType::String, Json::String(_))
        | (JsonType::Array, Json::Array(_))
        | (JsonType::Object, Json::Object(_)) => true,
        (JsonType::Integer, Json::Number(number)) => number.is_integer(),
        _ => false,
    }
}

fn wrong_type(expected: JsonType, value: &Json) -> String {
    let found = match value {
        Json::Number(number) => format!("the number {}", number.text()),
        Json::String(text) if text.len() <= 80 => format!("the string {text:?}"),
        other => other.type_name().to_owned(),
    };
    format!("must be {}, not {found}", expected.name())
}

fn equals_ignoring_case(allowed: &Json, value: &Json) -> bool {
    match (allowed, value) {
        (Json::String(allowed), Json::String(text)) => allowed.eq_ignore_ascii_case(text),
        _ => allowed == value,
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_text(), str::to_owned)
}

#[cfg(test)]
mod tests {
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
        let mut problems = Vec::new();
        judge(&schema(), &mut value, false, &mut problems);
        let found =
            if problems.is_empty() { value.to_text() } else { problems.iter().map(|p| format!("{p}; ")).collect() };
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
            "name: is required; count: must be an integer, not the number 1.5; cpu: must be a number, not the string \"1,5\"; \
             flag: must be a boolean, not the string \"yes\"; id: \"x\" is not a UUID such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11; \
             labels['a.b']: must be a string, not an array; list[1]: must be a string, not an object; \
             state: \"UP\" is not one of ON, OFF",
        );
    }

    #[test]
    fn defaults_fill_only_when_asked_and_only_what_is_absent() {
        let mut value = Json::from(json!({"name": "a"}));
        judge(&schema(), &mut value, true, &mut Vec::new());
        assert_eq!(value.to_text(), r#"{"name":"a","state":"OFF"}"#);
    }
}
