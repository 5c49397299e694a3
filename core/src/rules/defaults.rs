//! Fills absent members of a document from weaker documents: maps by key, arrays whole.

use crate::json::{Json, Members, join};
use crate::kind::{Kind, Schema};

/// The JSON pointers that take no defaults in a document like this.
pub(crate) fn excluded<'k>(kind: &'k Kind, document: &Json) -> Vec<&'k str> {
    let applies = |pointer: &str| document.at(pointer).is_some_and(|value| !value.is_null());
    let entries = kind.without_defaults.iter().filter(|entry| applies(&entry.when_present));
    entries.flat_map(|entry| &entry.pointers).map(String::as_str).collect()
}

/// Fills the spec of a document from those of weaker ones, the strongest first. Returns the pointers of members that
/// take no defaults.
pub(crate) fn fill<'k>(kind: &'k Kind, document: &mut Json, layers: &[&Json]) -> Vec<&'k str> {
    if kind.without_defaults.is_empty() || layers.is_empty() {
        layers.iter().for_each(|layer| lay(kind, document, layer, &[]));
        return excluded(kind, document);
    }
    // The member that excludes defaults may itself come from a default.
    let mut filled = document.clone();
    layers.iter().for_each(|layer| lay(kind, &mut filled, layer, &[]));
    let excluded = excluded(kind, &filled);
    if excluded.is_empty() {
        *document = filled;
    } else {
        layers.iter().for_each(|layer| lay(kind, document, layer, &excluded));
    }
    excluded
}

/// Lays the spec of a weaker document under that of one.
fn lay(kind: &Kind, document: &mut Json, weaker: &Json, excluded: &[&str]) {
    let weaker = weaker.as_object().and_then(|members| members.get_key_value("spec"));
    if let (Json::Object(members), Some((name, spec))) = (document, weaker) {
        give(Some(&kind.schema), members, (name, spec), "", excluded);
    }
}

/// Lays a weaker object under one. A null for a declared member counts as not given; in a string map it keeps the weaker
/// value away. One of several alternatives displaces the others, and another variant has no use for the members of the
/// weaker one.
fn merge(schema: Option<&Schema>, members: &mut Members, weaker: &Members, place: &str, excluded: &[&str]) {
    let skipped = skipped(schema, members, weaker);
    for member in weaker.iter().filter(|(name, _)| !skipped.contains(&name.as_str())) {
        give(schema, members, member, place, excluded);
    }
}

/// Lays one member of a weaker object under the members of one.
fn give(
    schema: Option<&Schema>,
    members: &mut Members,
    (name, value): (&String, &Json),
    place: &str,
    excluded: &[&str],
) {
    let place = if excluded.is_empty() { String::new() } else { join(place, name) };
    if excluded.contains(&place.as_str()) {
        return;
    }
    // In a map of strings a null is a statement of the user: this key takes no default. Elsewhere it is an absent
    // value.
    let is_map = schema.is_some_and(Schema::is_string_map);
    let is_given = members.get(name).is_some_and(|given| is_map || !given.is_null());
    let schema = schema.and_then(|schema| schema.member(name));
    match (members.get_mut(name), value) {
        (Some(Json::Object(members)), Json::Object(weaker)) => merge(schema, members, weaker, &place, excluded),
        _ if is_given => {}
        // A clone of the whole object could contain members that are excluded further down.
        (_, Json::Object(weaker)) if !excluded.is_empty() => {
            let mut filled = Members::new();
            merge(schema, &mut filled, weaker, &place, excluded);
            if !filled.is_empty() || weaker.is_empty() {
                members.insert(name.clone(), Json::Object(filled));
            }
        }
        _ => drop(members.insert(name.clone(), value.clone())),
    }
}

