//! Secrets: what is printed can be applied again, and no value is shown.

use super::{Bench, on_both};

const SECRET: &str = "kind: SecretValue\nmetadata: {name: login}\nspec: {kind: PLAIN, value: hunter2}\n";

fn run(bench: &Bench, text: &str, arguments: &[&str]) -> super::Ended {
    bench.run_with(text, &[arguments, &["--plain-secrets"]].concat())
}

#[test]
fn what_get_prints_of_a_secret_can_be_applied() {
    on_both(|bench| {
        assert_eq!(run(&bench, SECRET, &["apply", "-f", "-"]).out, "secret-value/login created\n");
        for form in ["yaml", "json"] {
            for get in [&["get", "secret", "login", "-o", form][..], &["get", "secret", "-o", form]] {
                let printed = bench.out(get);
                assert!(!printed.contains("value\":") && !printed.contains("value:"), "{printed}");
                for apply in
                    [&["apply", "-f", "-"][..], &["apply", "-f", "-", "--atomic"], &["apply", "-f", "-", "--dry-run"]]
                {
                    let again = run(&bench, &printed, apply);
                    assert!(again.out.starts_with("secret-value/login unchanged"), "{apply:?}: {again:?}");
                }
                assert_eq!(run(&bench, &printed, &["diff", "-f", "-"]).code, 0);
                assert_eq!(run(&bench, &printed, &["validate", "-f", "-"]).code, 0);
            }
        }
        let labelled = SECRET.replace("{name: login}", "{name: login, labels: {a: b}}").replace(", value: hunter2", "");
        assert_eq!(run(&bench, &labelled, &["apply", "-f", "-"]).out, "secret-value/login configured\n");
        let value = bench.out(&["get", "secret", "login", "--reveal", "-o", "jsonpath={.spec.value}"]);
        assert_eq!(value, "hunter2\n");
        let new = run(&bench, &labelled.replace("name: login", "name: other"), &["apply", "-f", "-"]);
        assert!(new.code == 1 && new.err.contains("spec.value: is required"), "{new:?}");
    });
}

#[test]
fn diff_says_that_a_secret_differs_and_not_what_it_is() {
    on_both(|bench| {
        let new = run(&bench, SECRET, &["diff", "-f", "-"]);
        // A folder without a store has nothing to compare with.
        assert!(new.code == 2 || (new.code == 1 && new.out.contains("+  value: (hidden)\n")), "{new:?}");
        run(&bench, SECRET, &["apply", "-f", "-"]);
        assert_eq!(run(&bench, SECRET, &["diff", "-f", "-"]).code, 0);
        let other = SECRET.replace("hunter2", "hunter3");
        for text in [other.clone(), other.replace("{name: login}", "{name: login, labels: {a: b}}")] {
            let differs = run(&bench, &text, &["diff", "-f", "-"]);
            assert_eq!(differs.code, 1, "{differs:?}");
            assert!(differs.out.contains("-  value: (hidden)\n+  value: (hidden, and another one)\n"), "{differs:?}");
            assert!(!differs.out.contains("hunter"), "{differs:?}");
        }
        let labelled =
            run(&bench, &SECRET.replace("{name: login}", "{name: login, labels: {a: b}}"), &["diff", "-f", "-"]);
        assert!(labelled.code == 1 && !labelled.out.contains("another"), "{labelled:?}");
    });
}

#[test]
fn no_line_of_a_text_shows_a_secret() {
    let bench = Bench::folder();
    for text in [
        // A problem on the line of the value.
        "{kind: SecretValue, metadata: {name: login}, spec: {kind: PLAN, value: hunter2}}\n",
        "{\"kind\": \"SecretValue\", \"metadata\": {\"name\": \"login\"}, \"spec\": {\"kind\": \"PLAN\", \"value\": \"hunter2\"}}\n",
        "kind: SecretValue\nmetadata: {name: a}\nspec: {kind: PLAIN, value: [hunter2]}\n",
        "{kind: SecretValu, metadata: {name: login}, spec: {value: hunter2}}\n",
        "kind: List\nitems: [{kind: SecretValue, metadata: {name: Not_}, spec: {kind: PLAN, value: hunter2}}]\n",
        // Names that are spelled wrong, and values in the wrong place, on the line of a problem.
        "{kind: SecretValue, metadata: {name: a}, spec: {kind: PLAIN, value: x, vaule: hunter2}}\n",
        "{kind: SecretValue, metadata: {name: a}, spec: {kind: PLAIN, Value: hunter2}}\n",
        "{kind: SecretValue, metadata: {name: a}, data: {value: [hunter2]}, spec: {kind: PLAIN}}\n",
        "{kind: SecretValue, metadata: {name: a, hint: hunter2}, spec: hunter2}\n",
        "{kind: SecretValue, metadata: {name: a}, value: hunter2}\n",
        "{kind: SecretValue, value: hunter2, metadata: {labels: {a: hunter2}}}\n",
        "{kind: SecretValue, metadata: {nmae: &x hunter2}, spec: {kind: PLAIN, value: *x}}\n",
        "{kind: SecretValue, metadata: {labels: {b: &x hunter2, c: 1}, nmae: a}, spec: {kind: PLAN, value: *x}}\n",
        // Texts that cannot be read.
        "kind: SecretValue\nspec: {kind: PLAIN, value: \"hunter2\n",
        "{\"kind\": \"SecretValue\", \"spec\": {\"value\": hunter2}}\n",
        "{\"kind\": \"\\u0053ecretValue\", \"spec\": {\"value\": hunter2}}\n",
        "kind: SecretValue\nspec: {value: !!int hunter2}\n",
        "kind: SecretValue\nspec:\n  value: {{ hunter2 }}\n",
    ] {
        for name in ["a.yaml", "a.json"] {
            bench.file(name, text);
            for arguments in [
                &["validate", "-f", name][..],
                &["validate", "-f", name, "-o", "json"],
                &["validate", "-f", name, "-o", "github"],
                &["validate", "-f", name, "-o", "sarif"],
                &["apply", "-f", name, "--plain-secrets"],
                &["diff", "-f", name],
                &["fmt", "-f", name, "--check"],
                &["explain", "--effective", "--offline", "-f", name],
                &["explain", "--effective", "--offline", "-f", name, "-o", "json"],
            ] {
                let ended = bench.run(arguments);
                assert!(
                    !ended.out.contains("hunter2") && !ended.err.contains("hunter2"),
                    "{text} {arguments:?}: {ended:?}"
                );
            }
        }
    }
    bench.file("a.yaml", "{kind: SecretValue, metadata: {name: login}, spec: {kind: PLAN, value: hunter2}}\n");
    let shown = bench.run(&["validate", "-f", "a.yaml"]).out;
    assert!(shown.contains("value: *******}}"), "{shown}");
}

#[test]
fn effective_values_hide_a_secret_and_show_the_rest() {
    let bench = Bench::folder();
    bench.file("a.yaml", SECRET);
    let shown = bench.out(&["explain", "--effective", "--offline", "-f", "a.yaml"]);
    assert!(shown.contains("(hidden)") && shown.contains("PLAIN") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_document_without_a_kind_may_be_a_secret() {
    let bench = Bench::folder();
    bench.file("a.yaml", "{metadata: {name: a}, spec: {kind: PLAIN, vaule: hunter2}}\n");
    let shown = bench.run(&["validate", "-f", "a.yaml"]);
    assert!(shown.code == 1 && shown.out.contains("vaule: *******}}"), "{shown:?}");
}
