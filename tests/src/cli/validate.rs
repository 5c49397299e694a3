//! Verdicts without a server: the pictures of problems, the forms for programs, the exit codes.

use serde_json::{Value, json};

use super::{Bench, CLICKS, TARGET};

const BROKEN: &str = "\
kind: Deployment
metadata:
  name: Not_Good
spec:
  deploymentTargetId: \"é🦀\"
  template:
    spec:
      artefact: {kind: JAR}
---
kind: Deploymnt
---
kind: List
items:
  - kind: DeploymentTarget
    metadata: {name: x, lables: {}}
    spec: {kubernetes: {}}
";

const PICTURES: &str = r#"error[isBadName]: metadata.name: "Not_Good" holds 'N'
 --> broken.yaml:3:9
  |
3 |   name: Not_Good
  |         ^^^^^^^^
  |
  = help: use 1 to 63 lower-case letters, digits and hyphens ([-0-9a-z]), not starting or ending with a hyphen

error[hasWrongFormat]: spec.deploymentTargetId: "é🦀" is not a UUID such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11
 --> broken.yaml:5:23
  |
5 |   deploymentTargetId: "é🦀"
  |                       ^^^^^

error[isMissing]: spec.template.spec.artifact: is required
 --> broken.yaml:7:5
  |
7 |     spec:
  |     ^^^^
  |
  = help: rename "artefact" if that is meant

warning[isUnknown]: spec.template.spec.artefact: is not a known member and was dropped
 --> broken.yaml:8:7
  |
8 |       artefact: {kind: JAR}
  |       ^^^^^^^^
  |
  = help: did you mean artifact?

error[isNotAllowed]: kind: there is no kind "Deploymnt"
  --> broken.yaml:10:7
   |
10 | kind: Deploymnt
   |       ^^^^^^^^^
   |
   = help: did you mean Deployment?

warning[isUnknown]: metadata.lables: is not a known member and was dropped
  --> broken.yaml:15:25
   |
15 |     metadata: {name: x, lables: {}}
   |                         ^^^^^^
   |
   = help: did you mean labels?

not valid: 3 documents in 1 file, 4 errors, 2 warnings
"#;

/// A folder without any server or store.
fn bench() -> Bench {
    let mut bench = Bench::folder();
    // Somebody who reached for a server would fail.
    bench.place = ["--server".to_owned(), "http://127.0.0.1:1".to_owned()];
    bench
}

