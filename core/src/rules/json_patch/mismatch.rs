//! The comparison of a `test`, and where two values differ.

use crate::diagnostic::shown;
use crate::json::{Json, join};

/// Says how a value differs from the expected one, and where: the first place at which they do. `None` when they are equal.
///
/// Neither value is deeper than a document may be.
pub(super) fn mismatch(actual: &Json, expected: &Json) -> Option<String> {
    if equal(actual, expected) {
        return None;
    }
    let mut place = String::new();
    let what = difference(actual, expected, &mut place);
    Some(if place.is_empty() { what } else { format!("at {:?} within it, {what}", shown(&place)) })
}

fn difference(actual: &Json, expected: &Json, place: &mut String) -> String {
    match (actual, expected) {
        (Json::Object(found), Json::Object(wanted)) => {
            if let Some(name) = wanted.keys().find(|name| !found.contains_key(name)) {
                return format!("the member {:?} is missing", shown(name));
            }
            if let Some(name) = found.keys().find(|name| !wanted.contains_key(name)) {
                return format!("the member {:?} is not expected", shown(name));
            }
            let differing = found.iter().zip(wanted.values()).find(|((_, found), wanted)| !equal(found, wanted));
            differing.map(|((name, found), wanted)| within(name, found, wanted, place))
        }
        (Json::Array(found), Json::Array(wanted)) if found.len() == wanted.len() => {
            let differing = found.iter().zip(wanted).enumerate().find(|(_, (found, wanted))| !equal(found, wanted));
            differing.map(|(index, (found, wanted))| within(&index.to_string(), found, wanted, place))
        }
        (Json::Array(found), Json::Array(wanted)) => {
            Some(format!("the array has {} items, expected {}", found.len(), wanted.len()))
        }
        _ => None,
    }
    .unwrap_or_else(|| format!("the value is {}, expected {}", brief(actual), brief(expected)))
}

fn within(segment: &str, actual: &Json, expected: &Json, place: &mut String) -> String {
    *place = join(place, segment);
    difference(actual, expected, place)
}

/// A value for a message: itself when it is a short one, else its type.
fn brief(value: &Json) -> String {
    match value {
        Json::Array(_) | Json::Object(_) => value.type_name().to_owned(),
        Json::String(text) => format!("{:?}", shown(text)),
        other => other.to_text(),
    }
}

/// Equality as the RFC defines it: numbers by value, strings by character, arrays in order, objects without order.
fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.compare(other).is_eq(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let same = |((name, one), (other_name, other)): ((&String, &Json), (&String, &Json))| {
                name == other_name && equal(one, other)
            };
            one.len() == other.len() && one.iter().zip(other).all(same)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mismatch_is_told_at_its_place() {
        for (actual, expected, message) in [
            (json!(1), json!(2), "the value is 1, expected 2"),
            (json!("1"), json!(1), "the value is \"1\", expected 1"),
            (json!({}), json!([]), "the value is an object, expected an array"),
            (json!({"a": 1}), json!({}), "the member \"a\" is not expected"),
            (json!({}), json!({"a": 1}), "the member \"a\" is missing"),
            (json!([1]), json!([1, 2]), "the array has 1 items, expected 2"),
            (
                json!({"a": {"b/c": [1, 2]}}),
                json!({"a": {"b/c": [1, 3]}}),
                "at \"/a/b~1c/1\" within it, the value is 2, expected 3",
            ),
            (
                json!([0, {"a": {}}]),
                json!([0.0, {"a": {"x": null}}]),
                "at \"/1/a\" within it, the member \"x\" is missing",
            ),
        ] {
            assert_eq!(mismatch(&actual.clone().into(), &expected.into()).as_deref(), Some(message), "{actual}");
        }
        assert_eq!(mismatch(&json!({"a": [1.0]}).into(), &json!({"a": [1]}).into()), None);
    }
}
