//! Transactions over REST as texts: where problems are told to be, what a body may be, and what one may cost.

use std::net::SocketAddr;
use std::time::Duration;

use kindstore::Json;

use crate::exchange::{Reply, send};
use crate::proc::Proc;
use crate::process::serve_in_memory;
use crate::target::furnish;

const BATCH: &str = "/api/v1/namespaces/default:batch";

/// The most processor time and memory that one transaction may take, whatever is in it.
const MOST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
const MAX_MEMORY: u64 = 256 << 10;

fn post(address: SocketAddr, form: &str, text: &str) -> Reply {
    let headers = [&format!("content-type: application/{form}"), "accept: application/json"];
    send(address, "POST", BATCH, &headers, text.as_bytes())
}

/// What a reply says is wrong: each attribute with its place and reason.
fn errors(reply: &Reply) -> Vec<String> {
    let json = reply.json();
    let text = |error: &Json, name: &str| error.get(name).map(Json::to_text).unwrap_or_default().replace('"', "");
    let error = |error: &Json| {
        let [attribute, line, column, reason] = ["attribute", "line", "column", "reason"].map(|name| text(error, name));
        format!("{attribute} {line}:{column} {reason}")
    };
    json.get("errors").and_then(Json::as_array).unwrap_or_default().iter().map(error).collect()
}

#[test]
fn problems_are_at_their_places_in_the_body() {
    let server = serve_in_memory(&[]);
    furnish(server.address);
    let yaml = "\
operations:
- operation: create
  kind: DeploymentTarget
  document:
    metadata: {name: é, labels: 7}
    spec: {kubernetes: {}}
- operation: upsert
  kind: Deployment
  name: clicks
  document:
    spec:
      deploymentTargetName: nowhere
      template: {spec: {artifact: {kind: JAR, jarUri: 's3://a/b.jar'}}}
- operation: patch
  kind: DeploymentDefaults
  document:
    spec: {template: {spec: {parallelism: 1e999}}}
";
    let reply = post(server.address, "yaml", yaml);
    assert_eq!((reply.status, reply.text("/kind").as_str()), (400, "ApiValidationException"));
    let expected = [
        "operations[0].document.metadata.name 5:22 isBadName",
        "operations[0].document.metadata.labels 5:33 hasWrongType",
        "operations[1].document.spec.deploymentTargetName 12:29 refersToNothing",
        "operations[2].document.spec.template.spec.parallelism 17:43 isInvalid",
    ];
    assert_eq!(errors(&reply), expected);
    let json = r#"{"operations": [
  {"operation": "json-patch", "kind": "DeploymentDefaults", "document": [
    {"op": "test", "path": "/spec", "value": 1}]}]}"#;
    assert_eq!(errors(&post(server.address, "json", json)), ["operations[0].document[0].path 3:28 failsTest"]);
}

