//! Odd input through the store: spellings where text is declared, names that look like something else, labels beyond counting.

use kindstore::manifest::{Format, Limits, ReadError, read};
use kindstore::{Document, Error, Json, Store};

const NAMESPACE: &str = "default";

fn document(text: &str, format: Format) -> Result<Document, ReadError> {
    read(text.as_bytes(), format, &Limits::default())
}

/// The labels of a target that a text creates.
fn labels(store: &Store, text: &str, format: Format) -> Result<Json, String> {
    let document = document(text, format).map_err(|error| error.to_string())?;
    let created = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait();
    let object = created.map_err(|error| error.to_string())?.object.to_json();
    let object = read(object.as_bytes(), Format::Json, &Limits::default()).map_err(|error| error.to_string())?;
    Ok(object.value.at("/metadata/labels").unwrap().clone())
}

#[test]
fn what_looks_like_a_number_or_a_boolean_keeps_its_spelling_where_text_is_declared() {
    let store = Store::in_memory().unwrap();
    let words = "1.10 1.0 1. .5 +1 1e3 1E+3 017 0o17 0x1F 0XFF 0b11 1_000 190:20:30 12:30 -0 -0.0 +0 9007199254740993 \
        18446744073709551615 0.12345678901234567890123 1e-400 true True TRUE on no y 2024-01-01 nULL 1.7976931348623157e308";
    for (number, word) in words.split(' ').enumerate() {
        let text = format!("metadata: {{name: t{number}, labels: {{a: {word}}}}}\nspec: {{kubernetes: {{}}}}\n");
        assert_eq!(labels(&store, &text, Format::Yaml), Ok(serde_json::json!({"a": word}).into()), "{word}");
    }
    for (number, word) in ["1.10", "1E2", "-0", "-0.0", "1e-400", "18446744073709551615"].into_iter().enumerate() {
        let text =
            format!(r#"{{"metadata":{{"name":"j{number}","labels":{{"a":{word}}}}},"spec":{{"kubernetes":{{}}}}}}"#);
        assert_eq!(labels(&store, &text, Format::Json), Ok(serde_json::json!({"a": word}).into()), "{word}");
    }
    // Text is never too large, whatever it looks like.
    let words = ["1e400", "18446744073709551616", ".inf", ".nan", "-9223372036854775809", "0x10000000000000000"];
    for (number, word) in words.into_iter().enumerate() {
        let text = format!("metadata: {{name: l{number}, labels: {{a: {word}}}}}\nspec: {{kubernetes: {{}}}}\n");
        assert_eq!(labels(&store, &text, Format::Yaml), Ok(serde_json::json!({"a": word}).into()), "{word}");
    }
}

#[test]
fn a_number_that_cannot_be_kept_is_refused_where_a_number_is_declared() {
    let store = Store::in_memory().unwrap();
    for word in ["1e400", "18446744073709551616", ".inf", ".nan"] {
        let text = format!(
            "metadata: {{name: x}}\nspec:\n  deploymentTargetName: t\n  template: {{spec: {{artifact: {{kind: JAR}}, parallelism: {word}}}}}\n"
        );
        let document = document(&text, Format::Yaml).unwrap();
        let refused = store.kind("Deployment").unwrap().namespace(NAMESPACE).create(document).wait().unwrap_err();
        let Error::Invalid { problems, .. } = &refused else { panic!("{word}: {refused}") };
        let found = problems
            .iter()
            .any(|problem| problem.pointer == "/spec/template/spec/parallelism" && problem.message.contains(word));
        assert!(found, "{word}: {refused}");
    }
}

#[test]
fn names_that_look_like_something_else_are_names() {
    let store = Store::in_memory().unwrap();
    for name in [
        "019a2b3c-0000-7000-8000-000000000000",
        "12345678-1234-1234-1234-123456789012",
        "12e45678-1234-4234-8234-123456789012",
        "00000000",
        "1234567e8",
        "0x1f",
        "017",
        "1e3",
        "no",
        "2024-01-01",
    ] {
        let text = format!("metadata: {{name: {name}}}\nspec: {{kubernetes: {{}}}}\n");
        let document = document(&text, Format::Yaml).unwrap();
        let created = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait();
        let object = created.unwrap_or_else(|error| panic!("{name}: {error}")).object;
        assert_eq!(object.metadata.name.as_deref(), Some(name));
        let by_name = store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get(name).unwrap();
        let by_id =
            store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get(&object.metadata.id.to_string()).unwrap();
        assert_eq!((by_name.metadata.id, by_id.metadata.id), (object.metadata.id, object.metadata.id), "{name}");
    }
}

#[test]
fn a_name_that_is_the_id_of_another_is_found_by_its_own_id() {
    let store = Store::in_memory().unwrap();
    let create = |name: &str| {
        let document = serde_json::json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
        store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(document).wait().unwrap().object.metadata.id
    };
    let first = create("first");
    let second = create(&first.to_string());
    let get = |key: String| store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get(&key).unwrap().metadata;
    assert_eq!((get(first.to_string()).id, get(first.to_string().to_uppercase()).id), (first, first));
    assert_eq!(get(second.to_string()).name, Some(first.to_string()));
}
