//! Sets of documents: the order of what is written and deleted, dry runs that know the whole set, and what a folder holds.

use super::{Bench, CLICKS, TARGET, on_both};

const NAMESPACE: &str = "kind: Namespace\nmetadata: {name: shop}\n";

/// A folder in which everything comes before what it needs.
fn shop(bench: &Bench) {
    let inside = |text: &str| {
        text.replace("{name: jobs}", "{name: jobs, namespace: shop}").replace("  name: ", "  namespace: shop\n  name: ")
    };
    bench.file("shop/a-clicks.yaml", &inside(CLICKS));
    bench.file("shop/b-target.yaml", &inside(TARGET));
    bench.file("shop/z-namespace.yaml", NAMESPACE);
}

#[test]
fn a_set_with_its_namespace_is_applied_compared_and_deleted_in_any_order_of_files() {
    on_both(|bench| {
        shop(&bench);
        bench.out(&["apply", "-f", "shop/z-namespace.yaml"]);
        bench.out(&["delete", "ns", "shop"]);
        let created = "namespace/shop created\ndeployment-target/jobs created\ndeployment/clicks created\n";
        let (dry, unchanged) =
            (created.replace("created", "created (dry run)"), created.replace("created", "unchanged"));
        for command in ["apply", "create"] {
            assert_eq!(bench.out(&[command, "-f", "shop", "--dry-run"]), dry, "{command}");
        }
        let differs = bench.run(&["diff", "-f", "shop"]);
        assert_eq!((differs.code, differs.err.as_str()), (1, ""), "{differs:?}");
        for part in ["+++ namespace/shop", "+++ deployment-target/jobs", "+++ deployment/clicks", "+  state: CANCELLED"]
        {
            assert!(differs.out.contains(part), "{part}: {differs:?}");
        }
        assert_eq!(bench.run(&["get", "ns", "-o", "name"]).out, "namespace/default\n", "nothing is stored");
        assert_eq!(bench.out(&["apply", "-f", "shop"]), created);
        assert_eq!(
            bench.out(&["apply", "-f", "shop", "--dry-run"]),
            unchanged.replace("unchanged", "unchanged (dry run)")
        );
        assert_eq!(bench.out(&["diff", "-f", "shop"]), "");
        let deleted = "deployment/clicks deleted\ndeployment-target/jobs deleted\nnamespace/shop deleted\n";
        assert_eq!(bench.out(&["delete", "-f", "shop", "--dry-run"]), deleted.replace("deleted", "deleted (dry run)"));
        assert_eq!(bench.out(&["delete", "-f", "shop"]), deleted);
    });
}

#[test]
fn a_dry_run_judges_what_refers_to_the_set_and_says_what_is_wrong_with_it() {
    on_both(|bench| {
        shop(&bench);
        let bad = CLICKS
            .replace("clicks\n", "views\n")
            .replace("spec:\n  deployment", "spec:\n  state: FLYING\n  deployment");
        let text = format!("{bad}---\n{CLICKS}---\n{TARGET}");
        let dry = bench.run_with(&text, &["apply", "--dry-run", "-f", "-"]);
        assert_eq!(dry.code, 1, "{dry:?}");
        assert_eq!(dry.out, "deployment-target/jobs created (dry run)\ndeployment/clicks created (dry run)\n");
        assert!(
            dry.err.contains("standard input:1: the Deployment is not valid") && dry.err.contains("(line 7)"),
            "{dry:?}"
        );
        // The same in a namespace that the set makes.
        bench.file("shop/c-views.yaml", &bad.replace("  name: ", "  namespace: shop\n  name: "));
        let dry = bench.run(&["apply", "--dry-run", "-f", "shop"]);
        assert_eq!(dry.code, 1, "{dry:?}");
        assert!(dry.out.ends_with("deployment/clicks created (dry run)\n"), "{dry:?}");
        assert!(dry.err.contains("shop/c-views.yaml:1: the Deployment is not valid\n  spec.state: "), "{dry:?}");
    });
}

#[test]
fn the_only_one_of_its_kind_stays_when_its_set_is_deleted() {
    on_both(|bench| {
        let text = format!("{TARGET}---\nkind: DeploymentDefaults\nspec: {{template: {{spec: {{parallelism: 3}}}}}}\n");
        // What supplies defaults comes before what may take them.
        let applied = bench.run_with(&format!("{CLICKS}---\n{text}"), &["apply", "-f", "-"]);
        assert!(applied.out.ends_with("deployment/clicks created\n"), "{applied:?}");
        bench.out(&["delete", "deploy", "clicks"]);
        let deleted = bench.run_with(&text, &["delete", "-f", "-"]);
        assert_eq!((deleted.code, deleted.out.as_str()), (0, "deployment-target/jobs deleted\n"), "{deleted:?}");
        assert_eq!(deleted.err, "deployment-defaults stays as it is: there is always one\n");
    });
}

