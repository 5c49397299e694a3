//! Patches: a document on the first line, a patch behind it. An array is a JSON Patch as well as a merge patch.

use kindstore::Json;
use kindstore::manifest::{Format, Limits, read};
use kindstore::patch::{json_patch, json_patch_between, merge_patch, merge_patch_between};

/// A patch does what another implementation does, and twice the same is as once.
pub fn patch(input: &[u8]) {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let value = |text| read(text, Format::Json, &Limits::default()).map(|document| document.value);
    let (Ok(target), Ok(patch)) = (value(&input[..end]), value(&input[end + 1..])) else { return };
    operations(&target, &patch);
    between(&target, &patch);
    let mut patched = target.clone();
    merge_patch(&mut patched, &patch);
    let mut other = serde_json::Value::from(target);
    ::json_patch::merge(&mut other, &patch.clone().into());
    assert_eq!(serde_json::Value::from(patched.clone()), other);
    let once = patched.clone();
    merge_patch(&mut patched, &patch);
    assert_eq!(patched, once, "twice is as once");
    merge_patch(&mut patched, &Json::object());
    assert_eq!(patched.as_object(), once.as_object().or(Some(&Default::default())), "nothing changes nothing");
}

/// The patches that are found between two documents make one of the other.
fn between(old: &Json, new: &Json) {
    let mut made = old.clone();
    let patch = json_patch_between(old, new);
    json_patch(&mut made, &patch).unwrap_or_else(|problems| panic!("{problems:?} in {}", patch.to_text()));
    assert_eq!(&made, new);
    if let Some(patch) = merge_patch_between(old, new) {
        let mut made = old.clone();
        merge_patch(&mut made, &patch);
        assert_eq!(&made, new);
    }
}

/// The most values that a JSON Patch may copy.
const MAX_COPIED: usize = 50_000;

/// A JSON Patch is applied whole or not at all and within bounds; where it is, another implementation does the same.
fn operations(target: &Json, patch: &Json) {
    let mut patched = target.clone();
    if let Err(problems) = json_patch(&mut patched, patch) {
        assert_eq!(patched.to_text(), target.to_text(), "nothing changes");
        assert!(!problems.is_empty());
        for problem in problems {
            let (place, _) = problem.pointer.rsplit_once('/').unwrap_or_default();
            assert!(patch.at(place).is_some(), "{} is no place in the patch", problem.pointer);
        }
        return;
    }
    let (values, depth) = extent(&patched);
    assert!(values <= extent(target).0 + extent(patch).0 + MAX_COPIED, "{values} values");
    assert!(depth <= 128, "{depth} levels");
    // The other one has equality of numbers by their form, and moves what is not there to itself.
    let Ok(operations) = serde_json::from_value::<::json_patch::Patch>(patch.clone().into()) else { return };
    let mut other = serde_json::Value::from(target.clone());
    if ::json_patch::patch(&mut other, &operations).is_ok() {
        assert_eq!(serde_json::Value::from(patched), other);
    }
}

/// How many values a value is made of, and how many collections are inside each other.
fn extent(value: &Json) -> (usize, usize) {
    let inner: Vec<_> = match value {
        Json::Array(items) => items.iter().map(extent).collect(),
        Json::Object(members) => members.values().map(extent).collect(),
        _ => return (1, 0),
    };
    let deepest = inner.iter().map(|(_, depth)| *depth).max().unwrap_or(0);
    (1 + inner.iter().map(|(values, _)| values).sum::<usize>(), 1 + deepest)
}
