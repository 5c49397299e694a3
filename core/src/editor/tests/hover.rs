//! What is told of the word under the cursor.

use crate::editor::{Hover, hover};
use crate::manifest::Format;
use crate::registry::Registry;

fn at(text: &str, format: Format) -> Option<(String, Hover)> {
    let registry = Registry::builtin().unwrap();
    let (before, after) = text.split_once('|').expect("a text has a cursor");
    let plain = format!("{before}{after}");
    let found = hover(&registry, &plain, before.len(), format)?;
    Some((plain[found.from..found.to].to_owned(), found))
}

fn check(text: &str, format: Format, word: &str, pointer: &str, part: &str) {
    let (found, hover) = at(text, format).unwrap_or_else(|| panic!("nothing is known in {text:?}"));
    assert_eq!((&*found, &*hover.pointer), (word, pointer), "{text:?}");
    let said = format!("{hover:?}");
    assert!(said.contains(part), "{part:?} is not in {said}");
}

#[test]
fn keys_and_values_are_told_of() {
    let yaml = Format::Yaml;
    check("ki|nd: Deployment", yaml, "kind", "/kind", "Which kind of resource");
    check("kind: Dep|loyment", yaml, "Deployment", "/kind", "A long-running job");
    check("kind: Deployment\nmetadata:\n  name|: x", yaml, "name", "/metadata/name", "string, required");
    check(
        "kind: Deployment\nspec:\n  |state: X",
        yaml,
        "state",
        "/spec/state",
        "One of RUNNING, SUSPENDED, CANCELLED.",
    );
    check("kind: Deployment\nspec:\n  state: RUN|NING", yaml, "RUNNING", "/spec/state", "Without it, it is CANCELLED.");
    check("kind: Deployment\nspec:\n  stat|e", yaml, "state", "/spec/state", "CANCELLED");
    let artifact = "kind: Deployment\nspec:\n  template:\n    spec:\n      artifact:\n        ";
    let place = "/spec/template/spec/artifact/kind";
    check(&format!("{artifact}kind: J|AR"), yaml, "JAR", place, "A program for the Java machine.");
    check(&format!("{artifact}ki|nd: JAR"), yaml, "kind", place, "One of JAR, SQLSCRIPT, PYTHON.");
    let dependencies = format!("{artifact}additionalDependencies:\n        - a\n        - s3|:x");
    let place = "/spec/template/spec/artifact/additionalDependencies/1";
    check(&dependencies, yaml, "s3:x", place, "Its format is uri.");
    check(
        &format!("{artifact}additional|Dependencies: []"),
        yaml,
        "additionalDependencies",
        &place[..place.len() - 2],
        "Each item: Its format is uri.",
    );
    let spec = r#"{"kind": "Deployment", "spec": {"deploymentTargetName": "a|b"}}"#;
    let place = "/spec/deploymentTargetName";
    check(spec, Format::Json, "\"ab\"", place, "It names a DeploymentTarget that must be there.");
    check(spec, yaml, "\"ab\"", place, "The name of the DeploymentTarget");
    check("kind: SecretValue\nspec: {value: a|}", yaml, "a", "/spec/value", "It is secret");
    check(
        "kind: Namespace\nroleBindings: [{role: ow|ner}]",
        yaml,
        "owner",
        "/roleBindings/0/role",
        "viewer, editor, owner",
    );
    check("kind: Deployment\nmetadata: {labels: {a/b: x|}}", yaml, "x", "/metadata/labels/a~1b", "string");
    check("metadata: {na|me: x}", yaml, "name", "/metadata/name", "string");
    check("kind: Deployment\n---\nkind: SecretValue\nspec:\n  value: é|é\n---\n", yaml, "éé", "/spec/value", "secret");
}

#[test]
fn of_what_nobody_declared_nothing_is_told() {
    for text in [
        "|",
        "kind: Deployment\n# sta|te: x",
        "kind: Deployment\nspec: # sta|te\n",
        "kind: Deployment\nspec:\n  no|thing: x",
        "kind: Deployment\nspec:\n  state|",
        "spec:\n  sta|te: RUNNING",
        "kind: Deployment\nspec:\n |\n",
        "kind: Deployment\nspec:\n  state |: x",
    ] {
        let found = at(text, Format::Yaml);
        assert!(text.ends_with("state|") || found.is_none(), "{found:?} in {text:?}");
    }
}
