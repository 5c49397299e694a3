//! Completion in JSON, and between brackets in YAML.

use super::{labels, offers, offers_nothing, types};
use crate::manifest::Format;

fn in_both(text: &str, wanted: &[&str], unwanted: &[&str]) {
    offers(text, Format::Json, wanted, unwanted);
    offers(text, Format::Yaml, wanted, unwanted);
}

#[test]
fn names_are_offered_where_names_can_stand() {
    in_both("{|", &["kind", "apiVersion", "metadata", "spec"], &[]);
    for text in [
        r#"{"kind": "Deployment", "spec": {|"#,
        r#"{"kind": "Deployment", "spec": {|}}"#,
        r#"{"kind": "Deployment", "spec": { | }}"#,
        r#"{"kind": "Deployment", "spec": {"st|"#,
        r#"{"kind": "Deployment", "spec": {"st|"}}"#,
        "{\"kind\": \"Deployment\", \"spec\": {\"st|\n}}",
        r#"{"kind": "Deployment", "spec": {"st|": "RUNNING"}}"#,
        r#"{"kind": "Deployment", "spec": {"template": {}, |"#,
        r#"{"kind": "Deployment", "spec": {"template": {"spec": {}}, "s|"#,
        r#"{"spec": {|}, "kind": "Deployment"}"#,
        "{\"kind\": \"Deployment\",\r\n  \"spec\": {\r\n    |\r\n  }\r\n}",
        "{\"kind\": \"Deployment\",\n  \"spec\": {\n    \"template\": {},\n    |",
        "{\"kind\": \"Deployment\",\n  \"spec\": {\n    |\n    \"template\": {}\n  }\n}",
        r#"{"kind": "Deployment", "metadata": {"name": "é🦀"}, "spec": {|"#,
    ] {
        in_both(text, &["state"], &["kind", "status", "metadata"]);
    }
    in_both(r#"{"kind": "Deployment", "spec": {"state": "RUNNING", |}}"#, &["template"], &["state"]);
    in_both(r#"{"kind": "Deployment", "spec": {|, "state": "RUNNING"}}"#, &["template"], &["state"]);
    in_both("{\"kind\": \"Deployment\",\n  \"me|\n  \"spec\": {\"state\": 1}}", &["metadata"], &["spec", "kind"]);
}

#[test]
fn values_are_offered_where_values_can_stand() {
    in_both(r#"{"kind": |"#, &["Deployment", "SessionCluster"], &[]);
    in_both(r#"{"kind":|}"#, &["Deployment"], &[]);
    in_both(r#"{"kind": "D|"}"#, &["Deployment"], &[]);
    in_both("{\"kind\": \"D|,\n \"spec\": {}}", &["Deployment"], &[]);
    for text in [
        r#"{"kind": "Deployment", "spec": {"state": |"#,
        r#"{"kind": "Deployment", "spec": {"state": |}}"#,
        r#"{"kind": "Deployment", "spec": {"state":|, "template": {}}}"#,
        r#"{"kind": "Deployment", "spec": {"state": "R|"}}"#,
        r#"{"kind": "Deployment", "spec": {"state": "|"#,
        r#"{"kind": "Deployment", "spec": {"state": R|"#,
        "{\"kind\": \"Deployment\", \"spec\": {\"state\":\n      |\n}}",
    ] {
        in_both(text, &["RUNNING", "SUSPENDED", "CANCELLED"], &["state", "template"]);
    }
    in_both(r#"{"kind": "Deployment", "spec": {"template": |"#, &["{}"], &["artifact"]);
    let artifact = r#"{"kind": "Deployment", "spec": {"template": {"spec": {"artifact": {"additionalDependencies": "#;
    in_both(&format!("{artifact}|"), &["[]"], &["{}"]);
    for end in ["[|", "[|]", "[ |", "[\"a\", |", "[\"a\", |]", "[\"s3|\"]", "[\"a\",\n|\n]"] {
        in_both(&format!("{artifact}{end}"), &["s3://apps/connector-3.0.jar"], &["kind"]);
    }
    let roles = r#"{"kind": "Namespace", "spec": {"roleBindings": [{"role": "owner"}, {|"#;
    in_both(roles, &["members", "role"], &["kind"]);
}

#[test]
fn between_things_nothing_is_offered() {
    for text in [
        r#"{"kind": "Deployment"| , "spec": {}}"#,
        r#"{"kind": "Deployment" | "#,
        r#"{"kind" |: "Deployment"}"#,
        r#"{"kind": | "Deployment"}"#,
        r#"{"kind": "Deployment"} |"#,
        r#"{"kind": "Deployment", "spec": {"nothing": {|"#,
        r#"{"kind": "Deployment", "spec": {"state": [|"#,
    ] {
        let text = text.replace("\"Deployment\"|", "\"Deployment\" |");
        offers_nothing(&text, Format::Json);
        offers_nothing(&text, Format::Yaml);
    }
    offers_nothing("{kind: Deployment, # |\n spec: {}}", Format::Yaml);
}

#[test]
fn an_empty_text_of_json_begins_with_a_bracket() {
    assert_eq!(labels("|", Format::Json), ["{}"]);
    types(" |\n", Format::Json, "{}", " {|}\n");
}

#[test]
fn brackets_in_yaml_end_where_the_indentation_says_so() {
    let spec = "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact: {kind: JAR,";
    offers(&format!("{spec} |"), Format::Yaml, &["jarUri"], &["parallelism", "kind"]);
    offers(&format!("{spec} |\n      parallelism: 1\n"), Format::Yaml, &["jarUri"], &["parallelism", "kind"]);
    offers(&format!("{spec} ja|\n      parallelism: 1\n"), Format::Yaml, &["jarUri"], &["parallelism", "kind"]);
    offers(&format!("{spec}\n        |\n      parallelism: 1\n"), Format::Yaml, &["jarUri"], &["kind"]);
    offers(&format!("{spec} jarUri: x\n      |\n"), Format::Yaml, &["parallelism"], &["artifact"]);
    offers(&format!("{spec} jarUri: x\n      par|\n"), Format::Yaml, &["parallelism"], &["artifact"]);
    offers(&format!("{spec} jarUri: x\n      }}\n      par|\n"), Format::Yaml, &["parallelism"], &["artifact"]);
    offers(&format!("{spec} jarUri: s3://a:b/c, |}}"), Format::Yaml, &["entryClass"], &["jarUri"]);
    offers("kind: Namespace\nspec:\n  roleBindings: [{role: o|", Format::Yaml, &["owner"], &[]);
    offers("- {kind: Deployment}\n- |", Format::Yaml, &[], &["kind"]);
}

#[test]
fn what_is_typed_is_valid_between_brackets() {
    let json = |text: &str, label: &str, expected: &str| types(text, Format::Json, label, expected);
    json("{|}", "kind", "{\"kind\": |}");
    json(r#"{"kind": "Deployment", |}"#, "spec", r#"{"kind": "Deployment", "spec": {|}}"#);
    json(r#"{"kind": "Deployment", "apiV|"}"#, "apiVersion", r#"{"kind": "Deployment", "apiVersion": "v1"|}"#);
    json(
        r#"{"kind": "Deployment", "metadata": {"na|"}}"#,
        "name",
        r#"{"kind": "Deployment", "metadata": {"name": "|"}}"#,
    );
    json(r#"{"kind": "Deployment", "spec": {"st|": 1}}"#, "state", r#"{"kind": "Deployment", "spec": {"state"|: 1}}"#);
    json(
        r#"{"kind": "Deployment", "spec": {"state": |}}"#,
        "RUNNING",
        r#"{"kind": "Deployment", "spec": {"state": "RUNNING"|}}"#,
    );
    json(
        r#"{"kind": "Deployment", "spec": {"state":R|}}"#,
        "RUNNING",
        r#"{"kind": "Deployment", "spec": {"state":"RUNNING"|}}"#,
    );
    json(r#"{| "kind": "Deployment"}"#, "metadata", r#"{"metadata": {|},  "kind": "Deployment"}"#);
    let yaml = |text: &str, label: &str, expected: &str| types(text, Format::Yaml, label, expected);
    yaml("{kind: Deployment, sp|}", "spec", "{kind: Deployment, spec: {|}}");
    yaml("{kind: Deployment, spec: {st|}}", "state", "{kind: Deployment, spec: {state: |}}");
    yaml("{kind: Deployment, spec: {state:|}}", "RUNNING", "{kind: Deployment, spec: {state: RUNNING|}}");
    yaml("{kind: Deployment, spec: {state: 'R|'}}", "RUNNING", "{kind: Deployment, spec: {state: 'RUNNING'|}}");
}
