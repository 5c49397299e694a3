//! JSON merge patch, RFC 7386: applies one, and computes one between two values.

mod between;

pub use self::between::merge_patch_between;
use crate::json::{Json, Members};

/// Applies a merge patch to a value: members of the patch replace those of the target, `null` removes, objects merge,
/// everything else (arrays too) is replaced whole. RFC 7386, section 2.
///
/// ```
/// use kindstore::Json;
/// use kindstore::patch::merge_patch;
/// let mut target = Json::from(serde_json::json!({"a": "b", "c": {"d": "e", "f": "g"}}));
/// merge_patch(&mut target, &Json::from(serde_json::json!({"a": "z", "c": {"f": null}})));
/// assert_eq!(target.to_text(), r#"{"a":"z","c":{"d":"e"}}"#);
/// ```
pub fn merge_patch(target: &mut Json, patch: &Json) {
    let Json::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    // RFC 7386, section 2: a patch that is an object makes an object of any target.
    if !matches!(target, Json::Object(_)) {
        *target = Json::object();
    }
    if let Json::Object(members) = target {
        for (name, change) in patch {
            merge_member(members, name, change);
        }
    }
}

fn merge_member(members: &mut Members, name: &str, change: &Json) {
    if change.is_null() {
        members.remove(name);
    } else if let Some(member) = members.get_mut(name) {
        merge_patch(member, change);
    } else {
        // Not a plain insert: nulls inside the patch remove and must not be stored.
        merge_patch(members.get_or_insert_with(name, Json::default), change);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(target: serde_json::Value, patch: serde_json::Value, expected: serde_json::Value) {
        let mut value = Json::from(target.clone());
        merge_patch(&mut value, &Json::from(patch.clone()));
        assert_eq!(value, Json::from(expected), "{target} patched with {patch}");
    }

    #[test]
    fn every_example_of_the_rfc_holds() {
        check(json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"}));
        check(json!({"a": "b"}), json!({"a": null}), json!({}));
        check(json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"}));
        check(json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]}));
        check(json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}}));
        check(json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]}));
        check(json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"]));
        check(json!({"a": "b"}), json!(["c"]), json!(["c"]));
        check(json!({"a": "foo"}), json!(null), json!(null));
        check(json!({"a": "foo"}), json!("bar"), json!("bar"));
        check(json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1}));
        check(json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"}));
        check(json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}}));
    }

    #[test]
    fn null_inside_an_array_is_a_value_and_not_a_removal() {
        check(json!({"a": [1]}), json!({"a": [null, {"b": null}]}), json!({"a": [null, {"b": null}]}));
    }
}
