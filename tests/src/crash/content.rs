//! Documents that show by themselves who sent them and whether they are whole: a token in three parts of the document,
//! and a body that follows from it.

use serde_json::{Value, json};

/// A token: who sent it, the how many-th it was, and how long its body is.
pub(crate) fn token(who: &str, number: u64, size: u64) -> String {
    format!("{who}-{number}-{size}")
}

/// A document of this name with a token.
pub(crate) fn document(name: &str, token: &str) -> Value {
    let mut document = patch(token);
    document["metadata"]["name"] = json!(name);
    document["spec"]["template"]["spec"]["artifact"] = json!({"kind": "JAR", "jarUri": "s3://a/b.jar"});
    document["spec"]["deploymentTargetName"] = json!("jobs");
    document
}

/// A merge patch that replaces all that a token is in.
pub(crate) fn patch(token: &str) -> Value {
    json!({
        "metadata": {"labels": {"token": token}, "annotations": {"body": body(token)}},
        "spec": {"template": {"spec": {"flinkConfiguration": {"token": token}}}},
    })
}

/// The token of a document that is one of these as a whole; otherwise what is wrong with it.
pub(crate) fn token_of(document: &Value) -> Result<String, String> {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let token = text("/metadata/labels/token");
    let is_whole = !token.is_empty()
        && text("/spec/template/spec/flinkConfiguration/token") == token
        && text("/metadata/annotations/body") == body(token);
    if is_whole { Ok(token.to_owned()) } else { Err(format!("half of a document: {document}")) }
}

fn body(token: &str) -> String {
    let size = token.rsplit('-').next().and_then(|size| size.parse().ok()).unwrap_or(0);
    token.chars().chain(['.']).cycle().take(size).collect()
}
