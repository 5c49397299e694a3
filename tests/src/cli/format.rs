//! `fmt`: one form for manifests, and nothing lost on the way.

use super::Bench;

const CLICKS: &str = "\
# The clicks of the shop.
kind:   Deployment   # first
metadata: {name: 'clicks',   labels: &l {a: \"1\"}}

spec:
    flinkVersion: 1.10
    # kept
    items: [1,2]
    text: |+
      trailing \u{20}

---
# second
again: [1.0,   0x1F]
# tail
";

#[test]
fn files_are_formatted_in_place_and_comments_stay() {
    let bench = Bench::folder();
    let path = bench.file("shop/clicks.yaml", CLICKS);
    let json = bench.file("shop/in/a.json", "{\"b\":[1.10],\"a\":{}}");
    let check = bench.run(&["fmt", "-f", "shop", "--check"]);
    assert_eq!((check.code, check.out.as_str()), (1, "shop/clicks.yaml\nshop/in/a.json\n"), "{check:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), CLICKS, "checking changes nothing");
    assert_eq!(bench.out(&["fmt", "-f", "shop", "-w"]), "shop/clicks.yaml\nshop/in/a.json\n");
    assert_eq!(bench.out(&["fmt", "-f", "shop", "--check"]), "");
    assert_eq!(bench.out(&["fmt", "-f", "shop", "-w"]), "");
    let text = std::fs::read_to_string(&path).unwrap();
    for part in [
        "# The clicks of the shop.\nkind: Deployment # first\n",
        "  # kept\n",
        "\n---\n# second\n",
        "# tail\n",
        "1.10\n",
        "trailing  \n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert_eq!(std::fs::read_to_string(json).unwrap(), "{\n  \"b\": [\n    1.10\n  ],\n  \"a\": {}\n}\n");
}

#[test]
fn one_text_is_printed_and_what_cannot_be_read_stays() {
    let bench = Bench::folder();
    assert_eq!(bench.run_with("a:   1 # x\n", &["fmt", "-f", "-"]).out, "a: 1 # x\n");
    let path = bench.file("a.yaml", "a: [1\n");
    let refused = bench.refused(1, &["fmt", "-f", "a.yaml", "-w"]);
    assert!(refused.contains("a.yaml:"), "{refused}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "a: [1\n");
    bench.file("b.yaml", "b: 1\n");
    assert!(bench.refused(2, &["fmt", "-f", "."]).contains("several files"));
    assert!(bench.refused(2, &["fmt", "-f", "nowhere"]).contains("cannot be read"));
}

#[test]
fn what_cannot_be_formatted_stays_and_fails_no_check() {
    let bench = Bench::folder();
    let text = format!("a: 1\n{}# far\nb: 2\n", " ".repeat(70));
    let path = bench.file("far.yaml", &text);
    for option in ["--check", "-w"] {
        let ended = bench.run(&["fmt", "-f", "far.yaml", option]);
        assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
        assert!(ended.err.starts_with("warning: far.yaml cannot be formatted at line 2: "), "{ended:?}");
    }
    assert!(bench.refused(1, &["fmt", "-f", "far.yaml"]).contains("far.yaml cannot be formatted at line 2"));
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

#[test]
fn links_of_a_folder_are_read_once_and_not_rewritten_outside_of_it() {
    use std::os::unix::fs::symlink;
    let bench = Bench::folder();
    let ugly = "kind:   Namespace\nmetadata: {name: a}\n";
    let outside = bench.file("outside.yaml", ugly);
    let inside = bench.file("shop/inside.yaml", ugly);
    let folder = bench.folder.path().join("shop");
    symlink("../outside.yaml", folder.join("link.yaml")).unwrap();
    symlink(".", folder.join("loop")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.join("pipe.yaml")).status().unwrap();
    assert!(made.success());
    let valid = bench.run(&["validate", "-f", "shop"]);
    assert!(valid.code == 0 && valid.out.contains("2 documents in 2 files"), "{valid:?}");
    let written = bench.run(&["fmt", "-w", "-f", "shop"]);
    assert_eq!((written.code, written.out.as_str()), (0, "shop/inside.yaml\n"), "{written:?}");
    assert!(written.err.contains("shop/link.yaml leads out of shop; the file stays as it is"), "{written:?}");
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), ugly);
    assert_ne!(std::fs::read_to_string(&inside).unwrap(), ugly);
    assert_eq!(bench.run(&["fmt", "--check", "-f", "shop"]).code, 0);
    // A link that is named itself is meant.
    assert_eq!(bench.out(&["fmt", "-w", "-f", "shop/link.yaml"]), "shop/link.yaml\n");
    assert_ne!(std::fs::read_to_string(&outside).unwrap(), ugly);
}
