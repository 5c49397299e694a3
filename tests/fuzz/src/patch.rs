//! Merge patches: a document on the first line, a patch behind it.

use kindstore::{Format, Json, Limits, merge_patch, read};

/// A patch does what another implementation does, and twice the same is as once.
pub fn patch(input: &[u8]) {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let value = |text| read(text, Format::Json, &Limits::default()).map(|document| document.value);
    let (Ok(target), Ok(patch)) = (value(&input[..end]), value(&input[end + 1..])) else { return };
    let mut patched = target.clone();
    merge_patch(&mut patched, &patch);
    let mut other = serde_json::Value::from(target);
    json_patch::merge(&mut other, &patch.clone().into());
    assert_eq!(serde_json::Value::from(patched.clone()), other);
    let once = patched.clone();
    merge_patch(&mut patched, &patch);
    assert_eq!(patched, once, "twice is as once");
    merge_patch(&mut patched, &Json::object());
    assert_eq!(patched.as_object(), once.as_object().or(Some(&Default::default())), "nothing changes nothing");
}
