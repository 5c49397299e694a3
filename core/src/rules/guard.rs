//! Whether the state of a resource allows an operation.

use super::secret::remove;
use crate::json::Json;
use crate::kind::{Guard, Kind};

/// Why a resource cannot be deleted in its state, as the end of a sentence about it.
pub(crate) fn keeps_from_deletion<'k>(kind: &'k Kind, document: &Json) -> Option<&'k str> {
    first_failure(&kind.deletable_when, document)
}

/// Why a resource cannot be changed like this in its state, as the end of a sentence about it. Only `spec` counts.
pub(crate) fn keeps_from_change<'k>(kind: &'k Kind, old: &Json, new: &Json) -> Option<&'k str> {
    let changeable = kind.changeable_when.as_ref()?;
    let why = first_failure(&changeable.conditions, old)?;
    let kept = |document: &Json| {
        let mut spec = Json::object();
        if let (Json::Object(members), Some(value)) = (&mut spec, document.get("spec")) {
            members.insert("spec".to_owned(), value.clone());
        }
        changeable.except.iter().for_each(|pointer| drop(remove(&mut spec, pointer)));
        spec
    };
    // Metadata can always be changed: labels organise resources in any state.
    (kept(old) != kept(new)).then_some(why)
}

fn first_failure<'g>(guards: &'g [Guard], document: &Json) -> Option<&'g str> {
    guards.iter().find(|guard| !holds(guard, document)).map(|guard| guard.otherwise.as_str())
}

/// Whether the condition applies to this candidate.
pub(crate) fn asks(guard: &Guard, document: &Json) -> bool {
    let is_absent = |pointer: &String| document.at(pointer).is_none_or(Json::is_null);
    guard.unless_present.as_ref().is_none_or(is_absent)
}

pub(crate) fn holds(guard: &Guard, document: &Json) -> bool {
    let value = document.at(&guard.pointer).unwrap_or(&Json::Null);
    (guard.one_of.is_empty() || guard.one_of.contains(value)) && !guard.none_of.contains(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(guard: serde_json::Value, document: serde_json::Value, expected: bool) {
        let guard: Guard = serde_json::from_value(guard).expect("a guard");
        assert_eq!(holds(&guard, &Json::from(document.clone())), expected, "{document}");
    }

    #[test]
    fn a_guard_holds_when_the_member_is_one_of_and_none_of() {
        let guard = json!({"pointer": "/status/state", "in": ["OFF", "FAILED"], "otherwise": ""});
        check(guard.clone(), json!({"status": {"state": "OFF"}}), true);
        check(guard.clone(), json!({"status": {"state": "ON"}}), false);
        check(guard, json!({}), false);
        let guard = json!({"pointer": "/status/state", "notIn": ["ON"], "otherwise": ""});
        check(guard.clone(), json!({}), true);
        check(guard, json!({"status": {"state": "ON"}}), false);
    }

    #[test]
    fn what_is_excepted_can_change_in_every_state() {
        let kind = |except: &str| {
            let text = format!(
                "{{kind: X, apiVersion: v1, description: X., group: /x, plural: xs, singular: x, scope: namespaced, \
                 managedBy: user, key: id, verbs: [], schema: {{}}, changeableWhen: {{except: [{except}], \
                 conditions: [{{pointer: /status/state, in: [OFF], otherwise: is on}}]}}}}"
            );
            Kind::parse(&text).expect("a kind")
        };
        let (old, new) =
            (json!({"spec": {"a": 1, "b": 1}, "status": {"state": "ON"}}), json!({"spec": {"a": 1, "b": 2}}));
        let (old, new) = (Json::from(old), Json::from(new));
        assert_eq!(keeps_from_change(&kind("/spec/a"), &old, &new), Some("is on"));
        assert_eq!(keeps_from_change(&kind("/spec/b"), &old, &new), None);
        assert_eq!(keeps_from_change(&kind("/spec/b"), &new, &old), None);
    }
}
