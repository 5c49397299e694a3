//! The order in which people read a resource, a list or an error in YAML: the envelope first, all else sorted.

use kindstore::Json;
use kindstore::manifest::{
    Format, Limits, Tree, append_yaml_item, json_items, json_members, read, to_yaml as to_sorted_yaml, write_yaml,
};

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
    // Values have no text to fail on.
    write_yaml(&enveloped(value).unwrap_or(Tree::Value(value)))
}

/// A document that the server wrote as JSON text, as YAML; one without a kind is sorted.
pub(crate) fn text_to_yaml(text: &str) -> String {
    let has_kind = |members: &[(&str, Part<'_>)]| members.iter().any(|(name, _)| *name == "kind");
    let tree = Part(text).members().and_then(|members| match has_kind(&members) {
        true => enveloped(Part(text)),
        false => Some(Tree::Json(text)),
    });
    tree.map_or_else(|| read_to_yaml(text), |tree| write_yaml(&tree))
}

/// Appends an item of a list as YAML, given as JSON text of the server; a list of the flat form is all sorted.
pub(crate) fn append_item(out: &mut String, text: &str, is_flat: bool) {
    let tree = if is_flat { Some(Tree::Json(text)) } else { enveloped(Part(text)) };
    match tree {
        Some(tree) => append_yaml_item(out, &tree),
        None => {
            let value = read_own(text);
            append_yaml_item(out, &enveloped(&value).unwrap_or(Tree::Value(&value)));
        }
    }
}

/// The same as [`text_to_yaml`] for a text whose envelope has a name with an escape.
fn read_to_yaml(text: &str) -> String {
    let value = read_own(text);
    if value.get("kind").is_none() { to_sorted_yaml(&value) } else { to_yaml(&value) }
}

/// The value of a text of the server.
fn read_own(text: &str) -> Json {
    // A list may nest deeper than a document that comes in, and hold more.
    let limits = Limits::default().bytes(1 << 30).depth(160).nodes(1 << 30);
    read(text.as_bytes(), Format::Json, &limits).map(|document| document.value).unwrap_or_default()
}

/// A part of a document, as a value or as text.
trait Source<'a>: Copy {
    fn is_object(self) -> bool;

    /// The members of an object, in any order; `None` where they cannot be told apart without reading the value.
    fn members(self) -> Option<Vec<(&'a str, Self)>>;

    /// The items, if this is an array.
    fn items(self) -> Option<Vec<Self>>;

    /// The part as it is, sorted.
    fn tree(self) -> Tree<'a>;
}

impl<'a> Source<'a> for &'a Json {
    fn is_object(self) -> bool {
        self.as_object().is_some()
    }

    fn members(self) -> Option<Vec<(&'a str, Self)>> {
        Some(self.as_object()?.iter().map(|(name, value)| (name.as_str(), value)).collect())
    }

    fn items(self) -> Option<Vec<Self>> {
        Some(self.as_array()?.iter().collect())
    }

    fn tree(self) -> Tree<'a> {
        Tree::Value(self)
    }
}

/// JSON text of the server.
#[derive(Clone, Copy)]
struct Part<'a>(&'a str);

impl<'a> Source<'a> for Part<'a> {
    fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    fn members(self) -> Option<Vec<(&'a str, Self)>> {
        Some(json_members(self.0)?.into_iter().map(|(name, text)| (name, Part(text))).collect())
    }

    fn items(self) -> Option<Vec<Self>> {
        Some(json_items(self.0)?.into_iter().map(Part).collect())
    }

    fn tree(self) -> Tree<'a> {
        Tree::Json(self.0)
    }
}

fn enveloped<'a>(source: impl Source<'a>) -> Option<Tree<'a>> {
    if !source.is_object() {
        return Some(source.tree());
    }
    let members = source.members()?;
    // A resource inside a version has its own envelope, and a version without one is ordered by its own members.
    let is_resource = members.iter().any(|(name, _)| matches!(*name, "spec" | "metadata"));
    match is_resource {
        true => ordered(members, &ENVELOPE),
        false => ordered(members, &[&ENVELOPE[..2], &VERSION, &ENVELOPE[2..]].concat()),
    }
}

/// The members of an object, these first.
fn ordered<'a, S: Source<'a>>(mut members: Vec<(&'a str, S)>, names: &[&str]) -> Option<Tree<'a>> {
    let place = |name: &str| names.iter().position(|first| *first == name).unwrap_or(names.len());
    members.sort_by_key(|(name, _)| (place(name), *name));
    let parts = members.into_iter().map(|(name, source)| Some((name, part(name, source)?)));
    parts.collect::<Option<_>>().map(Tree::Members)
}

fn part<'a, S: Source<'a>>(name: &str, source: S) -> Option<Tree<'a>> {
    match name {
        "metadata" if source.is_object() => ordered(source.members()?, &METADATA),
        "items" => match source.items() {
            Some(items) => items.into_iter().map(enveloped).collect::<Option<_>>().map(Tree::Items),
            None => Some(source.tree()),
        },
        "resource" => enveloped(source),
        _ => Some(source.tree()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_as_its_value_is() {
        let resource = r#"{"kind":"K","apiVersion":"v1","metadata":{"id":"1","namespace":"n","labels":{"b":"1","a":"yes"},"resourceVersion":3,"displayName":"D","zeta":[1]},"spec":{"a":{"b":"x\ny\n"}},"status":{"state":"on"}}"#;
        let odd = r#"{"kind":"K","metadata":{"a\"b":1,"id":"1"},"spec":{}}"#;
        let error = r#"{"kind":"ApiValidationException","apiVersion":"v1","message":"m","reason":"Invalid","statusCode":400,"errors":[{"message":"x","attribute":"a"}],"context":{"z":"1","b":"2"}}"#;
        let version = format!(r#"{{"version":1,"revision":5,"authored":true,"resource":{resource}}}"#);
        let list = |items: &[&str]| {
            let items = items.join(",");
            format!(r#"{{"kind":"L","apiVersion":"v1","metadata":{{"revision":5,"continue":"x"}},"items":[{items}]}}"#)
        };
        let diff = r#"{"kind":"VersionDiff","apiVersion":"v1","from":1,"to":2,"items":[{"path":"/a","old":1,"new":{"resource":1,"items":2}}]}"#;
        let texts = [
            resource.to_owned(),
            odd.to_owned(),
            error.to_owned(),
            diff.to_owned(),
            format!(r#"{{"kind":"Version","apiVersion":"v1",{}"#, &version[1..]),
            list(&[]),
            list(&[resource, odd, "1", "[]", "{}"]),
            list(&[&version, &version]),
            format!(r#"{{"namespaces":[{resource},{{"b":1,"a":2}}]}}"#),
            r#"{"b":1,"a":{"kind":2}}"#.to_owned(),
            "[1]".to_owned(),
        ];
        for text in texts {
            assert_eq!(text_to_yaml(&text), read_to_yaml(&text), "{text}");
            let begin = "items:\n".to_owned();
            let [mut from_text, mut from_value] = [begin.clone(), begin];
            append_item(&mut from_text, &text, false);
            append_yaml_item(&mut from_value, &enveloped(&read_own(&text)).expect("values can be told apart"));
            assert_eq!(from_text, from_value, "{text}");
        }
    }
}
