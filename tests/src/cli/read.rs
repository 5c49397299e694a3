//! What shows resources and kinds: get in every form, describe, explain, api-resources.

use super::{CLICKS, on_both};

#[test]
fn get_prints_every_form() {
    on_both(|bench| {
        let bench = bench.filled();
        let table = bench.out(&["get", "deployments"]);
        assert!(table.starts_with("NAME     STATE       VERSION   AGE\nclicks   CANCELLED   1         "), "{table}");
        let wide = bench.out(&["get", "deploy", "-o", "wide"]);
        assert!(wide.contains("ID  ") && wide.contains("team=web,tier=front"), "{wide}");
        assert_eq!(bench.out(&["get", "Deployment", "clicks", "-o", "name"]), "deployment/clicks\n");
        let yaml = bench.out(&["get", "deploy/clicks", "-o", "yaml"]);
        assert!(yaml.starts_with("kind: Deployment\napiVersion: v1\nmetadata:\n  id: "), "{yaml}");
        assert!(yaml.contains("flinkVersion: \"1.20\"\n"), "{yaml}");
        let json: serde_json::Value = serde_json::from_str(&bench.out(&["get", "deploy", "-o", "json"])).unwrap();
        assert_eq!((&json["kind"], &json["items"][0]["metadata"]["name"]), (&"List".into(), &"clicks".into()));
        let path = "jsonpath={range .items[*]}{.metadata.name}={.status.state}{\"\\n\"}{end}";
        assert_eq!(bench.out(&["get", "deploy", "-o", path]), "clicks=CANCELLED\n");
        let many = bench.out(&["get", "deploy/clicks", "target/jobs"]);
        assert!(many.contains("deployment/clicks") && many.contains("deployment-target/jobs"), "{many}");
        assert!(bench.out(&["get", "all", "-A"]).contains("NAMESPACE   NAME"));
        assert!(bench.out(&["get", "dd"]).contains("deployment-defaults"));
        assert_eq!(bench.out(&["get", "ns", "-o", "name"]), "namespace/default\n");
        let none = bench.run(&["get", "sc"]);
        assert_eq!((none.code, none.out.as_str()), (0, ""));
        assert!(none.err.contains("No resources found"), "{none:?}");
    });
}

#[test]
fn what_get_prints_can_be_applied() {
    on_both(|bench| {
        let bench = bench.filled();
        for form in ["yaml", "json"] {
            let list = bench.out(&["get", "deploy,target", "-o", form]);
            let again = bench.run_with(&list, &["apply", "-f", "-"]);
            assert_eq!(again.out, "deployment-target/jobs unchanged\ndeployment/clicks unchanged\n", "{again:?}");
        }
    });
}

