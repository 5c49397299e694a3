//! Completion by the kind that a document says: variants, flat forms, kinds of users.

use super::{labels, offers, types};
use crate::editor::{Category, complete};
use crate::manifest::Format;
use crate::registry::Registry;

#[test]
fn every_kind_is_offered_with_its_version_and_what_it_is_for() {
    let registry = Registry::builtin().unwrap();
    let found = complete(&registry, "kind: ", 6, Format::Yaml);
    assert_eq!(found.items.len(), registry.kinds().len());
    for (item, kind) in found.items.iter().zip(registry.kinds()) {
        assert_eq!((&*item.label, item.category), (&*kind.name, Category::Kind));
        assert_eq!(item.detail.as_deref(), Some(&*kind.api_version));
        assert_eq!(item.documentation.as_ref(), Some(&kind.description));
    }
}

#[test]
fn the_members_are_those_of_the_variant_that_is_chosen() {
    let artifact = "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n";
    let text = format!("{artifact}        |");
    offers(&text, Format::Yaml, &["kind", "entryClass", "jarUri", "sqlScript", "pythonArtifactUri"], &[]);
    for word in ["JAR", "jar", "'Jar'"] {
        let text = format!("{artifact}        kind: {word}\n        |");
        let found = labels(&text, Format::Yaml);
        assert_eq!(found[0], "jarUri");
        offers(&text, Format::Yaml, &["entryClass", "mainArgs"], &["kind", "sqlScript", "pythonArtifactUri"]);
    }
    offers(&format!("{artifact}        |\n        kind: SQLSCRIPT"), Format::Yaml, &["sqlScript"], &["jarUri"]);
    let text = format!("{artifact}        kind: JAR|");
    offers(&text, Format::Yaml, &["JAR", "SQLSCRIPT", "PYTHON"], &[]);
    offers(&format!("{artifact}        k|ind: JAR"), Format::Yaml, &["kind"], &[]);
}

#[test]
fn a_member_tells_its_type_and_a_value_why_it_is_offered() {
    let registry = Registry::builtin().unwrap();
    let find = |text: &str, label: &str| {
        let found = complete(&registry, text, text.len(), Format::Yaml);
        found.items.into_iter().find(|item| item.label == label).unwrap()
    };
    let template = find("kind: Deployment\nspec:\n  ", "template");
    assert_eq!(template.detail.as_deref(), Some("object, required"));
    assert_eq!(template.documentation.as_deref(), Some("What each job of the Deployment is made from."));
    assert!(!template.deprecated);
    let state = find("kind: Deployment\nspec:\n  ", "state");
    assert_eq!(state.detail.as_deref(), Some("string, one of RUNNING, SUSPENDED, CANCELLED"));
    let labels = find("kind: Deployment\nmetadata:\n  ", "labels");
    assert_eq!(labels.detail.as_deref(), Some("map[string]string"));
    let state = "kind: Deployment\nspec:\n  state: ";
    assert_eq!(find(state, "RUNNING").detail.as_deref(), Some("enum"));
    assert_eq!(find(state, "CANCELLED").detail.as_deref(), Some("enum, default"));
    let jar = find("kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n        kind: ", "JAR");
    assert_eq!(jar.documentation.as_deref(), Some("A program for the Java machine."));
}

#[test]
fn the_built_in_kinds_are_completed_by_their_own_schemas() {
    for (text, wanted, unwanted) in [
        ("kind: SessionCluster\nspec:\n  |", ["deploymentTargetName", "flinkVersion"], "template"),
        ("kind: SessionCluster\nspec:\n  state: |", ["STOPPED", "RUNNING"], "SUSPENDED"),
        ("kind: SecretValue\nspec:\n  |", ["kind", "value"], "state"),
        ("kind: DeploymentTarget\nspec:\n  kubernetes:\n    |", ["namespace", "namespace"], "kubernetes"),
        ("kind: DeploymentDefaults\nspec:\n  |", ["state", "template"], "status"),
        ("kind: Savepoint\nmetadata:\n  |", ["deploymentId", "annotations"], "createdAt"),
    ] {
        offers(text, Format::Yaml, &wanted[..1], &[unwanted]);
        offers(text, Format::Yaml, &wanted[1..], &[unwanted]);
    }
}