/// The members of a weaker object that a stronger one has no use for.
fn skipped<'a>(schema: Option<&'a Schema>, members: &Members, weaker: &'a Members) -> Vec<&'a str> {
    let Some(schema) = schema else { return Vec::new() };
    let is_given = |name: &String| members.get(name).is_some_and(|value| !value.is_null());
    let mut skipped = Vec::new();
    // A default for one alternative beside another one of the document would make the document invalid.
    if schema.alternatives().iter().any(is_given) {
        skipped.extend(schema.alternatives().iter().map(String::as_str));
    }
    let says = |members: &Members| {
        let by = &schema.discriminator.as_ref()?.property_name;
        schema.variant(members.get(by)?.as_str()?)
    };
    // Defaults for one variant must not leak into another: a document that switches its variant would get members that
    // mean nothing there.
    if let (Some(own), Some(other)) = (says(members), says(weaker))
        && !std::ptr::eq(own, other)
    {
        let is_foreign = |name: &&String| {
            let is_of = |schema: &Schema| schema.properties.contains_key(name);
            is_of(other) && !is_of(own) && !is_of(schema)
        };
        skipped.extend(weaker.keys().filter(is_foreign).map(String::as_str));
    }
    skipped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn underlay(schema: &Schema, document: &mut Json, weaker: &Json, excluded: &[&str]) {
        if let (Json::Object(members), Json::Object(weaker)) = (document, weaker) {
            merge(Some(schema), members, weaker, "", excluded);
        }
    }

    fn schema() -> Schema {
        let object = json!({
            "type": "object",
            "atMostOneOf": ["target", "cluster"],
            "properties": {
                "target": {"type": "string"},
                "cluster": {"type": "string"},
                "count": {"type": "integer"},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
                "list": {"type": "array"},
                "part": {
                    "type": "object",
                    "discriminator": {"propertyName": "kind"},
                    "properties": {"version": {"type": "string"}},
                    "oneOf": [
                        {"properties": {"kind": {"enum": ["A"]}, "a": {}}},
                        {"properties": {"kind": {"enum": ["B"]}, "b": {}}},
                    ],
                },
            },
        });
        let schema: Schema = serde_json::from_value(object).expect("a schema");
        schema
    }

    fn check(document: serde_json::Value, weaker: serde_json::Value, expected: serde_json::Value) {
        let mut found = Json::from(document.clone());
        underlay(&schema(), &mut found, &Json::from(weaker.clone()), &[]);
        assert_eq!(found, Json::from(expected), "{document} over {weaker}");
    }

    #[test]
    fn maps_fill_by_key_and_arrays_not_at_all() {
        check(
            json!({"map": {"a": "1"}, "list": [1]}),
            json!({"map": {"a": "2", "b": "2"}, "list": [2, 3], "count": 4}),
            json!({"map": {"a": "1", "b": "2"}, "list": [1], "count": 4}),
        );
    }

    #[test]
    fn null_is_not_given_and_in_a_string_map_it_keeps_a_default_away() {
        check(
            json!({"count": null, "map": {"a": null}}),
            json!({"count": 4, "map": {"a": "2"}}),
            json!({"count": 4, "map": {"a": null}}),
        );
    }

    #[test]
    fn one_alternative_displaces_the_others() {
        check(json!({"cluster": "c"}), json!({"target": "t"}), json!({"cluster": "c"}));
        check(json!({"cluster": null}), json!({"target": "t"}), json!({"cluster": null, "target": "t"}));
    }

    #[test]
    fn another_variant_takes_what_is_common_only() {
        let weaker = json!({"part": {"kind": "A", "a": 1, "version": "1", "free": 1}});
        check(
            json!({"part": {"kind": "b"}}),
            weaker.clone(),
            json!({"part": {"kind": "b", "version": "1", "free": 1}}),
        );
        check(
            json!({"part": {"kind": "a"}}),
            weaker.clone(),
            json!({"part": {"kind": "a", "a": 1, "version": "1", "free": 1}}),
        );
        check(json!({}), weaker.clone(), weaker);
    }

    #[test]
    fn what_is_withheld_is_not_filled_at_any_depth() {
        let mut found = Json::from(json!({"cluster": "c"}));
        let weaker = Json::from(json!({"part": {"kind": "A", "version": "1"}, "map": {"a": "1"}}));
        underlay(&schema(), &mut found, &weaker, &["/part/version", "/map"]);
        assert_eq!(found, Json::from(json!({"cluster": "c", "part": {"kind": "A"}})));
    }
}