#[test]
fn a_dry_run_makes_no_store() {
    let bench = Bench::folder();
    bench.file("target.yaml", TARGET);
    for command in ["apply", "create"] {
        assert_eq!(
            bench.out(&[command, "-f", "target.yaml", "--dry-run"]),
            "deployment-target/jobs created (dry run)\n"
        );
    }
    assert!(!bench.folder.path().join("store").exists());
}

#[test]
fn what_may_not_be_deleted_keeps_its_namespace_waiting() {
    on_both(|bench| {
        shop(&bench);
        bench.out(&["apply", "-f", "shop"]);
        bench.file(
            "two/more.yaml",
            &format!("{NAMESPACE}---\n{}", TARGET.replace("{name: jobs}", "{name: jobs, namespace: shop}")),
        );
        let blocked = bench.run(&["delete", "-f", "two", "--dry-run"]);
        assert_eq!(blocked.code, 1, "{blocked:?}");
        assert!(
            blocked.err.contains("deployment-target/jobs") || blocked.err.contains("DeploymentTarget"),
            "{blocked:?}"
        );
    });
}

#[test]
fn hidden_files_of_a_folder_are_left_out_unless_they_are_named() {
    let bench = Bench::folder();
    bench.file("shop/target.YAML", TARGET);
    bench.file("shop/.target.yaml.swp.yaml", "{");
    bench.file("shop/.git/config.json", "{");
    assert_eq!(bench.run(&["validate", "-f", "shop"]).code, 0);
    assert_eq!(bench.run(&["fmt", "--check", "-f", "shop"]).out, "shop/target.YAML\n");
    assert_eq!(bench.out(&["apply", "-R", "-f", "shop"]), "deployment-target/jobs created\n");
    assert_eq!(bench.run(&["validate", "-f", "shop/.git/config.json"]).code, 1);
}

#[test]
fn two_documents_about_one_resource_are_remarked() {
    on_both(|bench| {
        let bench = bench.filled();
        bench.file("twice.yaml", &format!("{CLICKS}---\n{}", CLICKS.replace("web", "data")));
        let twice = bench.run(&["apply", "-f", "twice.yaml"]);
        assert_eq!(
            (twice.code, twice.out.as_str()),
            (0, "deployment/clicks unchanged\ndeployment/clicks configured\n")
        );
        let warning = "warning: twice.yaml:12: deployment/clicks is also in twice.yaml:1; the later document counts\n";
        assert_eq!(twice.err, warning);
        let gone = bench.run(&["delete", "-f", "twice.yaml"]);
        assert_eq!((gone.code, gone.out.as_str()), (0, "deployment/clicks deleted\n"), "{gone:?}");
    });
}

#[test]
fn a_kind_can_be_said_for_documents_that_name_none() {
    on_both(|bench| {
        bench.file("body.json", r#"{"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}}"#);
        let error = bench.refused(1, &["apply", "-f", "body.json"]);
        assert!(error.contains("body.json:1: the document has no kind") && error.contains("--kind"), "{error}");
        for (command, word) in
            [("apply", "created"), ("apply", "unchanged"), ("delete", "deleted"), ("create", "created")]
        {
            let done = bench.out(&[command, "-f", "body.json", "--kind", "target"]);
            assert_eq!(done, format!("deployment-target/jobs {word}\n"));
        }
        assert_eq!(bench.out(&["diff", "-f", "body.json", "--kind", "DeploymentTarget"]), "");
        assert_eq!(bench.run(&["validate", "-f", "body.json", "--kind", "target"]).code, 0);
        bench.file("list.yaml", "kind: List\nitems:\n- metadata: {name: a}\n  spec: {kubernetes: {}}\n- kind: Namespace\n  metadata: {name: b}\n");
        assert_eq!(bench.run(&["validate", "-f", "list.yaml", "--kind", "target"]).code, 0);
        let listed = bench.out(&["apply", "-f", "list.yaml", "--kind", "target"]);
        assert_eq!(listed, "namespace/b created\ndeployment-target/a created\n");
        // An empty namespace is none.
        bench.file("empty.yaml", "kind: DeploymentTarget\nmetadata: {name: a, namespace: \"\"}\n");
        assert_eq!(bench.out(&["delete", "-f", "empty.yaml"]), "deployment-target/a deleted\n");
        assert!(bench.refused(1, &["apply", "-f", "body.json", "--kind", "pods"]).contains("unknown kind"));
        assert!(bench.refused(2, &["validate", "-f", "body.json", "--kind", "pods"]).contains("pods"));
    });
}
