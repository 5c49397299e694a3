//! `apply --atomic`: all documents or none, and what is wrong with each of them at its place.

use super::{CLICKS, TARGET, on_both};

#[test]
fn all_documents_are_stored_together_whatever_order_they_are_in() {
    on_both(|bench| {
        // What others refer to comes last in the files.
        bench.file("shop/a.yaml", CLICKS);
        bench.file("shop/b.yaml", &CLICKS.replace("clicks", "views"));
        bench.file("shop/c.yaml", TARGET);
        bench.file("shop/d.yaml", "kind: DeploymentDefaults\nspec: {template: {spec: {parallelism: 3}}}\n");
        let told = "deployment-target/jobs created\ndeployment-defaults configured\ndeployment/clicks created\n\
                    deployment/views created\n";
        let dry = bench.out(&["apply", "--atomic", "-f", "shop", "--dry-run"]);
        assert_eq!(dry, told.replace('\n', " (dry run)\n"));
        // Nothing is stored: in a folder not even a store.
        let nothing = bench.refused(1, &["get", "deploy", "clicks"]);
        assert!(nothing.contains("no Deployment") || nothing.contains("there is no store"), "{nothing}");
        assert_eq!(bench.out(&["apply", "--atomic", "-f", "shop"]), told);
        let again = bench.out(&["apply", "--atomic", "-f", "shop"]);
        let unchanged = told.replace("created", "unchanged").replace("configured", "unchanged");
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&again), sorted(&unchanged));
        let version = "-ojsonpath={.spec.template.spec.artifact.flinkVersion}";
        assert_eq!(bench.out(&["get", "deploy", "views", version]), "1.20\n");
        let names = bench.out(&["apply", "--atomic", "-f", "shop/a.yaml", "-o", "name"]);
        assert_eq!(names, "deployment/clicks\n");
    });
}

#[test]
fn one_error_tells_every_problem_with_file_line_and_column_and_nothing_is_stored() {
    on_both(|bench| {
        bench.file("shop/a.yaml", TARGET);
        let many = format!("{CLICKS}---\n{}", CLICKS.replace("name: clicks", "name: Not A Name"));
        bench.file("shop/b.yaml", &many);
        bench.file("shop/c.yaml", &CLICKS.replace("clicks", "views").replace("{team: web, tier: front}", "7"));
        let error = bench.refused(1, &["apply", "--atomic", "-f", "shop"]);
        assert!(error.starts_with("error: the transaction is not valid\n"), "{error}");
        assert!(error.contains("shop/b.yaml:15:3: metadata.name: "), "{error}");
        assert!(error.contains("shop/c.yaml:5:3: metadata.labels: "), "{error}");
        assert!(error.contains("(Deployment \"views\")"), "{error}");
        assert_eq!(error.matches("shop/").count(), 2, "{error}");
        for name in ["clicks", "views"] {
            assert!(bench.refused(1, &["get", "deploy", name]).contains("no Deployment"));
        }
        assert!(bench.refused(1, &["get", "target", "jobs"]).contains("no DeploymentTarget"));
    });
}

#[test]
fn more_problems_than_an_answer_carries_in_its_head_are_all_told() {
    on_both(|bench| {
        let wrong = |number: usize| {
            TARGET.replace("jobs", &format!("t{number}")).replace("{kubernetes: {}}", "{kubernetes: 7}")
        };
        let text: Vec<String> = (0..60).map(wrong).collect();
        bench.file("many.yaml", &text.join("---\n"));
        let error = bench.refused(1, &["apply", "--atomic", "-f", "many.yaml"]);
        assert_eq!(error.matches("many.yaml:").count(), 60, "{error}");
    });
}

#[test]
fn other_errors_name_the_document_and_what_cannot_be_together_is_refused() {
    on_both(|bench| {
        let bench = bench.filled();
        bench.file("old.yaml", &CLICKS.replace("jobs", "nowhere"));
        let error = bench.refused(1, &["apply", "--atomic", "-f", "target.yaml", "-f", "old.yaml"]);
        assert!(error.contains("old.yaml:7:3: spec.deploymentTargetName: there is no DeploymentTarget"), "{error}");
        let twice = bench.refused(1, &["apply", "--atomic", "-f", "clicks.yaml", "-f", "clicks.yaml"]);
        let both =
            "clicks.yaml:1: deployment/clicks is also in clicks.yaml:1; a transaction changes each resource once";
        assert!(twice.contains(both), "{twice}");
        bench.file("team.yaml", "kind: Namespace\nmetadata: {name: team}\n");
        let global = bench.refused(1, &["apply", "--atomic", "-f", "clicks.yaml", "-f", "team.yaml"]);
        assert!(global.contains("team.yaml:1: a Namespace lives in no namespace"), "{global}");
        assert!(global.contains("hint: apply it first, by itself, or leave out --atomic"), "{global}");
        // What is refused for its form leaves no namespace behind; what the store refuses does, and is told.
        bench.refused(
            1,
            &["apply", "--atomic", "-n", "team", "--create-namespace", "-f", "target.yaml", "-f", "target.yaml"],
        );
        assert_eq!(bench.out(&["get", "ns", "-o", "name"]), "namespace/default\n");
        let refused = bench.run(&["apply", "--atomic", "-n", "left", "--create-namespace", "-f", "old.yaml"]);
        assert_eq!((refused.code, refused.out.as_str()), (1, "namespace/left created\n"), "{refused:?}");
        assert!(refused.err.contains("namespace/left was made before, and stays"), "{refused:?}");
        bench.file("elsewhere.yaml", &CLICKS.replace("name: clicks", "name: clicks\n  namespace: team"));
        let two = bench.refused(1, &["apply", "--atomic", "-f", "clicks.yaml", "-f", "elsewhere.yaml"]);
        assert!(two.contains("elsewhere.yaml:1: the namespace is \"team\""), "{two}");
        bench.file("savepoint.yaml", "kind: Savepoint\nmetadata: {}\nspec: {}\n");
        let nameless = bench.refused(1, &["apply", "--atomic", "-f", "clicks.yaml", "-f", "savepoint.yaml"]);
        assert!(nameless.contains("savepoint.yaml:1: the Savepoint has no id"), "{nameless}");
        let made = bench.out(&["apply", "--atomic", "-n", "team", "--create-namespace", "-f", "target.yaml"]);
        assert_eq!(made, "namespace/team created\ndeployment-target/jobs created\n");
    });
}