#[test]
fn a_selector_selects() {
    on_both(|bench| {
        let bench = bench.filled();
        bench.file("views.yaml", &CLICKS.replace("clicks", "views").replace("web", "data"));
        bench.out(&["create", "-f", "views.yaml"]);
        for (selector, expected) in [
            ("team=web", "deployment/clicks\n"),
            ("team in (data,x),tier", "deployment/views\n"),
            ("team!=web,tier=front", "deployment/views\n"),
            ("!team", ""),
        ] {
            assert_eq!(bench.run(&["get", "deploy", "-o", "name", "-l", selector]).out, expected, "{selector}");
        }
        assert!(bench.refused(2, &["get", "deploy", "-l", "a of b"]).contains("goes wrong at character 3"));
        assert_eq!(bench.out(&["delete", "deploy", "-l", "team=data"]), "deployment/views deleted\n");
        let namespace = "kind: Namespace\nmetadata: {name: other}\n";
        assert_eq!(bench.run_with(namespace, &["apply", "-f", "-"]).code, 0);
        for (flag, selector) in [
            ("-l", "absent!="),
            ("-l", "team=web,absent!="),
            ("-l", "absent notin ()"),
            ("-l", "absent notin (x, )"),
            ("--field-selector", "spec.deploymentTargetName!="),
            ("--field-selector", "metadata.name!="),
        ] {
            for dry in [&[][..], &["--dry-run"]] {
                let refused = bench.refused(2, &[&["delete", "deploy", flag, selector], dry].concat());
                assert!(refused.contains("is excluded is empty") && refused.contains("quoted"), "{selector} {refused}");
            }
        }
        let unset = bench.run(&["get", "deploy", "--field-selector", "metadata.name!="]);
        assert!(unset.code != 0 && unset.err.contains("metadata.name is never"), "{}", unset.err);
        let quoted = bench.out(&["delete", "deploy", "--dry-run", "-l", "absent!=\"\""]);
        assert!(quoted.contains("clicks"), "{quoted}");
        assert_eq!(bench.out(&["get", "deploy", "-o", "name", "-l", "absent!="]), "deployment/clicks\n");
        for blank in ["", " ", "\t", "\u{a0}"] {
            let equals = [format!("-l={blank}"), format!("--selector={blank}"), format!("--field-selector={blank}")];
            let each = equals.iter().map(|flag| vec![flag.as_str()]);
            for selector in each.chain(["-l", "--selector", "--field-selector"].map(|flag| vec![flag, blank])) {
                for kind in ["deploy", "namespaces", "all", "deploy,target"] {
                    let refused = bench.refused(2, &[&["delete", kind], &selector[..]].concat());
                    assert!(refused.contains("the selector is empty"), "{selector:?} {refused}");
                }
                let narrowed = bench.refused(
                    2,
                    &[
                        &["delete", "deploy", "-l", "team"][..2],
                        &["--field-selector", "metadata.name=clicks"],
                        &["-l", blank],
                    ]
                    .concat(),
                );
                assert!(narrowed.contains("one of the selectors is empty"), "{narrowed}");
                bench.refused(2, &[&["delete", "deploy", "--all"], &selector[..]].concat());
                // A list shows what there is, as kubectl's does.
                assert_eq!(
                    bench.out(&[&["get", "deploy", "-o", "name"], &selector[..]].concat()),
                    "deployment/clicks\n"
                );
                assert_eq!(
                    bench.out(&[&["get", "deploy", "clicks", "-o", "name"], &selector[..]].concat()),
                    "deployment/clicks\n"
                );
            }
        }
        assert_eq!(bench.out(&["get", "ns", "-o", "name"]), "namespace/default\nnamespace/other\n");
        assert_eq!(bench.out(&["delete", "deploy", "clicks", "-l", ""]), "deployment/clicks deleted\n", "it is named");
    });
}

#[test]
fn describe_shows_what_is_known_and_what_refers_to_it() {
    on_both(|bench| {
        let bench = bench.filled();
        let id = bench.out(&["get", "deploy", "clicks", "-ojsonpath={.metadata.id}"]);
        let savepoint = format!(
            "kind: Savepoint\nmetadata: {{deploymentId: {}}}\nspec: {{savepointLocation: s3://state/one, flinkSavepointId: 7d0e1a34-90bb-45c1-9c6a-1f6a0f2d4e55}}\n",
            id.trim()
        );
        let made = bench.run_with(&savepoint, &["create", "-f", "-", "-o", "jsonpath={.metadata.id}"]);
        let text = bench.out(&["describe", "deploy", "clicks"]);
        for part in ["Name:        clicks\n", "Labels:      team=web\n             tier=front\n", "Spec:\n  deployment"]
        {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        assert!(text.contains("savepoints:\n") && text.contains(made.out.trim()), "{text}");
        let applied = bench.run_with(&savepoint, &["apply", "-f", "-"]);
        assert_eq!(applied.code, 1, "what has no name cannot be applied: {applied:?}");
    });
}

#[test]
fn kinds_are_listed_and_explained() {
    on_both(|bench| {
        let bench = bench.filled();
        let table = bench.out(&["api-resources"]);
        assert!(
            table.starts_with("NAME                             SHORTNAMES   APIVERSION   NAMESPACED   KIND\n"),
            "{table}"
        );
        assert!(
            table.contains("deployments                      deploy,dep   v1           true         Deployment\n"),
            "{table}"
        );
        assert!(bench.out(&["api-resources", "-o", "wide"]).contains("list,get,create,upsert,patch,delete"));
        let text = bench.out(&["explain", "deploy.spec.state"]);
        assert!(text.contains("or none.\n  One of RUNNING, SUSPENDED, CANCELLED.\n"), "{text}");
        assert!(
            bench
                .out(&["explain", "deploy.spec.template.spec"])
                .contains("artifact                       <object> -required-")
        );
        assert!(bench.refused(1, &["explain", "deploy.spec.nope"]).contains("hint: it has deploymentTargetId"));
    });
}
