//! The JSON Schema of documents takes what the store takes, and refuses what it refuses.

use serde_json::{Value, json};

use super::{Bench, CLICKS, TARGET};

fn schema(bench: &Bench, kind: &str) -> (Value, jsonschema::Validator) {
    let schema: Value = serde_json::from_str(&bench.out(&["schema", kind])).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{kind}");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    (schema, validator)
}

fn value(yaml: &str) -> Value {
    kindstore::manifest::read(yaml.as_bytes(), kindstore::manifest::Format::Yaml, &Default::default())
        .unwrap()
        .value
        .into()
}

#[test]
fn the_schema_takes_and_refuses_what_the_store_does() {
    let bench = Bench::folder();
    let (deployment, validator) = schema(&bench, "Deployment");
    assert_eq!(deployment["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(
        (&deployment["$id"], &deployment["title"]),
        (&json!("urn:kindstore:v1:Deployment"), &json!("Deployment"))
    );
    assert!(validator.is_valid(&value(CLICKS)), "a number stands for a string");
    for (from, to) in [
        ("", ""),
        ("apiVersion: v1\n", ""),
        ("spec:\n  dep", "spec:\n  state: running\n  dep"),
        ("team: web", "team: null"),
    ] {
        assert!(validator.is_valid(&value(&CLICKS.replacen(from, to, 1))), "{from:?} {to:?}");
    }
    for (from, to) in [
        ("kind: Deployment\n", ""),
        ("kind: Deployment\n", "kind: Job\n"),
        ("name: clicks", "displayName: clicks"),
        ("spec:\n  dep", "spec:\n  state: up\n  dep"),
        ("kind: JAR, ", ""),
        ("{team: web, tier: front}", "[web]"),
    ] {
        assert!(!validator.is_valid(&value(&CLICKS.replacen(from, to, 1))), "{from:?} {to:?}");
    }
    let (_, target) = schema(&bench, "target");
    assert!(target.is_valid(&value(TARGET)) && !target.is_valid(&value(CLICKS)));
}

#[test]
fn the_schemas_of_all_kinds_are_written_to_a_folder() {
    let bench = Bench::folder();
    let out = bench.out(&["schema", "--all", "-o", "schemas"]);
    assert!(out.contains("schemas/deployment.json\n"), "{out}");
    for line in out.lines() {
        let text = std::fs::read_to_string(bench.folder.path().join(line)).unwrap();
        assert!(jsonschema::meta::is_valid(&serde_json::from_str(&text).unwrap()), "{line}");
    }
    assert_eq!(out.lines().count(), kindstore::Registry::builtin().unwrap().kinds().len());
    assert!(bench.refused(1, &["schema", "nope"]).contains("unknown kind"));
}