#[test]
fn problems_are_shown_in_their_lines_and_counted() {
    let bench = bench();
    bench.file("broken.yaml", BROKEN);
    let ended = bench.run(&["validate", "-f", "broken.yaml"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    assert_eq!(ended.out, PICTURES);
    let coloured = bench.run(&["validate", "-f", "broken.yaml", "--color", "always"]);
    assert!(coloured.out.contains("\u{1b}["), "{coloured:?}");
}

#[test]
fn what_is_valid_ends_with_0_and_strict_refuses_what_is_unknown() {
    let bench = bench();
    bench.file("shop/in/clicks.yml", CLICKS);
    bench.file("shop/target.yaml", &format!("{TARGET}foo: 1\n"));
    bench.file("shop/notes.txt", "{");
    let ended = bench.run(&["validate", "-f", "shop"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.ends_with("valid: 2 documents in 2 files, 0 errors, 1 warning\n"), "{ended:?}");
    let strict = bench.run(&["validate", "-f", "shop", "--strict"]);
    assert_eq!(strict.code, 1, "{strict:?}");
    assert!(strict.out.starts_with("error[isUnknown]: foo: is not a known member\n"), "{strict:?}");
    let piped = bench.run_with(CLICKS, &["validate", "-f", "-"]);
    assert_eq!((piped.code, piped.out.as_str()), (0, "valid: 1 document in 1 file, 0 errors, 0 warnings\n"));
    let missing = bench.run(&["validate", "-f", "shop", "-f", "nowhere.yaml"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.err.starts_with("error: nowhere.yaml cannot be read"), "{missing:?}");
    assert_eq!(bench.run(&["validate"]).code, 2);
}

#[test]
fn verdicts_are_those_of_the_store() {
    let bench = Bench::server().filled();
    for (name, text) in [
        ("name", CLICKS.replace("clicks", "No")),
        ("type", CLICKS.replace("{team: web, tier: front}", "[1]")),
        ("enum", CLICKS.replace("spec:\n  dep", "spec:\n  state: UP\n  dep")),
        ("missing", CLICKS.replace("kind: JAR, ", "")),
        (
            "number",
            CLICKS
                .replace("clicks", "a")
                .replace("    spec:\n", "    spec:\n      kubernetes: {jobManagerPodTemplate: {x: 1e999}}\n"),
        ),
    ] {
        let path = format!("{name}.yaml");
        bench.file(&path, &text);
        let here = bench.run(&["validate", "-f", &path, "-o", "json"]);
        let found: Value = serde_json::from_str(&here.out).unwrap();
        let errors = found[0]["diagnostics"].as_array().unwrap().iter().filter(|it| it["severity"] == "error");
        let errors: Vec<String> = errors.map(|it| it["message"].as_str().unwrap().to_owned()).collect();
        let there = bench.refused(1, &["apply", "-f", &path]);
        assert!(!errors.is_empty(), "{name}: {here:?}");
        assert_eq!(there.lines().filter(|line| line.starts_with("  ")).count(), errors.len(), "{name}: {there}");
        errors.iter().for_each(|error| assert!(there.contains(error), "{name}: {error:?} in {there}"));
    }
}

#[test]
fn a_text_that_cannot_be_read_is_a_problem_at_its_place() {
    let bench = bench();
    bench.file("a.yaml", "a: 1\na: 2\n");
    bench.file("b.json", "{\"kind\": nope}");
    bench.file("c.yaml", CLICKS);
    let ended = bench.run(&["validate", "-f", "."]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.out.contains("error[isUnreadable]: ") && ended.out.contains(" --> ./a.yaml:2:1\n"), "{ended:?}");
    assert!(ended.out.contains(" --> ./b.json:1:10\n") && ended.out.contains("2 errors, 0 warnings\n"), "{ended:?}");
}

#[test]
fn programs_get_json_and_workflow_commands() {
    let bench = bench();
    bench.file("broken.yaml", BROKEN);
    let found: Value = serde_json::from_str(&bench.run(&["validate", "-f", "broken.yaml", "-o", "json"]).out).unwrap();
    let list = found.as_array().unwrap();
    let about =
        |index: usize| json!([list[index]["file"], list[index]["document"], list[index]["kind"], list[index]["name"]]);
    assert_eq!(about(0), json!(["broken.yaml", 0, "Deployment", "Not_Good"]));
    assert_eq!(about(1), json!(["broken.yaml", 1, "Deploymnt", null]));
    assert_eq!(about(2), json!(["broken.yaml", 2, "DeploymentTarget", "x"]));
    let first = &list[0]["diagnostics"][1];
    assert_eq!((&first["code"], &first["pointer"]), (&json!("hasWrongFormat"), &json!("/spec/deploymentTargetId")));
    assert_eq!(
        first["span"]["end"],
        json!({"line": 5, "column": 27, "utf16Column": 28, "byte": 80, "character": 76, "utf16": 77})
    );
    let commands = bench.run(&["validate", "-f", "broken.yaml", "-o", "github"]);
    let expected = "::error file=broken.yaml,line=10,endLine=10,col=7,endColumn=16,title=isNotAllowed::kind: there is no \
                    kind \"Deploymnt\"; did you mean Deployment?";
    assert_eq!((commands.code, commands.out.lines().nth(4)), (1, Some(expected)));
    assert_eq!(commands.out.lines().count(), 6);
}

/// What SARIF 2.1.0 says of the parts that are written: names, types and values.
fn sarif_schema() -> Value {
    let text = json!({"type": "object", "required": ["text"], "additionalProperties": false, "properties": {"text": {"type": "string"}}});
    let at_least = |least: u64| json!({"type": "integer", "minimum": least});
    let region = json!({
        "type": "object", "additionalProperties": false, "required": ["startLine", "startColumn", "endLine", "endColumn"],
        "properties": {"startLine": at_least(1), "startColumn": at_least(1), "endLine": at_least(1), "endColumn": at_least(1)},
    });
    let location = json!({"type": "object", "additionalProperties": false, "properties": {
        "physicalLocation": {"type": "object", "additionalProperties": false, "required": ["artifactLocation"], "properties": {
            "artifactLocation": {"type": "object", "additionalProperties": false, "properties": {"uri": {"type": "string", "format": "uri-reference"}}},
            "region": region,
        }},
        "logicalLocations": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {"fullyQualifiedName": {"type": "string"}}}},
    }});
    let rule = json!({"type": "object", "required": ["id"], "additionalProperties": false, "properties": {"id": {"type": "string"}}});
    let driver = json!({"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
        "name": {"type": "string"}, "version": {"type": "string"}, "rules": {"type": "array", "uniqueItems": true, "items": rule},
    }});
    let result = json!({"type": "object", "required": ["message"], "additionalProperties": false, "properties": {
        "ruleId": {"type": "string"}, "ruleIndex": at_least(0), "level": {"enum": ["none", "note", "warning", "error"]},
        "message": text, "locations": {"type": "array", "items": location},
    }});
    let run = json!({"type": "object", "required": ["tool"], "additionalProperties": false, "properties": {
        "tool": {"type": "object", "required": ["driver"], "additionalProperties": false, "properties": {"driver": driver}},
        "invocations": {"type": "array", "items": {"type": "object", "required": ["executionSuccessful"], "additionalProperties": false,
            "properties": {"executionSuccessful": {"type": "boolean"}}}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": result},
    }});
    json!({"type": "object", "required": ["version", "runs"], "additionalProperties": false, "properties": {
        "$schema": {"type": "string", "format": "uri"}, "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "maxItems": 1, "items": run},
    }})
}

#[test]
fn services_get_sarif() {
    let bench = bench();
    bench.file("my shop/broken.yaml", BROKEN);
    let ended = bench.run(&["validate", "-f", "my shop", "-o", "sarif"]);
    let log: Value = serde_json::from_str(&ended.out).unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&sarif_schema()).unwrap();
    let wrong: Vec<String> =
        schema.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!((ended.code, wrong), (1, Vec::new()));
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 6);
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
    let place = &results[1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20shop/broken.yaml");
    assert_eq!(place["region"], json!({"startLine": 5, "startColumn": 23, "endLine": 5, "endColumn": 28}));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let missing = bench.run(&["validate", "-f", "nowhere", "-o", "sarif"]);
    let log: Value = serde_json::from_str(&missing.out).unwrap();
    assert_eq!((missing.code, &log["runs"][0]["invocations"][0]["executionSuccessful"]), (2, &json!(false)));
}
