//! The order in which people read a resource, a list or an error in YAML: the envelope first, all else sorted.

use kindstore::Json;
use kindstore::manifest::{Tree, write_yaml};

/// The members that come first.
const ENVELOPE: [&str; 9] =
    ["kind", "apiVersion", "metadata", "message", "reason", "statusCode", "spec", "status", "items"];

/// The members of a version, after those of the envelope.
const VERSION: [&str; 9] = ["version", "revision", "endedRevision", "authored", "from", "to", "path", "old", "new"];

/// The same for metadata.
const METADATA: [&str; 9] =
    ["id", "name", "displayName", "namespace", "createdAt", "modifiedAt", "labels", "annotations", "resourceVersion"];

/// A document with an envelope as YAML.
pub fn to_yaml(value: &Json) -> String {
    write_yaml(&enveloped(value))
}

fn enveloped(value: &Json) -> Tree<'_> {
    // A resource inside a version has its own envelope, and a version without one is ordered by its own members.
    let is_resource = value.get("spec").is_some() || value.get("metadata").is_some();
    if is_resource {
        ordered(value, &ENVELOPE)
    } else {
        ordered(value, &[&ENVELOPE[..2], &VERSION, &ENVELOPE[2..]].concat())
    }
}

/// The members of an object, these first.
fn ordered<'a>(value: &'a Json, names: &[&str]) -> Tree<'a> {
    let Some(members) = value.as_object() else { return Tree::Value(value) };
    let first = names.iter().filter_map(|name| members.get_key_value(*name));
    let rest = members.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    let member = |(name, value)| (String::as_str(name), part(name, value));
    Tree::Members(first.chain(rest).map(member).collect())
}

fn part<'a>(name: &str, value: &'a Json) -> Tree<'a> {
    match (name, value) {
        ("metadata", Json::Object(_)) => ordered(value, &METADATA),
        ("items", Json::Array(items)) => Tree::Items(items.iter().map(enveloped).collect()),
        ("resource", Json::Object(_)) => enveloped(value),
        _ => Tree::Value(value),
    }
}
