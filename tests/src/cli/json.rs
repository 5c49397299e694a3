//! JSON as programs print it and as people write it.

use super::{Bench, CLICKS, TARGET, on_both};

fn body(name: &str) -> String {
    format!(r#"{{"kind": "DeploymentTarget", "metadata": {{"name": "{name}"}}, "spec": {{"kubernetes": {{}}}}}}"#)
}

#[test]
fn json_documents_that_follow_each_other_are_many_documents() {
    on_both(|bench| {
        let (a, b) = (body("a"), body("b"));
        for text in [
            format!("{a}\n{b}\n"),
            format!("{a}{b}"),
            format!("\u{feff}{a}\r\n\r\n{b}"),
            a.replace(", ", ",\n") + "\n" + &b,
        ] {
            assert_eq!(
                bench.run_with(&text, &["validate", "-f", "-"]).out,
                "valid: 2 documents in 1 file, 0 errors, 0 warnings\n"
            );
            let done = bench.run_with(&text, &["apply", "-f", "-"]);
            assert_eq!(done.out, "deployment-target/a created\ndeployment-target/b created\n", "{done:?}");
            assert_eq!(bench.run_with(&text, &["diff", "-f", "-"]).code, 0);
            let gone = bench.run_with(&text, &["delete", "-f", "-"]);
            assert_eq!(gone.out, "deployment-target/b deleted\ndeployment-target/a deleted\n", "{gone:?}");
        }
        bench.file("two.json", &format!("{a}\n{}", b.replace("\"kubernetes\": {}", "\"kubernetes\": 1")));
        let error = bench.refused(1, &["apply", "-f", "two.json"]);
        assert!(error.contains("two.json:2: ") && error.contains("(line 2)"), "{error}");
    });
}

#[test]
fn fmt_puts_each_json_document_on_lines_of_its_own() {
    let bench = Bench::folder();
    let formatted = bench.run_with("{\"a\":1}{\"b\":[]} {}", &["fmt", "-f", "-"]);
    assert_eq!(formatted.out, "{\n  \"a\": 1\n}\n{\n  \"b\": []\n}\n{}\n", "{formatted:?}");
    bench.file("lines.jsonl", "{\"a\":1}\n{\"b\":2}\n");
    assert_eq!(bench.run(&["fmt", "--check", "-f", "lines.jsonl"]).code, 0, "one document on each line is its form");
}

#[test]
fn a_file_for_json_holds_json() {
    on_both(|bench| {
        for (text, part) in [
            (body("a").replace("{}}}", "{},}}"), "a comma stands before the closing }"),
            (format!("// mine\n{}", body("a")), "JSON has no comments"),
            (body("a").replace("{}}}", "{}, \"x\": NaN}}"), "NaN is not a JSON value"),
            (body("a").replace('"', "'"), "in double quotes"),
            (TARGET.to_owned(), "kind is not a JSON value"),
        ] {
            bench.file("a.json", &text);
            bench.file("A.JSON", &text);
            let error = bench.refused(1, &["apply", "-f", "a.json"]);
            assert!(error.contains(part) && error.contains("a.json:"), "{error}");
            for name in ["a.json", "A.JSON"] {
                let judged = bench.run(&["validate", "-f", name]);
                assert_eq!(judged.code, 1, "{name}: {judged:?}");
                assert!(judged.out.contains(part), "{name}: {judged:?}");
            }
            assert!(bench.refused(1, &["fmt", "-f", "a.json"]).contains(part));
        }
        // What has no name is read as it looks.
        assert_eq!(bench.run_with(CLICKS, &["validate", "-f", "-"]).code, 0);
        assert_eq!(bench.run_with(&body("a").replace("{}}}", "{},}}"), &["validate", "-f", "-"]).code, 0);
    });
}

#[test]
fn jsonpath_is_that_of_kubectl() {
    on_both(|bench| {
        let bench = bench.filled();
        let patch = r#"{"metadata": {"labels": {"k8s-app": "x"}, "annotations": {"example.com/build": "7"}}}"#;
        bench.out(&["patch", "deploy", "clicks", "-p", patch]);
        for (path, expected) in [
            ("{.metadata.labels.k8s-app}", "x\n"),
            (r"{.metadata.annotations['example\.com/build']}", "7\n"),
            (r"{.metadata.annotations.example\.com/build}", "7\n"),
            ("{['metadata.name','spec.state']}", "clicks CANCELLED\n"),
            (r"{.metadata.name}{'\n'}{.spec.state}{'\n'}", "clicks\nCANCELLED\n"),
        ] {
            assert_eq!(bench.out(&["get", "deploy", "clicks", "-o", &format!("jsonpath={path}")]), expected, "{path}");
        }
        let list = "jsonpath={.items[*]['metadata.name', 'spec.state']}";
        assert_eq!(bench.out(&["get", "deploy", "-o", list]), "clicks CANCELLED\n");
    });
}