#[test]
fn what_is_no_operation_is_told_all_at_once() {
    let server = serve_in_memory(&[]);
    let text = r#"{"operations": [
  {"operation": "remove", "kind": "DeploymentTarget", "nme": "x"},
  {"kind": 7, "operation": "create", "name": "x", "document": {}},
  {"operation": "delete", "kind": "DeploymentTarget", "name": "x", "document": {}, "expectedVersion": -1},
  {"operation": "patch", "kind": "Deployment", "name": "x", "expectedId": "7"},
  "delete"], "more": 1}"#;
    let found = errors(&post(server.address, "json", text));
    let expected = [
        "more 6:14 isUnknown",
        "operations[0].nme 2:55 isUnknown",
        "operations[0].operation 2:17 isNotAllowed",
        "operations[1].kind 3:12 hasWrongType",
        "operations[1].name 3:46 isNotAllowed",
        "operations[2].expectedVersion 4:103 hasWrongType",
        "operations[2].document 4:68 isNotAllowed",
        "operations[3].expectedId 5:75 hasWrongFormat",
        "operations[3].expectedId 5:75 isNotAllowed",
        "operations[3].document 5:3 isMissing",
        "operations[4] 6:3 hasWrongType",
    ];
    assert_eq!(found, expected);
    for (text, status, words) in [
        ("[]", 400, "must be an object with operations"),
        ("{}", 400, "operations: is required"),
        (r#"{"operations": 7}"#, 400, "must be an array"),
        (r#"{"operations": ["#, 400, "line 1, column"),
        // What may hold a secret is not quoted.
        (
            r#"{"operations": [{"kind": "SecretValue", "document": {"spec": {"value": geheim}}}]}"#,
            400,
            "cannot be read: … is not a JSON value",
        ),
        (r#"{"operations": [{"kind": "Secret\u0056alue", "document": {"value": geheim}}]}"#, 400, "… is not"),
        (r#"{"operations": [{"document": {"value": geheim}, "kind": "SecretV"#, 400, "… is not a JSON value"),
        (r#"{"operations": [{"document": {"geheim": 1, "geheim": 2}}]}"#, 400, "the key … is there twice"),
    ] {
        let reply = post(server.address, "json", text);
        let message = reply.text("/message");
        assert!(reply.status == status && message.contains(words) && !message.contains("geheim"), "{text}: {message}");
    }
}

/// A transaction of upserts with these specs.
fn upserts(count: usize, document: impl Fn(usize) -> String) -> String {
    let one = |number| {
        let document = document(number);
        format!(r#"{{"operation":"upsert","kind":"Deployment","name":"d{number}","document":{document}}}"#)
    };
    format!(r#"{{"operations":[{}]}}"#, (0..count).map(one).collect::<Vec<_>>().join(","))
}

fn spec(more: &str) -> String {
    let spec =
        r#""deploymentTargetName":"jobs","template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://a/b.jar"}}}"#;
    format!(r#"{{"spec":{{{spec}{more}}}}}"#)
}

#[test]
fn no_transaction_takes_long_or_much_memory() {
    let server = serve_in_memory(&[]);
    furnish(server.address);
    let pad = |bytes: usize| spec(&format!(r#","pad":"{}""#, "x".repeat(bytes)));
    let items = |item: &str, bytes: usize| format!("[{}]", vec![item; bytes / (item.len() + 1)].join(","));
    let anchored = |count: usize| {
        let alias = "- {operation: upsert, kind: Deployment, name: dNUMBER, document: *big}\n";
        let aliases: String = (1..count).map(|number| alias.replace("NUMBER", &number.to_string())).collect();
        let filler = format!("# {}\n", "x".repeat(15 << 20));
        let first =
            "- operation: upsert\n  kind: Deployment\n  name: d0\n  document: &big {spec: {a: {}, template: 7}}\n";
        format!("{filler}operations:\n{first}{aliases}")
    };
    let cases = [
        ("1,000 of 15 KB", "json", upserts(1_000, |_| pad(15_000)), vec![200]),
        ("15 of 1 MB", "json", upserts(15, |_| pad(1_000_000)), vec![200]),
        ("one of 2 MB", "json", upserts(1, |_| pad(2_000_000)), vec![413]),
        ("18 MiB", "json", upserts(18, |_| pad(1 << 20)), vec![413]),
        (
            "wrong all over",
            "json",
            upserts(1_000, |_| format!(r#"{{"spec":{{"template":{}}}}}"#, items("7", 1_000))),
            vec![400],
        ),
        (
            "1,000 with 100 problems",
            "json",
            upserts(1_000, |_| {
                format!(
                    r#"{{"metadata":{{"labels":{{{}}}}}}}"#,
                    (0..100).map(|number| format!(r#""a{number}":[]"#)).collect::<Vec<_>>().join(",")
                )
            }),
            vec![400],
        ),
        ("values", "json", upserts(10, |_| spec(&format!(r#","a":{}"#, items("0", 90_000)))), vec![200]),
        ("too many values", "json", upserts(20, |_| spec(&format!(r#","a":{}"#, items("0", 95_000)))), vec![400]),
        (
            "numbers that cannot be kept",
            "json",
            upserts(20, |_| spec(&format!(r#","a":{}"#, items("1e999", 200_000)))),
            vec![400],
        ),
        ("aliases behind a long comment", "yaml", anchored(1_000), vec![400]),
        ("operations that are none", "json", format!(r#"{{"operations":{}}}"#, items("7", 2_000_000)), vec![400]),
    ];
    let mut wrong = Vec::new();
    for (name, form, text, statuses) in cases {
        let proc = Proc::of(server.child.id());
        proc.forget_peak();
        let (time, memory) = (proc.cpu_time(), proc.memory());
        let reply = post(server.address, form, &text);
        let (time, memory) = (proc.cpu_time() - time, proc.peak_memory().saturating_sub(memory));
        let told = String::from_utf8_lossy(&reply.body[..reply.body.len().min(200)]).into_owned();
        assert!(statuses.contains(&reply.status), "{name}: {} {told}", reply.status);
        assert!(reply.status == 200 || reply.body.len() < 1 << 20, "{name}: an error of {} bytes", reply.body.len());
        if time > MOST || memory > MAX_MEMORY {
            wrong.push(format!("{name}: {} ms, {memory} KiB", time.as_millis()));
        }
    }
    assert!(wrong.is_empty(), "too dear:\n{}", wrong.join("\n"));
}
