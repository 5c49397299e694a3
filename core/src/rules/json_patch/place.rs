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
        Json::Object(members) => members.get(&*segment),
        Json::Array(items) => items.get(index(&segment)?),
        _ => None,
    })
}

/// The value at a pointer, to change.
pub(super) fn find_mut<'j>(value: &'j mut Json, pointer: &str) -> Option<&'j mut Json> {
    segments(pointer).try_fold(value, |value, segment| match value {
        Json::Object(members) => members.get_mut(&*segment),
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

/// The pointer that was probably meant, when a name with a slash in it was written without an escape: the parts together are
/// the name of a member, or the missing part looks like the domain that prefixes the names of labels.
pub(super) fn unescaped(value: &Json, pointer: &str, missing: &str) -> Option<String> {
    let (parent, first) = missing.rsplit_once('/')?;
    let members = find(value, parent)?.as_object()?;
    let rest = pointer.strip_prefix(missing)?.strip_prefix('/')?;
    let is_member = |end: &usize| members.contains_key(&*format!("{first}/{}", &rest[..*end]));
    let ends = rest.match_indices('/').map(|(index, _)| index).chain([rest.len()]);
    let end = ends.into_iter().find(is_member).or_else(|| first.contains('.').then_some(rest.len()))?;
    Some(format!("{parent}/{first}~1{}{}", rest[..end].replace('/', "~1"), &rest[end..]))
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
}
