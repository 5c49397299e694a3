//! Where the values of a document come from, and words that were probably meant.

use serde_json::Value;

use super::{Bench, CLICKS, on_both};

#[test]
fn values_are_shown_with_where_they_come_from() {
    let bench = Bench::folder();
    bench.file("clicks.yaml", CLICKS);
    let text = bench.out(&["explain", "--effective", "-f", "clicks.yaml", "--offline"]);
    let lines: Vec<Vec<&str>> =
        text.lines().map(|line| line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect()).collect();
    assert_eq!(lines[0], ["clicks.yaml:1: deployment/clicks"]);
    assert_eq!(lines[1], ["VALUE AT", "VALUE", "FROM"]);
    for line in [
        ["spec.deploymentTargetName", "jobs", "document"],
        ["spec.template.spec.artifact.flinkVersion", "1.20", "document"],
        ["spec.state", "CANCELLED", "built in"],
    ] {
        assert!(lines.iter().any(|other| *other == line), "{line:?} in {text}");
    }
    let json = bench.out(&["explain", "--effective", "-f", "clicks.yaml", "--offline", "-o", "json"]);
    let found: Value = serde_json::from_str(&json).unwrap();
    let state = found[0]["values"].as_array().unwrap().iter().find(|value| value["pointer"] == "/spec/state");
    assert_eq!(state.unwrap()["from"], "built in");
    assert_eq!(bench.run(&["explain", "deploy", "--effective"]).code, 2);
}

#[test]
fn the_store_that_is_named_is_asked_for_defaults() {
    on_both(|bench| {
        let bench = bench.filled();
        let text = bench.out(&["explain", "--effective", "-f", "clicks.yaml"]);
        assert!(text.contains("document\n"), "{text}");
    });
}

#[test]
fn the_defaults_of_a_namespace_and_of_a_file_are_named() {
    let defaults = "kind: DeploymentDefaults\nspec: {state: SUSPENDED}\n";
    on_both(|bench| {
        let bench = bench.filled();
        bench.file("defaults.yaml", defaults);
        assert_eq!(bench.run(&["apply", "-f", "defaults.yaml"]).code, 0);
        let text = bench.out(&["explain", "--effective", "-f", "clicks.yaml"]);
        let line = |text: &str, place: &str| {
            let found = text.lines().find(|line| line.starts_with(place)).map(str::to_owned);
            let words = found.unwrap_or_else(|| panic!("{place} in {text}"));
            words.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
        };
        assert!(line(&text, "spec.state ").eq("SUSPENDED DeploymentDefaults"), "{text}");
        assert!(line(&text, "spec.upgradeStrategy.kind ").ends_with("built in"), "{text}");
        let bare = bench.out(&["explain", "--effective", "-f", "clicks.yaml", "--offline"]);
        assert!(line(&bare, "spec.state ").eq("CANCELLED built in"), "{bare}");
        let file = ["explain", "--effective", "-f", "clicks.yaml", "--offline", "--defaults", "defaults.yaml"];
        assert!(line(&bench.out(&file), "spec.state ").eq("SUSPENDED DeploymentDefaults"));
    });
}

#[test]
fn a_wrong_word_is_answered_with_what_was_probably_meant() {
    let bench = Bench::folder();
    for (path, hint) in [
        ("deploy.spec.tempalte", "hint: did you mean template?"),
        ("deploy.spec.template.spec.artefact.kind", "hint: did you mean artifact?"),
        ("deploymnt", "hint: did you mean deployment?"),
    ] {
        assert!(bench.refused(1, &["explain", path]).contains(hint), "{path}");
    }
    let text = bench.out(&["explain", "deploy.spec.template.spec.artifact"]);
    assert!(text.contains("FIELD:    spec.template.spec.artifact <object> -required-\n"), "{text}");
    assert!(bench.out(&["explain", "deploy.spec.deploymentTargetId"]).contains("Its format is uuid.\n"));
}
