//! Writes the JSON text of results.

use kindstore::{Diagnostic, Json};
use serde_json::Value;

/// Returns an object of these members, whose values are JSON already.
pub(super) fn object<const N: usize>(members: [(&str, String); N]) -> String {
    // Text is put together and not values: resources are stored as JSON, which a copy takes over without parsing it.
    // Integers beyond 2^53 keep their digits this way, and the package reads them as bigints.
    let members: Vec<String> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Returns the same, without the members that have no value.
pub(super) fn sparse<const N: usize>(members: [(&str, Option<String>); N]) -> String {
    let member = |(name, value): (&str, Option<String>)| value.map(|value| format!("\"{name}\":{value}"));
    let members: Vec<String> = members.into_iter().filter_map(member).collect();
    format!("{{{}}}", members.join(","))
}

/// Returns an array of values that are JSON already.
pub(super) fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(","))
}

/// Returns a string as JSON.
pub(super) fn quoted(text: &str) -> String {
    Json::from(text).to_text()
}

/// Returns problems, each with its place as people write it.
pub(super) fn diagnostics<'d>(problems: impl IntoIterator<Item = &'d Diagnostic>) -> String {
    array(problems.into_iter().map(|problem| diagnostic(problem, None)))
}

/// Returns one problem, of the document with this number.
pub(super) fn diagnostic(problem: &Diagnostic, document: Option<usize>) -> String {
    let Ok(Value::Object(mut members)) = serde_json::to_value(problem) else { return "{}".to_owned() };
    members.insert("attribute".to_owned(), problem.attribute().into());
    if let Some(document) = document {
        members.insert("document".to_owned(), document.into());
    }
    Value::Object(members).to_string()
}
