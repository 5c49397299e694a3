//! A resource in the editor: until it is taken, or given up, and never lost.

use super::{ended, on_both};

#[test]
fn edit_opens_the_editor_until_the_text_is_taken() {
    on_both(|bench| {
        let bench = bench.filled();
        let edit = |editor: &str| {
            let mut command = bench.command(&["edit", "deploy", "clicks"]);
            command.env("EDITOR", editor);
            ended(command, "")
        };
        assert_eq!(edit("true").err, "nothing was changed\n");
        assert_eq!(edit("sed -i s/front/back/").out, "deployment/clicks edited\n");
        // The first time it is wrong; the second time the reason is there and it is fixed.
        bench.file(
            "editor.sh",
            "if grep -q 'not one of' $1; then sed -i s/FLYING/RUNNING/ $1\nelse sed -i s/CANCELLED/FLYING/ $1; fi\n",
        );
        assert_eq!(edit("sh editor.sh").out, "deployment/clicks edited\n");
        assert_eq!(bench.out(&["get", "deploy", "clicks", "-ojsonpath={.spec.state}"]), "RUNNING\n");
        let given_up = edit("sed -i s/RUNNING/FLYING/");
        assert_eq!(given_up.code, 1, "{given_up:?}");
        let kept = given_up.err.lines().find_map(|line| line.strip_prefix("hint: your text is in ")).unwrap();
        assert!(std::fs::read_to_string(kept).unwrap().contains("state: FLYING"));
        assert!(edit("false").err.starts_with("error: the editor \"false\" ended"));
        assert!(bench.refused(1, &["edit", "ns", "default"]).contains("cannot be changed"));
    });
}

#[test]
fn an_edit_of_what_can_only_be_patched_keeps_its_secrets() {
    on_both(|bench| {
        let secret = "kind: SecretValue\nmetadata: {name: pass}\nspec: {kind: PLAIN, value: hunter2}\n";
        let plain = if bench._server.is_some() { vec![] } else { vec!["--plain-secrets"] };
        let run = |arguments: &[&str], editor: &str, input: &str| {
            let mut command = bench.command(&[&plain, arguments].concat());
            command.env("EDITOR", editor);
            ended(command, input)
        };
        if !plain.is_empty() {
            let refused = ended(bench.command(&["create", "-f", "-"]), secret);
            assert!(refused.err.contains("hint: --plain-secrets allows it"), "{refused:?}");
        }
        assert_eq!(run(&["create", "-f", "-"], "", secret).out, "secret-value/pass created\n");
        let edited = run(&["edit", "secret", "pass"], "sed -i 's/name: pass/name: pass\\n  labels: {a: b}/'", "");
        assert_eq!(edited.out, "secret-value/pass edited\n", "{edited:?}");
        let value = "-ojsonpath={.spec.value}{.metadata.labels.a}";
        assert_eq!(run(&["get", "secret", "pass", "--reveal", value], "", "").out, "hunter2b\n");
        assert_eq!(run(&["get", "secret", "pass", value], "", "").out, "b\n");
        assert!(bench.refused(2, &["get", "secret", "--reveal"]).contains("--reveal goes with one resource"));
    });
}
