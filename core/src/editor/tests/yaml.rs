//! Completion in YAML by indentation.

use super::{labels, offers as offers_in, offers_nothing as nothing_in, types as types_in};
use crate::manifest::Format;

fn offers(text: &str, wanted: &[&str], unwanted: &[&str]) {
    offers_in(text, Format::Yaml, wanted, unwanted);
}

fn offers_nothing(text: &str) {
    nothing_in(text, Format::Yaml);
}

fn types(text: &str, label: &str, expected: &str) {
    types_in(text, Format::Yaml, label, expected);
}

#[test]
fn an_empty_text_begins_with_the_envelope() {
    let found = labels("|", Format::Yaml);
    assert_eq!(found[..4], ["kind", "apiVersion", "metadata", "spec"]);
    offers("ki|", &["kind"], &[]);
    offers("# a comment\n|", &["kind", "apiVersion", "metadata", "spec"], &["status"]);
    offers("kind: Deployment\n|", &["apiVersion", "metadata", "spec"], &["kind", "status"]);
    offers("kind: Deployment\nspec:\n  state: RUNNING\n|", &["apiVersion", "metadata"], &["kind", "spec", "state"]);
}

#[test]
fn the_members_of_the_map_around_the_cursor_are_offered_but_for_those_that_are_there() {
    for text in [
        "kind: Deployment\nspec:\n  |",
        "kind: Deployment\nspec:\n  |\n",
        "kind: Deployment\nspec:\n  |\n  template:\n    spec: {}\n",
        "kind: Deployment\nspec:\n  sta|",
        "kind: Deployment\nspec:\n  sta|\n  template:\n",
        "kind: Deployment\nspec:\n  template:\n    spec:\n      parallelism: 1\n  |",
        "kind: Deployment\nspec:\n  template:\n    spec:\n      parallelism: 1\n  st|\nmetadata:\n  name: x\n",
        "spec:\n  | # a comment\nkind: Deployment\n",
        "kind: Deployment\r\nspec:\r\n  |\r\n",
        "kind: Deployment\r\nspec:\r\n  x|\r\nmetadata:\r\n",
        "kind: Deployment\nspec:\n\t|",
        "kind: Deployment\nspec:\n\tst|",
        "\u{feff}kind: Deployment\nspec:\n  |",
        "kind: deployment\nmetadata: {name: 'é日本🦀'}\nspec:\n  |",
        "'kind': \"Deployment\"\n\"spec\":\n  |",
        "kind: Deployment\nspec: &all\n  |",
        "kind: Deployment\nspec:\n  'sta|'",
        "kind: Deployment\nspec:\n  upgradeStrategy:\n      kind: NONE\n\n\n  |\n\n",
        "kind: Deployment\nspec:\n    restoreStrategy:\n      kind: NONE\n    |",
    ] {
        offers(text, &["state"], &["status", "kind", "parallelism"]);
    }
    offers("kind: Deployment\nspec:\n  state: RUNNING\n  |", &["template", "restoreStrategy"], &["state"]);
    offers("kind: Deployment\nspec:\n  |\n  state: RUNNING", &["template", "restoreStrategy"], &["state"]);
    offers("kind: Deployment\nspec:\n  st|ate: RUNNING", &["template", "state"], &[]);
}

#[test]
fn what_is_required_comes_first_and_what_the_system_writes_not_at_all() {
    let found = labels("kind: Deployment\nmetadata:\n  |", Format::Yaml);
    assert_eq!(found, ["name", "annotations", "displayName", "labels", "namespace"]);
    let found = labels("kind: Deployment\nspec:\n  |", Format::Yaml);
    assert_eq!(found[0], "template");
}

#[test]
fn of_members_that_exclude_each_other_no_second_one_is_offered() {
    offers("kind: Deployment\nspec:\n  |", &["deploymentTargetName", "sessionClusterName"], &[]);
    offers("kind: Deployment\nspec:\n  deploymentTargetName: a\n  |", &["state"], &["sessionClusterName"]);
    offers("kind: Deployment\nspec:\n  deploymentTargetName|: a\n", &["sessionClusterName"], &[]);
}

#[test]
fn where_nothing_can_be_typed_nothing_is_offered() {
    for text in [
        "kind: Deployment\n# sp|\n",
        "kind: Deployment # |\n",
        "kind: Deployment\nspec: #|\n",
        "kind: Deployment |\n",
        "kind: Deployment\nspec  |  : {}",
        "kind: Deployment\nspec:\n  state: RUNNING\n     |",
        "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n        sqlScript: >-\n          SELECT\n          |",
        "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n        sqlScript: >-\n          SELECT\n|\n          X",
        "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n        sqlScript: >-|\n          SELECT\n",
        "kind: Deployment\nspec:\n  nothing:\n    |",
        "kind: Deployment\nmetadata:\n  name: |",
        "---|\nkind: Deployment\n",
        "kind: Deployment\n---|",
        "kind: Deployment\n--- |",
        "kind: Event\n|  metadata:\n",
        "kind: Deployment\nspec: |\n     state: RUNNING\n",
        "kind: Deployment\nspec:\n    |\n  state: RUNNING\n",
        "  | kind: Deployment\n",
    ] {
        offers_nothing(text);
    }
}

