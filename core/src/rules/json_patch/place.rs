//! Where a pointer (RFC 6901) leads: strictly, as a patch needs it.

use crate::json::{Json, segments};

/// Why a text is no pointer.
pub(super) fn fault(text: &str) -> Option<&'static str> {
    if !text.is_empty() && !text.starts_with('/') {
        return Some("a pointer begins with a slash");
    }
    let is_escape = |rest: &str| rest.starts_with(['0', '1']);
    if text.split('~').skip(1).all(is_escape) { None } else { Some("a tilde is written ~0, and a slash in a name ~1") }
}

/// The pointer of the parent of a value, and the last segment, unescaped; `None` for the whole document.
pub(super) fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, _) = pointer.rsplit_once('/')?;
    let last = segments(&pointer[parent.len()..]).next()?;
    Some((parent, last.into_owned()))
}

/// The index that a segment spells: digits without leading zeros.
pub(super) fn index(segment: &str) -> Option<usize> {
    let is_plain = segment.bytes().all(|byte| byte.is_ascii_digit()) && (segment == "0" || !segment.starts_with('0'));
    if is_plain { segment.parse().ok() } else { None }
}

/// The value at a pointer.
pub(super) fn find<'j>(value: &'j Json, pointer: &str) -> Option<&'j Json> {
    segments(pointer).try_fold(value, |value, segment| match value {
        Json::Object(members) => members.get(&segment),
        Json::Array(items) => items.get(index(&segment)?),
        _ => None,
    })
}

/// The value at a pointer, to change.
pub(super) fn find_mut<'j>(value: &'j mut Json, pointer: &str) -> Option<&'j mut Json> {
    segments(pointer).try_fold(value, |value, segment| match value {
        Json::Object(members) => members.get_mut(&segment),
        Json::Array(items) => items.get_mut(index(&segment)?),
        _ => None,
    })
}

/// How many levels a pointer goes down.
pub(super) fn depth(pointer: &str) -> usize {
    pointer.bytes().filter(|byte| *byte == b'/').count()
}

/// The shortest beginning of a pointer that leads to nothing.
pub(super) fn missing<'p>(value: &Json, pointer: &'p str) -> &'p str {
    let mut missing = pointer;
    while let Some((parent, _)) = missing.rsplit_once('/').filter(|(parent, _)| find(value, parent).is_none()) {
        missing = parent;
    }
    missing
}

/// Maps from names with slashes to texts, in the metadata of every kind and of pods: their entries have no members.
const TEXT_MAPS: [&str; 2] = ["labels", "annotations"];

fn is_text_map(pointer: &str) -> bool {
    pointer.rsplit_once('/').is_some_and(|(_, last)| TEXT_MAPS.contains(&last))
}

/// The pointer that was probably meant, when a name with a slash in it was written without an escape: the parts together are
/// the name of a member, the missing part looks like the domain that prefixes the names of labels, or it is within a map of
/// texts.
pub(super) fn unescaped(value: &Json, pointer: &str, missing: &str) -> Option<String> {
    let (mut parent, mut first) = missing.rsplit_once('/')?;
    let mut missing = missing;
    // The missing part may be below a text, which has no members.
    while !matches!(find(value, parent)?, Json::Object(_) | Json::Array(_)) {
        missing = parent;
        (parent, first) = missing.rsplit_once('/')?;
    }
    let members = find(value, parent)?.as_object()?;
    let is_text_map = || is_text_map(parent) && members.values().all(|entry| matches!(entry, Json::String(_)));
    let rest = pointer.strip_prefix(missing)?.strip_prefix('/')?;
    let is_member = |end: &usize| members.contains_key(&format!("{first}/{}", &rest[..*end]));
    let ends = rest.match_indices('/').map(|(index, _)| index).chain([rest.len()]);
    let end =
        ends.into_iter().find(is_member).or_else(|| (first.contains('.') || is_text_map()).then_some(rest.len()))?;
    Some(format!("{parent}/{first}~1{}{}", rest[..end].replace('/', "~1"), &rest[end..]))
}

/// As [`unescaped`], where the map is missing to which an entry is added.
pub(super) fn unescaped_in_missing<'p>(value: &Json, pointer: &'p str, missing: &'p str) -> Option<(&'p str, String)> {
    find(value, missing.rsplit_once('/')?.0)?.as_object()?;
    let rest = pointer.strip_prefix(missing)?.strip_prefix('/')?;
    let (first, _) = rest.split_once('/')?;
    let is_meant = first.contains('.') || is_text_map(missing);
    is_meant.then(|| (missing, format!("{missing}/{}", rest.replace('/', "~1"))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_slash_that_was_not_escaped_is_found() {
        let value = Json::from(json!({"labels": {"a/b": 1, "c/d/e": {"f": 2}}, "items": [{}]}));
        for (pointer, meant) in [
            ("/labels/a/b", Some("/labels/a~1b")),
            ("/labels/c/d/e/f", Some("/labels/c~1d~1e/f")),
            ("/labels/example.com/team", Some("/labels/example.com~1team")),
            ("/labels/x/y", None),
            ("/labels/example.com", None),
            ("/nowhere/a/b", None),
            ("/items/7/b", None),
            ("/items/0/k8s.io/b/c", Some("/items/0/k8s.io~1b~1c")),
        ] {
            assert_eq!(unescaped(&value, pointer, missing(&value, pointer)).as_deref(), meant, "{pointer}");
        }
    }

    #[test]
    fn nothing_is_below_the_entries_of_a_map_of_texts() {
        let value =
            Json::from(json!({"metadata": {"labels": {"team": "web"}, "annotations": {}}, "spec": {"team": "x"}}));
        for (pointer, meant) in [
            ("/metadata/labels/a/b", Some("/metadata/labels/a~1b")),
            ("/metadata/labels/a/b/c", Some("/metadata/labels/a~1b~1c")),
            ("/metadata/labels/team/web", Some("/metadata/labels/team~1web")),
            ("/metadata/labels/team/web/x", Some("/metadata/labels/team~1web~1x")),
            ("/metadata/annotations/a/b", Some("/metadata/annotations/a~1b")),
            ("/metadata/labels/a", None),
            ("/spec/a/b", None),
            ("/spec/team/a", None),
        ] {
            assert_eq!(unescaped(&value, pointer, missing(&value, pointer)).as_deref(), meant, "{pointer}");
        }
    }

    #[test]
    fn an_entry_of_a_map_that_is_missing_is_found_in_its_name() {
        let value = Json::from(json!({"metadata": {}, "items": []}));
        for (pointer, meant) in [
            ("/metadata/annotations/example.com/x", Some("/metadata/annotations/example.com~1x")),
            ("/metadata/labels/a/b/c", Some("/metadata/labels/a~1b~1c")),
            ("/metadata/nodeSelector/k8s.io/x", Some("/metadata/nodeSelector/k8s.io~1x")),
            ("/metadata/nodeSelector/a/x", None),
            ("/metadata/annotations/x", None),
            ("/metadata/annotations", None),
            ("/items/0/k8s.io/x", None),
            ("", None),
        ] {
            let missing = missing(&value, pointer);
            let found = unescaped_in_missing(&value, pointer, missing).map(|(_, meant)| meant);
            assert_eq!(found.as_deref(), meant, "{pointer}");
        }
    }
}
