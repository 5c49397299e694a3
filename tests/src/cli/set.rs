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
        let valid = bench.run(&["validate", "-f", "clicks.yaml", "-f", "twice.yaml"]);
        let again = "metadata.name: is also that of the Deployment in twice.yaml:1; the later document counts\n  --> twice.yaml:15:9";
        assert!(valid.code == 0 && valid.out.contains(again) && valid.out.contains(", 2 warnings"), "{valid:?}");
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

/// A namespace with a Deployment that runs, and may not be deleted so.
fn running(bench: &Bench) {
    shop(bench);
    let text = std::fs::read_to_string(bench.folder.path().join("shop/a-clicks.yaml")).unwrap();
    bench.file("shop/a-clicks.yaml", &text.replace("spec:\n  deployment", "spec:\n  state: RUNNING\n  deployment"));
    // A folder without a store is made by the first write.
    bench.out(&["apply", "-f", "shop"]);
}

#[test]
fn a_namespace_stays_when_something_in_it_was_not_deleted() {
    on_both(|bench| {
        running(&bench);
        for dry in [&["--dry-run"][..], &[]] {
            for what in [&["-f", "shop"][..], &["ns/shop", "deploy/clicks", "-n", "shop"]] {
                let ended = bench.run(&[&["delete"], what, dry].concat());
                assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
                assert!(ended.err.contains("namespace/shop stays: something in it"), "{ended:?}");
            }
        }
        assert_eq!(bench.out(&["get", "deploy", "-n", "shop", "-o", "name"]), "deployment/clicks\n");
        // A namespace that has nothing of it goes.
        bench.file("shop/y.yaml", "kind: Namespace\nmetadata: {name: other}\n");
        bench.out(&["apply", "-f", "shop/y.yaml"]);
        let ended = bench.run(&["delete", "-f", "shop"]);
        assert_eq!((ended.code, ended.out.as_str()), (1, "namespace/other deleted\n"), "{ended:?}");
        assert!(ended.err.contains("3 of 4 failed"), "{ended:?}");
    });
}

#[test]
fn a_dry_run_of_a_deletion_says_what_the_deletion_does_when_some_are_gone() {
    on_both(|bench| {
        shop(&bench);
        bench.out(&["apply", "-f", "shop"]);
        bench.file("shop/b-gone.yaml", &TARGET.replace("{name: jobs}", "{name: gone, namespace: shop}"));
        for (flags, code) in [(&["--ignore-not-found"][..], 0), (&[], 1)] {
            let arguments =
                [&["delete", "-f", "shop/a-clicks.yaml", "-f", "shop/b-target.yaml", "-f", "shop/b-gone.yaml"], flags]
                    .concat();
            let dry = bench.run(&[&arguments[..], &["--dry-run"]].concat());
            let real = bench.run(&arguments);
            assert_eq!((dry.code, dry.out.replace(" (dry run)", ""), &dry.err), (code, real.out.clone(), &real.err));
            assert_eq!(real.out, "deployment/clicks deleted\ndeployment-target/jobs deleted\n", "{real:?}");
            bench.out(&["apply", "-f", "shop/b-target.yaml", "-f", "shop/a-clicks.yaml"]);
        }
    });
}

#[test]
fn a_namespace_of_the_command_line_must_be_that_of_the_document() {
    on_both(|bench| {
        shop(&bench);
        bench.out(&["apply", "-f", "shop/z-namespace.yaml", "-f", "shop/b-target.yaml"]);
        bench.file("b.yaml", "kind: Namespace\nmetadata: {name: bb}\n");
        bench.out(&["apply", "-f", "b.yaml"]);
        bench.file(
            "list.yaml",
            &format!(
                "kind: List\nitems:\n- {}",
                TARGET.replace("{name: jobs}", "{name: jobs, namespace: shop}").replace('\n', "\n  ")
            ),
        );
        for command in ["apply", "create", "replace", "delete", "diff"] {
            for file in ["shop", "list.yaml", "shop/b-target.yaml"] {
                let error = bench.refused(2, &[command, "-n", "bb", "-f", file]);
                assert!(error.contains("the document is in the namespace \"shop\", and -n says \"bb\""), "{error}");
            }
        }
        bench.file("plain.yaml", TARGET);
        assert_eq!(bench.out(&["apply", "-n", "bb", "-f", "plain.yaml"]), "deployment-target/jobs created\n");
        assert_eq!(
            bench.out(&["delete", "-n", "shop", "-f", "shop/b-target.yaml"]),
            "deployment-target/jobs deleted\n"
        );
        // A Namespace lives in none.
        assert_eq!(bench.out(&["apply", "-n", "bb", "-f", "b.yaml"]), "namespace/bb unchanged\n");
        assert_eq!(bench.out(&["get", "target", "-n", "bb", "-o", "name"]), "deployment-target/jobs\n");
    });
}

#[test]
fn members_that_a_store_drops_are_no_difference() {
    on_both(|bench| {
        for more in [
            "",
            "  labels: {a: b}\n",
            "  namespace: q\n",
            "spec: {}\n",
            "  annotations: {a: b}\nspec:\n  a: 1\nstatus: {b: c}\nfoo: bar\n",
        ] {
            bench.file("n.yaml", &format!("kind: Namespace\nmetadata:\n  name: extra\n{more}"));
            let mut words = bench.run(&["apply", "-f", "n.yaml"]).out;
            for command in [&["apply", "-f", "n.yaml"][..], &["apply", "-f", "n.yaml", "--dry-run"]] {
                let again = bench.run(command);
                assert_eq!(again.code, 0, "{again:?}");
                words += &again.out;
            }
            assert!(words.contains("namespace/extra unchanged"), "{words}");
        }
        bench.file("n.yaml", "kind: Namespace\nname: namespaces/extra\n");
        assert_eq!(bench.out(&["apply", "-f", "n.yaml"]), "namespace/extra unchanged\n");
        let roles = "[{role: viewer, members: ['user:a']}]";
        for other in [
            format!("metadata: {{name: extra}}\nspec: {{roleBindings: {roles}}}"),
            format!("name: namespaces/extra\nroleBindings: {roles}"),
        ] {
            bench.file("n.yaml", &format!("kind: Namespace\n{other}\n"));
            assert!(bench.refused(1, &["apply", "-f", "n.yaml"]).contains("exists and differs"), "{other}");
        }
    });
}