#[test]
fn a_map_or_a_list_that_is_there_already_takes_more_and_nothing_else() {
    offers("kind: Deployment\nspec: |\n  state: RUNNING\n", &["template"], &["state"]);
    let labels = "kind: Deployment\nmetadata:\n  labels: |\n    tier: gold\n";
    offers(labels, &["team"], &["tier", "{\"team\":\"web\",\"tier\":\"gold\"}"]);
    let roles = "kind: Namespace\nspec:\n  roleBindings: |\n    - role: owner\n";
    types(roles, "- ", "kind: Namespace\nspec:\n  roleBindings: \n    - |\n    - role: owner\n");
    offers(roles, &["members", "- "], &["[]"]);
}

#[test]
fn a_key_that_is_half_typed_above_what_is_further_in_is_a_key() {
    for below in ["    spec:\n      parallelism: 1\n", "  state: RUNNING\n", "  restoreStrategy:\n", ""] {
        offers(&format!("kind: Deployment\nspec:\n  te|\n{below}"), &["template"], &["kind", "artifact"]);
    }
    let text = "kind: Namespace\nspec:\n  ro|\n    - role: owner\n";
    types(text, "roleBindings", "kind: Namespace\nspec:\n  roleBindings:|\n    - role: owner\n");
    offers("ki|\nspec:\n  state: x\n", &["kind"], &["spec"]);
}

#[test]
fn behind_a_block_of_text_keys_go_on() {
    let text = "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n        sqlScript: >\n          SELECT\n        |";
    offers(text, &["kind", "flinkVersion"], &["sqlScript"]);
    offers("kind: Deployment\nmetadata:\n  name: >\n    x\n\n|", &["spec"], &["metadata"]);
}

#[test]
fn a_document_is_that_of_the_cursor() {
    let text = "kind: Deployment\nspec:\n  |\n---\nkind: SecretValue\nspec:\n  kind: PLAIN\n";
    offers(text, &["template"], &["value"]);
    let text = "kind: Deployment\nspec:\n  template:\n---\nkind: SecretValue\nspec:\n  |\n---\nkind: Namespace\n";
    offers(text, &["kind", "value"], &["template"]);
    offers("kind: Deployment\n---\n|", &["kind"], &[]);
    offers("kind: Deployment\n--- # second\n|", &["kind"], &[]);
    offers("kind: Deployment\n...\n|", &["kind"], &[]);
    offers("--- {kind: Deployment, |}", &["spec"], &[]);
    offers("kind: Deployment\nmetadata:\n  name: \"x\n---\nkind: |", &["Deployment"], &[]);
}

#[test]
fn the_values_that_a_member_may_have_are_offered() {
    for text in [
        "kind: Deployment\nspec:\n  state: |",
        "kind: Deployment\nspec:\n  state:|",
        "kind: Deployment\nspec:\n  state:   |  # what is wanted",
        "kind: Deployment\nspec:\n  state: RUN|",
        "kind: Deployment\nspec:\n  state: RUN|\n  template:\n",
        "kind: Deployment\nspec:\n  state: 'R|'",
        "kind: Deployment\nspec:\n  state: \"R|\n  template:\n",
        "kind: Deployment\nspec:\n  state:\n    R|",
        "kind: Deployment\nspec:\n  state:\n    |",
        "kind: Deployment\nspec:\n  state: !!str |RUNNING",
        "kind: Deployment\r\nspec:\r\n  state: |\r\n",
    ] {
        offers(text, &["RUNNING", "SUSPENDED", "CANCELLED"], &["template", "state"]);
    }
    offers("kind: Deployment\nspec:\n  restoreStrategy:\n    allowNonRestoredState: |", &["true", "false"], &[]);
    offers("kind: Deployment\nspec:\n  maxJobCreationAttempts: |", &["4"], &[]);
    offers("kind: |", &["Deployment", "Namespace", "SessionCluster"], &[]);
    offers("kind: Dep|\nmetadata:\n  name: x\n", &["DeploymentTarget", "Deployment"], &[]);
    offers("kind: Deployment\napiVersion: |", &["v1"], &[]);
}

