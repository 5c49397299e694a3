//! Puts shared schemas in the place of references to them, before a definition is read any further.

use std::collections::BTreeMap;

use crate::json::{Json, Members, join};

/// Schemas by the name that `$ref: "#/$defs/NAME"` uses.
pub(crate) type Shared = BTreeMap<String, Json>;

/// How many references may lead to each other. One more, and they go in a circle.
const MAX_STEPS: usize = 32;

/// The words that make a schema require or default something.
const DEMANDS: [&str; 5] = ["required", "default", "dependentRequired", "minProperties", "minItems"];

/// Expands the schema of a definition. Its own `$defs` win over shared schemas of the same name.
///
/// # Errors
/// As [`expand`].
pub(crate) fn definition(definition: &mut Json, shared: &Shared) -> Result<(), String> {
    let Json::Object(members) = definition else { return Ok(()) };
    let own = members.remove("$defs");
    let Some(schema) = members.get_mut("schema") else { return Ok(()) };
    match own {
        // The shared schemas are copied only for definitions with schemas of their own.
        None => expand(schema, shared),
        Some(Json::Object(own)) => expand(schema, &shared.clone().into_iter().chain(own).collect()),
        Some(_) => Err("`$defs` must be an object".to_owned()),
    }
}

/// Replaces the references of a schema by their targets. Words beside a reference add to the target; `partial: true` beside
/// it removes every requirement and default, at any depth.
///
/// # Errors
/// A reference leads nowhere or to itself; the message names the place.
pub(crate) fn expand(schema: &mut Json, shared: &Shared) -> Result<(), String> {
    resolve(schema, shared, "", 0)
}

fn resolve(schema: &mut Json, shared: &Shared, place: &str, steps: usize) -> Result<(), String> {
    let Json::Object(members) = schema else { return Ok(()) };
    let reference = members.remove("$ref");
    let is_partial = match members.remove("partial") {
        None => false,
        Some(Json::Bool(flag)) if reference.is_some() => flag.value(),
        Some(_) => return Err(format!("{place}: `partial` is true or false, beside a `$ref`")),
    };
    // The words beside a reference are added last, so that they win over those of the target.
    if let Some(reference) = reference {
        // A circle of references would expand for ever; no definition nests this deep.
        if steps == MAX_STEPS {
            return Err(format!("{place}: its references lead to themselves"));
        }
        let mut target = named(&reference, shared).map_err(|why| format!("{place}: {why}"))?;
        // The target first: `partial` loosens also what the target refers to.
        resolve(&mut target, shared, place, steps + 1)?;
        if is_partial {
            loosen(&mut target);
        }
        add(&mut target, std::mem::take(members));
        *schema = target;
    }
    if let Json::Object(members) = schema
        && let Some(value) = members.remove("const")
    {
        members.insert("enum".to_owned(), Json::Array(vec![value]));
    }
    for_each_part(schema, place, &mut |part, place| resolve(part, shared, place, steps))
}

fn named(reference: &Json, shared: &Shared) -> Result<Json, String> {
    let name = reference.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
    let name =
        name.ok_or_else(|| format!("the reference {} is not of the form \"#/$defs/NAME\"", reference.to_text()))?;
    shared.get(name).cloned().ok_or_else(|| {
        let names: Vec<_> = shared.keys().map(String::as_str).collect();
        format!("there is no shared schema {name:?}; there are {}", names.join(", "))
    })
}

/// Adds the words beside a reference: properties join, all else replaces.
fn add(target: &mut Json, words: Members) {
    let Json::Object(members) = target else { return };
    for (word, value) in words {
        match (word.as_str(), members.get_mut(&word), value) {
            ("properties", Some(Json::Object(properties)), Json::Object(more)) => properties.extend(more),
            (_, _, value) => drop(members.insert(word, value)),
        }
    }
}

/// Removes the requirements and defaults of a schema.
fn loosen(schema: &mut Json) {
    if let Json::Object(members) = schema {
        members.retain(|word, _| !DEMANDS.contains(&word.as_str()));
        // Partial: none of them is required any more, and two of them are still one too many.
        if let Some(names) = members.remove("exactlyOneOf") {
            members.insert("atMostOneOf".to_owned(), names);
        }
    }
    let _: Result<(), String> = for_each_part(schema, "", &mut |part, _| {
        loosen(part);
        Ok(())
    });
}

/// Every schema directly within a schema.
fn for_each_part(
    schema: &mut Json,
    place: &str,
    act: &mut dyn FnMut(&mut Json, &str) -> Result<(), String>,
) -> Result<(), String> {
    let Json::Object(members) = schema else { return Ok(()) };
    for (word, value) in members {
        let place = join(place, word);
        match (word.as_str(), value) {
            ("properties", Json::Object(properties)) => {
                for (name, part) in properties {
                    act(part, &join(&place, name))?;
                }
            }
            ("oneOf", Json::Array(variants)) => {
                for (index, part) in variants.iter_mut().enumerate() {
                    act(part, &join(&place, &index.to_string()))?;
                }
            }
            ("items" | "additionalProperties" | "propertyNames", part) => act(part, &place)?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: serde_json::Value, expected: Result<serde_json::Value, &str>) {
        let shared = Shared::from([
            ("Name".to_owned(), Json::from(json!({"type": "string"}))),
            (
                "Size".to_owned(),
                Json::from(json!({
                    "required": ["cpu"], "exactlyOneOf": ["a", "b"],
                    "properties": {"cpu": {"type": "number", "default": 1}, "name": {"$ref": "#/$defs/Name"}},
                })),
            ),
            ("Loop".to_owned(), Json::from(json!({"items": {"$ref": "#/$defs/Loop"}}))),
        ]);
        let mut found = Json::from(schema);
        let outcome = expand(&mut found, &shared);
        match expected {
            Ok(expected) => {
                assert_eq!(outcome, Ok(()));
                assert_eq!(found, Json::from(expected));
            }
            Err(part) => assert!(outcome.as_ref().is_err_and(|why| why.contains(part)), "{outcome:?}"),
        }
    }

    #[test]
    fn a_reference_becomes_what_it_names_and_words_beside_it_add() {
        check(
            json!({"properties": {"x": {"$ref": "#/$defs/Name", "description": "X."}}}),
            Ok(json!({"properties": {"x": {"type": "string", "description": "X."}}})),
        );
    }

    #[test]
    fn a_partial_reference_demands_and_fills_nothing() {
        check(
            json!({"$ref": "#/$defs/Size", "partial": true}),
            Ok(
                json!({"atMostOneOf": ["a", "b"], "properties": {"cpu": {"type": "number"}, "name": {"type": "string"}}}),
            ),
        );
    }

    #[test]
    fn a_reference_that_leads_nowhere_or_to_itself_is_an_error_at_its_place() {
        check(json!({"items": {"$ref": "#/$defs/Nome"}}), Err("/items: there is no shared schema \"Nome\""));
        check(json!({"$ref": "Name"}), Err("not of the form"));
        check(json!({"$ref": "#/$defs/Loop"}), Err("lead to themselves"));
        check(json!({"partial": true}), Err("beside a `$ref`"));
    }
}
