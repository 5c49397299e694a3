//! What resources were: history, earlier versions and revisions, differences, rollback and undelete.

use super::{Bench, on_both};

/// A bench with a Deployment that has three versions.
fn changed(bench: Bench) -> Bench {
    let bench = bench.filled();
    for patch in ["metadata: {labels: {team: data}}", "spec: {template: {spec: {parallelism: 4}}}"] {
        bench.out(&["patch", "deploy", "clicks", "-p", patch]);
    }
    bench
}

#[test]
fn history_says_what_each_version_changed() {
    on_both(|bench| {
        let bench = changed(bench);
        let table = bench.out(&["history", "deploy", "clicks"]);
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["VERSION", "REVISION", "CHANGED", "WHAT"], "{table}");
        let told: Vec<(&str, &str)> = rows[1..].iter().map(|row| (row[0], row[3])).collect();
        assert_eq!(
            told,
            [("3", "spec.template.spec.parallelism"), ("2", "metadata.labels.team"), ("1", "created")],
            "{table}"
        );
        let many = "metadata: {labels: {a: b}}\nspec: {state: RUNNING, template: {spec: {parallelism: 5}}}";
        bench.out(&["patch", "deploy/clicks", "-p", many]);
        let table = bench.out(&["history", "deploy/clicks"]);
        assert!(table.contains("metadata.labels.a, spec.state and 1 more\n"), "{table}");
        let wide = bench.out(&["history", "deploy/clicks", "--authored", "-o", "wide"]);
        assert!(wide.contains("metadata.labels.a, spec.state, spec.template.spec.parallelism "), "{wide}");
        let json: serde_json::Value =
            serde_json::from_str(&bench.out(&["history", "deploy", "clicks", "-o", "json"])).unwrap();
        assert_eq!((&json["kind"], &json["items"][3]["version"]), (&"VersionList".into(), &1.into()));
        let yaml = bench.out(&["history", "deploy", "clicks", "-o", "yaml"]);
        let start =
            "kind: VersionList\napiVersion: v1\nmetadata:\n  deleted: false\nitems:\n  - version: 4\n    revision: ";
        assert!(yaml.starts_with(start), "{yaml}");
        assert_eq!(bench.out(&["history", "deploy/clicks", "-o", "jsonpath={.items[*].version}"]), "4 3 2 1\n");
        assert!(bench.refused(1, &["history", "deploy", "none"]).contains("none"));
        assert!(bench.refused(2, &["history", "deploy"]).contains("name one resource"));
    });
}

#[test]
fn earlier_versions_and_revisions_are_shown() {
    on_both(|bench| {
        let bench = changed(bench);
        let label = "jsonpath={.metadata.labels.team}";
        assert_eq!(bench.out(&["get", "deploy", "clicks", "--version", "1", "-o", label]), "web\n");
        let revision = bench.out(&["history", "deploy", "clicks", "-o", "jsonpath={.items[2].revision}"]);
        let revision = revision.trim();
        assert_eq!(bench.out(&["get", "deploy/clicks", "--revision", revision, "-o", label]), "web\n");
        let list = ["get", "deploy", "--revision", revision, "-o", "jsonpath={.items[*].metadata.resourceVersion}"];
        assert_eq!(bench.out(&list), "1\n");
        assert!(bench.refused(1, &["get", "deploy/clicks", "--version", "9"]).contains("1 to 3 are kept"));
        assert!(bench.refused(1, &["get", "deploy", "--revision", "99999"]).contains("is not reached yet"));
        assert!(bench.refused(2, &["get", "deploy", "--version", "1"]).contains("goes with one resource"));
        assert_eq!(bench.run(&["get", "deploy/clicks", "--version", "0"]).code, 2);
    });
}

#[test]
fn two_versions_are_compared_as_apply_is() {
    on_both(|bench| {
        let bench = changed(bench);
        let ended = bench.run(&["diff", "deploy/clicks", "--from", "1", "--to", "2"]);
        assert_eq!(ended.code, 1, "{ended:?}");
        let start = "--- deployment/clicks version 1\n+++ deployment/clicks version 2\n@@ ";
        assert!(ended.out.starts_with(start) && ended.out.contains("\n-    team: web\n"), "{ended:?}");
        let newest = bench.run(&["diff", "deploy", "clicks", "--from", "2"]);
        assert!(newest.out.contains("+++ deployment/clicks version 3\n"), "{newest:?}");
        assert_eq!(bench.out(&["diff", "deploy/clicks", "--from", "3"]), "");
        assert!(bench.refused(2, &["diff", "deploy/clicks", "--from", "9"]).contains("has no version 9"));
        for wrong in [&["diff", "deploy/clicks"][..], &["diff", "--from", "1", "-f", "clicks.yaml"]] {
            assert_eq!(bench.run(wrong).code, 2, "{wrong:?}");
        }
    });
}

#[test]
fn a_resource_goes_back_and_comes_back() {
    on_both(|bench| {
        let bench = changed(bench);
        let back = ["rollback", "deploy", "clicks", "--to", "1"];
        let dry = bench.out(&[&back[..], &["--dry-run"]].concat());
        assert_eq!(dry, "deployment/clicks rolled back to version 1, as version 4 (dry run)\n");
        assert_eq!(bench.out(&back), "deployment/clicks rolled back to version 1, as version 4\n");
        assert_eq!(bench.out(&back), "deployment/clicks unchanged\n");
        assert_eq!(bench.out(&["get", "deploy/clicks", "-o", "jsonpath={.metadata.labels.team}"]), "web\n");
        assert!(bench.refused(1, &["rollback", "deploy/clicks", "--to", "9"]).contains("1 to 4 are kept"));
        assert!(bench.refused(1, &["undelete", "deploy/clicks"]).contains("already"));
        bench.out(&["delete", "deploy/clicks"]);
        let history = bench.run(&["history", "deploy/clicks"]);
        assert!(history.err.contains("deployment/clicks is deleted; `kindstore undelete` restores it"), "{history:?}");
        assert_eq!(bench.out(&["undelete", "deploy/clicks"]), "deployment/clicks undeleted, as version 5\n");
        let table = bench.out(&["history", "deploy/clicks"]);
        assert!(table.lines().nth(1).is_some_and(|row| row.ends_with("undeleted")), "{table}");
        bench.out(&["delete", "deploy/clicks", "target/jobs"]);
        let refused = bench.refused(1, &["undelete", "deploy/clicks"]);
        assert!(refused.contains("spec.deploymentTargetName"), "{refused}");
    });
}