#[test]
fn maps_of_strings_and_lists_are_offered_what_their_examples_show() {
    let spec = "kind: Deployment\nspec:\n  template:\n    spec:\n";
    let text = format!("{spec}      flinkConfiguration:\n        |");
    offers(&text, &["taskmanager.numberOfTaskSlots", "execution.checkpointing.interval"], &[]);
    let text = format!("{spec}      flinkConfiguration:\n        state.backend: |");
    offers(&text, &["rocksdb"], &[]);
    offers("kind: Deployment\nmetadata:\n  labels:\n    |", &["team", "tier"], &[]);
    offers("kind: Deployment\nmetadata:\n  labels:\n    team: w|", &["web"], &[]);
    let list = format!("{spec}      artifact:\n        additionalDependencies:\n");
    for end in ["          - |", "          -|", "          - s3|", "        - |", "        - a\n        - |"] {
        offers(&format!("{list}{end}"), &["s3://apps/connector-3.0.jar"], &["kind"]);
    }
    offers(&format!("{list}        - a\n        |"), &["kind"], &["additionalDependencies"]);
    offers(&format!("{list}          - a\n          |"), &["s3://apps/connector-3.0.jar", "- "], &["kind"]);
}

#[test]
fn items_that_are_maps_are_completed_in_all_their_lines() {
    let pods =
        "kind: Deployment\nspec:\n  template:\n    spec:\n      kubernetes:\n        pods:\n          envVars:\n";
    for end in [
        "            - |",
        "            - na|",
        "            - value: x\n              |",
        "            - value: x\n              n|",
        "            - name: a\n            - value: x\n              |",
        "            - |\n              value: x",
        "          - value: x\n            |",
        "            -\n              |",
        "            - {value: x, |",
        "            |",
        "            - name: a\n            |",
    ] {
        offers(&format!("{pods}{end}"), &["name"], &["image", "labels"]);
    }
    offers(&format!("{pods}            - name: a\n              |"), &["value", "valueFrom"], &["name"]);
}

#[test]
fn what_is_typed_is_what_stands_there_then() {
    types("ki|", "kind", "kind: |");
    types("kind: De|\n", "Deployment", "kind: Deployment|\n");
    types("kind:|", "Deployment", "kind: Deployment|");
    types("kind: Deployment\nap|", "apiVersion", "kind: Deployment\napiVersion: v1|");
    types("kind: Deployment\nsp|", "spec", "kind: Deployment\nspec:\n  |");
    types("kind: Deployment\r\nsp|\r\n", "spec", "kind: Deployment\r\nspec:\r\n  |\r\n");
    types("kind: Deployment\nme|\n  name: x\n", "metadata", "kind: Deployment\nmetadata:|\n  name: x\n");
    types("kind: Deployment\nspec:\n  st|", "state", "kind: Deployment\nspec:\n  state: |");
    types("kind: Deployment\nspec:\n  st|: RUNNING", "state", "kind: Deployment\nspec:\n  state|: RUNNING");
    types("kind: Deployment\nspec:\n  \"st|\": X", "state", "kind: Deployment\nspec:\n  \"state\"|: X");
    types("kind: Deployment\nspec:\n  te|", "template", "kind: Deployment\nspec:\n  template:\n    |");
    types("kind: Deployment\nspec: |", "template", "kind: Deployment\nspec: \n  template:\n    |");
    types("kind: Deployment\nspec:|", "state", "kind: Deployment\nspec:\n  state: |");
    types("kind: Deployment\nspec:\n  state: 'R|'", "RUNNING", "kind: Deployment\nspec:\n  state: 'RUNNING'|");
    types("kind: Deployment\nspec:\n  state: \"R|", "RUNNING", "kind: Deployment\nspec:\n  state: \"RUNNING\"|");
    types("kind: SecretValue\nspec:\n  |", "kind", "kind: SecretValue\nspec:\n  kind: PLAIN|");
    let spec = "kind: Deployment\nspec:\n  template:\n    spec:\n";
    let types =
        |text: &str, label: &str, expected: &str| types(&format!("{spec}{text}"), label, &format!("{spec}{expected}"));
    types("      artifact:\n        flinkVersion: |", "1.20", "      artifact:\n        flinkVersion: \"1.20\"|");
    types(
        "      artifact:\n        addit|",
        "additionalDependencies",
        "      artifact:\n        additionalDependencies:\n          - |",
    );
    types(
        "      logging:\n        log4jLoggers:\n          |",
        "",
        "      logging:\n        log4jLoggers:\n          \"\": |",
    );
    types(
        "      kubernetes:\n        pods:\n          envVars:\n            - |",
        "valueFrom",
        "      kubernetes:\n        pods:\n          envVars:\n            - valueFrom:\n                |",
    );
    types(
        "      kubernetes:\n        pods:\n          envVars: |",
        "name",
        "      kubernetes:\n        pods:\n          envVars: \n            - name: |",
    );
    types(
        "      kubernetes:\n        labels: |",
        "{\"cost-center\":\"web\"}",
        "      kubernetes:\n        labels: \n          cost-center: web|",
    );
}
