//! Computes the merge patch from one value to another, where there is one.

use crate::json::{Json, Members};

/// The deepest level at which values are compared; no text that is read nests deeper.
const MAX_DEPTH: usize = 512;

/// Returns the smallest merge patch (RFC 7386) from `old` to `new`. A merge patch cannot set a member to `null`: the result is
/// `None` when `new` has such a member and `old` does not. Within arrays, which a merge patch replaces whole, `null` is a
/// value like any other. Numbers are equal when their values are, however they are spelled. Differences deeper than 512
/// levels have no merge patch either.
///
/// ```
/// use kindstore::Json;
/// use kindstore::patch::merge_patch_between;
/// use serde_json::json;
/// let (old, new) = (Json::from(json!({"a": 1, "b": {"c": 2, "d": 3}})), Json::from(json!({"a": 1, "b": {"d": [null]}})));
/// assert_eq!(merge_patch_between(&old, &new).expect("there is one").to_text(), r#"{"b":{"c":null,"d":[null]}}"#);
/// assert_eq!(merge_patch_between(&old, &Json::from(json!({"a": null}))), None);
/// ```
pub fn merge_patch_between(old: &Json, new: &Json) -> Option<Json> {
    between(old, new, 0)
}

fn between(old: &Json, new: &Json, depth: usize) -> Option<Json> {
    let Json::Object(new) = new else { return Some(new.clone()) };
    if depth > MAX_DEPTH {
        return None;
    }
    let nothing = Members::new();
    // A value that is no object is replaced by an object member by member, because the patch merges into an empty one.
    let old = old.as_object().unwrap_or(&nothing);
    let gone = old.keys().filter(|name| !new.contains_key(name));
    let mut patch: Members = gone.map(|name| (name.clone(), Json::Null)).collect();
    for (name, new) in new {
        let old = old.get(name);
        if old != Some(new) {
            // In a merge patch null removes, so it cannot be set.
            if new.is_null() {
                return None;
            }
            patch.insert(name.clone(), between(old.unwrap_or(&Json::Null), new, depth + 1)?);
        }
    }
    Some(Json::Object(patch))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rules::json_patch::samples;
    use crate::rules::patch::merge_patch;

    #[test]
    fn the_patch_says_what_differs_and_no_more() {
        for (old, new, expected) in [
            (json!({}), json!({}), json!({})),
            (json!({"a": 1}), json!({"a": 1}), json!({})),
            (json!({"a": 1}), json!({"a": 2, "b": 1}), json!({"a": 2, "b": 1})),
            (json!({"a": 1, "b": 1}), json!({"b": 1}), json!({"a": null})),
            (json!({"a": {"b": 1, "c": 1}}), json!({"a": {"b": 2, "c": 1}}), json!({"a": {"b": 2}})),
            (json!({"a": {"b": 1}}), json!({"a": {}}), json!({"a": {"b": null}})),
            (json!({"a": [1, null]}), json!({"a": [null, {"b": null}]}), json!({"a": [null, {"b": null}]})),
            (json!({"a": "x"}), json!({"a": {"b": {}}}), json!({"a": {"b": {}}})),
            (json!({"a": {"b": 1}}), json!({"a": "x"}), json!({"a": "x"})),
            (json!({"a": null, "b": 1}), json!({"a": null, "b": 2}), json!({"b": 2})),
            (json!({"a": null}), json!({}), json!({"a": null})),
            (json!([1]), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1}), json!([null]), json!([null])),
            (json!({"a": 1}), json!(null), json!(null)),
            (json!("x"), json!({}), json!({})),
        ] {
            let patch = merge_patch_between(&Json::from(old.clone()), &Json::from(new.clone()));
            assert_eq!(patch, Some(Json::from(expected)), "{old} to {new}");
        }
        for (old, new) in [
            (json!({}), json!({"a": null})),
            (json!({"a": 1}), json!({"a": null})),
            (json!({"a": "x"}), json!({"a": {"b": null}})),
            (json!({"a": [null]}), json!({"a": {"b": {"c": null}}})),
        ] {
            assert_eq!(merge_patch_between(&Json::from(old.clone()), &Json::from(new.clone())), None, "{old} to {new}");
        }
    }

    /// The nulls that are members of objects, on ways through objects alone.
    fn nulls(value: &Json, way: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        let Json::Object(members) = value else { return };
        for (name, member) in members {
            way.push(name.clone());
            if member.is_null() {
                found.push(way.clone());
            }
            nulls(member, way, found);
            way.pop();
        }
    }

    proptest! {
        #[test]
        fn the_patch_makes_the_new_of_the_old_unless_a_null_is_in_the_way((old, new) in samples::pair()) {
            let nulls = |value| {
                let mut found = Vec::new();
                nulls(value, &mut Vec::new(), &mut found);
                found
            };
            let known = nulls(&old);
            let is_sayable = nulls(&new).iter().all(|way| known.contains(way));
            let patch = merge_patch_between(&old, &new);
            prop_assert_eq!(patch.is_some(), is_sayable);
            if let Some(patch) = patch {
                let mut made = old.clone();
                merge_patch(&mut made, &patch);
                prop_assert_eq!(made.to_text(), new.to_text());
            }
        }
    }

    #[test]
    fn what_is_very_deep_is_not_said() {
        let nested = |depth: usize, inner: Json| {
            (0..depth).fold(inner, |inner, _| Json::Object(Members::from([("a".to_owned(), inner)])))
        };
        assert!(merge_patch_between(&nested(500, Json::from("x")), &nested(500, Json::from("y"))).is_some());
        assert!(merge_patch_between(&nested(600, Json::from("x")), &nested(600, Json::from("y"))).is_none());
    }
}
