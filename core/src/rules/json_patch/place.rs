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