#[test]
fn the_flat_form_is_offered_while_the_document_may_have_it() {
    offers("kind: Namespace\n|", Format::Yaml, &["metadata", "spec", "name", "roleBindings"], &["createTime"]);
    offers("kind: Namespace\nname: a\n|", Format::Yaml, &["roleBindings"], &["name"]);
    offers("kind: Namespace\nmetadata:\n  name: a\n|", Format::Yaml, &["spec"], &["name", "roleBindings"]);
    offers("kind: Namespace\nroleBindings:\n  - role: |", Format::Yaml, &["viewer", "editor", "owner"], &[]);
}

#[test]
fn kinds_of_users_are_completed_as_the_built_in_ones_are() {
    let definition = "\
kind: Alarm
apiVersion: v2
description: It rings.
group: /api/v1
plural: alarms
singular: alarm
scope: namespaced
managedBy: user
key: name
naming: label
verbs: [list, get, create]
schema:
  type: object
  required: [metadata, spec]
  properties:
    metadata: {$ref: '#/$defs/NamedMetadata'}
    spec:
      type: object
      required: [sound]
      dependentRequired: {snooze: [snoozeMinutes]}
      properties:
        bell: {type: string, deprecated: true, description: An old word for the sound.}
        at: {type: string, format: date-time}
        sound: {type: string, enum: ['yes', 'a, b', 'it''s']}
        loud: {type: boolean, default: true}
        snooze: {type: boolean}
        snoozeMinutes: {type: integer, examples: [5]}
        'odd: name': {type: array, items: {type: integer}}
        days: {type: object, additionalProperties: {type: boolean}, propertyNames: {enum: [monday, tuesday]}}
";
    let registry = Registry::with(&[definition]).unwrap();
    let found = |text: &str| complete(&registry, text, text.len(), Format::Yaml).items;
    let labels = |text: &str| found(text).into_iter().map(|item| item.label).collect::<Vec<_>>();
    assert!(labels("kind: ").contains(&"Alarm".to_owned()));
    assert_eq!(found("kind: Alarm\napiVersion: ")[0].insert, "v2");
    let head = "kind: Alarm\nspec:\n  ";
    assert_eq!(labels(head), ["sound", "at", "days", "loud", "odd: name", "snooze", "snoozeMinutes", "bell"]);
    assert!(found(head)[7].deprecated);
    assert_eq!(found(head)[4].insert, "\"odd: name\":\n    - ");
    assert_eq!(labels(&format!("{head}sound: x\n  snooze: true\n  "))[0], "snoozeMinutes");
    let sounds: Vec<String> = found(&format!("{head}sound: ")).into_iter().map(|item| item.insert).collect();
    assert_eq!(sounds, ["\"yes\"", "a, b", "it's"]);
    let sounds: Vec<String> = found("{kind: Alarm, spec: {sound: '").into_iter().map(|item| item.insert).collect();
    assert_eq!(sounds, ["'yes'", "'a, b'", "'it''s'"]);
    let sounds: Vec<String> = found("{kind: Alarm, spec: {sound: ").into_iter().map(|item| item.insert).collect();
    assert_eq!(sounds, ["\"yes\"", "\"a, b\"", "it's"]);
    assert_eq!(labels(&format!("{head}days:\n    monday: true\n    ")), ["tuesday"]);
    assert_eq!(labels(&format!("{head}days:\n    monday: ")), ["true", "false"]);
    assert_eq!(labels(&format!("{head}loud: ")), ["true", "false"]);
    assert_eq!(found(&format!("{head}loud: "))[0].detail.as_deref(), Some("boolean, default"));
}

#[test]
fn without_a_kind_what_all_have_in_common_is_offered() {
    offers("metadata:\n  |", Format::Yaml, &["name", "labels"], &["id"]);
    offers("spec:\n  |", Format::Yaml, &[], &["state"]);
    offers("kind: Nothing\nspec:\n  |", Format::Yaml, &[], &["state"]);
    types("spec:\n  state: x\n|", Format::Yaml, "kind", "spec:\n  state: x\nkind: |");
}

#[test]
fn names_of_resources_in_the_same_text_are_offered_where_they_are_referred_to() {
    let target = |name: &str| format!("kind: DeploymentTarget\nmetadata:\n  name: {name}\n---\n");
    let deployment = "kind: Deployment\nspec:\n  deploymentTargetName: |\n---\n";
    let text =
        format!("{}{deployment}{}kind: SecretValue\nmetadata: {{name: x}}\n", target("first"), target("'second'"));
    offers(&text, Format::Yaml, &["first", "second", "jobs"], &["x"]);
}
