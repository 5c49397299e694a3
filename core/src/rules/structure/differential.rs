//! Verdicts beside those of another validator, on documents and schemas made by chance: without leniency this is plain
//! JSON Schema.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::*;
use crate::kind::SchemaDialect;

/// How many documents are judged.
const DOCUMENTS: usize = 100_000;

/// How many of them are held against one schema.
const PER_SCHEMA: usize = 100;

/// Member names that schemas and documents share, so that they meet.
const NAMES: [&str; 5] = ["a", "b", "c", "kind", "x-y"];

/// The words of enumerations and discriminators.
const WORDS: [&str; 4] = ["ONE", "two", "Three", ""];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5..6i64).prop_map(Value::from),
        (-20..21i64).prop_map(|quarters| json!(quarters as f64 / 4.0)),
        prop::sample::select(&[i64::MIN, i64::MAX, 9_007_199_254_740_993][..]).prop_map(Value::from),
        Just(json!(u64::MAX)),
        prop::sample::select(&WORDS[..]).prop_map(Value::from),
        "[a-c0-9.: gkMP$T{}-]{0,8}".prop_map(Value::from),
        prop::sample::select(
            &[
                "5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11",
                "2024-05-01T08:00:00Z",
                "s3://a/b",
                "10 min",
                "PT1H",
                "1.5g",
                "é€🦀"
            ][..]
        )
        .prop_map(Value::from),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..5).prop_map(|members| json!(members)),
        ]
    })
}

/// Mostly objects, because most schemas want one.
fn whole() -> impl Strategy<Value = Value> {
    let object = prop::collection::btree_map(name(), document(), 0..5).prop_map(|members| json!(members));
    prop_oneof![4 => object, 1 => document()]
}

/// Words that a schema of one type may add.
fn words(json_type: &'static str) -> BoxedStrategy<Value> {
    let count = || prop::option::of(0..4u64);
    match json_type {
        "string" => (
            count(),
            count(),
            prop::option::of(prop::sample::select(&["^[a-c]", "\\d$", "..", "e|^$"][..])),
            prop::option::of(prop::sample::select(&["uuid", "uri", "duration", "byte-size"][..])),
        )
            .prop_map(|(least, most, pattern, format)| {
                let pattern = pattern.filter(|_| format.is_none());
                json!({"minLength": least, "maxLength": most, "pattern": pattern, "format": format})
            })
            .boxed(),
        "integer" | "number" => {
            let bound = || prop::option::of((-8..9i64).prop_map(|halves| json!(halves as f64 / 2.0)));
            (bound(), bound(), bound(), bound())
                .prop_map(
                    |(a, b, c, d)| json!({"minimum": a, "maximum": b, "exclusiveMinimum": c, "exclusiveMaximum": d}),
                )
                .boxed()
        }
        _ => Just(json!({})).boxed(),
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    let typed = prop::sample::select(&["boolean", "integer", "number", "string"][..])
        .prop_flat_map(|json_type| words(json_type).prop_map(move |words| with(json!({"type": json_type}), words)));
    let listed = prop::collection::vec(document(), 1..4).prop_map(|values| json!({"enum": values}));
    prop_oneof![3 => typed, 1 => listed, 1 => Just(json!({}))]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 5, |inner| {
        let names = || prop::collection::vec(name(), 0..3);
        let members = prop::collection::btree_map(name(), inner.clone(), 0..5);
        let array = (inner.clone(), prop::option::of(0..3u64), prop::option::of(0..4u64), any::<bool>()).prop_map(
            |(items, least, most, unique)| {
                json!({"type": "array", "items": items, "minItems": least, "maxItems": most, "uniqueItems": unique})
            },
        );
        let others = prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), inner];
        let object = (members, others, names(), names(), names(), prop::option::of(0..4u64), any::<u8>()).prop_map(
            |(members, others, required, one_of, dependent, count, dice)| {
                object(&members, others, [required, one_of, dependent], count, dice)
            },
        );
        prop_oneof![1 => array, 3 => object]
    })
}

type Schemas = std::collections::BTreeMap<String, Value>;

fn object(members: &Schemas, others: Value, names: [Vec<String>; 3], count: Option<u64>, dice: u8) -> Value {
    let [required, one_of, dependent] = names.map(|names| {
        let names: std::collections::BTreeSet<_> =
            names.into_iter().filter(|name| members.contains_key(name)).collect();
        names.into_iter().collect::<Vec<_>>()
    });
    let mut schema =
        json!({"type": "object", "properties": members, "additionalProperties": others, "required": required});
    match dice % 8 {
        0 => schema["exactlyOneOf"] = json!(one_of),
        1 => schema["atMostOneOf"] = json!(one_of),
        2 => schema["minProperties"] = json!(count),
        3 => schema["maxProperties"] = json!(count),
        4 => schema["propertyNames"] = json!({"type": "string", "maxLength": 1}),
        5 if !dependent.is_empty() => schema["dependentRequired"] = json!({&dependent[0]: dependent}),
        6 | 7 => {
            let variant = |word: &str, own: &[&String]| {
                let properties = own.iter().map(|name| ((*name).clone(), members[*name].clone()));
                let mut properties: serde_json::Map<_, _> = properties.collect();
                properties.insert("kind".to_owned(), json!({"enum": [word]}));
                json!({"properties": properties, "type": "object", "required": own})
            };
            let own: Vec<&String> = members.keys().filter(|name| *name != "kind").collect();
            schema["properties"] = json!({"kind": {"type": "string"}});
            schema["required"] = if dice % 8 == 6 { json!(["kind"]) } else { json!([]) };
            schema["additionalProperties"] = json!(null);
            schema["discriminator"] = json!({"propertyName": "kind"});
            schema["oneOf"] = json!([variant("ONE", &own), variant("two", &own[..own.len() / 2])]);
        }
        _ => {}
    }
    with(json!({}), schema)
}

/// A schema with more words; what is null or says nothing is left out.
fn with(mut schema: Value, words: Value) -> Value {
    let Value::Object(words) = words else { return schema };
    for (word, value) in words {
        let says_nothing = value.is_null() || value == json!([]) || value == json!(false) && word == "uniqueItems";
        if !says_nothing {
            schema[&word] = value;
        }
    }
    schema
}

fn verdict(schema: &Schema, document: &Value) -> bool {
    let mut diagnostics = Diagnostics::default();
    let mode = ValidationMode { is_lenient: false, unknown: None, ..ValidationMode::default() };
    validate(schema, &mut Json::from(document.clone()), mode, &mut diagnostics);
    diagnostics.problems.is_empty()
}

#[test]
fn without_leniency_verdicts_are_those_of_json_schema() {
    let mut runner = TestRunner::deterministic();
    let (mut valid, mut invalid) = (0, 0);
    while valid + invalid < DOCUMENTS {
        let written = schema().new_tree(&mut runner).expect("a schema").current();
        let own: Schema = serde_json::from_value(written.clone()).expect("a schema of ours");
        own.check("").unwrap_or_else(|why| panic!("{why}: {written}"));
        let exported = own.to_json_schema(SchemaDialect::Stored);
        let other = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&exported)
            .expect("a JSON Schema");
        for _ in 0..PER_SCHEMA {
            let document = whole().new_tree(&mut runner).expect("a document").current();
            let expected = other.is_valid(&document);
            assert_eq!(
                verdict(&own, &document),
                expected,
                "schema {written}\nexported {exported}\ndocument {document}"
            );
            *(if expected { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > DOCUMENTS / 10 && invalid > DOCUMENTS / 10, "{valid} are valid and {invalid} are not");
}
