//! What a store takes beyond what it stores: scalars that it coerces, any case of an enumeration, null for an absent member.

use serde_json::{Map, Value, json};

use crate::kind::schema::{JsonType, Schema};

/// The numbers of JSON, as text.
const NUMBER: &str = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$";

/// Those that can have no fraction.
const INTEGER: &str = r"^-?(?:0|[1-9]\d*)(?:(?:\.0+)?|(?:\.\d+)?[eE][+-]?\d+)$";

/// Accepts scalars that a store coerces to the declared type.
pub(super) fn widen(schema: &Schema, out: &mut Map<String, Value>) {
    let (types, pattern) = match schema.json_type {
        Some(JsonType::String) if schema.allowed.is_empty() => (["string", "number", "boolean"].as_slice(), None),
        // A number or a boolean that is spelled as a word of the enumeration.
        Some(JsonType::String) => return allow_scalars(schema, out),
        Some(JsonType::Integer) => (["integer", "string"].as_slice(), Some(INTEGER)),
        Some(JsonType::Number) => (["number", "string"].as_slice(), Some(NUMBER)),
        Some(JsonType::Boolean) => (["boolean", "string"].as_slice(), Some("^(true|false)$")),
        _ => return,
    };
    out.insert("type".to_owned(), json!(types));
    out.extend(pattern.map(|pattern| ("pattern".to_owned(), json!(pattern))));
}

fn allow_scalars(schema: &Schema, out: &mut Map<String, Value>) {
    let words = || schema.allowed.iter().filter_map(|word| word.as_str());
    let has = |is: fn(&str) -> bool| words().any(is);
    let types = [("number", has(|word| word.parse::<f64>().is_ok())), ("boolean", has(is_boolean))];
    let types: Vec<&str> = types.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect();
    if types.is_empty() {
        return;
    }
    out.insert("type".to_owned(), ["string"].into_iter().chain(types.iter().copied()).collect());
    // How a number was written is not known to JSON Schema: each one may be spelled as a word.
    if let Some(Value::Array(either)) = out.get_mut("anyOf") {
        either.push(json!({"type": types}));
    }
}

fn is_boolean(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}

/// Returns a pattern for words in any case.
pub(super) fn any_case(words: &[&str]) -> String {
    let letter = |letter: char| match letter {
        letter if letter.is_ascii_alphabetic() => {
            format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())
        }
        '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => {
            format!("\\{letter}")
        }
        letter => letter.to_string(),
    };
    let words: Vec<String> = words.iter().map(|word| word.chars().map(letter).collect()).collect();
    format!("^(?:{})$", words.join("|"))
}

/// Accepts null for an absent member.
pub(in crate::kind) fn allow_null(schema: &mut Map<String, Value>) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push(json!("null")),
        Some(one) => *one = json!([one.clone(), "null"]),
        None => return,
    }
    // A pattern says nothing of what is no text, so that one beside an enumeration takes null already.
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::kind::{Schema, SchemaDialect};

    fn exported(schema: serde_json::Value) -> serde_json::Value {
        let schema: Schema = serde_json::from_value(schema).expect("a schema");
        schema.to_json_schema(SchemaDialect::Accepted)
    }

    #[test]
    fn words_of_an_enumeration_are_taken_in_any_case() {
        let words = exported(json!({"type": "string", "enum": ["ON", "a.b"]}));
        let either = json!([{"enum": ["ON", "a.b"]}, {"pattern": "^(?:[Oo][Nn]|[Aa]\\.[Bb])$"}]);
        assert_eq!(words, json!({"type": "string", "anyOf": either}));
        // A number may be written as one of these words.
        let versions = exported(json!({"type": "string", "enum": ["1.20"]}));
        assert_eq!(versions["type"], json!(["string", "number"]));
        assert_eq!(versions["anyOf"][2], json!({"type": ["number"]}));
        assert_eq!(exported(json!({"type": "integer", "enum": [1, 2]}))["enum"], json!([1, 2]));
    }

    #[test]
    fn what_a_server_owns_is_not_looked_at_and_null_counts_as_absent() {
        let schema = json!({"type": "object", "required": ["b"], "properties": {
            "a": {"type": "string", "format": "uuid", "readOnly": true, "description": "One."},
            "b": {"type": "integer"}, "c": {"type": "string", "enum": ["ON"]},
        }, "dependentRequired": {"c": ["b"]}});
        let found = exported(schema);
        assert_eq!(found["properties"]["a"], json!({"readOnly": true, "description": "One."}));
        assert_eq!(found["properties"]["b"]["type"], json!(["integer", "string"]));
        assert_eq!(found["properties"]["c"]["type"], json!(["string", "null"]));
        assert_eq!(found["allOf"][0]["if"]["properties"]["c"], json!({"not": {"type": "null"}}));
    }

    #[test]
    fn only_numbers_of_json_are_taken_as_text() {
        let pattern = |json_type: &str| exported(json!({"type": json_type}))["pattern"].clone();
        assert_eq!(pattern("number"), super::NUMBER);
        assert_eq!(pattern("integer"), super::INTEGER);
    }
}
